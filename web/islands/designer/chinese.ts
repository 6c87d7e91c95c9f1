/** The canvas and the panel in Chinese. Records what has no translation, so that a test can ask for it. */

import type EventBus from "diagram-js/lib/core/EventBus";
import canvas from "bpmn-js-i18n-zh/lib/bpmn-js/index.js";
import panel from "bpmn-js-i18n-zh/lib/properties-panel/index.js";
import base from "bpmn-js-i18n/translations/zn.js";
import { WORDS } from "./words";

/** Without regard to capitals: menus say "Script task", the panel's head says "Script Task". */
const KNOWN = new Map(Object.entries({ ...base, ...canvas, ...panel, ...WORDS }).map(([key, said]) => [key.toLowerCase(), said]));
const missed = new Set<string>();

export const ChineseModule = {
  __init__: ["chineseMenus"],
  translate: ["value", translate],
  chineseMenus: ["type", nameMenus],
};

/** Words that were asked for and stayed as they were. */
export function missing(): string[] {
  return [...missed].sort();
}

export function translate(template: string, values: Record<string, string> = {}): string {
  const known = KNOWN.get(template.toLowerCase());
  if (known === undefined && /[A-Za-z]{2}/.test(template) && !/\p{Script=Han}/u.test(template)) missed.add(template);
  return (known ?? template).replace(/{([^}]+)}/g, (_, name: string) => values[name] ?? `{${name}}`);
}

/** diagram-js names the list of a menu in English, past `translate`. */
function nameMenus(eventBus: EventBus): void {
  eventBus.on("popupMenu.opened", () => {
    document.querySelectorAll(".djs-popup-results").forEach((list) => list.setAttribute("aria-label", "可选的类型"));
  });
}
nameMenus.$inject = ["eventBus"];
