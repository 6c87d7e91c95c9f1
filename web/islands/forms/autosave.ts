/** Keeps what was typed as a draft on the server, shortly after the last change. Knows no field. */

import { post, Refusal, token } from "../page/requests";

const PAUSE = 1500; // milliseconds after the last change

export function autosave(form: HTMLFormElement): void {
  const url = form.dataset.draftUrl;
  if (!url) return;
  const draft = new Draft(form, url);
  for (const kind of ["input", "change", "rows:changed"]) form.addEventListener(kind, () => draft.later());
  form.addEventListener("submit", () => draft.stop());
  document.addEventListener("visibilitychange", () => document.hidden && draft.now());
}

class Draft {
  private timer = 0;
  private saved: string;
  private saving = Promise.resolve();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly url: string,
  ) {
    this.saved = this.fields().toString();
  }

  later(): void {
    this.stop();
    this.timer = window.setTimeout(() => this.now(), PAUSE);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
  }

  /** One after the other, so that an older draft never overtakes a newer one. */
  now(): void {
    if (!this.timer) return;
    this.stop();
    this.saving = this.saving.then(() => this.save());
  }

  private async save(): Promise<void> {
    const fields = this.fields();
    if (fields.toString() === this.saved || this.form.dataset.sent) return;
    this.say("正在保存草稿…");
    try {
      const answer = await post<{ at?: string }>(this.url, fields, token(this.form));
      this.saved = fields.toString();
      this.say(`草稿已保存 ${answer?.at ?? clock()}`);
    } catch (problem) {
      this.say(`草稿没有保存。${problem instanceof Refusal ? problem : ""}`, true);
    }
  }

  private fields(): URLSearchParams {
    const fields = new URLSearchParams();
    new FormData(this.form).forEach((value, name) => {
      if (typeof value === "string" && !this.left(name)) fields.append(name, value);
    });
    return fields;
  }

  private left(name: string): boolean {
    return Array.from(this.form.querySelectorAll<HTMLInputElement>("[data-no-draft]")).some((control) => control.name === name);
  }

  private say(words: string, failed = false): void {
    const status = this.form.querySelector<HTMLElement>("[data-draft-status]");
    if (!status) return;
    status.textContent = words;
    status.classList.toggle("failed", failed);
  }
}

function clock(): string {
  return new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
}
