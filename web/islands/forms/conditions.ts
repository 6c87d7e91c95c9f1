/** Shows and hides what depends on other fields (`data-when`). The server decides by itself and never trusts this. */

import { controlsIn, valuesOf } from "./values";

type Value = string | number | boolean;
interface Condition {
  field: string;
  equals: Value | Value[];
}

export function conditions(form: HTMLFormElement): void {
  const update = (): void => settle(form);
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  form.addEventListener("rows:changed", update);
  update();
}

/** A field that is hidden hides what depends on it: go round until nothing moves any more. */
function settle(form: HTMLFormElement): void {
  const places = Array.from(form.querySelectorAll<HTMLElement>("[data-when]"));
  for (let rounds = places.length; rounds > 0; rounds--) {
    const moved = places.filter((place) => show(place, holds(form, place)));
    if (!moved.length) return;
  }
}

function holds(form: HTMLFormElement, place: HTMLElement): boolean {
  const written = JSON.parse(place.dataset.when ?? "[]") as Condition | Condition[];
  return ([] as Condition[]).concat(written).every(({ field, equals }) => {
    const wanted = ([] as Value[]).concat(equals).map(String);
    return valuesOf(form, field).some((value) => wanted.includes(value));
  });
}

/** True when the place was turned. Only controls that we disabled ourselves are enabled again. */
function show(place: HTMLElement, visible: boolean): boolean {
  if (place.hidden === !visible) return false;
  place.hidden = !visible;
  for (const control of controlsIn(place)) {
    const inHidden = control.closest("[data-when][hidden]") !== null;
    if (inHidden && !control.disabled) [control.disabled, control.dataset.hiddenBy] = [true, "when"];
    else if (!inHidden && control.dataset.hiddenBy) {
      control.disabled = false;
      delete control.dataset.hiddenBy;
    }
  }
  return true;
}
