/** Leads from the list of errors to the fields. Knows no rule. */

export function errorSummary(summary: HTMLElement): void {
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "start" });
  summary.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#']");
    const field = link && fieldOf(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "center" });
  });
}

/** The control with this id or name, else the first control in the place with this id. */
function fieldOf(id: string): HTMLElement | null {
  const place = document.getElementById(id) ?? document.getElementsByName(id)[0] ?? null;
  if (!place || place.matches("input, select, textarea, button")) return place;
  return place.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea, button") ?? focusable(place);
}

function focusable(place: HTMLElement): HTMLElement {
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
  return place;
}
