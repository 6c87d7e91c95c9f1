/** Tables one fills in: add, remove and number rows, and let Excel be pasted into them. */

import { parseCells } from "./cells";
import { fillFrom } from "./pasting";
import { controlsIn, type Control } from "./values";

export function rows(place: HTMLElement): void {
  new Rows(place);
}

export class Rows {
  private readonly key: string;
  private readonly max: number;
  private readonly body: HTMLElement;

  constructor(private readonly place: HTMLElement) {
    this.key = place.dataset.rows ?? "";
    this.max = Number(place.dataset.max ?? 500);
    this.body = place.querySelector("tbody") as HTMLElement;
    place.addEventListener("click", (event) => this.click(event));
    place.addEventListener("paste", (event) => this.paste(event));
    this.number();
  }

  get all(): HTMLElement[] {
    return Array.from(this.body.querySelectorAll<HTMLElement>("[data-row]"));
  }

  /** A new empty row at the end, or null when there are as many as there may be. */
  add(): HTMLElement | null {
    const template = this.place.querySelector<HTMLTemplateElement>("template[data-row-template]");
    if (!template || this.all.length >= this.max) return null;
    const made = document.importNode(template.content, true);
    this.body.append(made);
    this.number();
    return this.all[this.all.length - 1] ?? null;
  }

  say(words: string, failed = false): void {
    const status = this.place.querySelector<HTMLElement>("[data-rows-status]");
    if (!status) return;
    status.textContent = words;
    status.classList.toggle("failed", failed);
  }

  private click(event: Event): void {
    const pressed = (event.target as Element).closest("[data-add-row], [data-remove-row]");
    if (!pressed) return;
    event.preventDefault();
    if (pressed.matches("[data-add-row]")) this.addAndEnter();
    else this.remove(pressed.closest<HTMLElement>("[data-row]"));
    this.tell();
  }

  private addAndEnter(): void {
    const row = this.add();
    if (row) fields(row)[0]?.focus();
    this.say(row ? `已增加第${this.all.length}行。` : `最多填写${this.max}行。`, !row);
  }

  private remove(row: HTMLElement | null): void {
    if (!row) return;
    const index = this.all.indexOf(row);
    row.remove();
    this.number();
    const near = this.all[Math.min(index, this.all.length - 1)];
    (near?.querySelector<HTMLElement>("[data-remove-row]") ?? this.place.querySelector<HTMLElement>("[data-add-row]"))?.focus();
    this.say(`已删除第${index + 1}行，现有${this.all.length}行。`);
  }

  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    if (!row || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const column = fields(row).indexOf(event.target as Control);
    const result = fillFrom(this, this.all.indexOf(row), Math.max(0, column), parseCells(text));
    this.say(result.words, result.failed);
    this.tell();
  }

  /** Gives every row its place in names, ids and words. */
  private number(): void {
    this.all.forEach((row, index) => {
      for (const element of [row, ...row.querySelectorAll("*")]) renumber(element, this.key, index);
      row.querySelectorAll("[data-row-number]").forEach((place) => (place.textContent = String(index + 1)));
    });
    this.place.querySelectorAll<HTMLButtonElement>("[data-add-row]").forEach((add) => (add.disabled = this.all.length >= this.max));
  }

  private tell(): void {
    this.place.dispatchEvent(new CustomEvent("rows:changed", { bubbles: true }));
  }
}

/** The controls of a row that a person fills in. */
export function fields(row: HTMLElement): Control[] {
  return controlsIn(row).filter((control) => control.type !== "hidden");
}

const CARRIERS = ["id", "name", "for", "value", "aria-label", "aria-describedby", "aria-labelledby", "data-when", "data-attachments"];

function renumber(element: Element, key: string, index: number): void {
  const path = new RegExp(`(^|[\\s":])${key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\.(?:\\d+|__row__)(?=[.\\s":-]|$)`, "g");
  for (const name of CARRIERS) {
    const old = element.getAttribute(name);
    if (old === null || (name === "value" && !element.matches("[data-remove-row]"))) continue;
    const now = old.replace(path, `$1${key}.${index}`).replace(/第(?:\d+|__number__)行/g, `第${index + 1}行`);
    if (now !== old) element.setAttribute(name, now);
  }
}
