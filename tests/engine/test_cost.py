"""What a completed task costs: one transaction, one commit, few statements. Counted on both databases, never timed.

Counted is what reaches a cursor; a batch of rows is one statement. SQLite's BEGIN reaches it too and is left out, as
PostgreSQL's does not; COMMIT does on neither.
"""

import re
import tomllib
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import event

from engine import drafts, entitlement, stories, worklist
from engine.bench import counting, procedures
from engine.commands import Deploy, StartCase, SubmitTask
from engine.demo import making
from engine.engine import Engine
from engine.entitlement import SYSTEM
from tests.engine.conftest import UNIT

STRAIGHT_ON = [
    "SELECT appointment",  # who acts, in which post, today
    "SELECT case",  # locked
    "SELECT work_item",  # all that is open in it, to whom this one is offered, and the calendar in force
    "SELECT unit",  # up the line, who carries the next role
    # From here all is written in one go, with the COMMIT:
    "DELETE draft",
    "INSERT event",
    "UPDATE case",
    "INSERT work_item",  # the next one; the one that was done is brought up to date with it
    "INSERT work_item_candidate",
    "INSERT answered",
]
MOST = 12
# Eight that every task needs; and it looks at the photographs, allots the number of the notice, puts it on the board,
# sets its time and awaits objections: five tables that nothing else of the task touches.
BEYOND = {"publish_notice": 13}
STORIES = {
    path.name: tomllib.loads(path.read_text())
    for path in sorted((making.ROOT / "processes" / "roundtable").glob("*.story.toml"))
}


@dataclass
class Cost:
    task: str
    statements: list[str] = field(default_factory=list)
    begun: int = 0
    ended: list[str] = field(default_factory=list)


class Counted:
    """Every task that is done through `engine.handle`, by somebody who has signed in before, with a key."""

    def __init__(self, engine):
        self.engine, self.costs, self.now = engine, [], None
        event.listen(engine.database, "before_cursor_execute", lambda *told: self._said(told[2]))
        event.listen(engine.database, "begin", lambda _: self._begun())
        event.listen(engine.database, "commit", lambda _: self._ended("commit"))
        event.listen(engine.database, "rollback", lambda _: self._ended("rollback"))

    def handle(self, command, *, by):
        if not isinstance(command, SubmitTask):
            return Engine.handle(self.engine, command, by=by)
        actor = self.engine.read(lambda reader: entitlement.actor(reader.db, by, reader.today))
        keyed = replace(command, key=f"key-{len(self.costs)}")
        self.now = Cost(command.work_item)
        try:
            return Engine.handle(self.engine, keyed, by=actor)
        finally:
            self.costs.append(self.now)
            self.now = None

    def _said(self, statement):
        if self.now and not statement.startswith("BEGIN"):
            self.now.statements.append(in_short(statement))

    def _begun(self):
        if self.now:
            self.now.begun += 1

    def _ended(self, how):
        if self.now:
            self.now.ended.append(how)


def in_short(statement):
    """Verb and first table, but for what is asked in passing: `SELECT case`."""
    statement = re.sub(r"\(SELECT.*\) AS calendar", "", statement, flags=re.DOTALL)
    verb = re.search(r"SELECT|INSERT|UPDATE|DELETE", statement).group()
    table = re.search(r'(?:FROM|INTO|UPDATE) "?(\w+)', statement).group(1)
    return f"{verb} {table}"


@pytest.fixture
def counted(engine, monkeypatch):
    counted = Counted(engine)
    monkeypatch.setattr(engine, "handle", counted.handle)
    return counted


def walked(engine, name, tasks):
    """A case of one of the bench's procedures, through so many tasks; each leaves one item open."""
    engine.handle(Deploy(procedures.bundle(name).files, "计数"), by=SYSTEM)
    last = engine.handle(StartCase(name, UNIT, "计数", channel="hotline"), by=f"{UNIT}.secretary")
    for nth in range(tasks):
        person = engine.read(
            lambda reader: entitlement.actor(reader.db, f"{UNIT}.secretary", reader.today)
        ).person
        engine.small(drafts.save, person, last.opened[0], [["progress", "正在"]], engine.now())
        command = SubmitTask(last.opened[0], procedures.answers(nth))
        last = engine.handle(command, by=f"{UNIT}.secretary")


def test_a_task_in_a_straight_line_costs_these_statements_and_one_commit(engine, counted):
    walked(engine, procedures.LINE, 5)

    assert [cost.statements for cost in counted.costs] == [STRAIGHT_ON] * 5
    assert len(STRAIGHT_ON) <= MOST
    assert_one_transaction_each(counted.costs)


def test_to_start_a_case_costs_no_more(engine):
    secretary = engine.read(lambda reader: entitlement.actor(reader.db, f"{UNIT}.secretary", reader.today))
    engine.handle(
        StartCase("roundtable", UNIT, "先来的"), by=secretary
    )  # reads the procedure and the calendar

    with counting.counted(engine.database) as count:
        engine.handle(StartCase("roundtable", UNIT, "计数", key="start"), by=secretary)

    assert 0 < count.statements <= MOST
    assert count.commits == 1


def test_a_timer_that_follows_another_costs_one_statement_more(engine, counted):
    walked(engine, procedures.TIMED, 5)

    for cost in counted.costs:
        assert sorted(cost.statements) == sorted([*STRAIGHT_ON, "UPDATE timer"])
    assert len(STRAIGHT_ON) + 1 <= MOST
    assert_one_transaction_each(counted.costs)


def done_in(story):
    return [step["task"] for step in STORIES[story]["step"] if "task" in step and "refused" not in step]


def every_task():
    """The stories, the longest first, without those that do nothing but what others do."""
    done = set()
    for story in sorted(STORIES, key=lambda story: len(done_in(story)), reverse=True):
        if not done.issuperset(done_in(story)):
            done.update(done_in(story))
            yield story


@pytest.mark.parametrize("story", [*every_task()])
def test_no_task_of_the_real_procedure_costs_more(engine, clock, bundle, counted, story):
    scene = stories.begin(engine, clock, bundle, STORIES[story])
    for step in STORIES[story]["step"]:
        stories.take(scene, step)

    done = [cost for cost in counted.costs if cost.ended == ["commit"]]
    assert len(done) == len(done_in(story))
    assert [cost for cost in done if len(cost.statements) > bound(engine, cost)] == []
    assert_one_transaction_each(done)


def bound(engine, cost):
    return BEYOND.get(engine.read(lambda reader: worklist.find(reader.db, cost.task).element), MOST)


def assert_one_transaction_each(costs):
    assert {(cost.begun, *cost.ended) for cost in costs} == {(1, "commit")}
