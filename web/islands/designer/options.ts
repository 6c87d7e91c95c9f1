/** What a page tells the designer about the procedure it draws: forms, diagrams, operations, messages. */

export interface Choice {
  id: string;
  title: string;
}
export interface Operation extends Choice {
  parameters?: Choice[];
}
export interface Options {
  forms: Choice[];
  diagrams: Choice[];
  operations: Operation[];
  messages: string[];
  performers: string[];
}

export function complete(given: Partial<Options>): Options {
  return { forms: [], diagrams: [], operations: [], messages: [], performers: [], ...given };
}
