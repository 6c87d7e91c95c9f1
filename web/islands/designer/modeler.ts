/** Makes the bpmn-js Modeler as we use it: Chinese, our extension elements, our panel, our line breaks. */

import Modeler from "bpmn-js/lib/Modeler";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from "bpmn-js-properties-panel";
import { moddle } from "../diagram/moddle";
import { WrappingModule } from "../diagram/wrapping";
import { ChineseModule } from "./chinese";
import type { Options } from "./options";
import { RoundtablePanelModule } from "./panel/provider";
import { ReferencesModule } from "./references";
import { RefusedModule } from "./refused";

export function makeModeler(canvas: HTMLElement, panel: HTMLElement, roundtable: Options): Modeler {
  const settings = {
    container: canvas,
    propertiesPanel: { parent: panel, layout: { open: true } },
    roundtable,
    moddleExtensions: { spiffworkflow: moddle },
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, RoundtablePanelModule, ChineseModule, WrappingModule, ReferencesModule, RefusedModule,
    ],
  };
  return new Modeler(settings as ConstructorParameters<typeof Modeler>[0]);
}
