/** Comforts for forms the server renders. Every form works without them; the contract is in README.md. */

import { everyPlace, islands } from "../page/places";
import { attachments } from "./attachments";
import { autosave } from "./autosave";
import { conditions } from "./conditions";
import { errorSummary } from "./errors";
import { rows } from "./rows";
import { submitOnce } from "./submitting";

islands("form", (place) => {
  const form = place as HTMLFormElement;
  everyPlaceIn(form, "[data-rows]", rows);
  everyPlaceIn(form, "[data-attachments]", attachments);
  conditions(form);
  autosave(form);
  submitOnce(form);
});
everyPlace("[data-error-summary]", errorSummary);

function everyPlaceIn(form: HTMLFormElement, selector: string, furnish: (place: HTMLElement) => void): void {
  for (const place of form.querySelectorAll<HTMLElement>(selector)) furnish(place);
}
