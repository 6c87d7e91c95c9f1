/**
 * Keeps names of lists in multi-instance tasks.
 *
 * `loopDataInputRef` holds the name of a plain variable; bpmn-js takes it for a reference to an element, finds none
 * and would drop it when the diagram is saved.
 */

import type BpmnFactory from "bpmn-js/lib/features/modeling/BpmnFactory";
import type EventBus from "diagram-js/lib/core/EventBus";
import type { Moddle } from "./panel/pencil";

interface Reference {
  element: Moddle;
  property: string;
  id: string;
}
interface Parsed {
  references?: Reference[];
  elementsById?: Record<string, Moddle>;
}

/** True for a warning of bpmn-moddle about such a name: nothing is lost. */
export function isKeptReference(warning: unknown): boolean {
  return LISTS.includes((warning as { property?: string }).property ?? "");
}

const LISTS = ["bpmn:loopDataInputRef", "bpmn:loopDataOutputRef"];

function keepReferences(eventBus: EventBus, bpmnFactory: BpmnFactory): void {
  eventBus.on<Parsed & { type: string }>("import.parse.complete", ({ references, elementsById }) => {
    for (const { element, property, id } of references ?? []) {
      if (LISTS.includes(property) && !elementsById?.[id]) element.set(property, bpmnFactory.create("bpmn:ItemAwareElement", { id }));
    }
  });
}
keepReferences.$inject = ["eventBus", "bpmnFactory"];

export const ReferencesModule = { __init__: ["keptReferences"], keptReferences: ["type", keepReferences] };
