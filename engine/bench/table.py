"""A report as people read it in a terminal. Knows words and columns; measures nothing."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from unicodedata import east_asian_width

from engine.bench.promises import Promise
from engine.bench.report import OnDatabase, Report
from engine.bench.rows import FLOOR, MEMORY, OURS, SAVED, Row
from engine.bench.series import Measured
from engine.clock import SHANGHAI

NONE = "—"
_TIMES = ("办理", "底线", "原库在内存", "原库存全部状态", "本系统", "是底线的", "比存全部状态快")
_COUNTS = ("办理", "语句", "提交", "其中计算，毫秒", "状态字节", "每次记入历史的字节")
_EXPLAINED = (
    "上表每格是中位数/第99百分位，毫秒；下表每格依次是：底线/原库存全部状态/本系统。",
    "底线：一个事务，锁住办件、改一行4 KiB的状态、加一行历史。原库：SpiffWorkflow 本身，没有表单、历史和待办。",
    "本系统：每次都从数据库读出办件，核对表单，记历史，更新待办和计时，一次提交。",
    "语句不含 BEGIN、COMMIT 和连接池的探活，几行一次送出算一条。计算：本进程占用处理器的时间，不含磁盘和数据库服务器。",
)


def table(report: Report, promises: Sequence[Promise]) -> str:
    lines = [*_head(report), *_EXPLAINED, ""]
    for one in report.databases:
        lines += [one.version, *_rows(one), "", *_counts(one), "", _crowd(one), ""]
    lines += [f"{absent}" for absent in report.absent]
    lines += [*_memory(report), "", "承诺", *_promises(promises)]
    return "\n".join(line.rstrip() for line in lines)


def _head(report: Report) -> Iterator[str]:
    machine = report.machine
    at = report.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    yield (
        f"测速 {at}，{machine.cores}核，Python {machine.python}，"
        f"SpiffWorkflow {machine.library}，每格{report.plan.turns}次，"
        f"磁盘写下4 KiB要{machine.sync_seconds * 1000:.2f}毫秒"
    )


def _rows(one: OnDatabase) -> list[str]:
    return _aligned([_TIMES, *(_times(row) for row in one.rows)])


def _times(row: Row) -> tuple[str, ...]:
    lost = f"第{row.lost}轮后丢失" if row.lost else NONE
    return (
        row.title,
        *(_time(row.ways[way]) if way in row.ways else lost for way in (FLOOR, MEMORY, SAVED, OURS)),
        _ratio(row.ratio(OURS, FLOOR)),
        _ratio(row.ratio(SAVED, OURS)),
    )


def _counts(one: OnDatabase) -> list[str]:
    return _aligned([_COUNTS, *(_count(row) for row in one.rows)])


def _count(row: Row) -> tuple[str, ...]:
    ways = [row.ways.get(way) for way in (FLOOR, SAVED, OURS)]
    return (
        row.title,
        "/".join(str(way.statements) if way else NONE for way in ways),
        "/".join(str(way.commits) if way else NONE for way in ways),
        "/".join(f"{way.computing * 1000:.1f}" if way else NONE for way in ways),
        "/".join(_bytes(way.size.state) if way else NONE for way in ways),
        "/".join(_bytes(way.size.history) if way else NONE for way in ways),
    )


def _crowd(one: OnDatabase) -> str:
    crowd = one.crowd
    return (
        f"{crowd.people}人同时办理同一件的{crowd.people}项，{len(crowd.seconds)}件："
        f"中位{median(crowd.seconds):.2f}秒，最长{max(crowd.seconds):.2f}秒，"
        f"没有办成的{crowd.failed}项，办结{crowd.completed}件"
    )


def _memory(report: Report) -> Iterator[str]:
    if not report.resident:
        yield "这个系统不说明进程占用的内存，没有测。"
        return
    held = "，".join(f"{cases:,}件后{size / (1 << 20):.1f} MiB" for cases, size in report.resident.items())
    yield f"一个进程逐件办理，每件{report.plan.tasks}项（SQLite），占用内存：{held}"


def _promises(promises: Iterable[Promise]) -> list[str]:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "": ""}
    return _aligned(
        [
            ("达到" if promise.reached else "没有达到", names[promise.database], promise.said, promise.found)
            for promise in promises
        ]
    )


def _time(way: Measured) -> str:
    return f"{way.median * 1000:.1f}/{way.p99 * 1000:.1f}"


def _ratio(times: float | None) -> str:
    return NONE if times is None else f"{times:.1f}倍"


def _bytes(size: int | None) -> str:
    return NONE if size is None else f"{size:,}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
