/** Uploads attachments as soon as they are chosen, one by one, with progress. Knows no form. */

import { button, make } from "../page/elements";
import { LOST, refusal, Refusal, token } from "../page/requests";

interface Stored {
  id: string;
  name: string;
  size: number;
  url: string;
}

export function attachments(place: HTMLElement): void {
  const input = place.querySelector<HTMLInputElement>("[data-attachment-input]");
  const list = place.querySelector<HTMLElement>("[data-attachment-list]");
  if (!input || !list) return;
  input.removeAttribute("name"); // uploaded here, not once more with the form
  const shelf = new Shelf(place, list, input);
  const take = (): void => void shelf.take(Array.from(input.files ?? []));
  input.addEventListener("change", take);
  if (input.files?.length) take(); // chosen before this script came
  list.addEventListener("click", (event) => shelf.click(event));
}

class Shelf {
  constructor(
    private readonly place: HTMLElement,
    private readonly list: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {}

  async take(files: File[]): Promise<void> {
    this.input.value = "";
    const problems: string[] = [];
    for (const file of files) {
      const problem = this.against(file) ?? (await this.upload(file));
      if (problem) problems.push(`${file.name}：${problem}`);
    }
    this.say(problems.join(" "), problems.length > 0);
  }

  click(event: Event): void {
    const pressed = (event.target as Element).closest("[data-remove-attachment]");
    if (!pressed) return;
    event.preventDefault();
    pressed.closest("[data-attachment]")?.remove();
    this.say("已移除。");
    this.input.focus();
    this.tell();
  }

  private against(file: File): string | null {
    const { max, maxBytes } = this.place.dataset;
    const held = this.list.querySelectorAll("[data-attachment]").length;
    if (max && held >= Number(max)) return `最多上传${max}个文件。`;
    if (maxBytes && file.size > Number(maxBytes)) return `文件超过${size(Number(maxBytes))}。请压缩后再上传。`;
    return file.size === 0 ? "文件是空的。" : null;
  }

  private async upload(file: File): Promise<string | null> {
    const progress = make("progress", { max: 100, value: 0, "aria-label": `正在上传 ${file.name}` });
    const line = make("li", {}, make("span", {}, file.name), progress);
    this.list.append(line);
    this.say(`正在上传 ${file.name}`);
    try {
      const stored = await send(this.place, file, (share) => (progress.value = share));
      line.replaceWith(this.entry(stored));
      this.tell();
      return null;
    } catch (problem) {
      line.remove();
      return problem instanceof Refusal ? String(problem) : "没有上传成功。";
    }
  }

  private entry(stored: Stored): HTMLElement {
    const remove = button("移除", () => undefined, { "data-remove-attachment": true, "aria-label": `移除 ${stored.name}` });
    return make(
      "li",
      { "data-attachment": true },
      make("a", { href: stored.url }, stored.name),
      make("span", { class: "attachment-size" }, size(stored.size)),
      make("input", { type: "hidden", name: this.place.dataset.attachments ?? "", value: stored.id }),
      remove,
    );
  }

  private say(words: string, failed = false): void {
    const status = this.place.querySelector<HTMLElement>("[data-attachment-status]");
    if (!status) return;
    status.textContent = words;
    status.classList.toggle("failed", failed);
  }

  private tell(): void {
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** By XMLHttpRequest: fetch does not tell how far an upload is. */
function send(place: HTMLElement, file: File, progress: (share: number) => void): Promise<Stored> {
  const body = new FormData();
  body.append("file", file);
  body.append("field", place.dataset.attachments ?? "");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", place.dataset.uploadUrl ?? "");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token(place));
    request.upload.onprogress = ({ loaded, total }) => progress(total ? (100 * loaded) / total : 0);
    request.onerror = () => reject(LOST);
    request.onload = () => (request.status < 300 ? resolve(JSON.parse(request.responseText) as Stored) : reject(refused(request)));
    request.send(body);
  });
}

function refused(request: XMLHttpRequest): Refusal {
  return refusal(request.status, request.getResponseHeader("Content-Type"), request.responseText);
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
