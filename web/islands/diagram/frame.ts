/** The frame around a diagram that is only looked at: canvas, zoom buttons, keys, fingers. Knows no case. */

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import type Canvas from "diagram-js/lib/core/Canvas";
import type ElementRegistry from "diagram-js/lib/core/ElementRegistry";
import { button, make } from "../page/elements";
import { moddle } from "./moddle";
import { WrappingModule } from "./wrapping";

const MARGIN = 24;
const READABLE = 0.5; // smaller letters than half size are not read any more
const COMFORTABLE = 0.7;
const LOWEST = 160; // pixels
const HIGHEST = 0.8; // of the window
const STEP = 60;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

export class Frame {
  readonly viewer: NavigatedViewer;
  private readonly tools = this.toolbar();
  private readonly box = make("div", { class: "diagram-canvas" });
  private focus: string[] = [];
  private width = 0;
  private drawn = false; // half a drawing has no size

  constructor(place: HTMLElement, label: string) {
    this.box.setAttribute("role", "group");
    place.append(this.tools, this.box);
    // The wheel belongs to the page; the buttons zoom.
    this.viewer = new NavigatedViewer({
      container: this.box,
      additionalModules: [WrappingModule],
      moddleExtensions: { spiffworkflow: moddle },
      zoomScroll: { enabled: false },
    } as never);
    this.name(label);
    this.box.addEventListener("keydown", (event) => this.key(event));
    followFinger(this.box, (dx, dy) => this.canvas.scroll({ dx, dy }));
    new ResizeObserver(() => this.refit()).observe(place);
  }

  get canvas(): Canvas {
    return this.viewer.get<Canvas>("canvas");
  }

  get elements(): ElementRegistry {
    return this.viewer.get<ElementRegistry>("elementRegistry");
  }

  /** A file without shapes has nothing to frame. */
  set hidden(nothing: boolean) {
    this.tools.hidden = this.box.hidden = nothing;
  }

  name(label: string): void {
    this.box.setAttribute("aria-label", label);
  }

  /** Draws the XML and shows it whole; where that is too small to read, what is in `focus`. */
  async draw(xml: string, focus: string[] = []): Promise<void> {
    this.drawn = false;
    await this.viewer.importXML(xml);
    this.drawn = true;
    const surface = this.box.querySelector(".djs-container > svg");
    surface?.setAttribute("aria-label", "用方向键移动，用加号、减号缩放，按 0 显示全图");
    surface?.setAttribute("role", "application");
    this.look(focus);
  }

  look(focus: string[]): void {
    this.focus = focus;
    this.fit();
  }

  fit(): void {
    if (!this.drawn || !this.box.clientWidth) return;
    const { inner, outer } = this.canvas.viewbox();
    if (!inner.width || !outer.width) return;
    this.width = this.box.clientWidth;
    const highest = window.innerHeight * HIGHEST;
    const whole = Math.min(1, outer.width / (inner.width + 2 * MARGIN), highest / (inner.height + 2 * MARGIN));
    const scale = whole < READABLE ? COMFORTABLE : whole;
    this.box.style.height = `${Math.round(Math.min(highest, Math.max(LOWEST, (inner.height + 2 * MARGIN) * scale)))}px`;
    this.canvas.resized();
    this.place(scale);
  }

  /** Another width is another view; a mere change of height keeps what a person zoomed to. */
  private refit(): void {
    if (this.box.clientWidth !== this.width) this.fit();
  }

  private place(scale: number): void {
    const { inner } = this.canvas.viewbox();
    const width = this.box.clientWidth / scale;
    const height = this.box.clientHeight / scale;
    const shape = this.focus.map((id) => this.elements.get(id)).find((found) => found && "x" in found);
    const [x, y] = shape && "x" in shape ? [shape.x + shape.width / 2, shape.y + shape.height / 2] : [inner.x, inner.y];
    this.canvas.viewbox({ x: begin(inner.x, inner.width, width, x), y: begin(inner.y, inner.height, height, y), width, height });
  }

  private zoom(factor: number): void {
    this.canvas.zoom(Math.min(4, Math.max(0.2, this.canvas.zoom() * factor)));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) this.canvas.scroll({ dx: arrow[0], dy: arrow[1] });
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  private toolbar(): HTMLElement {
    return make(
      "div",
      { class: "diagram-tools no-print", role: "group", "aria-label": "流程图显示" },
      button("放大", () => this.zoom(1.25)),
      button("缩小", () => this.zoom(0.8)),
      button("适合窗口", () => this.fit()),
    );
  }
}

/** Where a view of this size begins: in the middle of what fits into it, else around what is looked at. */
function begin(start: number, size: number, view: number, looked: number): number {
  if (view >= size + MARGIN) return start + size / 2 - view / 2;
  return Math.min(start + size + MARGIN - view, Math.max(start - MARGIN, looked - view / 2));
}

/** One finger moves the diagram sideways; up and down stay the page's (`touch-action: pan-y`). */
function followFinger(box: HTMLElement, move: (dx: number, dy: number) => void): void {
  let last: PointerEvent | null = null;
  box.addEventListener("pointerdown", (event) => (last = event.pointerType === "touch" ? event : null));
  box.addEventListener("pointermove", (event) => {
    if (!last) return;
    move(event.clientX - last.clientX, event.clientY - last.clientY);
    last = event;
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) box.addEventListener(end, () => (last = null));
}
