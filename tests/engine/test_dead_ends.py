"""A case that nothing can ever move again stops in an incident that names the place; it does not wait for nothing."""

from dataclasses import replace

import pytest

from engine.bpmn.parse import load
from engine.bpmn.step import Bundle
from engine.commands import MoveCase, PublishMessage
from engine.entitlement import SYSTEM
from engine.errors import DeadEnd, Refused
from engine.handlers import progress
from engine.incidents import OPENED
from engine.operations import Played
from engine.reading import moving, running
from engine.reexecution import Reexecution
from tests.engine import failing
from tests.engine.bpmn import sketch
from tests.engine.conversing import Talking

pytestmark = pytest.mark.usefixtures("sound")

OPERATOR = "o_data.operator"


def meeting_by_choice():
    """Two branches meet that the answers may have parted: one of them goes to another end for `households == 0`."""
    return failing.drawn(
        sketch.start(), sketch.user("ask", name="填报"), sketch.both("fork"), sketch.xor("pick", "pick-meet"),
        sketch.node("parallelGateway", "meet", name="汇合"), sketch.user("look"), sketch.end(), sketch.end("aside"),
        sketch.flows(
            "start ask fork pick meet look end; fork meet; pick aside: ask.households == 0"
        ),
    )  # fmt: skip


def test_a_join_that_a_branch_has_gone_past_stops_the_case_there_and_says_what_is_missing(engine):
    case = failing.FailingCase(engine, meeting_by_choice())
    case.start()

    case.submit(households=0)

    assert (case.status(), case.open()) == ("incident", ["ask"])
    told = case.last()["data"]
    assert (told["kind"], told["path"], told["element"]) == ("stuck", "meet", "meet")
    assert told["message"] == "「汇合」再也等不齐：从「pick」来的一路不会有人到了，办件走不下去"
    assert "更正" in told["help"]


def test_the_answers_that_led_there_are_corrected_and_the_case_goes_on(engine):
    case = failing.FailingCase(engine, meeting_by_choice())
    case.start()
    case.submit(households=0)

    case.put_right(ask={"households": 3})
    case.retry()

    assert (case.status(), case.open()) == ("active", ["look"])


def test_the_submission_that_led_there_is_given_back(engine):
    case = failing.FailingCase(engine, meeting_by_choice())
    case.start()
    case.submit(households=0)

    case.give_back()
    case.submit(households=1)

    assert (case.status(), case.open()) == ("active", ["look"])


def test_what_is_tried_again_without_a_change_stops_again(engine):
    case = failing.FailingCase(engine, meeting_by_choice())
    case.start()
    case.submit(households=0)

    case.retry()

    assert case.status() == "incident"
    assert case.types().count(OPENED) == 2


def test_of_two_message_starts_before_a_join_neither_begins_a_case_that_waits_for_nothing(engine):
    talking = Talking(engine)
    drawn = sketch.process(
        "twice", sketch.node("startEvent", "by_letter", sketch.message("letter")),
        sketch.node("startEvent", "by_call", sketch.message("call")), sketch.both("meet"), sketch.user("look"),
        sketch.end(), sketch.flows("by_letter meet look end; by_call meet"),
    )  # fmt: skip
    talking.release("twice", drawn, messages="letter call")

    engine.handle(PublishMessage("letter", {}, unit="u001"), by=OPERATOR)
    engine.tick()

    (case,) = talking.of("twice")
    assert engine.read(running.state, case) == "incident"
    (stop,) = engine.read(running.incidents, case)
    assert (stop.path, stop.message[:11]) == ("meet", "「meet」再也等不齐")


def test_inclusive_joins_that_wait_for_each_other_stop_the_case(engine):
    parts = (
        sketch.start(), sketch.both("fork"), sketch.some("one"), sketch.some("other"), sketch.xor("x", "x-end"),
        sketch.xor("y", "y-end"), sketch.user("ask"), sketch.user("look"), sketch.end(),
        sketch.flows("start fork one ask x end; fork other look y end; x other: 1 == 2; y one: 1 == 2"),
    )  # fmt: skip
    case = failing.FailingCase(engine, failing.drawn(*parts))

    case.start()

    assert (case.status(), case.last()["data"]["kind"]) == ("incident", "stuck")


def test_a_case_in_which_one_branch_is_stuck_goes_on_as_long_as_another_can(engine):
    parts = (
        sketch.start(), sketch.both("fork"), sketch.xor("pick", "pick-aside"), sketch.both("meet"),
        sketch.user("ask"), sketch.user("look"), sketch.end(), sketch.end("aside"), sketch.end("done"),
        sketch.flows("start fork meet look end; fork pick aside; pick meet: 1 == 2; fork ask done"),
    )  # fmt: skip
    case = failing.FailingCase(engine, failing.drawn(*parts))

    case.start()
    assert (case.status(), case.open()) == ("active", ["ask"])
    case.submit()

    assert (case.status(), case.last()["data"]["path"]) == ("incident", "meet")


def test_who_waits_for_time_a_message_or_a_signal_is_not_stuck(engine):
    waits = {
        "timer": sketch.timer("P5D", "timeDuration"),
        "message": sketch.message("letter"),
        "signal": sketch.simple("signal", "alarm"),
    }
    talking = Talking(engine)

    for kind, event in waits.items():
        drawn = sketch.process(
            f"by_{kind}",
            sketch.start(),
            sketch.catch("hear", event),
            sketch.end(),
            sketch.flows("start hear end"),
        )
        talking.release(f"by_{kind}", drawn, messages="letter", signals="alarm")

        assert engine.read(running.state, talking.start(f"by_{kind}")) == "waiting"


def test_what_was_recorded_before_is_executed_again_as_it_was():
    again = Reexecution(lambda _: load(meeting_by_choice()))
    common = {"case": "c", "at": "2026-09-14T01:00:00.000000Z", "definition": "d"}
    submitted = {"type": "task_submitted", "task": {"path": "ask"}, "data": {"households": 0}}

    again.execute({**common, "seq": 1, "type": "case_started", "data": {}}, Played([]))
    step = again.execute({**common, "seq": 2, **submitted}, Played([]))

    assert (step.items, step.ended) == ((), "")


@pytest.fixture
def left_standing(engine, monkeypatch):
    """A case that was recorded in a dead end, as a release before the check did."""
    case = failing.FailingCase(engine, meeting_by_choice())
    with monkeypatch.context() as before:
        before.setattr(progress, "check_goes_on", lambda model, step: None)
        case.start()
        case.submit(households=0)
    assert (case.status(), case.open()) == ("active", [])
    return case


def test_a_correction_that_leaves_a_case_in_a_dead_end_is_refused(left_standing):
    with pytest.raises(DeadEnd, match="再也等不齐"):
        left_standing.correct(title="改个名称")

    assert left_standing.types() == ["case_started", "task_submitted"]


def test_a_version_on_which_a_case_could_only_stand_for_ever_is_refused_in_the_dry_run_and_the_move(
    engine, left_standing
):
    renamed = meeting_by_choice().files["diagram0.bpmn"].replace("填报".encode(), "登记".encode())
    bundle = meeting_by_choice()
    to = engine.small(failing.release, Bundle({**bundle.files, "diagram0.bpmn": renamed}, ""), engine.now())

    (told,) = engine.read(
        moving.dry_run, replace(SYSTEM, roles=frozenset({"operator"})), "failing", case=left_standing.case
    ).lines
    with pytest.raises(Refused, match="再也等不齐"):
        engine.handle(MoveCase(left_standing.case, to, "图已改正"), by=OPERATOR)

    assert [refusal.message for refusal in told.refusals] == [
        "「汇合」再也等不齐：从「pick」来的一路不会有人到了，办件走不下去"
    ]
    assert left_standing.types() == ["case_started", "task_submitted"]
