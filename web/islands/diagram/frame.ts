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
const STEP = 60;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

export class Frame {
  readonly viewer: NavigatedViewer;
  private readonly box = make("div", { class: "diagram-canvas" });
  private focus: string[] = [];
  private width = 0;

  constructor(place: HTMLElement, label: string) {
    this.box.setAttribute("role", "group");
    place.append(this.toolbar(), this.box);
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

  name(label: string): void {
    this.box.setAttribute("aria-label", label);
  }

  /** Draws the XML and shows it whole; where that is too small to read, what is in `focus`. */
  async draw(xml: string, focus: string[] = []): Promise<void> {
    await this.viewer.importXML(xml);
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
    const { inner, outer } = this.canvas.viewbox();
    if (!inner.width || !outer.width) return;
    this.width = this.box.clientWidth;
    const across = outer.width / (inner.width + 2 * MARGIN);
    const scale = Math.min(1, across < READABLE ? COMFORTABLE : across);
    this.box.style.height = `${Math.round(Math.max(160, (inner.height + 2 * MARGIN) * scale))}px`;
    this.canvas.resized();
    this.centre(scale);
  }

  /** Another width is another view; a mere change of height keeps what a person zoomed to. */
  private refit(): void {
    if (this.box.clientWidth !== this.width) this.fit();
  }

  private centre(scale: number): void {
    const { inner, outer } = this.canvas.viewbox();
    const width = outer.width / scale;
    const height = this.box.clientHeight / scale;
    const whole = width >= inner.width;
    const middle = whole ? inner.x + inner.width / 2 : this.focused(inner.x + width / 2 - MARGIN, width, inner);
    const top = inner.y - Math.max(MARGIN, (height - inner.height) / 2);
    this.canvas.viewbox({ x: middle - width / 2, y: top, width, height });
  }

  private focused(otherwise: number, width: number, inner: { x: number; width: number }): number {
    const shape = this.focus.map((id) => this.elements.get(id)).find((found) => found && "x" in found);
    if (!shape || !("x" in shape)) return otherwise;
    const right = inner.x + inner.width + MARGIN - width / 2;
    return Math.min(right, Math.max(otherwise, shape.x + shape.width / 2));
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
