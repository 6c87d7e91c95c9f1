/**
 * The extension elements that our diagrams share with the Spiff tools, as bpmn-moddle needs them.
 *
 * Complete on purpose: an element of this namespace that is not listed would be lost when a diagram is saved.
 */

interface Type {
  name: string;
  superClass: string[];
  properties: object[];
}

const attribute = (name: string): object => ({ name, type: "String", isAttr: true });
const child = (name: string, type: string): object => ({ name, type });
const children = (name: string, type: string): object => ({ name, type, isMany: true });
const type = (name: string, ...properties: object[]): Type => ({ name, superClass: ["Element"], properties });
const text = (name: string): Type => type(name, { name: "value", type: "String", isBody: true });

const TEXTS = [
  "InstructionsForEndUser", "PreScript", "PostScript", "CalledDecisionId", "MessagePayload", "MessageVariable", "PayloadExpression",
  "VariableName", "InputJson", "ExpectedOutputJson", "ScriptsOnInstances", "AllowGuest", "GuestConfirmation", "SignalButtonLabel",
  "IsOutputSynchronous", "Category",
];

export const moddle = {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  associations: [],
  types: [
    ...TEXTS.map(text),
    type("Properties", children("properties", "Property")),
    type("Property", attribute("name"), attribute("value")),
    type("ServiceTaskOperator", attribute("id"), attribute("resultVariable"), child("parameterList", "Parameters")),
    type("Parameters", children("parameters", "Parameter")),
    type("Parameter", attribute("id"), attribute("type"), attribute("value")),
    type("UnitTests", children("unitTests", "UnitTest")),
    type("UnitTest", attribute("id"), child("inputJson", "InputJson"), child("expectedOutputJson", "ExpectedOutputJson")),
    type("TaskMetadataValues", children("values", "TaskMetadataValue")),
    type("TaskMetadataValue", attribute("name"), attribute("value")),
  ],
};
