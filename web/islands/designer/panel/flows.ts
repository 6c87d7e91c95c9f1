/** Groups of sequence flows, script tasks and call activities: what decides, computes and calls. */

import { area, checkbox, group, select } from "./entries";
import { isOneOf, type Maker } from "./sheet";

export const condition: Maker = (sheet) => {
  const { element, model, pencil } = sheet;
  const source = model.get("sourceRef");
  if (!isOneOf(sheet, "SequenceFlow") || !["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway"].includes(source?.$type)) return null;
  const gateway = (element as { source?: typeof element }).source ?? element;
  return group("roundtable-condition", "条件", [
    area({
      id: "condition",
      label: "走这条线的条件",
      hint: '表达式，如 screen_topic.handling == "redirect"',
      code: true,
      rows: 2,
      read: () => model.get("conditionExpression")?.get("body") ?? "",
      write: (body) =>
        pencil.set(element, model, {
          conditionExpression: body.trim() ? pencil.make("bpmn:FormalExpression", model, { body: body.trim() }) : undefined,
        }),
    }),
    checkbox({
      id: "default",
      label: "默认走这条线（其他条件都不符合时）",
      read: () => (source.get("default") === model ? "true" : ""),
      write: (value) => pencil.redraw(gateway, { default: value ? model : undefined }),
    }),
  ]);
};

export const script: Maker = (sheet) => {
  if (!isOneOf(sheet, "ScriptTask")) return null;
  const { element, model, pencil } = sheet;
  return group("roundtable-script", "脚本", [
    area({
      id: "script",
      label: "脚本",
      hint: "给变量赋值，每行一句；办件事实用服务任务 case/set 写入",
      code: true,
      rows: 6,
      read: () => model.get("script") ?? "",
      write: (text) => pencil.set(element, model, { script: text || undefined, scriptFormat: text ? "text/x-python" : undefined }),
    }),
  ]);
};

export const called: Maker = (sheet) => {
  if (!isOneOf(sheet, "CallActivity")) return null;
  const { element, model, pencil, options } = sheet;
  return group("roundtable-called", "调用的流程图", [
    select({
      id: "calledElement",
      label: "流程图",
      choices: options.diagrams,
      read: () => model.get("calledElement") ?? "",
      write: (value) => pencil.set(element, model, { calledElement: value || undefined }),
    }),
  ]);
};

/** Scripts of other tools that run unseen: shown here, refused at release. */
export const hiddenScripts: Maker = ({ element, model, pencil }) => {
  const found = HIDDEN.filter(({ type }) => pencil.extension(model, type));
  const entries = found.map(({ type, label }) =>
    area({
      id: type,
      label,
      hint: "画面上看不见，不能发布。请改画成脚本任务，再清空这里",
      code: true,
      read: () => pencil.text(model, type),
      write: (value) => pencil.write(element, model, type, value),
    }),
  );
  return entries.length ? group("roundtable-hidden", "隐藏的脚本", entries) : null;
};

const HIDDEN = [
  { type: "spiffworkflow:PreScript", label: "任务开始前的脚本" },
  { type: "spiffworkflow:PostScript", label: "任务完成后的脚本" },
];
