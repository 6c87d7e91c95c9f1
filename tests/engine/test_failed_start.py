"""A case that stops in its very first event has no state: every door says so in words, and what can be mended is."""

import json
import re

import pytest

from engine import CancelCase, CorrectData, Deploy, StartCase, SuspendCase, files_in
from engine.audit import verify
from engine.commands import CorrectFacts, MoveCase, PublishMessage, RetryIncident, UndoMove
from engine.errors import Conflict, FormRejected, Refused
from engine.reading import running
from tests.engine import failing, invariants
from tests.engine.bpmn import sketch
from tests.engine.conversing import Talking
from web.cli import main


@pytest.fixture
def engine(engine_on_sqlite, tmp_path):
    engine_on_sqlite.handle(Deploy(files_in(failing.folder(tmp_path, "x = 12 // n"))), by="anna")
    yield engine_on_sqlite
    invariants.check(engine_on_sqlite)


@pytest.fixture
def case(engine):
    """Stopped at once: it was to divide by the 0 it was given."""
    return engine.handle(StartCase("first", payload={"n": 0, "of": {"house": "a"}}), by="anna").case


def correct(engine, case, data):
    return engine.handle(CorrectData(case, data, "given wrongly"), by="anna")


def test_its_readings_tell_what_was_given_and_that_nothing_waits(engine, case):
    assert engine.read(running.state, case) == "incident"
    assert engine.read(running.data, case) == {"n": 0, "of": {"house": "a"}}
    assert engine.read(running.facts, case)["starter"] == "anna"
    assert engine.read(running.waits, case) == engine.read(running.trace, case) == ()
    assert engine.read(running.open_items, case) == ()
    assert [stop.path for stop in engine.read(running.incidents, case)] == ["fail"]


def test_what_was_given_is_corrected_and_the_retry_starts_with_it(engine, case):
    correct(engine, case, {"n": 4})
    assert engine.read(running.data, case) == {"n": 4, "of": {"house": "a"}}

    engine.handle(RetryIncident(case, "corrected"), by="anna")

    assert engine.read(running.state, case) == "active"
    assert engine.read(running.data, case) == {"n": 4, "of": {"house": "a"}, "x": 3}
    assert engine.read(verify.verify_case, case).sound


@pytest.fixture
def begun(engine):
    """Begun by a message, and stopped at once: it was to divide by the 0 that the message brought."""
    talking = Talking(engine, by="anna")
    counting = sketch.process(
        "counting", sketch.node("startEvent", "begin", sketch.message("notice", variable="heard")),
        sketch.script("divide", "share = 100 // heard.n"), sketch.catch("hear", sketch.message("more")), sketch.end(),
        sketch.flows("begin divide hear end"),
    )  # fmt: skip
    keys = sketch.correlation("order", notice="of", more="of")
    talking.release("counting", counting, messages="notice more", correlation=keys)
    engine.handle(PublishMessage("notice", {"n": 0, "of": 7}), by="anna")
    engine.tick()
    return talking.of("counting")[0]


def test_what_its_start_event_brought_is_corrected_with_its_keys_and_the_retry_starts_with_it(engine, begun):
    assert engine.read(running.data, begun) == {"begin": {"n": 0, "of": 7}}
    correct(engine, begun, {"begin": {"n": 4, "of": 8}})
    assert engine.read(running.data, begun) == {"begin": {"n": 4, "of": 8}}

    engine.handle(RetryIncident(begun, "corrected"), by="anna")

    assert engine.read(running.data, begun) == {"heard": {"n": 4, "of": 8}, "share": 25}
    engine.handle(PublishMessage("more", {"of": 7}), by="anna")
    engine.tick()
    assert engine.read(running.state, begun) == "waiting"
    engine.handle(PublishMessage("more", {"of": 8}), by="anna")
    engine.tick()
    assert engine.read(running.state, begun) == "completed"
    assert engine.read(verify.verify_case, begun).sound


@pytest.mark.parametrize(
    "data", [{"begin": {"n": 0.5}}, {"begin": 3}, {"notice": {"n": 1}}, {"begin": {"n": 1}, "x": 1}]
)
def test_what_no_start_event_could_bring_is_no_correction(engine, begun, data):
    """A number has no key to be read; a float cannot be taken in; a start event is named by its id, and alone."""
    with pytest.raises(Refused) as refusal:
        correct(engine, begun, data)

    assert refusal.value.help
    assert engine.read(running.data, begun) == {"begin": {"n": 0, "of": 7}}


@pytest.mark.parametrize(
    "data",
    [{"unknown": 1}, {"z": {"x": 1}}, {"n": 1, "unknown": 1}, {}, {"case": 3}, {"case": {"unit": "x"}}],
)
def test_a_correction_of_anything_else_is_refused_with_what_helps(engine, case, data):
    with pytest.raises(Refused) as refusal:
        correct(engine, case, data)

    assert refusal.value.message
    assert refusal.value.help
    assert engine.read(running.data, case)["n"] == 0


def test_a_corrected_value_must_be_one_that_a_start_could_bring(engine, case):
    with pytest.raises(FormRejected):
        correct(engine, case, {"n": 1.5})


def test_every_other_command_on_it_is_refused_in_words(engine, case, tmp_path):
    engine.handle(Deploy(files_in(failing.folder(tmp_path, "x = 1"))), by="anna")

    for command, kind in (
        (SuspendCase(case, "wait"), Conflict),
        (UndoMove(case, "wrong"), Conflict),
        (MoveCase(case, "2", "mended"), Refused),
        (CorrectFacts(case, {"unit": "x"}, "wrong"), Refused),
    ):
        with pytest.raises(kind):
            engine.handle(command, by="anna")


def test_a_message_to_nobody_in_particular_passes_it_by(engine, case):
    engine.handle(PublishMessage("go", {}), by="anna")

    assert engine.tick() == 0
    assert engine.read(running.state, case) == "incident"


def test_cancelled_it_still_reads(engine, case):
    engine.handle(CancelCase(case, "drawn wrongly"), by="anna")

    assert engine.read(running.state, case) == "cancelled"
    assert engine.read(running.waits, case) == ()
    assert engine.read(running.data, case) == {}


def test_the_command_line_shows_it_and_everything_around_it(capsys, tmp_path):
    def say(*words):
        code = main([*map(str, words), "--data", str(tmp_path / "data")])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert say("deploy", failing.folder(tmp_path), "--as", "anna")[0] == 0
    code, told = say("start", "first", "--json", json.dumps({"n": 7}))
    assert (code, "除数为零" in told) == (1, True)
    case = re.search("已发起：(.+)", told)[1]

    code, told = say("show", case)

    assert code == 0
    assert "停下：fail" in told
    assert '数据：{"n": 7}' in told
    assert say("tasks")[0] == say("tasks", "--case", case)[0] == say("verify", case)[0] == 0
    assert case in say("cases")[1]
    code, told = say("move", "first", "--case", case, "--to", "1", "--by", "anna", "--reason", "mended")
    assert (code, "还没有开始" in told) == (1, True)
