"""Verification of the rows beside a history: whatever column of them is changed is found. Knows how to forge."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import inspect

from engine import (
    CancelCase,
    ClaimTask,
    CorrectFacts,
    DelegateTask,
    Deploy,
    ReleaseTask,
    ResumeCase,
    SendMessage,
    StartCase,
    SubmitTask,
    SuspendCase,
    directory,
    founding,
    subscriptions,
)
from engine.audit import verify
from engine.cases import Case
from engine.reading import running
from engine.subscriptions import Subscription
from engine.timers import Timer
from engine.worklist import Candidate, WorkItem
from tests.engine.bpmn import sketch
from web.cli import main

DRAWN = sketch.diagram(
    sketch.process(
        "main",
        sketch.start(),
        sketch.user("a"),
        sketch.user("b", due="3 working days"),
        sketch.boundary("late", "b", sketch.timer("P1D", "timeDuration"), False),
        sketch.end("slow"),
        sketch.boundary("told", "b", sketch.message("m"), False),
        sketch.end("heard"),
        sketch.end(),
        sketch.flows("start a b end; late slow; told heard"),
    ),
    messages="m",
)
ABOUT = """id = "kept"
title = "留存"
main = "main"
answers = "flat"
as_drawn = true
[facts]
unit = { title = "单位", set_at_start = true }
title = { title = "名称", set_at_start = true, correctable = true }
starter = { title = "发起人", set_at_start = true }
level = { title = "层级", correctable = true }
"""
# What somebody makes of a column that holds no text.
OTHER = {
    **dict.fromkeys(
        ("started_at", "changed_at", "ended_at", "created_at", "done_at", "due_at", "since"),
        "'2026-12-31 00:00:00.000000'",
    ),
    "due_on": "'2026-12-31'",
    "due_provisional": "NOT due_provisional",
    "done_seq": "77",
    "seq": "seq + 1",
    "facts": """'{"title": "x"}'""",
    "keys": """'{"k": "v"}'""",
    "hash": "'00'",
    "state": "x'00'",
    "definition_hash": "(SELECT hash FROM definition WHERE hash <> definition_hash)",
    "case_id": "(SELECT id FROM \"case\" WHERE title = '另一件')",
}
TEXT = "'x' || {}"
# A case is named by its id. `fresh` is a mark of the router, of which the history says nothing.
BESIDE = {(Case, "id"), (Subscription, "fresh")}
TABLES = (Case, WorkItem, Candidate, Timer, Subscription)


@pytest.fixture
def engine(engine_on_sqlite):
    engine = engine_on_sqlite
    for text_ in (ABOUT, ABOUT.replace("留存", "留着")):
        engine.handle(Deploy({"kept.bpmn": DRAWN, "process.toml": text_.encode()}), by="anna")
    engine.handle(StartCase("kept", title="另一件"), by="anna")
    return engine


@pytest.fixture
def case(engine):
    """One task is done, one waits; so do a timer and a message."""
    case = engine.handle(StartCase("kept", title="这一件"), by="anna").case
    engine.handle(SubmitTask(item_of(engine, case), {}), by="anna")
    return case


def item_of(engine, case):
    [item] = engine.read(running.open_items, case)
    return item.id


def said(engine, statement, **values):
    """Past the engine, as with the tools of the database: no foreign key stands in the way."""
    with closing(sqlite3.connect(engine.database.url.database)) as database, database:
        return database.execute(statement, values).fetchall()


def found(engine, case):
    finding = engine.read(verify.verify_case, case).finding
    return finding.what if finding else ""


def rows_of(engine, case, table):
    name = f'"{table.__tablename__}"'
    of = {
        Case: "id = :case",
        Candidate: "work_item IN (SELECT id FROM work_item WHERE case_id = :case)",
    }.get(table, "case_id = :case")
    rows = said(engine, f"SELECT rowid FROM {name} WHERE {of}", case=case)  # noqa: S608
    return name, [row for (row,) in rows]


def changed(engine, case, table):
    """Each row, column and other value of a table in turn; put back when the caller has looked."""
    name, rows = rows_of(engine, case, table)
    columns = [one for one in inspect(table).columns.keys() if (table, one) not in BESIDE]  # noqa: SIM118
    for row, column in product(rows, columns):
        which = f"UPDATE {name} SET {column} = {{}} WHERE rowid = :row"  # noqa: S608
        [(before,)] = said(engine, f"SELECT {column} FROM {name} WHERE rowid = :row", row=row)  # noqa: S608
        for other in (OTHER.get(column, TEXT.format(column)), "'x'", "CAST(x'FF' AS TEXT)"):
            said(engine, which.format(other), row=row, case=case)
            yield f"{column} = {other}"
            said(engine, which.format(":before"), row=row, before=before)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_whatever_is_changed_beside_a_history_is_found(engine, case, table):
    missed = [change for change in changed(engine, case, table) if not found(engine, case)]

    assert missed == []
    assert found(engine, case) == ""


def test_what_is_said_names_the_row_the_column_and_both_values(engine, case):
    said(engine, "UPDATE \"case\" SET status = 'completed', ended = 'cancelled' WHERE id = :case", case=case)
    assert found(engine, case) == "登记的状态是“completed”，按历史应是“active”"

    said(engine, "UPDATE \"case\" SET status = 'active', ended = '' WHERE id = :case", case=case)
    said(engine, "UPDATE work_item SET claimed_by = 'bob' WHERE case_id = :case AND path = 'b'", case=case)
    assert found(engine, case) == "待办「b」（b）的认领人是“bob”，按历史应是空"


@pytest.mark.parametrize("table", ["work_item", "timer", "subscription"])
def test_a_row_that_is_gone_is_found(engine, case, table):
    said(engine, f"DELETE FROM {table} WHERE case_id = :case AND path <> 'a'", case=case)  # noqa: S608

    assert "按历史应当有，现在没有" in found(engine, case)


def test_what_commands_change_is_followed(engine, case):
    item, reason = item_of(engine, case), "原因"
    for command in (
        ClaimTask(item),
        ReleaseTask(item),
        DelegateTask(item, "anna", reason),
        SuspendCase(case, reason),
        CorrectFacts(case, {"title": "改名"}, reason),
        SendMessage(case, "m", {}),
        ResumeCase(case, reason),
        CancelCase(case, reason),
    ):
        engine.handle(command, by="anna")
        assert found(engine, case) == "", command


def test_what_a_case_awaits_may_be_noted_as_an_earlier_release_did(engine, case):
    [(noted,)] = said(engine, 'SELECT awaits FROM "case" WHERE id = :case', case=case)
    before = subscriptions.mark_before(noted)
    said(engine, 'UPDATE "case" SET awaits = :before WHERE id = :case', before=before, case=case)
    assert found(engine, case) == ""

    engine.handle(SubmitTask(item_of(engine, case), {}), by="anna")

    assert said(engine, "SELECT path FROM subscription WHERE case_id = :case", case=case) == []
    assert found(engine, case) == ""


def test_whom_nobody_has_nominated_is_found_also_after_the_directory_has_changed(engine, case):
    item = item_of(engine, case)
    add = "INSERT INTO work_item_candidate (work_item, candidate) VALUES (:item, :who)"
    engine.clock.at += timedelta(days=1)
    told = directory.Directory(units=[{"id": "new", "name": "新", "kind": "community"}])
    engine.small(founding.import_directory, told, engine.now())
    assert found(engine, case) == ""

    said(engine, add, item=item, who="person:bob")

    assert (
        found(engine, case)
        == "待办「b」（b）的可办理人是“person:anna”、“person:bob”，按历史应是“person:anna”"
    )


def test_a_row_that_cannot_be_read_ends_no_verification_of_the_others(engine, case, capsys):
    said(engine, "UPDATE work_item SET created_at = 'x' WHERE case_id = :case", case=case)
    said(engine, "UPDATE \"case\" SET facts = 'x' WHERE title = :title", title="另一件")
    engine.handle(StartCase("kept", title="第三件"), by="anna")

    code = main(["verify", "--database", engine.database.url.render_as_string()])

    printed = capsys.readouterr().out
    assert code == 1
    assert "“这一件”：不一致。待办的登记读不出来" in printed
    assert "“另一件”：不一致。这一件的登记读不出来" in printed
    assert "“第三件”：一致" in printed
    assert "共核验3件，1件一致，2件不一致。" in printed
