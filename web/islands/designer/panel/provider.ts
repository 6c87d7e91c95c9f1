/** Puts our groups into the properties panel and takes out those of bpmn-js that we say better. */

import type BpmnFactory from "bpmn-js/lib/features/modeling/BpmnFactory";
import type Modeling from "bpmn-js/lib/features/modeling/Modeling";
import type { Element } from "bpmn-js/lib/model/Types";
import { translate } from "../chinese";
import type { Options } from "../options";
import { called, condition, hiddenScripts, script } from "./flows";
import { Pencil, type Moddle } from "./pencil";
import { repetition } from "./repetition";
import { service } from "./services";
import type { Maker } from "./sheet";
import { task } from "./tasks";
import { message, timer } from "./waits";

interface Panel {
  registerProvider(priority: number, provider: object): void;
}
interface AnyGroup {
  id: string;
}

const MAKERS: Maker[] = [task, condition, script, called, service, timer, message, repetition, hiddenScripts];
const REPLACED = ["timer", "message", "multiInstance"];
const AFTER_THEIRS = 500;

class RoundtableProvider {
  static $inject = ["propertiesPanel", "modeling", "bpmnFactory", "config.roundtable"];
  private readonly pencil: Pencil;

  constructor(panel: Panel, modeling: Modeling, factory: BpmnFactory, private readonly options: Options) {
    this.pencil = new Pencil(modeling, factory);
    panel.registerProvider(AFTER_THEIRS, this);
  }

  getGroups(element: Element): (groups: AnyGroup[]) => AnyGroup[] {
    const sheet = { element, model: element.businessObject as Moddle, pencil: this.pencil, options: this.options };
    const ours = MAKERS.map((maker) => maker(sheet)).filter((group) => group !== null);
    return (groups) => {
      const theirs = groups.filter(({ id }) => !REPLACED.includes(id));
      const all = [...theirs.slice(0, 1), ...ours, ...theirs.slice(1)];
      return all.map((group) => ({ ...group, translate })); // groups speak English unless told otherwise
    };
  }
}

export const RoundtablePanelModule = { __init__: ["roundtableProvider"], roundtableProvider: ["type", RoundtableProvider] };
