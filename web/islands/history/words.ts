/** How an event's time, person and data are written. Builds elements from texts. */

import { make } from "../page/elements";
import type { HistoryEvent } from "./replay";

const CLOCK = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/** 2026-03-05 09:00 in Shanghai */
export function shanghai(at: string): string {
  const parts = new Map(CLOCK.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const hour = parts.get("hour") === "24" ? "00" : parts.get("hour");
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")} ${hour}:${parts.get("minute")}`;
}

export function who(event: HistoryEvent): string {
  return [event.post, event.actor].filter(Boolean).join(" ") || "系统自动办理";
}

/** The submitted data: what the server wrote, else a table of names and values. */
export function dataOf(event: HistoryEvent): HTMLElement {
  const box = make("div", { class: "replay-data" });
  if (event.data_html) box.innerHTML = event.data_html; // escaped by the server, see README.md
  else if (event.data && typeof event.data === "object") box.append(table(event.data as Record<string, unknown>));
  else box.append(make("p", { class: "text-secondary" }, "这一步没有填报内容。"));
  return box;
}

function table(data: Record<string, unknown>): HTMLElement {
  const rows = Object.entries(data).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, typeof value === "string" ? value : JSON.stringify(value))),
  );
  return make("dl", { class: "facts facts-one" }, ...rows);
}
