/** The canvas and the panel in Chinese. Records what has no translation, so that a test can ask for it. */

import canvas from "bpmn-js-i18n-zh/lib/bpmn-js/index.js";
import panel from "bpmn-js-i18n-zh/lib/properties-panel/index.js";
import base from "bpmn-js-i18n/translations/zn.js";
import { WORDS } from "./words";

const KNOWN: Record<string, string> = { ...base, ...canvas, ...panel, ...WORDS };
const missed = new Set<string>();

export const ChineseModule = { translate: ["value", translate] };

/** Words that were asked for and stayed as they were. */
export function missing(): string[] {
  return [...missed].sort();
}

function translate(template: string, values: Record<string, string> = {}): string {
  const known = Object.prototype.hasOwnProperty.call(KNOWN, template) ? KNOWN[template] : undefined;
  if (known === undefined && /[A-Za-z]{2}/.test(template) && !/\p{Script=Han}/u.test(template)) missed.add(template);
  return (known ?? template).replace(/{([^}]+)}/g, (_, name: string) => values[name] ?? `{${name}}`);
}
