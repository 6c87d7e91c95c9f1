/** The controls of a form and what they say. Knows no field. */

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function controlsNamed(form: HTMLFormElement, name: string): Control[] {
  return controlsIn(form).filter((control) => control.name === name);
}

export function controlsIn(place: ParentNode): Control[] {
  return Array.from(place.querySelectorAll<Control>("input, select, textarea"));
}

/** All values a field has now; a lone check box (value `on` or `true`) says `true` or `false`. Disabled controls say nothing. */
export function valuesOf(form: HTMLFormElement, name: string): string[] {
  const controls = controlsNamed(form, name).filter((control) => control.type !== "hidden" && !control.disabled);
  const lone = controls.length === 1 && controls[0]?.type === "checkbox" && ["on", "true"].includes(controls[0].value);
  if (lone) return [String((controls[0] as HTMLInputElement).checked)];
  return controls.filter(chosen).map((control) => control.value);
}

/** Tells everybody that a control was changed by a script. */
export function changed(control: Element): void {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function chosen(control: Control): boolean {
  return !(control instanceof HTMLInputElement) || !["checkbox", "radio"].includes(control.type) || control.checked;
}
