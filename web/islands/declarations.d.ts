/** Types of packages that bring none, as far as we use them. */

declare module "bpmn-js-i18n/translations/zn.js" {
  const words: Record<string, string>;
  export default words;
}
declare module "bpmn-js-i18n-zh/lib/bpmn-js/index.js" {
  const words: Record<string, string>;
  export default words;
}
declare module "bpmn-js-i18n-zh/lib/properties-panel/index.js" {
  const words: Record<string, string>;
  export default words;
}

declare module "bpmn-js-properties-panel" {
  export const BpmnPropertiesPanelModule: object;
  export const BpmnPropertiesProviderModule: object;
  export function useService<T>(name: string): T;
}

declare module "@bpmn-io/properties-panel" {
  import type { FunctionComponent } from "@bpmn-io/properties-panel/preact";

  export interface EntryProps {
    id: string;
    element: unknown;
    label: string;
    description?: string;
    getValue: () => string | boolean | undefined;
    setValue: (value: never) => void;
    debounce?: unknown;
    disabled?: boolean;
    monospace?: boolean;
    rows?: number;
    translate?: unknown;
    getOptions?: () => Array<{ value: string; label: string }>;
  }
  export const Group: FunctionComponent<unknown>;
  export const TextFieldEntry: FunctionComponent<EntryProps>;
  export const TextAreaEntry: FunctionComponent<EntryProps>;
  export const SelectEntry: FunctionComponent<EntryProps>;
  export const CheckboxEntry: FunctionComponent<EntryProps>;
  export function isTextFieldEntryEdited(node: unknown): boolean;
  export function isTextAreaEntryEdited(node: unknown): boolean;
  export function isSelectEntryEdited(node: unknown): boolean;
  export function isCheckboxEntryEdited(node: unknown): boolean;
}
