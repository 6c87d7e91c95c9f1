/** A case replayed on its diagrams, event by event. Fetches its history once; computes every picture from it. */

import { Frame } from "../diagram/frame";
import { Marks, WORDS, type Mark } from "../diagram/marks";
import { make } from "../page/elements";
import { islands } from "../page/places";
import { getJson, getText, Refusal } from "../page/requests";
import { Controls } from "./controls";
import { diagramOf, openIn, pictureOf, versionAt, type History } from "./replay";
import { dataOf, shanghai, who } from "./words";

islands("history", open);

async function open(place: HTMLElement): Promise<void> {
  try {
    const history = await getJson<History>(place.dataset.historyUrl ?? "");
    if (!history.events.length) throw new Refusal("这件事还没有办理经过。");
    const replay = new Replay(place, history);
    replay.go(startOf(history, place.dataset.start));
    await replay.painted;
  } catch (problem) {
    if (!(problem instanceof Refusal)) console.error(problem);
    const words = problem instanceof Refusal ? String(problem) : "办理经过没有显示出来。请刷新页面后再看。";
    place.replaceChildren(make("p", { class: "alert alert-warning", role: "alert" }, words));
  }
}

/** Chinese words broken into lines belong together, others are divided by a space. */
function inOneLine(name: string): string {
  return name.trim().replace(/([^\x00-\x7f])\s+/g, "$1").replace(/\s+/g, " ");
}

/** What can be read of a drawing without shapes. */
function listing(elements: [string, string][], marks: Mark[]): HTMLElement[] {
  const states = new Map(marks.map(({ element, state }) => [element, WORDS[state]]));
  return [
    make("p", { class: "alert alert-secondary" }, "这个文件只有流程，没有图形（BPMNDI），画不出来；照样可以办理。下面用文字列出全部元素。"),
    make("ol", {}, ...elements.map(([id, title]) => make("li", {}, `${title}：${states.get(id) ?? "还没有到"}`))),
  ];
}

function startOf(history: History, seq: string | undefined): number {
  return Math.max(0, history.events.findIndex((event) => String(event.seq) === seq));
}

class Replay {
  private readonly frame: Frame;
  private readonly marks: Marks;
  private readonly controls: Controls;
  private readonly detail = make("section", { class: "panel replay-detail", "aria-label": "这一步的内容" });
  private readonly choice = make("select", { class: "form-select form-select-sm", id: "replay-diagram" });
  private readonly listed = make("div");
  private offered = ""; // the version whose diagrams may be chosen
  private readonly drawings = new Map<string, Promise<string>>();
  private index = 0;
  private drawn = "";
  private drawing: Promise<void> = Promise.resolve();

  constructor(place: HTMLElement, private readonly history: History) {
    this.controls = new Controls(history.events, (index) => this.go(index));
    this.choice.addEventListener("change", () => this.show(this.choice.value));
    const picture = make("div", { class: "replay-picture" }, this.chooser(), this.listed);
    const log = make("nav", { class: "replay-side", "aria-label": "办理经过列表" }, this.controls.log);
    place.replaceChildren(this.controls.bar, make("div", { class: "replay-columns" }, picture, log), this.detail);
    this.frame = new Frame(picture, "流程图");
    this.marks = new Marks(this.frame);
  }

  /** When what was last asked for is on the screen. */
  get painted(): Promise<void> {
    return this.drawing;
  }

  go(index: number): void {
    this.index = index;
    this.controls.at(index);
    this.describe();
    this.offer();
    this.show(diagramOf(this.history, index));
  }

  /** One drawing after the other; what was asked for meanwhile and is out of date is passed over. */
  private show(diagram: string): void {
    const wanted = this.index;
    this.choice.value = diagram;
    this.drawing = this.drawing.then(() => (wanted === this.index ? this.paint(diagram) : undefined)).catch((problem) => this.fail(problem));
  }

  private async paint(diagram: string): Promise<void> {
    const { marks, flows } = pictureOf(this.history, this.index, diagram);
    const focus = openIn(this.history, this.index, diagram).map((open) => open.element);
    const { title, url, elements = [] } = versionAt(this.history, this.index).diagrams[diagram] ?? { title: diagram, url: "" };
    this.frame.hidden = elements.length > 0;
    this.listed.replaceChildren(...(elements.length ? listing(elements, marks) : []));
    if (elements.length) return;
    if (url !== this.drawn) {
      await this.frame.draw(await this.xml(url), focus);
      this.frame.name(`流程图：${title}`);
      this.drawn = url;
    }
    this.marks.show(marks, flows);
  }

  private xml(url: string): Promise<string> {
    const known = this.drawings.get(url) ?? getText(url);
    this.drawings.set(url, known);
    return known;
  }

  private fail(problem: unknown): void {
    if (!(problem instanceof Refusal)) console.error(problem);
    this.drawn = "";
    this.drawings.clear();
    this.detail.prepend(make("p", { class: "alert alert-warning", role: "alert" }, "流程图没有显示出来。请稍后再试。"));
  }

  private describe(): void {
    const event = this.history.events[this.index];
    if (!event) return;
    const open = event.active.map(({ name }) => inOneLine(name)).join("、");
    this.detail.replaceChildren(
      make("div", { class: "panel-head" }, make("h2", {}, `${event.seq}　${event.title}`), make("span", {}, `${shanghai(event.at)}　${who(event)}`)),
      dataOf(event),
      make("p", { class: "replay-open" }, make("strong", {}, event.stopped ? "停下来等待处理：" : "此后正在办理："), open || "没有要办的任务"),
      this.history.versions.length > 1 ? make("p", {}, make("strong", {}, "流程版本："), versionAt(this.history, this.index).title) : "",
      event.url ? make("p", {}, make("a", { href: event.url }, "查看这条记录")) : "",
    );
  }

  /** The diagrams of the version in force: a case that was moved has others before than after. */
  private offer(): void {
    const { id, diagrams } = versionAt(this.history, this.index);
    if (id === this.offered) return;
    this.offered = id;
    this.choice.replaceChildren(...Object.entries(diagrams).map(([value, { title }]) => make("option", { value }, title)));
  }

  private chooser(): HTMLElement {
    return make("div", { class: "replay-choice" }, make("label", { for: "replay-diagram" }, "流程图"), this.choice);
  }
}
