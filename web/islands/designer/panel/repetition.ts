/** The group of repeated tasks: for whom each, or until when. */

import { area, checkbox, group, text, type Entry } from "./entries";
import { definitionsOf, type Moddle } from "./pencil";
import type { Maker, Sheet } from "./sheet";

export const repetition: Maker = (sheet) => {
  const drawn = sheet.model.get("loopCharacteristics") as Moddle | undefined;
  if (drawn?.$type === "bpmn:MultiInstanceLoopCharacteristics") return group("roundtable-many", "多人分别办理", many(sheet, drawn));
  if (drawn?.$type === "bpmn:StandardLoopCharacteristics") return group("roundtable-loop", "循环办理", loop(sheet, drawn));
  return null;
};

function many(sheet: Sheet, drawn: Moddle): Entry[] {
  return [
    text({
      id: "loopList",
      label: "列表变量",
      hint: "装着各项的变量名，如 consent_parties",
      read: () => drawn.get("loopDataInputRef")?.get("id") ?? "",
      write: (name) => setList(sheet, drawn, name.trim()),
    }),
    text({
      id: "loopItem",
      label: "每一项叫",
      hint: "在表达式里使用，如 party",
      read: () => drawn.get("inputDataItem")?.get("name") ?? drawn.get("inputDataItem")?.get("id") ?? "",
      write: (name) => setItem(sheet, drawn, name.trim()),
    }),
    expression(sheet, drawn, "completionCondition", "提前结束的条件", "可以不填：每一项都要办理"),
  ];
}

function loop(sheet: Sheet, drawn: Moddle): Entry[] {
  const { element, pencil } = sheet;
  return [
    expression(sheet, drawn, "loopCondition", "继续循环的条件", "表达式，符合时再办一次"),
    checkbox({
      id: "testBefore",
      label: "先判断再办理",
      read: () => (drawn.get("testBefore") ? "true" : ""),
      write: (value) => pencil.set(element, drawn, { testBefore: value === "true" }),
    }),
  ];
}

function expression({ element, pencil }: Sheet, drawn: Moddle, name: string, label: string, hint: string): Entry {
  return area({
    id: name,
    label,
    hint,
    code: true,
    rows: 2,
    read: () => drawn.get(name)?.get("body") ?? "",
    write: (body) =>
      pencil.set(element, drawn, { [name]: body.trim() ? pencil.make("bpmn:FormalExpression", drawn, { body: body.trim() }) : undefined }),
  });
}

/** The list is declared as an item definition: a reference that leads nowhere is lost by other tools. */
function setList({ element, pencil }: Sheet, drawn: Moddle, id: string): void {
  const root = definitionsOf(drawn);
  const elements = root.get("rootElements") as Moddle[];
  const known = elements.find((one) => one.get("id") === id);
  const list = known ?? (id ? pencil.make("bpmn:ItemDefinition", root, { id, isCollection: true }) : undefined);
  if (list && !known) pencil.set(element, root, { rootElements: [list, ...elements] });
  pencil.set(element, drawn, { loopDataInputRef: list });
}

function setItem({ element, pencil }: Sheet, drawn: Moddle, name: string): void {
  pencil.set(element, drawn, { inputDataItem: name ? pencil.make("bpmn:DataInput", drawn, { id: name, name }) : undefined });
}
