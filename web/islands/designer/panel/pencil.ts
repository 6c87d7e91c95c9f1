/** Reads and changes the model of an element, each change one step of the undo history. Knows no setting by name. */

import type BpmnFactory from "bpmn-js/lib/features/modeling/BpmnFactory";
import type Modeling from "bpmn-js/lib/features/modeling/Modeling";
import type { Element } from "bpmn-js/lib/model/Types";

/** A model element of bpmn-moddle, which is untyped. */
export interface Moddle {
  $type: string;
  $parent?: Moddle;
  get(name: string): any;
  set(name: string, value: unknown): void;
  [name: string]: any;
}

export class Pencil {
  constructor(
    private readonly modeling: Modeling,
    private readonly factory: BpmnFactory,
  ) {}

  /** Changes properties of a part of `element`. */
  set(element: Element, part: Moddle, properties: object): void {
    this.modeling.updateModdleProperties(element, part, properties);
  }

  /** Changes properties of the element itself that other elements show too, such as a gateway's default flow. */
  redraw(element: Element, properties: object): void {
    this.modeling.updateProperties(element, properties);
  }

  make(type: string, parent: Moddle, properties: object = {}): Moddle {
    const made = this.factory.create(type, properties) as Moddle;
    made.$parent = parent;
    return made;
  }

  /** The extension element of this type, such as `spiffworkflow:Properties`. */
  extension(part: Moddle, type: string): Moddle | undefined {
    const values = (part.get("extensionElements")?.get("values") ?? []) as Moddle[];
    return values.find((value) => value.$type === type);
  }

  /** Adds, replaces or (with null) removes the extension element of this type. */
  extend(element: Element, part: Moddle, type: string, made: Moddle | null): void {
    const old = part.get("extensionElements") as Moddle | undefined;
    const others = ((old?.get("values") ?? []) as Moddle[]).filter((value) => value.$type !== type);
    const values = made ? [...others, made] : others;
    if (!values.length) return this.set(element, part, { extensionElements: undefined });
    const box = old ?? this.make("bpmn:ExtensionElements", part);
    if (made) made.$parent = box;
    if (old) return this.set(element, box, { values });
    box.set("values", values);
    this.set(element, part, { extensionElements: box });
  }

  /** The text of an extension element such as `spiffworkflow:InstructionsForEndUser`. */
  text(part: Moddle, type: string): string {
    return this.extension(part, type)?.get("value") ?? "";
  }

  write(element: Element, part: Moddle, type: string, value: string): void {
    const old = this.extension(part, type);
    if (old && value) this.set(element, old, { value });
    else this.extend(element, part, type, value ? this.make(type, part, { value }) : null);
  }

  /** One of our `spiffworkflow:properties`. */
  property(part: Moddle, name: string): string {
    return this.listed(part).find((one) => one.get("name") === name)?.get("value") ?? "";
  }

  setProperty(element: Element, part: Moddle, name: string, value: string): void {
    const kept = this.listed(part);
    const at = kept.findIndex((one) => one.get("name") === name);
    const made = value ? [this.make("spiffworkflow:Property", part, { name, value })] : [];
    const list = at < 0 ? [...kept, ...made] : [...kept.slice(0, at), ...made, ...kept.slice(at + 1)];
    const box = list.length ? this.make("spiffworkflow:Properties", part, { properties: list }) : null;
    for (const one of list) one.$parent = box ?? part;
    this.extend(element, part, "spiffworkflow:Properties", box);
  }

  private listed(part: Moddle): Moddle[] {
    return (this.extension(part, "spiffworkflow:Properties")?.get("properties") ?? []) as Moddle[];
  }
}

/** The outermost model element: where messages and item definitions stand. */
export function definitionsOf(part: Moddle): Moddle {
  return part.$parent ? definitionsOf(part.$parent) : part;
}
