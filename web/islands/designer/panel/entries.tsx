/** The four kinds of fields of the panel. A field knows how to read and write itself; here is how it looks. */

import {
  CheckboxEntry, Group, isCheckboxEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited, SelectEntry, TextAreaEntry,
  TextFieldEntry,
} from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import type { Choice } from "../options";

export interface Field {
  id: string;
  label: string;
  hint?: string;
  read: () => string;
  write: (value: string) => void;
}
export interface Entry {
  id: string;
  component: (props: never) => unknown;
  isEdited: (node: unknown) => boolean;
  field: Field;
}
export interface GroupOf {
  id: string;
  label: string;
  component: unknown;
  entries: Entry[];
  shouldOpen: boolean;
}
interface Props {
  element: unknown;
  field: Field & { choices?: Choice[]; rows?: number; code?: boolean };
}

export function group(id: string, label: string, entries: Entry[]): GroupOf {
  return { id, label, component: Group, entries, shouldOpen: true };
}

export function text(field: Field): Entry {
  return { id: field.id, component: Text, isEdited: isTextFieldEntryEdited, field };
}

/** Several lines; `code` in letters of equal width. */
export function area(field: Field & { rows?: number; code?: boolean }): Entry {
  return { id: field.id, component: Area, isEdited: isTextAreaEntryEdited, field };
}

/** One of `choices`; what is written in the diagram but not offered is kept and shown. */
export function select(field: Field & { choices: Choice[] }): Entry {
  return { id: field.id, component: Select, isEdited: isSelectEntryEdited, field };
}

/** Reads and writes `"true"` or `""`. */
export function checkbox(field: Field): Entry {
  return { id: field.id, component: Checkbox, isEdited: isCheckboxEntryEdited, field };
}

function Text(props: Props): unknown {
  return <TextFieldEntry {...shared(props)} />;
}

function Area(props: Props): unknown {
  const { rows = 3, code = false } = props.field;
  return <TextAreaEntry {...shared(props)} rows={rows} monospace={code} translate={useService("translate")} />;
}

function Select(props: Props): unknown {
  const now = props.field.read();
  const offered = props.field.choices ?? [];
  const known = !now || offered.some(({ id }) => id === now);
  const foreign = known ? [] : [{ value: now, label: `${now}（不在可选范围内）` }];
  const options = [{ value: "", label: "（未选择）" }, ...foreign, ...offered.map(({ id, title }) => ({ value: id, label: title }))];
  return <SelectEntry {...shared(props)} getOptions={() => options} />;
}

function Checkbox(props: Props): unknown {
  const { field } = props;
  const setValue = (value: boolean): void => field.write(value ? "true" : "");
  return <CheckboxEntry {...shared(props)} getValue={() => field.read() === "true"} setValue={setValue} />;
}

function shared({ element, field }: Props) {
  return {
    id: field.id,
    element,
    label: field.label,
    ...(field.hint ? { description: field.hint } : {}),
    getValue: field.read,
    setValue: (value: string | undefined) => field.write(value ?? ""),
    debounce: useService("debounceInput"),
  };
}
