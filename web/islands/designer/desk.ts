/** The desk around the drawing: save, check, download, and whether something is unsaved. */

import type Modeler from "bpmn-js/lib/Modeler";
import type Canvas from "diagram-js/lib/core/Canvas";
import type EventBus from "diagram-js/lib/core/EventBus";
import { button, make } from "../page/elements";
import { getText, post, Refusal, token } from "../page/requests";
import { Problems, type Problem } from "./problems";
import { isKeptReference } from "./references";

interface Answer {
  at?: string;
  problems?: Problem[];
}

const XML = "application/xml";
const PALETTE = 135; // pixels the palette takes on the left
const GAP = 20;

export class Desk {
  readonly problems: Problems;
  readonly bar: HTMLElement;
  private readonly status = make("p", { class: "designer-status", role: "status" });
  private unsaved = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly modeler: Modeler,
  ) {
    this.problems = new Problems(modeler);
    this.bar = this.makeBar();
    modeler.get<EventBus>("eventBus").on("commandStack.changed", () => this.touched());
    window.addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault());
  }

  async open(): Promise<void> {
    await this.attempt("正在打开…", async () => {
      const { warnings } = await this.modeler.importXML(await getText(this.place.dataset.sourceUrl ?? ""));
      this.overview();
      this.unsaved = false;
      const lost = warnings.filter((warning) => !isKeptReference(warning));
      if (lost.length) this.problems.show(lost.map(unread));
      return "";
    });
  }

  /** All of the drawing, beside the palette and not behind it. */
  private overview(): void {
    const canvas = this.modeler.get<Canvas>("canvas");
    const { inner, outer } = canvas.viewbox();
    const scale = Math.min(1, (outer.width - PALETTE - GAP) / inner.width, (outer.height - 2 * GAP) / inner.height);
    if (!(scale > 0.2)) return void canvas.zoom("fit-viewport", "auto" as never);
    const width = outer.width / scale;
    const height = outer.height / scale;
    canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y + inner.height / 2 - height / 2, width, height });
  }

  private save(): Promise<void> {
    return this.attempt("正在保存…", async () => {
      const answer = await this.send(this.place.dataset.saveUrl);
      this.unsaved = false;
      if (answer?.problems) this.problems.show(answer.problems);
      return `已保存到工作稿${answer?.at ? ` ${answer.at}` : ""}`;
    });
  }

  private check(): Promise<void> {
    return this.attempt("正在检查…", async () => {
      const answer = await this.send(this.place.dataset.checkUrl);
      this.problems.show(answer?.problems ?? []);
      this.problems.box.focus({ preventScroll: true });
      return "已检查";
    });
  }

  private download(): Promise<void> {
    return this.attempt("", async () => {
      const href = URL.createObjectURL(new Blob([await this.xml()], { type: XML }));
      make("a", { href, download: this.place.dataset.name ?? "diagram.bpmn" }).click();
      window.setTimeout(() => URL.revokeObjectURL(href), 10_000);
      return "已下载";
    });
  }

  private async send(url = ""): Promise<Answer | null> {
    return post<Answer>(url, await this.xml(), token(this.place), XML);
  }

  private async xml(): Promise<string> {
    const { xml, error } = await this.modeler.saveXML({ format: true });
    if (!xml) throw error ?? new Refusal("流程图写不出来。", "请撤销最近的修改后再试。");
    return xml;
  }

  private touched(): void {
    this.unsaved = true;
    this.say("有修改，尚未保存");
  }

  private async attempt(doing: string, act: () => Promise<string>): Promise<void> {
    this.say(doing);
    try {
      this.say(await act());
    } catch (problem) {
      if (!(problem instanceof Refusal)) console.error(problem);
      this.say(problem instanceof Refusal ? String(problem) : "这份文件不能作为流程图打开或写出。", true);
    }
  }

  private say(words: string, failed = false): void {
    this.status.textContent = words;
    this.status.classList.toggle("failed", failed);
  }

  private makeBar(): HTMLElement {
    const readonly = this.place.hasAttribute("data-readonly");
    const save = button("保存到工作稿", () => void this.save(), { class: "btn btn-primary btn-sm" });
    const rest = [button("检查", () => void this.check()), button("下载", () => void this.download())];
    return make("div", { class: "designer-bar", role: "group", "aria-label": "文件" }, ...(readonly ? [] : [save]), ...rest, this.status);
  }
}

/** What the file holds that bpmn-js does not know and would lose. */
function unread(warning: unknown): Problem {
  const { message, element } = warning as { message: string; element?: { id?: string } };
  return {
    message: "文件中有一处内容没有读懂，保存后会丢失。",
    help: message.split("\n")[0] ?? "",
    severity: "warning",
    ...(element?.id ? { element: element.id } : {}),
  };
}
