"""What everybody may read without signing in: public notices, their plan books, replies to objections (R120–R122)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import calendar, cases, definitions, forms, procedure
from engine.bpmn import outline
from engine.clock import SHANGHAI
from engine.directory import Unit
from engine.errors import NotFound
from engine.forms import Form
from engine.reading import drawings
from engine.reading.answers import NOTHING, PROTECTED, Shown, shown
from engine.records import notices
from engine.records.notices import Notice, Objection
from engine.work import Reader
from engine.working_days import WorkingDays, days_of

PROCESS = "roundtable"
OBJECTION_FORM = "forms/registers/objection-schema.json"
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
class Day:
    """One day of the window: `nth` is its number among the days that count, 0 when it does not; `why` says why."""

    on: date
    nth: int
    why: str


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
    days: tuple[Day, ...]
    plan: tuple[Shown, ...]
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Receipt:
    """One objection as whoever made it may look it up."""

    id: str
    notice: str
    title: str
    ends_at: datetime
    reply: Reply


@dataclass(frozen=True)
class Task:
    name: str
    who: str


@dataclass(frozen=True)
class Step:
    diagram: str
    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class HowItWorks:
    """`main` is the diagram that shows the whole."""

    title: str
    document: str
    release: int
    released_at: datetime
    main: str
    steps: tuple[Step, ...]


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


def objection_form(reader: Reader, number: str) -> Form:
    """The form in force for the case of this notice. Raises NotFound."""
    case = cases.load(reader.db, notices.find(reader.db, number).case_id)
    return forms.load(definitions.bundle(reader.db, case.definition_hash).files, OBJECTION_FORM)


def receipt(reader: Reader, number: str, objection: str) -> Receipt:
    """What became of one objection, for whoever holds its number. Raises NotFound."""
    notice, row = notices.find(reader.db, number), reader.db.get(Objection, objection)
    if row is None or row.notice_number != number:
        raise NotFound("没有找到这个回执号", help="请核对回执号，或者从公示栏重新打开。")
    return Receipt(row.id, number, notice.title, notice.ends_at, _reply(row))


def how_it_works(reader: Reader) -> HowItWorks:
    """The procedure in force as its own diagrams tell it. Raises NotFound before the first release."""
    release = definitions.current(reader.db, PROCESS)
    bundle = definitions.bundle(reader.db, release.definition_hash)
    told = procedure.of(bundle)
    drawn = {each.id: each for each in outline.diagrams(bundle, told.main)}
    elements = definitions.model(reader.db, release.definition_hash).elements.values()
    tasks = [each for each in elements if each.kind in ("userTask", "manualTask")]
    steps = tuple(
        Step(id, title, tuple(Task(each.name, each.lane_name) for each in tasks if each.diagram == id))
        for id, title in _called(drawn, told.main)
    )
    document = f"{told.basis.get('issuer', '')} {told.basis.get('document', '')}".strip()
    return HowItWorks(told.title, document, release.number, release.released_at, told.main, steps)


def drawing(reader: Reader, diagram: str) -> bytes:
    """A diagram of the procedure in force. Raises NotFound."""
    release = definitions.current(reader.db, PROCESS)
    return drawings.content(definitions.bundle(reader.db, release.definition_hash), diagram)


def _called(drawn: Mapping[str, outline.Diagram], id: str) -> list[tuple[str, str]]:
    """The diagrams that a diagram calls, and what those call, each once in the order they are drawn."""
    found: dict[str, str] = {}
    for element, called in drawn[id].calls.items():
        if called in drawn:
            found.setdefault(called, drawn[id].names[element] or drawn[called].title)
            found.update((deeper, title) for deeper, title in _called(drawn, called) if deeper not in found)
    return list(found.items())


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
    told = shown(files, path, _public(notice.plan))
    return tuple(
        _without_empty(answer) for answer in told if not answer.attachments and answer.text != PROTECTED
    )


def _without_empty(answer: Shown) -> Shown:
    """Columns in which no row says anything are left out."""
    kept = [n for n in range(len(answer.columns)) if any(row[n] != NOTHING for row in answer.rows)]
    columns = tuple(answer.columns[n] for n in kept)
    return replace(answer, columns=columns, rows=tuple(tuple(row[n] for n in kept) for row in answer.rows))


def _public(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Without ids of posts and people, which mean nothing to residents."""
    return {
        key: [{name: cell for name, cell in row.items() if name != "performer"} for row in value]
        if isinstance(value, list)
        else value
        for key, value in plan.items()
    }


def _days(reader: Reader, notice: Notice) -> tuple[Day, ...]:
    """The window day by day, counted on the calendar version under which it was posted."""
    days = calendar.load(reader.db, notice.calendar)
    last = notice.ends_at.astimezone(SHANGHAI).date()
    counted, window = 0, []
    for on in days_of(notice.posted_on, last - timedelta(days=1)):
        counts = on != notice.posted_on and days.is_working_day(on)
        counted += counts
        window.append(Day(on, counted if counts else 0, _why(days, on, notice.posted_on)))
    return tuple(window)


def _why(days: WorkingDays, on: date, posted_on: date) -> str:
    """Why a day does not count, or counts although it is a Saturday or Sunday."""
    what = days.day(on)
    if on == posted_on:
        return "张贴当天不计算在内"
    if what.kind == "makeup":
        return f"{what.name}调休上班，计算在内"
    if what.kind == "holiday":
        return f"{what.name}放假，不计算在内"
    return "" if what.worked else "休息日，不计算在内"


def _reply(row: notices.Objection) -> Reply:
    return Reply(row.content, row.made_at, row.reply, row.replied_at, row.status == notices.SUSTAINED)
