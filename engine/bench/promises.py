"""What the design promises of speed, and whether a run shows it. Knows numbers; changes none and fails nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from engine.bench.report import OnDatabase, Report
from engine.bench.rows import FLOOR, LINE, LOOP, OURS, OURS_EARLY, SAVED, START, Row

MOST_STATEMENTS = 12
MOST_FLOORS = 3.0
LATE_ROUND, LATE_TIMES = 300, 20.0
FLAT = 1.2
CROWD_SECONDS = 2.0
GROWTH = 4 << 20  # bytes in all: far less than one kept object per command would leave behind


@dataclass(frozen=True)
class Promise:
    """In words: what was promised, what was found. `database` is "" where it is the same for all."""

    database: str
    said: str
    found: str
    reached: bool


def promises(report: Report) -> list[Promise]:
    """In the order of the design. What a short run did not measure is left out."""
    found = [promise for one in report.databases for promise in _of(one)]
    return [*found, *_memory(report)]


def _of(one: OnDatabase) -> Iterator[Promise]:
    completed = [row for row in one.rows if row.kind != START]
    yield _commits(one.name, completed)
    yield _statements(one.name, completed)
    yield _floor(one.name, completed)
    yield from _faster(one)
    yield from _flat(one)
    yield _crowd(one)


def _commits(database: str, rows: Sequence[Row]) -> Promise:
    most = max(row.ways[OURS].commits for row in rows)
    return Promise(database, "办理一项只提交一次", f"{most}次", most == 1)


def _statements(database: str, rows: Sequence[Row]) -> Promise:
    worst = max(rows, key=lambda row: row.ways[OURS].statements)
    most = worst.ways[OURS].statements
    said = f"办理一项不超过{MOST_STATEMENTS}条语句"
    return Promise(database, said, f"最多{most}条（{worst.title}）", most <= MOST_STATEMENTS)


def _floor(database: str, rows: Sequence[Row]) -> Promise:
    worst = max(rows, key=_floors)
    said = f"办理一项的中位时间不超过底线的{MOST_FLOORS:g}倍"
    found = f"最多{_floors(worst):.2f}倍（{worst.title}），最少{min(map(_floors, rows)):.2f}倍"
    return Promise(database, said, found, _floors(worst) <= MOST_FLOORS)


def _faster(one: OnDatabase) -> Iterator[Promise]:
    wanted: tuple[tuple[str, float, Callable[[Row], bool]], ...] = (
        ("直线办理比原库存全部状态快", 1.0, lambda row: row.kind == LINE),
        (
            f"循环第{LATE_ROUND}轮比原库存全部状态快{LATE_TIMES:g}倍以上",
            LATE_TIMES,
            lambda row: row.kind == LOOP and row.round == LATE_ROUND,
        ),
    )
    for said, least, is_meant in wanted:
        for row in filter(is_meant, one.rows):
            times = row.ratio(SAVED, OURS) or 0.0
            yield Promise(one.name, said, f"{times:.2f}倍", times >= least)


def _flat(one: OnDatabase) -> Iterator[Promise]:
    """Cost against us at the first round in the same minutes; size against the first loop row."""
    loops = [row for row in one.rows if row.kind == LOOP]
    last = next((row for row in loops if OURS_EARLY in row.ways), None)
    if last is None:
        return
    cost = last.ratio(OURS, OURS_EARLY) or 0.0
    size = _state(last, OURS) / _state(last, OURS_EARLY)
    said = f"第{last.round:,}轮的时间和状态不超过第{loops[0].round}轮的{FLAT:g}倍"
    computing = last.ways[OURS].computing / last.ways[OURS_EARLY].computing
    found = f"时间{cost:.2f}倍（其中计算{computing:.2f}倍），状态{size:.2f}倍"
    yield Promise(one.name, said, found, max(cost, size) <= FLAT)


def _crowd(one: OnDatabase) -> Promise:
    crowd = one.crowd
    said = f"{crowd.people}人同时办理同一件的{crowd.people}项，全部办成，约{CROWD_SECONDS:g}秒内"
    lost = f"，{crowd.failed}项没有办成" if crowd.failed else "，全部办成"
    found = f"中位{median(crowd.seconds):.1f}秒，最长{max(crowd.seconds):.1f}秒{lost}"
    whole = crowd.failed == 0 and crowd.completed == len(crowd.seconds)
    return Promise(one.name, said, found, whole and max(crowd.seconds) <= CROWD_SECONDS)


def _memory(report: Report) -> Iterator[Promise]:
    if len(report.resident) < 2:
        return
    (first, before), (last, after) = min(report.resident.items()), max(report.resident.items())
    grown = after - before
    said = f"一个进程办到{last:,}件，内存不随件数增长（比{first:,}件时多出不超过{GROWTH >> 20} MiB）"
    yield Promise("", said, f"多出{grown / (1 << 20):.1f} MiB", grown <= GROWTH)


def _floors(row: Row) -> float:
    return row.ratio(OURS, FLOOR) or 0.0


def _state(row: Row, way: str) -> int:
    return row.ways[way].size.state or 1
