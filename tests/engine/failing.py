"""Small procedures that fail where a test wants them to, and their cases. Knows no test."""

import json
from datetime import timedelta

from engine import cases, definitions, incidents, journal, worklist
from engine.audit import verify
from engine.commands import (
    CorrectData,
    CorrectFacts,
    GiveBackSubmission,
    ResumeCase,
    RetryIncident,
    SendMessage,
    StartCase,
    SubmitTask,
    SuspendCase,
)
from tests.engine.bpmn import sketch

SECRETARY, OPERATOR = "u001.secretary", "o_data.operator"
GIVEN = ("unit", "title", "submissions", "mentions", "channel", "direction")
ABOUT = """
id = "failing"
title = "会出错的流程"
main = "main"

[start]
roles = ["community_party_org"]

[messages.go]
title = "继续"
from = "outside"

[facts]
divisor = { title = "除数", correctable = true }
platform = { title = "平台", correctable = true, values = { party_cloud = "党建云" } }
number = { title = "编号" }
""" + "".join(f"{fact} = {{ set_at_start = true, correctable = true }}\n" for fact in GIVEN)
FORM = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "title": "填报",
    "additionalProperties": False,
    "required": ["households"],
    "properties": {
        "households": {"type": "integer", "title": "户数"},
        "phone": {
            "type": "string",
            "title": "电话",
            "x-personal": {"purpose": "回访", "retention_days": 30},
        },
    },
}
PLANE = (  # an empty picture: pages show it without complaint
    '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" id="picture">'
    '<di:BPMNPlane id="plane" bpmnElement="main"/></di:BPMNDiagram>'
)
ANSWERS = {"households": 0, "phone": "13800000000"}


def drawn(*parts, ask=FORM, head="", about="", messages="", **declared):
    """A bundle of one process, whose tasks `ask` and `look` have the form; `about` is added to process.toml."""
    process = sketch.process("main", *parts)
    forms = {f"forms__main__{task}-schema.json": json.dumps(form).encode() for task, form in _forms(ask)}
    return sketch.bundle(
        sketch.diagram(process, PLANE, messages=f"go {messages}", **declared),
        about=head + ABOUT + about,
        **forms,
    )


def after(trigger, *failing, end=None, first="fail", **declared):
    """`fail` (or what leads to it, `first`) comes after a start, a task, a message or a timer; then `look`."""
    before = {
        "start": "",
        "submit": sketch.user("ask"),
        "message": sketch.catch("wait", sketch.message("go")),
        "timer": sketch.catch("pause", sketch.timer("P5D", "timeDuration")),
    }[trigger]
    leading = {"start": "", "submit": "ask", "message": "wait", "timer": "pause"}[trigger]
    line = sketch.flows(f"start {leading} {first}") + ("" if end else sketch.flows("fail look end"))
    rest = () if end else (sketch.user("look"), sketch.end())
    return drawn(sketch.start(), before, *failing, *rest, line, **declared)


class FailingCase:
    """A case of a released bundle, and what an operator does with it."""

    def __init__(self, engine, bundle):
        self.engine = engine
        engine.small(release, bundle, engine.now())
        self.case = ""

    def start(self, mentions=1):
        command = StartCase("failing", "u001", "试验", channel="hotline", mentions=mentions)
        outcome = self.engine.handle(command, by=SECRETARY)
        self.case = outcome.case
        return outcome

    def submit(self, element="ask", key="", **answers):
        item = next(item for item in self.items() if item.element == element)
        return self.engine.handle(SubmitTask(item.id, {**ANSWERS, **answers}, key=key), by=SECRETARY)

    def trigger(self, by):
        """Start the case and do what leads to its failing element: start, submit, message or timer."""
        outcome = self.start()
        if by == "submit":
            outcome = self.submit()
        elif by == "message":
            outcome = self.tell()
        elif by == "timer":
            self.engine.clock.at += timedelta(days=6)
            assert self.engine.tick() == 1
        return outcome

    def tell(self, key="", **payload):
        return self.engine.handle(SendMessage(self.case, "go", payload, key=key), by=SECRETARY)

    def suspend(self):
        return self.engine.handle(SuspendCase(self.case, "等上级意见"), by=SECRETARY)

    def resume(self):
        return self.engine.handle(ResumeCase(self.case, "意见已到"), by=SECRETARY)

    def put_right(self, **data):
        return self.engine.handle(CorrectData(self.case, data, "填报有误"), by=OPERATOR)

    def give_back(self):
        return self.engine.handle(GiveBackSubmission(self.case, "户数不能为零，请核对"), by=OPERATOR)

    def retry(self, reason="已查明"):
        return self.engine.handle(RetryIncident(self.case, reason), by=OPERATOR)

    def correct(self, **facts):
        return self.engine.handle(CorrectFacts(self.case, facts, "登记有误"), by=OPERATOR)

    def items(self):
        return self.engine.read(lambda reader: worklist.open_items(reader.db, self.case))

    def open(self):
        return [item.element for item in self.items()]

    def status(self):
        return self.engine.read(lambda reader: cases.load(reader.db, self.case).status)

    def events(self):
        return self.engine.read(lambda reader: list(journal.of_case(reader.db, self.case)))

    def last(self):
        return self.events()[-1].body

    def types(self):
        return [event.type for event in self.events()]

    def pending(self):
        return self.engine.read(lambda reader: incidents.pending(reader.db, self.case))

    def verdict(self):
        return self.engine.read(verify.verify_case, self.case)


def _forms(ask):
    return (("ask", ask), ("look", FORM))


def release(db, bundle, at):
    """Beside the gate and the district's stream: the gate asks for a drawing, which these diagrams have not."""
    stored = definitions.bundle_of(bundle.files)
    definitions.store(db, "failing", stored)
    definitions.release(db, "failing", stored.hash, at, "测试", "", {})
    return stored.hash


PLAIN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <message id="m" name="go"/>
  <process id="first" isExecutable="true">
    <startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="fail"/>
    <scriptTask id="fail"><script>{script}</script></scriptTask>
    <sequenceFlow id="f2" sourceRef="fail" targetRef="z"/><userTask id="z"/>
    <sequenceFlow id="f3" sourceRef="z" targetRef="wait"/>
    <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
    <sequenceFlow id="f4" sourceRef="wait" targetRef="finish"/><endEvent id="finish"/>
  </process>
</definitions>"""


def folder(parent, script="x = 1 // 0"):
    """A folder without process.toml; its procedure `first` runs the script before anybody has done anything."""
    made = parent / "first"
    made.mkdir(exist_ok=True)
    (made / "first.bpmn").write_text(PLAIN.format(script=script))
    return made
