"""Readings of running cases: what is open for whom, how a case stands, what it went through."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from engine import (
    ClaimTask,
    Deploy,
    Engine,
    StartCase,
    SubmitTask,
    SuspendCase,
    WithdrawTask,
    entitlement,
    files_in,
)
from engine.clock import SetClock
from engine.errors import NotFound
from engine.reading import case as pages
from engine.reading import running
from engine.settings import Settings

FOLDERS = Path(__file__).parent / "foreign"
NOW = datetime(2026, 9, 14, 1, tzinfo=UTC)


@pytest.fixture
def engine(migrated_sqlite, tmp_path):
    shutil.copyfile(migrated_sqlite, tmp_path / "own.db")
    engine = Engine.open(
        f"sqlite:///{tmp_path / 'own.db'}", clock=SetClock(NOW), settings=Settings(data=tmp_path)
    )
    engine.found("anna", "ben")
    engine.handle(Deploy(files_in(FOLDERS / "support_ticket")), by="anna")
    engine.handle(Deploy(files_in(FOLDERS / "document_review")), by="anna")
    yield engine
    engine.database.dispose()


def start(engine, process, by="anna"):
    return engine.handle(StartCase(process), by=by).case


def do(engine, case, **answers):
    item = engine.read(running.open_items, case)[0]
    return engine.handle(SubmitTask(item.id, answers), by=item.who[0].removeprefix("person:"))


def test_open_items_are_those_of_everybody_of_one_case_or_of_one_person(engine):
    first, second = start(engine, "support_ticket"), start(engine, "support_ticket", by="ben")

    assert [item.case for item in engine.read(running.open_items)] == sorted([first, second])
    assert [item.case for item in engine.read(running.open_items, second)] == [second]
    assert [item.who for item in engine.read(running.open_items, by="ben")] == [("person:ben",)]


def test_an_item_says_what_it_is(engine):
    case = start(engine, "document_review")
    do(engine, case, reviewers=["Ann", "Bob"])
    item = engine.read(running.open_items, case)[1]
    engine.handle(ClaimTask(item.id), by="anna")

    item = engine.read(running.open_items, case)[1]

    assert (item.element, item.path, item.name, item.label) == ("review", "review[1]", "Review", "Bob")
    assert (item.form, item.claimed_by, item.due_on, item.opened_at) == ("", "anna", None, NOW)


def test_items_of_a_case_that_is_suspended_are_shown_only_where_it_is_named(engine):
    case = start(engine, "support_ticket")
    engine.handle(SuspendCase(case, "later"), by="anna")

    assert engine.read(running.open_items) == ()
    assert len(engine.read(running.open_items, case)) == 1


def test_waits_are_timers_by_their_due_times_and_messages_with_their_keys(engine):
    engine.handle(Deploy(files_in(FOLDERS / "hiring")), by="anna")
    case = start(engine, "hiring")
    do(engine, case)
    do(engine, case)

    timer, message = engine.read(running.waits, case)
    assert (timer.kind, timer.element, timer.due) == ("timer", "Event_late", NOW + timedelta(days=14))
    assert (message.kind, message.element, message.name) == ("message", "Event_yes", "offer accepted")
    engine.handle(Deploy(files_in(FOLDERS / "stock_alarm")), by="anna")
    signals = engine.read(running.waits, start(engine, "stock_alarm"))
    assert sorted((one.kind, one.element, one.name) for one in signals) == [
        ("signal", "Event_alarm", "alarm"),
        ("signal", "Event_clear", "all clear"),
    ]
    ticket = start(engine, "support_ticket")
    assert [wait.element for wait in engine.read(running.waits, ticket)] == ["Event_remind", "Event_late"]


def test_what_was_taken_back_stays_in_the_trace_and_counts_no_longer(engine):
    case = start(engine, "support_ticket")
    do(engine, case, pause="PT1H")
    assert engine.read(running.state, case) == "waiting"

    engine.handle(WithdrawTask(case, "wrong pause"), by="anna")

    trace = engine.read(running.trace, case)
    assert engine.read(running.state, case) == "active"
    assert {entry.element for entry in trace if entry.undone} == {"answer", "Event_cool"}
    assert (trace[0].seq, trace[0].element, trace[0].undone) == (1, "StartEvent_1", False)


def test_a_case_that_is_not_there_is_said_to_be_none(engine):
    for reading in (
        running.state,
        running.data,
        running.facts,
        running.waits,
        running.trace,
        running.incidents,
    ):
        with pytest.raises(NotFound):
            engine.read(reading, "nonsense")


def test_the_page_of_a_case_as_drawn_reads_its_history_once(engine):
    case = start(engine, "support_ticket")
    said = []
    event.listen(engine.database, "before_cursor_execute", lambda *told: said.append(told[2]))
    anna = engine.read(lambda reader: entitlement.actor(reader.db, "anna", reader.today))

    page = engine.read(pages.page, anna, case)

    assert page.matter.passed == len(engine.read(running.trace, case))
    histories = [text for text in said if "FROM event" in text and "event.body" in text]
    assert len(histories) == 1 + 1  # this page, and the trace it is compared with
