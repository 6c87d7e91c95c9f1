/** Reads what Excel and WPS put on the clipboard: tab-separated cells, quoted where they hold tabs or lines. Pure. */

export function parseCells(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.replace(/\r\n?/g, "\n").matchAll(CELL)) {
    const line = lines[lines.length - 1] as string[];
    line.push((quoted === undefined ? plain ?? "" : quoted.replace(/""/g, '"')).trim());
    if (end === "\n") lines.push([]);
    if (end === "") break;
  }
  return withoutEmptyTail(lines);
}

const CELL = /(?:"((?:[^"]|"")*)"(?=\t|\n|$)|([^\t\n]*))(\t|\n|$)/g;

function withoutEmptyTail(lines: string[][]): string[][] {
  const kept = [...lines];
  while (kept.length && (kept[kept.length - 1] as string[]).every((cell) => !cell)) kept.pop();
  return kept;
}
