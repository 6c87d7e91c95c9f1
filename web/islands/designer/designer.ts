/** The designer's room in the browser: canvas, panel and desk. Gets everything from data attributes (README.md). */

import type Modeler from "bpmn-js/lib/Modeler";
import { make } from "../page/elements";
import { given, islands } from "../page/places";
import { missing } from "./chinese";
import { Desk } from "./desk";
import { makeModeler } from "./modeler";
import { complete, type Options } from "./options";

declare global {
  interface Window {
    /** For tests: the words without Chinese, and the instance. */
    roundtableDesigner?: { missing: () => string[]; modeler: Modeler };
  }
}

islands("designer", open);

async function open(place: HTMLElement): Promise<void> {
  const canvas = make("div", { class: "designer-canvas" });
  const panel = make("aside", { class: "designer-panel", "aria-label": "属性" });
  const room = make("div", { class: "designer-room" }, canvas, panel);
  place.replaceChildren(room);
  const modeler = makeModeler(canvas, panel, complete(given<Partial<Options>>(place, "options", {})));
  window.roundtableDesigner = { missing, modeler };
  const desk = new Desk(place, modeler);
  place.prepend(desk.bar);
  place.append(desk.problems.box);
  await desk.open();
}
