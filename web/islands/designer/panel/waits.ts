/** Groups of timers and messages: what an event waits for or sends. */

import { area, group, select, text, type Entry } from "./entries";
import { definitionsOf, type Moddle } from "./pencil";
import { definition, isOneOf, type Maker, type Sheet } from "./sheet";

const TIMES = [
  { id: "timeDate", title: "到某个日期或时刻" },
  { id: "timeDuration", title: "经过一段时间" },
  { id: "timeCycle", title: "每隔一段时间" },
];
const HINTS: Record<string, string> = {
  timeDate: "表达式，如 notice_end(publish_notice.posted_on, 5)；或写明时刻，如 2026-03-05T09:00:00+08:00",
  timeDuration: "ISO 8601 写法，如 P14D 是14天，PT2H 是2小时；或表达式",
  timeCycle: "ISO 8601 写法，如 R3/P7D 是每7天一次、共3次；或表达式",
};

export const timer: Maker = (sheet) => {
  const drawn = definition(sheet, "Timer");
  if (!drawn) return null;
  const now = TIMES.find(({ id }) => drawn.get(id))?.id ?? "";
  return group("roundtable-timer", "定时", [
    select({ id: "timerKind", label: "类型", choices: TIMES, read: () => now, write: (kind) => setTime(sheet, drawn, kind, timeOf(drawn)) }),
    ...(now ? [timeEntry(sheet, drawn, now)] : []),
  ]);
};

export const message: Maker = (sheet) => {
  const part = definition(sheet, "Message") ?? (isOneOf(sheet, "SendTask", "ReceiveTask") ? sheet.model : undefined);
  if (!part) return null;
  const throws = isOneOf(sheet, "SendTask", "EndEvent", "IntermediateThrowEvent");
  return group("roundtable-message", "消息", [nameEntry(sheet, part), throws ? payload(sheet, part) : variable(sheet, part)]);
};

function timeEntry(sheet: Sheet, drawn: Moddle, kind: string): Entry {
  return area({
    id: "timerValue",
    label: "时间",
    hint: HINTS[kind] ?? "",
    code: true,
    rows: 2,
    read: () => timeOf(drawn),
    write: (body) => setTime(sheet, drawn, kind, body.trim()),
  });
}

function timeOf(drawn: Moddle): string {
  return TIMES.map(({ id }) => drawn.get(id)?.get("body") as string | undefined).find(Boolean) ?? "";
}

function setTime({ element, pencil }: Sheet, drawn: Moddle, kind: string, body: string): void {
  const none = Object.fromEntries(TIMES.map(({ id }) => [id, undefined]));
  const time = kind ? { [kind]: pencil.make("bpmn:FormalExpression", drawn, { body }) } : {};
  pencil.set(element, drawn, { ...none, ...time });
}

function nameEntry(sheet: Sheet, part: Moddle): Entry {
  const names = new Set([...sheet.options.messages, ...messages(part).map((one) => one.get("name") as string)]);
  return select({
    id: "messageName",
    label: "消息",
    hint: "消息在 process.toml 里声明",
    choices: [...names].map((name) => ({ id: name, title: name })),
    read: () => part.get("messageRef")?.get("name") ?? "",
    write: (name) => setMessage(sheet, part, name),
  });
}

function setMessage({ element, pencil }: Sheet, part: Moddle, name: string): void {
  const known = messages(part).find((one) => one.get("name") === name);
  pencil.set(element, part, { messageRef: name ? (known ?? declare(element, part)) : undefined });

  function declare(at: typeof element, from: Moddle): Moddle {
    const root = definitionsOf(from);
    const made = pencil.make("bpmn:Message", root, { id: `message_${name}`, name });
    pencil.set(at, root, { rootElements: [...root.get("rootElements"), made] });
    return made;
  }
}

function messages(part: Moddle): Moddle[] {
  return (definitionsOf(part).get("rootElements") as Moddle[]).filter((one) => one.$type === "bpmn:Message");
}

function payload(sheet: Sheet, part: Moddle): Entry {
  return text({ ...extensionText(sheet, part, "spiffworkflow:MessagePayload"), id: "messagePayload", label: "消息内容", hint: "表达式，可以不填" });
}

function variable(sheet: Sheet, part: Moddle): Entry {
  return text({ ...extensionText(sheet, part, "spiffworkflow:MessageVariable"), id: "messageVariable", label: "消息内容存入变量", hint: "可以不填" });
}

function extensionText({ element, pencil }: Sheet, part: Moddle, type: string) {
  return {
    read: () => pencil.text(part, type),
    write: (value: string) => pencil.write(element, part, type, value.trim()),
  };
}
