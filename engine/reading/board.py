"""What everybody may read without signing in: public notices, their plan books, replies to objections (R120–R122)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine import calendar, cases, definitions
from engine.clock import SHANGHAI
from engine.directory import Unit
from engine.reading.answers import Shown, shown
from engine.records import notices
from engine.records.notices import Notice
from engine.work import Reader
from engine.working_days import WorkingDays

STATUS_TITLES = {notices.OPEN: "公示中", notices.WITHDRAWN: "已撤回重新公示", notices.CLOSED: "公示期满"}


@dataclass(frozen=True)
class Line:
    number: str
    title: str
    unit_name: str
    posted_on: date
    ends_at: datetime
    status: str
    status_title: str


@dataclass(frozen=True)
class Reply:
    content: str
    made_at: datetime
    reply: str
    replied_at: datetime | None
    sustained: bool


@dataclass(frozen=True)
class NoticePage:
    number: str
    title: str
    unit_name: str
    posted_on: date
    working_days: int
    ends_at: datetime
    status: str
    status_title: str
    running: bool
    days: tuple[tuple[date, bool, str], ...]  # every day of the window, whether it counts, why not
    plan: tuple[Shown, ...]
    replies: tuple[Reply, ...]


def lines(reader: Reader, *, running: bool | None = None, limit: int = 50) -> tuple[Line, ...]:
    """Newest first; `running` filters."""
    query = select(Notice, Unit.name).join(Unit, Unit.id == Notice.unit_id).order_by(Notice.posted_on.desc())
    if running is not None:
        open_ones = (Notice.status == notices.OPEN) & (Notice.ends_at > reader.now)
        query = query.where(open_ones if running else ~open_ones)
    return tuple(_line(reader, notice, unit) for notice, unit in reader.db.execute(query.limit(limit)))


def page(reader: Reader, number: str) -> NoticePage:
    """Raises NotFound. Names of residents never stand here: the plan holds no personal field."""
    notice = notices.find(reader.db, number)
    unit = reader.db.get_one(Unit, notice.unit_id)
    line = _line(reader, notice, unit.name)
    return NoticePage(
        number=notice.number,
        title=notice.title,
        unit_name=unit.name,
        posted_on=notice.posted_on,
        working_days=notice.working_days,
        ends_at=notice.ends_at,
        status=line.status,
        status_title=line.status_title,
        running=notice.status == notices.OPEN and reader.now < notice.ends_at,
        days=_days(reader, notice),
        plan=_plan(reader, notice),
        replies=tuple(_reply(row) for row in notices.objections(reader.db, number)),
    )


def _line(reader: Reader, notice: Notice, unit: str) -> Line:
    over = notice.status == notices.OPEN and reader.now >= notice.ends_at
    status = notices.CLOSED if over else notice.status
    return Line(
        notice.number, notice.title, unit, notice.posted_on, notice.ends_at, status, STATUS_TITLES[status]
    )


def _plan(reader: Reader, notice: Notice) -> tuple[Shown, ...]:
    case = cases.load(reader.db, notice.case_id)
    files = definitions.bundle(reader.db, case.definition_hash).files
    path = next((name for name in files if name.endswith("/draft_plan_book-schema.json")), "")
    return shown(files, path, _public(notice.plan))


def _public(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Without ids of posts and people, which mean nothing to residents."""
    return {
        key: [{name: cell for name, cell in row.items() if name != "performer"} for row in value]
        if isinstance(value, list)
        else value
        for key, value in plan.items()
    }


def _days(reader: Reader, notice: Notice) -> tuple[tuple[date, bool, str], ...]:
    """The window day by day, counted on the calendar version under which it was posted."""
    days = calendar.load(reader.db, notice.calendar)
    last = notice.ends_at.astimezone(SHANGHAI).date()
    window = [date.fromordinal(n) for n in range(notice.posted_on.toordinal(), last.toordinal())]
    return tuple(_counted(days, day, notice.posted_on) for day in window)


def _counted(days: WorkingDays, day: date, posted_on: date) -> tuple[date, bool, str]:
    what = days.day(day)
    if day == posted_on:
        return day, False, "张贴当天不计算在内"
    return day, what.worked, what.name or ("" if what.worked else "休息日")


def _reply(row: notices.Objection) -> Reply:
    return Reply(row.content, row.made_at, row.reply, row.replied_at, row.status == notices.SUSTAINED)
