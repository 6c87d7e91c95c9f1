/** Slider, buttons and the list of events: three ways to the same place in a history. Knows no diagram. */

import { button, make } from "../page/elements";
import type { HistoryEvent } from "./replay";
import { shanghai, who } from "./words";

const PACE = 1500; // milliseconds an event is shown while playing

export class Controls {
  readonly bar: HTMLElement;
  readonly log = make("ol", { class: "replay-log" });
  private readonly slider: HTMLInputElement;
  private readonly place = make("output", { class: "replay-place", for: "replay-slider" });
  private readonly play = button("播放", () => this.toggle(), { "aria-pressed": "false" });
  private readonly entries: HTMLButtonElement[];
  private timer = 0;
  private index = 0;

  constructor(
    private readonly events: HistoryEvent[],
    private readonly go: (index: number) => void,
  ) {
    this.slider = make("input", {
      type: "range", class: "form-range", id: "replay-slider", min: 0, max: events.length - 1, value: 0, "aria-label": "办理经过的位置",
    });
    this.slider.addEventListener("input", () => this.by(Number(this.slider.value)));
    this.entries = events.map((event, index) => this.entry(event, index));
    this.log.append(...this.entries.map((entry) => make("li", {}, entry)));
    this.bar = this.makeBar();
  }

  /** Shows where we are, in all three. */
  at(index: number): void {
    this.index = index;
    const event = this.events[index];
    const words = `第 ${index + 1} 步，共 ${this.events.length} 步`;
    this.slider.value = String(index);
    this.slider.setAttribute("aria-valuetext", `${words}：${event?.title ?? ""}`);
    this.place.textContent = words;
    this.entries.forEach((entry, at) => this.mark(entry, at));
  }

  private mark(entry: HTMLButtonElement, at: number): void {
    entry.classList.toggle("past", at < this.index);
    if (at !== this.index) return entry.removeAttribute("aria-current");
    entry.setAttribute("aria-current", "step");
    const list = this.log;
    const row = entry.parentElement as HTMLElement;
    const hidden = row.offsetTop < list.scrollTop || row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight;
    if (hidden) list.scrollTop = row.offsetTop - list.clientHeight / 3; // not scrollIntoView: it moves the page too
  }

  /** A person chose: playing stops. */
  private by(index: number): void {
    this.stop();
    this.step(index);
  }

  private step(index: number): void {
    this.go(Math.min(this.events.length - 1, Math.max(0, index)));
  }

  private toggle(): void {
    if (this.timer) return this.stop();
    if (this.index === this.events.length - 1) this.step(0);
    this.timer = window.setInterval(() => this.next(), PACE);
    this.play.textContent = "暂停";
    this.play.setAttribute("aria-pressed", "true");
  }

  private next(): void {
    this.step(this.index + 1);
    if (this.index === this.events.length - 1) this.stop();
  }

  private stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "播放";
    this.play.setAttribute("aria-pressed", "false");
  }

  private makeBar(): HTMLElement {
    return make(
      "div",
      { class: "replay-controls", role: "group", "aria-label": "办理经过" },
      button("上一步", () => this.by(this.index - 1)),
      this.play,
      button("下一步", () => this.by(this.index + 1)),
      this.slider,
      this.place,
    );
  }

  private entry(event: HistoryEvent, index: number): HTMLButtonElement {
    const entry = button("", () => this.by(index), { class: "replay-entry" });
    entry.append(
      make("span", { class: "replay-number" }, String(event.seq)),
      make("span", { class: "replay-title" }, event.title),
      make("span", { class: "replay-who" }, `${shanghai(event.at)} ${who(event)}`),
    );
    return entry;
  }
}
