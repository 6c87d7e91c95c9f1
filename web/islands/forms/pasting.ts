/** Puts pasted cells into the rows of a table, and says in words what did not fit. */

import { fields, type Rows } from "./rows";
import { changed, type Control } from "./values";

export interface Pasted {
  words: string;
  failed: boolean;
}

export function fillFrom(rows: Rows, first: number, column: number, cells: string[][]): Pasted {
  const lines = isHeading(rows, column, cells[0]) ? cells.slice(1) : cells;
  const problems: string[] = [];
  let filled = 0;
  for (const line of lines) {
    const row = rows.all[first + filled] ?? rows.add();
    if (!row) break;
    problems.push(...fillRow(row, first + filled, column, line));
    filled += 1;
  }
  return report(filled, lines.length - filled, problems);
}

function fillRow(row: HTMLElement, index: number, column: number, line: string[]): string[] {
  const controls = fields(row).slice(column);
  return line.flatMap((text, at) => {
    const control = controls[at];
    if (!control || control.disabled || fill(control, text)) return [];
    return [`第${index + 1}行“${headingOf(control)}”没有“${text}”这个选项`];
  });
}

/** False when a choice has no such option. */
function fill(control: Control, text: string): boolean {
  if (control instanceof HTMLSelectElement) {
    const option = Array.from(control.options).find((one) => [one.value, one.text.trim()].includes(text));
    if (!option) return !text;
    control.value = option.value;
  } else if (control.type === "checkbox") (control as HTMLInputElement).checked = /^(是|有|√|✓|1|true)$/i.test(text);
  else control.value = control.type === "date" ? isoDate(text) : text;
  changed(control);
  return true;
}

/** 2026/3/5, 2026年3月5日 → 2026-03-05 */
function isoDate(text: string): string {
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  return found ? [found[1], found[2]?.padStart(2, "0"), found[3]?.padStart(2, "0")].join("-") : text;
}

/** A first line that repeats the table's own headings is not data. */
function isHeading(rows: Rows, column: number, line: string[] | undefined): boolean {
  const row = rows.all[0];
  if (!row || !line) return false;
  const headings = fields(row).slice(column).map(headingOf);
  return line.filter(Boolean).length > 0 && line.every((text, at) => !text || text === headings[at]);
}

function headingOf(control: Control): string {
  return control.closest<HTMLElement>("[data-label]")?.dataset.label ?? "";
}

function report(filled: number, left: number, problems: string[]): Pasted {
  const more = left > 0 ? [`超过行数上限，还有${left}行没有粘贴`] : [];
  return { words: `${[`已粘贴${filled}行`, ...more, ...problems].join("；")}。`, failed: more.length + problems.length > 0 };
}
