"""Small procedures that talk to each other: one asks, one answers; and what begins by a message, a signal or time.

`Talking` releases them, starts cases and tells what became of them. Knows no test.
"""

from sqlalchemy import select

from engine import cases, definitions, journal, start_timers, worklist
from engine.cases import Case
from engine.commands import StartCase, SubmitTask
from engine.messages import Message
from tests.engine.bpmn import sketch

ABOUT = """
id = "{name}"
title = "{name}"
main = "{name}"
as_drawn = true
answers = "flat"

[messages]
{messages}
"""
ORDER = sketch.correlation("order", request="number", reply="number", more="number")


def asking():
    """Says which number it has, asks, and shows what it was answered."""
    return sketch.process(
        "asking",
        sketch.start(),
        sketch.user("number_it"),
        sketch.throw("ask", sketch.message("request", "{'number': number, 'text': '请答复'}")),
        sketch.catch("hear", sketch.message("reply", variable="heard")),
        sketch.user("read"),
        sketch.end(),
        sketch.flows("start number_it ask hear read end"),
    )


def answering():
    """Begins by a request; what a person says goes back."""
    return sketch.process(
        "answering",
        sketch.node("startEvent", "begin", sketch.message("request", variable="asked"), name="来信"),
        sketch.user("answer_it"),
        sketch.throw("send", sketch.message("reply", "{'number': asked.number, 'text': text}")),
        sketch.end(),
        sketch.flows("begin answer_it send end"),
    )


def hearing(name="hearing", event=None, after="read"):
    """Waits for one event, then for a person."""
    return sketch.process(
        name,
        sketch.start(),
        sketch.catch("hear", event or sketch.message("notice", variable="heard")),
        sketch.user(after),
        sketch.end(),
        sketch.flows(f"start hear {after} end"),
    )


def begun_by(name, event, *parts, flows="begin look end"):
    return sketch.process(
        name,
        sketch.node("startEvent", "begin", event),
        sketch.user("look"),
        sketch.end(),
        *parts,
        sketch.flows(flows),
    )


def both_released(talking):
    talking.release("asking", asking(), messages="request reply", correlation=ORDER)
    talking.release("answering", answering(), messages="request reply", correlation=ORDER)
    return talking


def asked(conversing, *numbers):
    """A case that asks for each number; number → case."""
    cases = {number: conversing.start("asking") for number in numbers}
    for number, case in cases.items():
        conversing.do(case, "number_it", number=number)
    return cases


def begun(conversing):
    """The cases that a request has begun; number → case."""
    ids = conversing.of("answering")
    return {conversing.events(id)[0]["start"]["payload"]["number"]: id for id in ids}


def heard(talking, case):
    return [event.get("data") for event in talking.events(case) if event["type"].endswith("_received")]


class Talking:
    """Releases drawings beside the gate (they have no shapes); the rest goes through the engine's door."""

    def __init__(self, engine, unit="u001", by="u001.secretary"):
        self.engine, self.unit, self.by = engine, unit, by

    def release(self, name, process, messages="", signals="", declared="", correlation=""):
        drawn = sketch.diagram(correlation, process, messages=messages, signals=signals)
        about = ABOUT.format(name=name, messages=declared)
        bundle = sketch.bundle(drawn, about=about)
        return self.engine.small(_release, name, bundle, self.engine.now())

    def start(self, name, **more):
        return self.engine.handle(StartCase(name, self.unit, name, **more), by=self.by).case

    def do(self, case, element, **answers):
        item = self.open_items(case)[element]
        return self.engine.handle(SubmitTask(item, answers), by=self.by)

    def open_items(self, case):
        items = self.engine.read(lambda reader: worklist.open_items(reader.db, case))
        return {item.element: item.id for item in items}

    def open(self, case):
        return sorted(self.open_items(case))

    def of(self, process):
        """Ids of the cases of a procedure, oldest first."""
        query = select(Case.id).where(Case.process == process).order_by(Case.started_at, Case.id)
        return self.engine.read(lambda reader: list(reader.db.scalars(query)))

    def case(self, id):
        return self.engine.read(lambda reader: cases.load(reader.db, id))

    def events(self, case, type=""):
        history = self.engine.read(lambda reader: list(journal.of_case(reader.db, case)))
        return [event.body for event in history if type in ("", event.type)]

    def messages(self, *status):
        query = select(Message).order_by(Message.sent_at, Message.id)
        rows = self.engine.read(lambda reader: list(reader.db.scalars(query)))
        return [row for row in rows if not status or row.status in status]


def _release(db, process, drawn, at):
    bundle = definitions.bundle_of(drawn.files)
    definitions.store(db, process, bundle)
    definitions.release(db, process, bundle.hash, at, "测试", "", {})
    start_timers.arm(db, process, bundle.hash, definitions.model(db, bundle.hash).starts, at)
    return bundle.hash
