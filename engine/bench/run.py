"""One run of the bench, from an empty folder to a report. Knows the order; what is timed is the rows' matter."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from engine.bench import crowd, district, growth, postgres, procedures
from engine.bench.machine import database_version, machine
from engine.bench.report import OnDatabase, Plan, Report
from engine.bench.rows import LINE, TIMED, Bench, Row, Say
from engine.engine import Engine
from engine.settings import Settings

FULL = Plan(rounds=(10, 100, 300, 1_000, 10_000), turns=100, crowds=5, cases=(100, 500, 1_000), tasks=30)
QUICK = Plan(rounds=(10, 100, 300, 1_000), turns=40, crowds=3, cases=(10, 50, 100), tasks=30)
NO_POSTGRES = (
    "PostgreSQL：没有测。可用 --postgres 给出一个空数据库的地址；在源码文件夹里运行时会自己启动一个。"
)


def run(folder: Path, plan: Plan, say: Say, *, postgres_url: str = "", sqlite_only: bool = False) -> Report:
    """`folder` is empty and on the disk that is to be measured; without `postgres_url` a server is started."""
    settings = Settings(data=folder)
    databases = [_measured(f"sqlite:///{folder / 'bench.db'}", settings, plan, say)]
    with nullcontext("") if sqlite_only else _postgresql(postgres_url) as url:
        if url:
            databases.append(_measured(url, settings, plan, say))
    say(f"一个进程办理{max(plan.cases):,}件，每件{plan.tasks}项")
    resident = growth.measured(folder, plan.cases, plan.tasks)
    absent = () if len(databases) == 2 else (NO_POSTGRES,)
    at = Engine.open(f"sqlite:///{folder / 'bench.db'}", settings=settings).now()
    return Report(at, machine(folder), plan, databases, resident, absent)


def _measured(url: str, settings: Settings, plan: Plan, say: Say) -> OnDatabase:
    engine = district.found(url, settings)
    name = engine.database.dialect.name
    try:
        rows = tuple(_rows(Bench(engine, plan.turns, say), plan))
        say(f"{name}：{district.CROWD}人同时办理")
        gathered = crowd.gather(engine, plan.crowds)
        return OnDatabase(name, database_version(engine.database), rows, gathered)
    finally:
        engine.database.dispose()


def _rows(bench: Bench, plan: Plan) -> Iterator[Row]:
    yield bench.start()
    yield bench.line(LINE, procedures.LINE, procedures.LINE_TASKS)
    yield bench.line(TIMED, procedures.TIMED, procedures.TIMED_TASKS)
    for round in plan.rounds:
        yield bench.loop(round, early=plan.rounds[0] if round == max(plan.rounds) else 0)


@contextmanager
def _postgresql(url: str) -> Iterator[str]:
    """The given database, or one of a server of our own, or "" where there is neither."""
    if url or not postgres.is_installed():
        yield url
        return
    with postgres.running_server() as server:
        yield server.url(server.create_database())
