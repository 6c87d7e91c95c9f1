/** Groups of tasks people do: form, instructions, due date, performer. */

import { area, group, select, text, type Entry } from "./entries";
import { isOneOf, type Maker, type Sheet } from "./sheet";

const INSTRUCTIONS = "spiffworkflow:InstructionsForEndUser";

export const task: Maker = (sheet) => {
  if (!isOneOf(sheet, "UserTask", "ManualTask")) return null;
  const form = isOneOf(sheet, "UserTask") ? [formOf(sheet)] : [];
  return group("roundtable-task", "办理", [...form, instructions(sheet), due(sheet), ...whoDoes(sheet)]);
};

function formOf(sheet: Sheet): Entry {
  return select({
    ...property(sheet, "formJsonSchemaFilename"),
    label: "表单",
    choices: sheet.options.forms,
    hint: "办理人填写的表单",
  });
}

function instructions({ element, model, pencil }: Sheet): Entry {
  return area({
    id: "instructions",
    label: "办理要求",
    hint: "显示在表单上方，可以用 Markdown 的列表和加粗",
    read: () => pencil.text(model, INSTRUCTIONS),
    write: (value) => pencil.write(element, model, INSTRUCTIONS, value),
  });
}

function due(sheet: Sheet): Entry {
  return text({ ...property(sheet, "due"), label: "办理期限", hint: "如 3 working days（3个工作日），或者算出日期的表达式" });
}

/** Only repeated tasks name each item's performer; others go to their lane. */
function whoDoes(sheet: Sheet): Entry[] {
  const names = sheet.options.performers.length ? `，如 ${sheet.options.performers.join("、")}` : "";
  return [
    text({ ...property(sheet, "performer"), label: "办理人", hint: `不填则由所在泳道的岗位办理。表达式${names}` }),
    text({ ...property(sheet, "item_label"), label: "分项名称", hint: "多人分别办理时，每一项叫什么；表达式，如 party.name" }),
  ];
}

function property({ element, model, pencil }: Sheet, name: string) {
  return {
    id: name,
    read: () => pencil.property(model, name),
    write: (value: string) => pencil.setProperty(element, model, name, value.trim()),
  };
}
