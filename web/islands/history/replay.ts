/** What a case looked like after each of its events. Pure: no page, no diagram. */

import type { Mark } from "../diagram/marks";

export interface Trace {
  element: string;
  diagram: string;
  what: "entered" | "left" | "cancelled";
  flow?: string;
}
export interface Open {
  element: string;
  diagram: string;
  name: string;
}
export interface Version {
  id: string;
  title: string;
  /** `elements` (id, title) are given where a file has no shapes: they are listed instead of drawn. */
  diagrams: Record<string, { title: string; url: string; elements?: [string, string][] }>;
}
export interface HistoryEvent {
  seq: number;
  /** The version in force after the event. */
  version: string;
  at: string;
  title: string;
  actor?: string;
  post?: string;
  diagram?: string;
  trace: Trace[];
  active: Open[];
  /** After it the case waits for an operator. */
  stopped?: boolean;
  /** A return: the case stands again as before this event. */
  back_to?: number;
  data_html?: string;
  data?: unknown;
  url?: string;
}
export interface History {
  events: HistoryEvent[];
  versions: Version[];
}
export interface Picture {
  marks: Mark[];
  flows: string[];
}

/** Marks and taken flows of one diagram after the event at `index`: computed anew each time, which is quick. */
export function pictureOf(history: History, index: number, diagram: string): Picture {
  const states = new Map<string, Mark["state"]>();
  const flows = new Set<string>();
  for (const entry of counted(history.events.slice(0, index + 1)).flatMap((event) => event.trace)) {
    if (entry.diagram !== diagram) continue;
    if (entry.flow) flows.add(entry.flow);
    if (entry.what === "entered") states.delete(entry.element);
    else states.set(entry.element, entry.what === "left" ? "done" : "cancelled");
  }
  for (const { element } of openIn(history, index, diagram)) states.set(element, "active");
  return { marks: Array.from(states, ([element, state]) => ({ element, state })), flows: [...flows] };
}

/** Without the events that a later return went back over. */
export function counted(events: HistoryEvent[]): HistoryEvent[] {
  return events.reduce<HistoryEvent[]>((kept, event) => {
    const back = event.back_to ?? 0;
    return [...(back > 0 ? kept.filter((each) => each.seq < back) : kept), event];
  }, []);
}

/** The version in force after the event at `index`, with its drawings. */
export function versionAt(history: History, index: number): Version {
  const id = history.events[index]?.version;
  return history.versions.find((version) => version.id === id) ?? { id: "", title: "", diagrams: {} };
}

/** The diagram to show at an event: the one it names, else where its trace ended, else as before. */
export function diagramOf(history: History, index: number): string {
  const { diagrams } = versionAt(history, index);
  for (const event of history.events.slice(0, index + 1).reverse()) {
    const named = [event.diagram, ...event.trace.map((entry) => entry.diagram).reverse()];
    const found = named.find((id) => id && id in diagrams);
    if (found) return found;
  }
  return Object.keys(diagrams)[0] ?? "";
}

export function openIn(history: History, index: number, diagram: string): Open[] {
  return (history.events[index]?.active ?? []).filter((open) => open.diagram === diagram);
}
