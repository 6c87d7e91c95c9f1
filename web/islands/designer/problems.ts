/** What the check found: as a list, and as signs on the shapes. A click leads to the element. */

import type Modeler from "bpmn-js/lib/Modeler";
import type Canvas from "diagram-js/lib/core/Canvas";
import type ElementRegistry from "diagram-js/lib/core/ElementRegistry";
import type Overlays from "diagram-js/lib/features/overlays/Overlays";
import type Selection from "diagram-js/lib/features/selection/Selection";
import { make } from "../page/elements";

export interface Problem {
  file?: string;
  element?: string;
  message: string;
  help?: string;
  severity?: string;
  line?: number;
  column?: number;
}

const KIND = "problem";

export class Problems {
  readonly box = make("section", { class: "designer-problems", "aria-label": "检查结果", tabindex: "-1", hidden: true });

  constructor(private readonly modeler: Modeler) {}

  show(problems: Problem[]): void {
    this.overlays.remove({ type: KIND });
    const list = make("ul", { class: "problem-list" }, ...problems.map((problem) => this.line(problem)));
    this.box.replaceChildren(make("h2", {}, summary(problems)), list);
    this.box.hidden = false;
    for (const [id, found] of byElement(problems)) this.sign(id, found);
  }

  private line(problem: Problem): HTMLElement {
    const error = problem.severity !== "warning";
    const shape = problem.element ? this.elements.get(problem.element) : undefined;
    const title = make("p", {}, make("span", { class: "problem-kind" }, error ? "错误" : "提醒"), problem.message);
    const line = make("li", { class: error ? "problem-error" : "problem-warning" }, title);
    if (problem.help) line.append(make("p", {}, problem.help));
    line.append(make("p", { class: "problem-place" }, ...this.place(problem, Boolean(shape))));
    return line;
  }

  private place(problem: Problem, drawn: boolean): Array<Node | string> {
    const where = [problem.file, problem.line ? `第${problem.line}行` : "", problem.column ? `第${problem.column}列` : ""].filter(Boolean).join(" ");
    if (!drawn || !problem.element) return [[where, problem.element].filter(Boolean).join(" ")];
    const name = String(this.elements.get(problem.element)?.businessObject.name ?? problem.element).replace(/\s+/g, "");
    const jump = make("button", { type: "button", class: "btn btn-outline-secondary btn-sm" }, `到“${name}”`);
    jump.addEventListener("click", () => this.select(problem.element ?? ""));
    return [jump, ` ${where}`];
  }

  private select(id: string): void {
    const element = this.elements.get(id);
    if (!element) return;
    this.modeler.get<Canvas>("canvas").scrollToElement(element, 80);
    this.modeler.get<Selection>("selection").select(element);
  }

  private sign(id: string, problems: Problem[]): void {
    if (!this.elements.get(id)) return;
    const error = problems.some(({ severity }) => severity !== "warning");
    const words = problems.map(({ message }) => message).join("\n");
    const html = make("span", { class: `problem-sign ${error ? "sign-error" : "sign-warning"}`, title: words, role: "img", "aria-label": words }, error ? "!" : "?");
    this.overlays.add(id, KIND, { position: { top: -10, left: -10 }, html });
  }

  private get overlays(): Overlays {
    return this.modeler.get<Overlays>("overlays");
  }

  private get elements(): ElementRegistry {
    return this.modeler.get<ElementRegistry>("elementRegistry");
  }
}

function summary(problems: Problem[]): string {
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const errors = problems.length - warnings;
  if (!problems.length) return "检查通过，没有问题。";
  return `检查结果：${errors} 个错误，${warnings} 个提醒${errors ? "。有错误的流程图不能发布" : ""}`;
}

function byElement(problems: Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.element) found.set(problem.element, [...(found.get(problem.element) ?? []), problem]);
  }
  return found;
}
