/** One element as the panel's groups see it. */

import type { Element } from "bpmn-js/lib/model/Types";
import { is } from "bpmn-js/lib/util/ModelUtil";
import type { Options } from "../options";
import type { GroupOf } from "./entries";
import type { Moddle, Pencil } from "./pencil";

export interface Sheet {
  element: Element;
  model: Moddle;
  pencil: Pencil;
  options: Options;
}

/** A group of the panel for this element, or null where it has none. */
export type Maker = (sheet: Sheet) => GroupOf | null;

export function isOneOf(sheet: Sheet, ...types: string[]): boolean {
  return types.some((type) => is(sheet.element, `bpmn:${type}`));
}

/** The event definition of this kind (`Timer`, `Message`) of an event. */
export function definition(sheet: Sheet, kind: string): Moddle | undefined {
  const all = (sheet.model.get("eventDefinitions") ?? []) as Moddle[];
  return all.find((one) => one.$type === `bpmn:${kind}EventDefinition`);
}
