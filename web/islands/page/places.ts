/** Finds the places of a page that belong to an island, also after htmx swapped something in. Knows no island. */

/** Calls `furnish` once for each element with this `data-island`, now and later; `data-furnished` says that it is done. */
export function islands(name: string, furnish: (place: HTMLElement) => void | Promise<void>): void {
  everyPlace(`[data-island="${name}"]`, (place) => void Promise.resolve(furnish(place)).then(() => place.setAttribute("data-furnished", "")));
}

/** Calls `furnish` once for each element matching the selector, now and after each swap (htmx 2 and 4). */
export function everyPlace(selector: string, furnish: (place: HTMLElement) => void): void {
  const furnished = new WeakSet<Element>();
  const look = (): void => {
    for (const place of document.querySelectorAll<HTMLElement>(selector)) {
      if (furnished.has(place)) continue;
      furnished.add(place);
      furnish(place);
    }
  };
  look();
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("htmx:after:swap", look);
}

/** What a page wrote into a data attribute as JSON; `otherwise` when there is nothing. */
export function given<T>(place: HTMLElement, name: string, otherwise: T): T {
  const text = place.dataset[name];
  return text ? (JSON.parse(text) as T) : otherwise;
}
