"""Cases begin by a message, a signal or time, once each, and for whom."""

from datetime import timedelta

import pytest

from engine import journal
from engine.bpmn.check import check
from engine.bpmn.parse import load
from engine.commands import (
    Deploy,
    PublishMessage,
    SendSignal,
)
from engine.errors import Refused
from engine.reading import running, under_way
from tests.engine.bpmn import constructs, sketch
from tests.engine.conversing import ABOUT, asked, begun_by, heard, hearing


def test_a_message_begins_one_case_however_often_the_house_looks(engine, conversing):
    case = asked(conversing, 7)[7]

    for _ in range(3):
        engine.tick()

    (begun,) = conversing.of("answering")
    first = conversing.events(begun)[0]
    assert first["start"] == {
        "event": "begin",
        "payload": {"number": 7, "text": "请答复"},
        "correlation": {"order": 7},
    }
    assert first["source"]["case"] == case
    assert conversing.case(begun).unit_id == "u001"


def test_a_message_begins_a_case_of_each_procedure_that_begins_by_it(engine, talking):
    for name in ("one", "two"):
        talking.release(name, begun_by(name, sketch.message("notice")), messages="notice")

    engine.handle(PublishMessage("notice", {"n": 1}, unit="u001"), by="o_data.operator")
    engine.tick()
    engine.tick()

    assert [len(talking.of(name)) for name in ("one", "two")] == [1, 1]


def test_who_waits_already_comes_before_a_case_that_would_begin(engine, talking):
    talking.release("hearing", hearing(), messages="notice")
    talking.release("begun", begun_by("begun", sketch.message("notice")), messages="notice")
    case = talking.start("hearing")

    for number in (1, 2):
        engine.handle(PublishMessage("notice", {"n": number}, unit="u001"), by="o_data.operator")
        engine.tick()

    assert heard(talking, case) == [{"n": 1}]
    assert [talking.events(id)[0]["start"]["payload"] for id in talking.of("begun")] == [{"n": 2}]


def test_a_signal_reaches_all_who_wait_and_begins_those_that_begin_by_it(engine, talking):
    alarm = sketch.simple("signal", "alarm")
    talking.release("hearing", hearing(event=alarm), signals="alarm")
    talking.release("begun", begun_by("begun", alarm), signals="alarm")
    waiting = [talking.start("hearing") for _ in range(3)]

    engine.handle(SendSignal("alarm", key="a"), by="o_data.operator")
    late = talking.start("hearing")
    assert [wait.kind for wait in engine.read(running.waits, late)] == ["signal"]
    engine.tick()

    assert [talking.open(case) for case in waiting] == [["read"]] * 3
    assert talking.open(late) == []
    assert [talking.open(case) for case in talking.of("begun")] == [["look"]]
    assert talking.events(waiting[0])[1]["signal"] == "alarm"


def test_a_case_begins_by_hand_at_a_start_event_only_and_says_what_it_brought(engine, conversing):
    with pytest.raises(Refused, match="没有普通的开始事件"):
        conversing.start("answering")

    case = conversing.start("answering", at="begin", payload={"number": 3})

    assert conversing.open(case) == ["answer_it"]
    assert conversing.events(case)[0]["start"] == {"event": "begin", "payload": {"number": 3}}


@pytest.mark.parametrize("name", ["message_start", "signal_start", "timer_start"])
def test_a_procedure_that_passed_the_gate_begins_by_its_event(engine, clock, talking, name):
    given, _ = constructs.read(name)
    about = given.files["process.toml"].replace(b"title", b"as_drawn = true\ntitle", 1)
    engine.handle(Deploy({**given.files, "process.toml": about}), by="o_data.operator")
    (event,) = [one.event for one in load(given).starts]

    if event.kind == "message":
        engine.handle(PublishMessage(event.name, {"text": "路灯不亮"}, unit="u001"), by="o_data.operator")
    elif event.kind == "signal":
        engine.handle(SendSignal(event.name, unit="u001"), by="o_data.operator")
    else:
        clock.at = engine.next_due()
    engine.tick()

    (case,) = talking.of(name)
    assert talking.open(case) == ["a"]
    assert talking.case(case).unit_id == ("d01" if event.kind == "timer" else "u001")


def test_a_procedure_says_for_which_unit_its_cases_begin_by_themselves(engine, clock, talking):
    timed = begun_by("timed", sketch.timer("P1D", "timeDuration"))
    talking.release("timed", timed, declared='[start]\nunit = "u002"')

    clock.at += timedelta(days=1)
    engine.tick()

    (case,) = talking.of("timed")
    assert talking.case(case).unit_id == "u002"
    assert talking.events(case)[0]["source"] == {"due": journal.written(clock.at)}


def test_a_start_that_fails_begins_a_case_that_says_so(engine, talking):
    counting = sketch.process(
        "counting",
        sketch.node("startEvent", "begin", sketch.message("notice", variable="heard")),
        sketch.script("divide", "share = 100 // heard.n"),
        sketch.end(),
        sketch.flows("begin divide end"),
    )
    talking.release("counting", counting, messages="notice")

    engine.handle(PublishMessage("notice", {"n": 0}, unit="u001", key="0"), by="o_data.operator")
    engine.tick()
    engine.tick()

    (case,) = talking.of("counting")
    assert talking.case(case).status == "incident"


def test_a_cycle_begins_its_cases_in_order_also_those_missed(engine, clock, talking):
    talking.release("hourly", begun_by("hourly", sketch.timer("R3/PT1H", "timeCycle")))
    released = clock.at

    clock.at += timedelta(minutes=90)
    assert engine.tick() == 1
    clock.at += timedelta(days=1)
    engine.tick()

    due = [talking.events(case)[0]["source"]["due"] for case in talking.of("hourly")]
    assert sorted(due) == [journal.written(released + timedelta(hours=hours)) for hours in (1, 2, 3)]
    assert engine.tick() == 0
    assert engine.next_due() is None


def test_a_newer_release_takes_the_place_of_what_the_older_would_begin(engine, clock, talking):
    talking.release("timed", begun_by("timed", sketch.timer("P1D", "timeDuration")))
    clock.at += timedelta(hours=12)
    newer = talking.release("timed", begun_by("timed", sketch.timer("P2D", "timeDuration")))
    assert [start.rule for start in engine.read(under_way.starts)] == ["P2D"]

    clock.at += timedelta(days=1)
    assert engine.tick() == 0
    clock.at += timedelta(days=1)
    engine.tick()

    (case,) = talking.of("timed")
    assert talking.case(case).definition_hash == newer


def test_a_date_that_has_passed_at_the_release_begins_nothing(engine, clock, talking):
    at = "2026-09-15T09:00:00+08:00"
    talking.release("dated", begun_by("dated", sketch.timer(at)))
    clock.at += timedelta(days=2)
    engine.tick()
    talking.release("dated", begun_by("dated", sketch.timer(at)))
    engine.tick()

    (case,) = talking.of("dated")
    assert talking.case(case).title == "dated"


@pytest.mark.parametrize(
    ("rule", "kind", "refused"),
    [("P7D", "timeDuration", False), ("'R3/P1D'", "timeCycle", False), ("case.meeting_on", "timeDate", True)],
)
def test_a_start_time_says_itself_when_it_is(rule, kind, refused):
    drawn = sketch.diagram(begun_by("timed", sketch.timer(rule, kind)))
    given = sketch.bundle(drawn, about=ABOUT.format(name="timed", messages=""))

    told = [problem.message for problem in check(given) if "还没有办件" in problem.message]

    assert bool(told) is refused


def test_a_start_time_quoted_as_other_tools_do_is_understood(engine, clock, talking):
    talking.release("timed", begun_by("timed", sketch.timer("'P7D'", "timeDuration")))

    clock.at += timedelta(days=7)

    assert engine.tick() == 1
