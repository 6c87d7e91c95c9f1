"""A case that cannot go on stops alone, with its state intact and a reason in its history."""

from datetime import timedelta
from functools import partial

import pytest

from engine import cases, definitions, incidents, journal, stories, worklist
from engine.audit import verify
from engine.commands import ClaimTask, ResumeCase, SuspendCase, WithdrawTask
from engine.database import writing
from engine.entitlement import SYSTEM
from engine.errors import Conflict, Refused
from engine.handlers import progress
from engine.reexecution import Reexecution, executed
from tests.engine import failing
from tests.engine.bpmn import sketch
from tests.engine.waiting import WaitingCases

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def waiting(engine):
    return WaitingCases(engine)


def stops_alone(engine, clock, waiting, healthy):
    """A case whose data are poison, in the middle of healthy ones, all due at the same time."""
    before = [waiting.start() for _ in range(healthy // 2)]
    poisoned = waiting.poison()
    after = [waiting.start() for _ in range(healthy - len(before))]
    clock.at += timedelta(days=6)

    assert engine.tick(healthy + 1) == healthy + 1
    assert engine.tick() == 0

    assert {waiting.status(case) for case in (*before, *after)} == {"active"}
    assert {len(waiting.fired(case)) for case in (*before, *after)} == {1}
    assert waiting.status(poisoned) == "incident"
    return poisoned


@pytest.mark.prove
def test_a_poisoned_case_stops_alone_amid_a_hundred(engine, clock, waiting):
    stops_alone(engine, clock, waiting, 100)


def test_a_poisoned_case_stops_alone(engine, clock, waiting):
    poisoned = stops_alone(engine, clock, waiting, 6)

    last = engine.read(lambda reader: list(journal.of_case(reader.db, poisoned)))[-1]
    assert last.type == "incident_opened"
    assert last.body["data"]["path"] == "divide"
    assert last.body["data"]["help"]


def test_a_mistake_of_ours_in_one_case_does_not_hold_up_the_others(engine, clock, waiting):
    broken, other = waiting.start(), waiting.start()
    with writing(engine.database) as db:
        cases.load(db, broken).state = b"no state at all"
    clock.at += timedelta(days=6)

    assert engine.tick() == 2

    assert (waiting.status(broken), waiting.status(other)) == ("incident", "active")
    with writing(engine.database) as db:  # so that the invariants hold again
        cases.load(db, broken).state = engine.read(rebuilt, broken).frozen


def rebuilt(reader, case):
    bodies = [event.body for event in journal.of_case(reader.db, case)]
    again = Reexecution(partial(definitions.model, reader.db))
    assert verify.reexecute(again, [body for body in bodies if executed(body)]) is None
    return again.before(len(bodies) + 1).step


def test_a_task_of_a_case_in_incident_is_refused_and_nothing_changes(engine, walker):
    walker.start()
    item = walker.item("register_topic")
    engine.small(stop, walker.case, engine.now())

    with pytest.raises(Conflict) as refusal:
        walker.do("register_topic")

    assert "运维" in refusal.value.message
    assert len(engine.read(lambda reader: list(journal.of_case(reader.db, walker.case)))) == 2
    assert engine.read(lambda reader: worklist.find(reader.db, item.id).status) == "open"


def stop(db, case, now):
    incidents.open_incident(db, cases.load_for_update(db, case), "x", Refused("试验"), SYSTEM, now)


def divides():
    """Fails while the number of households is 0."""
    return failing.after("submit", sketch.script("fail", "share = 100 // ask.households"))


def test_what_a_person_submitted_is_kept_when_a_script_after_it_fails(engine):
    case = failing.FailingCase(engine, divides())
    case.start()

    outcome = case.submit(key="once")

    assert progress.stopped(outcome)
    assert (case.status(), case.open()) == ("incident", ["ask"])
    told = case.last()
    assert told["type"] == "incident_opened"
    assert told["data"] | {"message": "", "help": ""} == {
        "path": "fail", "element": "fail", "name": "fail", "kind": "script",
        "message": "", "help": "", "rule": "", "asked": [],
    }  # fmt: skip
    assert "除数为零" in told["data"]["message"]
    assert told["pending"]["task"]["path"] == "ask"
    assert told["pending"]["data"]["households"] == 0
    assert told["pending"]["actor"] == told["actor"]
    assert told["actor"]["post"] == failing.SECRETARY
    assert "$personal" in told["pending"]["data"]["phone"]


def test_the_same_submission_sent_again_gets_the_same_answer(engine):
    case = failing.FailingCase(engine, divides())
    case.start()

    first = case.submit(key="once")

    assert case.submit(key="once") == first
    assert case.types() == ["case_started", "incident_opened"]


def hoarding(id, words):
    """A script that keeps more than half a megabyte, in different words: equal ones would be stored once."""
    return sketch.script(id, "\n".join(f"{id}{n} = '{word}' * 20000" for n, word in enumerate(words)))


TRIGGERS = ("start", "submit", "message", "timer")
THROWN = sketch.simple("error", "broken"), sketch.simple("escalation", "higher")
FAILURES = {
    # what fails → (drawn elements, kind, a word of what the operator reads, further declarations)
    "a script": ([sketch.script("fail", "x = 1 // 0")], "script", "除数为零", {}),
    "an endless script": (
        [sketch.script("fail", "n = 0\nfor a in range(500):\n    for b in range(500):\n        n = n + 1")],
        "script",
        "算得太久",
        {},
    ),
    "a script that hoards": ([sketch.script("fail", "x = '圆' * 100000000")], "script", "太长", {}),
    "a condition": (
        [sketch.xor("fail"), sketch.user("never"), sketch.flows("fail never: 1 // 0 > 0; never end")],
        "script",
        "除数为零",
        {},
    ),
    "a service operation": ([sketch.service("fail", "no/such")], "operation", "没有“no/such”", {}),
    "a timer expression": ([sketch.catch("fail", sketch.timer("'soon'"))], "script", "不是日期", {}),
    "an uncaught error": (
        [sketch.end("fail", THROWN[0])],
        "uncaught",
        "没有人接住",
        {"end": True, "errors": "broken"},
    ),
    "an uncaught escalation": (
        [sketch.end("fail", THROWN[1])],
        "uncaught",
        "没有人接住",
        {"end": True, "escalations": "higher"},
    ),
    "a join that nobody can fill any more": (
        [
            sketch.xor("pick", "pick-fail"),
            sketch.user("never"),
            sketch.both("fail"),
            sketch.flows("pick fail; pick never: 1 == 2; never fail"),
        ],
        "stuck",
        "再也等不齐",
        {"first": "pick"},
    ),
    "endless automatic steps": (
        [sketch.xor("fail"), sketch.script("again", "x = 1"), sketch.flows("fail again: True; again fail")],
        "limit",
        "300",
        {},
    ),
    "too much state": (
        [
            hoarding("before", "幸福圆桌议事大家商量着办"),
            hoarding("fail", "甲乙丙丁戊己庚辛壬癸子丑"),
            sketch.flows("before fail"),
        ],
        "limit",
        "1 MB",
        {"first": "before"},
    ),
    "too many repetitions": (
        [
            sketch.node(
                "scriptTask", "fail", sketch.many(cardinality="501") + "<bpmn:script>x = 1</bpmn:script>"
            )
        ],
        "limit",
        "501",
        {},
    ),
}


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_and_whatever_led_to_it_the_case_stops_intact_and_an_operator_is_told(
    engine, failure, trigger
):
    parts, kind, word, declared = FAILURES[failure]
    case = failing.FailingCase(engine, failing.after(trigger, *parts, **declared))

    case.trigger(trigger)

    told = case.last()
    assert case.status() == "incident"
    assert told["type"] == "incident_opened"
    assert told["data"]["kind"] == kind
    assert told["data"]["element"] in ("fail", "again")
    assert word in told["data"]["message"]
    assert told["pending"]["type"] == PENDING[trigger]
    assert engine.tick() == 0
    assert progress.stopped(case.retry("再试一次"))
    assert case.verdict().sound


PENDING = {
    "start": "case_started",
    "submit": "task_submitted",
    "message": "message_received",
    "timer": "timer_fired",
}


def test_a_stopped_case_is_neither_suspended_nor_resumed_nor_is_its_work_taken_up(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()
    item = case.items()[0].id

    for command, by in (
        (SuspendCase(case.case, "等等"), failing.SECRETARY),
        (ResumeCase(case.case, "好了"), failing.SECRETARY),
        (ClaimTask(item), failing.SECRETARY),
        (WithdrawTask(case.case, "写错了"), failing.SECRETARY),
    ):
        with pytest.raises(Conflict):
            engine.handle(command, by=by)
    assert case.types() == ["case_started", "incident_opened"]


def test_a_history_in_which_the_failure_was_rewritten_is_found(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()
    bodies = [dict(event.body) for event in case.events()]
    model = partial(engine.read, lambda reader, hash: definitions.model(reader.db, hash))

    for part, value in (("path", "ask"), ("kind", "limit"), ("asked", [["case/number", {}, "1"]])):
        told = {**bodies[1], "data": {**bodies[1]["data"], part: value}}
        assert verify.reexecute(Reexecution(model), [bodies[0], told]).seq == 2
    harmless = {**bodies[1], "pending": {**bodies[1]["pending"], "data": {"households": 4}}}
    assert verify.reexecute(Reexecution(model), [bodies[0], harmless]).seq == 2
    assert verify.reexecute(Reexecution(model), bodies) is None


def test_a_story_in_which_the_case_stops_says_why(bundle):
    path = "step1_topic.bpmn"
    broken = bundle.files[path].replace(b'topic_outcome = "accepted"', b"topic_outcome = 1 // 0")

    (played,) = stories.play_all(definitions.bundle_of({**bundle.files, path: broken}), "community_straight")

    assert "议题停了下来" in played.why
    assert "除数为零" in played.why
