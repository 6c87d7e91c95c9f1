/** Marks on a diagram: what is done, open or cancelled, and which flows were taken. Colour is backed by words. */

import type Overlays from "diagram-js/lib/features/overlays/Overlays";
import { make } from "../page/elements";
import type { Frame } from "./frame";

export type State = "done" | "active" | "cancelled";
export interface Mark {
  element: string;
  state: State;
  text?: string;
}

export const WORDS: Record<State, string> = { done: "已办", active: "正在办理", cancelled: "已取消" };
const KIND = "mark";

export class Marks {
  private marked: Array<[id: string, marker: string]> = [];

  constructor(private readonly frame: Frame) {}

  /** Replaces all marks; ids that the diagram does not draw are passed over. */
  show(marks: Mark[], flows: string[]): void {
    this.clear();
    for (const id of flows) this.add(id, "flow-taken");
    for (const mark of marks) {
      if (this.add(mark.element, `mark-${mark.state}`)) this.badge(mark);
    }
  }

  private clear(): void {
    for (const [id, marker] of this.marked) {
      if (this.frame.elements.get(id)) this.frame.canvas.removeMarker(id, marker);
    }
    this.marked = [];
    overlays(this.frame).remove({ type: KIND });
  }

  private add(id: string, marker: string): boolean {
    if (!this.frame.elements.get(id)) return false;
    this.frame.canvas.addMarker(id, marker);
    this.marked.push([id, marker]);
    return true;
  }

  private badge({ element, state, text }: Mark): void {
    const shape = this.frame.elements.get(element);
    if (!shape || !("width" in shape)) return;
    const roomy = shape.width >= 60; // gateways and events have room for a sign only
    const words = make("span", roomy ? {} : { class: "visually-hidden" }, WORDS[state]);
    const html = make("span", { class: `diagram-badge badge-${state}`, title: text || WORDS[state] }, words);
    overlays(this.frame).add(element, KIND, { position: { top: -11, left: roomy ? 8 : -7 }, html });
  }
}

/** Real links on shapes, such as from a call activity to its diagram. */
export function link(frame: Frame, targets: Record<string, string>): void {
  for (const [element, href] of Object.entries(targets)) {
    const shape = frame.elements.get(element);
    if (!shape) continue;
    const name = String(shape.businessObject.name ?? element).replace(/\s+/g, "");
    const html = make("a", { class: "diagram-link", href, "aria-label": `查看“${name}”的流程图` }, "查看");
    overlays(frame).add(element, "link", { position: { bottom: 9, right: 44 }, html });
  }
}

function overlays(frame: Frame): Overlays {
  return frame.viewer.get<Overlays>("overlays");
}
