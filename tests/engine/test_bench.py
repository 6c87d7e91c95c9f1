"""The bench measures what it says: real commands, right counts, the library's loss. No test looks at a time."""

import json
from argparse import Namespace
from datetime import UTC, datetime
from itertools import groupby

import pytest

from engine.audit.verify import verify_case
from engine.bench import command, crowd, district, ours, plain_library, procedures, whole_state
from engine.bench.counting import counted
from engine.bench.crowd import Crowd
from engine.bench.floor import Floor
from engine.bench.machine import machine
from engine.bench.promises import promises
from engine.bench.report import OnDatabase, Plan, Report
from engine.bench.rows import FLOOR, LINE, LOOP, MEMORY, OURS, OURS_EARLY, SAVED, Row
from engine.bench.series import WARM_UP, Measured, Size, measure
from engine.bench.table import table
from engine.errors import Refused
from engine.settings import Settings
from engine.timers import Timer
from tests.house_rules import english_in

TINY = Plan(rounds=(2, 4), turns=2, crowds=1, cases=(1, 2), tasks=2)
KINDS = [("start", 0), ("line", 0), ("timed", 0), ("loop", 2), ("loop", 4)]


@pytest.fixture
def engine(database_url, tmp_path):
    """A new district of the bench, on both databases."""
    engine = district.found(database_url, Settings(data=tmp_path))
    yield engine
    engine.database.dispose()


@pytest.fixture
def sqlite_engine(sqlite_url, tmp_path):
    engine = district.found(sqlite_url, Settings(data=tmp_path))
    yield engine
    engine.database.dispose()


@pytest.fixture
def traced(sqlite_engine):
    """What SQLite itself says it executes on the only connection there is, in the order of execution."""
    texts = []
    with sqlite_engine.database.connect() as connection:
        raw = connection.connection.dbapi_connection
    raw.set_trace_callback(texts.append)
    yield texts
    raw.set_trace_callback(None)


def loop():
    return plain_library.PlainLibrary(procedures.LOOP, procedures.diagram(procedures.LOOP))


def took(milliseconds, statements=3, commits=1, state=100):
    return Measured([milliseconds / 1000] * 3, milliseconds / 1000, statements, commits, Size(state, 50))


def report(tmp_path, rows, gathered=None, resident=None):
    gathered = gathered or Crowd(25, [1.0], failed=0, completed=1)
    one = OnDatabase("sqlite", "SQLite", rows, gathered)
    return Report(datetime(2026, 9, 14, tzinfo=UTC), machine(tmp_path), TINY, [one], resident or {})


def reached(report, word):
    return [promise.reached for promise in promises(report) if word in promise.said]


def run_tiny(tmp_path, capsys, **more):
    """Table and JSON of the command, run whole."""
    file = tmp_path / "bench.json"
    args = Namespace(**{"postgres": "", "sqlite_only": False, "json": file, **more})
    assert command.bench(TINY, args) == 0
    return capsys.readouterr().out, json.loads(file.read_text())


def test_one_command_prints_a_table_and_writes_what_can_be_compared(tmp_path, capsys):
    told, written = run_tiny(tmp_path, capsys, sqlite_only=True)

    titles = ("发起", "直线办理", "直线办理，每项带计时", "循环第2轮", "循环第4轮")
    assert all(f"\n{title} " in told for title in titles)
    assert "PostgreSQL：没有测" in told
    assert [found for line in told.splitlines() for found in english_in(line)] == []
    rows = written["databases"]["sqlite"]["rows"]
    assert [(row["kind"], row["round"]) for row in rows] == KINDS
    for row in rows:
        assert set(row["ways"]) >= {"floor", "memory", "saved", "ours"}
        assert row["ways"]["floor"]["statements"] == 3
        assert [row["ways"][way]["commits"] for way in ("floor", "memory", "saved", "ours")] == [1, 0, 1, 1]
        assert all(way["runs"] == TINY.turns for way in row["ways"].values())
        assert 0 < row["ways"]["ours"]["state_bytes"] < row["ways"]["saved"]["state_bytes"]
    assert (
        written["databases"]["sqlite"]["crowd"]["failed"],
        written["databases"]["sqlite"]["crowd"]["people"],
    ) == (0, 25)
    assert list(written["resident_bytes"]) == ["1", "2"]
    assert {"database", "said", "found", "reached"} == set(written["promises"][0])


@pytest.mark.postgres
def test_both_databases_are_measured_in_one_run(tmp_path, capsys, postgres_url):
    told, written = run_tiny(tmp_path, capsys, postgres=postgres_url)

    assert list(written["databases"]) == ["sqlite", "postgresql"]
    assert "synchronous=FULL" in told
    assert "PostgreSQL 16" in told
    assert "没有测" not in told


def test_a_database_that_holds_something_is_left_alone(engine, database_url, tmp_path):
    with pytest.raises(Refused, match="不是空的"):
        district.found(database_url, Settings(data=tmp_path))


def test_statements_and_commits_are_those_that_the_database_executes(sqlite_engine, traced):
    ways = [
        Floor(sqlite_engine.database, "a"),
        ours.Complete(sqlite_engine, procedures.TIMED, done=0, window=12),
        whole_state.StartSaved(loop(), sqlite_engine.database),
    ]
    for way in ways:
        way.prepare()
        traced.clear()
        with counted(sqlite_engine.database) as count:
            way.run()

        sent = [text for text, _ in groupby(traced, key=lambda text: text.split(" VALUES ")[0])]
        assert (sent[0], sent[-1], sent.count("COMMIT")) == ("BEGIN IMMEDIATE", "COMMIT", 1)
        assert count.commits == 1
        assert count.statements == len(sent) - 2  # rows sent in one call are executed one by one


def test_late_rounds_are_reached_by_real_commands(sqlite_engine):
    way = ours.Complete(sqlite_engine, procedures.LOOP, done=5, window=3)
    way.prepare()

    way.run()

    verdict = sqlite_engine.read(verify_case, way._last.case)
    assert verdict.sound
    assert verdict.executed == 1 + 5 + 1


def test_every_way_takes_its_turn_and_warm_up_is_not_counted(sqlite_engine):
    class Noting:
        def __init__(self, name):
            self.name = name

        def prepare(self):
            turns.append(f"prepare {self.name}")

        def run(self):
            turns.append(self.name)

        def size(self):
            return Size()

    turns = []
    found = measure({name: Noting(name) for name in "abc"}, sqlite_engine.database, turns=2)

    runs = turns[1::2]
    assert [runs[at : at + 3] for at in (9, 12)] == [["a", "b", "c"], ["b", "c", "a"]]
    assert len(runs) == 3 * (WARM_UP + 2)
    assert {name: len(way.seconds) for name, way in found.items()} == {"a": 2, "b": 2, "c": 2}


def test_each_completion_of_the_timed_line_leaves_another_timer(sqlite_engine):
    way = ours.Complete(sqlite_engine, procedures.TIMED, done=0, window=12)
    waiting = []

    for _ in range(3):
        way.prepare()
        way.run()
        waiting += sqlite_engine.read(lambda reader: [timer.element for timer in reader.db.query(Timer)])

    assert waiting == ["late_02", "late_03", "late_04"]


def test_everybody_who_comes_at_once_is_served(engine):
    gathered = crowd.gather(engine, 2)

    assert (gathered.people, gathered.failed, gathered.completed) == (25, 0, 2)
    assert len(gathered.seconds) == 2


def test_the_plain_library_loses_a_loop_and_the_bench_notices():
    library = loop()
    workflow = library.begin()

    lost = plain_library.rounds_before_loss(workflow, procedures.answers, limit=345)

    assert lost is not None
    assert 320 < lost < 345
    assert plain_library.is_lost(library.read(library.written(workflow)))


def test_a_case_that_has_ended_is_not_lost():
    library = loop()
    workflow = library.begin()
    assert not plain_library.is_lost(workflow)

    plain_library.complete(workflow, {**procedures.answers(1), "go_on": "no"})

    assert not plain_library.is_open(workflow)
    assert not plain_library.is_lost(workflow)


def test_what_is_saved_whole_is_what_the_library_goes_on_with(sqlite_engine):
    library = loop()
    text = whole_state.at_round(library, 3)
    way = whole_state.CompleteSaved(library, sqlite_engine.database, text, done=3, window=2)
    way.prepare()
    before = way.size().state

    way.run()

    assert way.size().state > before > len(library.written(library.begin()))


def test_the_table_says_where_the_library_has_lost_the_case(tmp_path):
    row = Row(LOOP, 1000, {FLOOR: took(1), OURS: took(2)}, lost=333)

    told = table(report(tmp_path, [row]), [])

    cells = ["循环第1,000轮", "1.0/1.0", "第333轮后丢失", "第333轮后丢失", "2.0/2.0", "2.0倍", "—"]
    assert cells in [line.split() for line in told.splitlines()]


def test_promises_are_judged_by_what_was_found(tmp_path):
    def rows(ours_ms, saved_ms, statements):
        ways = {FLOOR: took(1), SAVED: took(saved_ms), MEMORY: took(1), OURS: took(ours_ms, statements)}
        late = {FLOOR: took(1), OURS: took(ours_ms, statements), OURS_EARLY: took(2, state=80)}
        return [Row(LINE, 0, ways), Row(LOOP, 300, ways), Row(LOOP, 1000, late)]

    good, bad = report(tmp_path, rows(2, 41, 12)), report(tmp_path, rows(4, 3, 13))

    assert reached(good, "语句") == [True]
    assert reached(good, "底线") == [True]
    assert reached(good, "直线") == [True]
    assert reached(good, "第300轮比") == [True]
    assert reached(good, "第1,000轮") == [False]  # as quick, but the state is a quarter larger
    assert [reached(bad, word) for word in ("语句", "底线", "直线", "第300轮比")] == [[False]] * 4


def test_a_crowd_that_loses_one_item_breaks_the_promise(tmp_path):
    row = Row(LINE, 0, {FLOOR: took(1), SAVED: took(3), OURS: took(2)})

    assert reached(report(tmp_path, [row], Crowd(25, [1.0], failed=0, completed=1)), "25人") == [True]
    assert reached(report(tmp_path, [row], Crowd(25, [1.0], failed=1, completed=0)), "25人") == [False]
    assert reached(report(tmp_path, [row], Crowd(25, [2.1], failed=0, completed=1)), "25人") == [False]


def test_memory_that_grows_with_the_cases_breaks_the_promise(tmp_path):
    row = Row(LINE, 0, {FLOOR: took(1), SAVED: took(3), OURS: took(2)})

    flat = report(tmp_path, [row], resident={100: 100 << 20, 1000: 101 << 20})
    growing = report(tmp_path, [row], resident={100: 100 << 20, 1000: 110 << 20})

    assert (reached(flat, "内存"), reached(growing, "内存")) == ([True], [False])
