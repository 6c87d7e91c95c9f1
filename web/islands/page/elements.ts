/** Makes elements. Texts are always texts, never markup. */

export type Child = Node | string | null;
export type Attributes = Record<string, string | number | boolean>;

/** `make("button", {type: "button"}, "保存")`; an attribute that is false is left out, one that is true is empty. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

export function button(text: string, pressed: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", ...attributes }, text);
  made.addEventListener("click", pressed);
  return made;
}
