/** The diagram of a case, with what is done and what is open. Gets everything from data attributes (README.md). */

import { Frame } from "../diagram/frame";
import { link, Marks, type Mark } from "../diagram/marks";
import { make } from "../page/elements";
import { given, islands } from "../page/places";
import { getText, LOST, Refusal } from "../page/requests";

islands("viewer", show);

async function show(place: HTMLElement): Promise<void> {
  const marks = given<Mark[]>(place, "marks", []);
  try {
    const xml = await getText(place.dataset.diagramUrl ?? "");
    const frame = new Frame(place, place.dataset.label ?? "流程图");
    await frame.draw(xml, open(marks));
    new Marks(frame).show(marks, given<string[]>(place, "flows", []));
    link(frame, given<Record<string, string>>(place, "links", {}));
  } catch (problem) {
    const refusal = problem instanceof Refusal ? problem : new Refusal("流程图没有显示出来。", LOST.help);
    console.error(problem);
    place.replaceChildren(make("p", { class: "alert alert-warning diagram-problem", role: "alert" }, String(refusal)));
  }
}

function open(marks: Mark[]): string[] {
  return marks.filter((mark) => mark.state === "active").map((mark) => mark.element);
}
