/** The group of service tasks: operation, its parameters, where the result goes. */

import type { Choice } from "../options";
import { area, group, select, text, type Entry } from "./entries";
import type { Moddle } from "./pencil";
import { isOneOf, type Maker, type Sheet } from "./sheet";

const OPERATOR = "spiffworkflow:ServiceTaskOperator";

export const service: Maker = (sheet) => {
  if (!isOneOf(sheet, "ServiceTask")) return null;
  const known = sheet.options.operations.find(({ id }) => id === read(sheet, "id"))?.parameters ?? [];
  return group("roundtable-service", "服务操作", [
    select({
      id: "operation",
      label: "操作",
      choices: sheet.options.operations,
      read: () => read(sheet, "id"),
      write: (id) => choose(sheet, id),
    }),
    ...(operator(sheet) ? [...known.map((one) => parameter(sheet, one)), others(sheet, known), result(sheet)] : []),
  ]);
};

function parameter(sheet: Sheet, { id, title }: Choice): Entry {
  return text({
    id: `parameter-${id}`,
    label: title === id ? id : `${title}（${id}）`,
    hint: "表达式",
    read: () => parameters(sheet).get(id) ?? "",
    write: (value) => setParameters(sheet, changed(parameters(sheet), id, value)),
  });
}

/** Parameters the operation does not announce, one a line: `name = expression`. */
function others(sheet: Sheet, known: Choice[]): Entry {
  const names = new Set(known.map(({ id }) => id));
  const split = (own: boolean): Array<[string, string]> => [...parameters(sheet)].filter(([name]) => names.has(name) === own);
  return area({
    id: "parameters",
    label: "其他参数",
    hint: "每行一个：名称 = 表达式",
    code: true,
    rows: 2,
    read: () => split(false).map(([name, value]) => `${name} = ${value}`).join("\n"),
    write: (lines) => setParameters(sheet, new Map([...split(true), ...parsed(lines)])),
  });
}

function result(sheet: Sheet): Entry {
  return text({
    id: "resultVariable",
    label: "结果存入变量",
    read: () => read(sheet, "resultVariable"),
    write: (value) => {
      const drawn = operator(sheet);
      if (drawn) sheet.pencil.set(sheet.element, drawn, { resultVariable: value.trim() || undefined });
    },
  });
}

function choose(sheet: Sheet, id: string): void {
  const { element, model, pencil } = sheet;
  const drawn = operator(sheet);
  if (drawn && id) pencil.set(element, drawn, { id });
  else pencil.extend(element, model, OPERATOR, id ? pencil.make(OPERATOR, model, { id }) : null);
}

function operator({ model, pencil }: Sheet): Moddle | undefined {
  return pencil.extension(model, OPERATOR);
}

function read(sheet: Sheet, name: string): string {
  return operator(sheet)?.get(name) ?? "";
}

function parameters(sheet: Sheet): Map<string, string> {
  const drawn = (operator(sheet)?.get("parameterList")?.get("parameters") ?? []) as Moddle[];
  return new Map(drawn.map((one) => [one.get("id"), one.get("value") ?? ""]));
}

function setParameters({ element, model, pencil }: Sheet, values: Map<string, string>): void {
  const drawn = pencil.extension(model, OPERATOR);
  if (!drawn) return;
  const list = pencil.make("spiffworkflow:Parameters", drawn);
  list.set("parameters", [...values].map(([id, value]) => pencil.make("spiffworkflow:Parameter", list, { id, type: "any", value })));
  pencil.set(element, drawn, { parameterList: values.size ? list : undefined });
}

function changed(values: Map<string, string>, name: string, value: string): Map<string, string> {
  const now = new Map(values);
  if (value.trim()) now.set(name, value.trim());
  else now.delete(name);
  return now;
}

function parsed(lines: string): Array<[string, string]> {
  return lines
    .split("\n")
    .map((line) => /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/.exec(line))
    .flatMap((found) => (found ? [[found[1] as string, found[2] as string] as [string, string]] : []));
}
