"""The ledger of projects (项目工作台账, R123): what was resolved, who does what until when, how far it is.

A view over facts and events, never a second copy. Knows events and tables, no flow.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from engine import cases, definitions, forms, journal, people
from engine.cases import Case
from engine.directory import GRASS_ROOTS, Unit
from engine.journal import Recorded
from engine.people import Actor
from engine.reading.counted import counted
from engine.reading.spreadsheet import table
from engine.records.notices import Notice
from engine.reexecution import CORRECTED
from engine.work import Reader
from engine.worklist import OPEN, WorkItem

BOOK, ITEM, BOOKED, CLOSED = "draft_plan_book", "carry_out_item", "open_ledger", "close_off"
OPEN_ONES, CLOSED_ONES, OVERDUE = "open", "closed", "overdue"
LEVELS = {"community": "社区(村)层面", "street": "街道(镇)层面", "district": "区级层面"}
AT_ONCE = 50  # cases of an export whose events are held in memory
HEADINGS = (
    *("议题编号", "项目名称", "单位", "层级", "状态", "备案号"),
    *("任务", "责任人", "责任方", "项目经办方", "完成期限", "完成日期", "是否超期"),
    *("资金来源", "公示编号", "公示张贴", "监督委员会", "监督检查次数", "通报次数"),
    *("区网络党建云平台回执", "“党群服务365”平台回执", "验收", "销号日期"),
)
Words = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """`state` is open, closed or overdue; empty texts ask for all."""

    unit: str = ""
    level: str = ""
    state: str = ""
    case: str = ""
    page: int = 1
    size: int = 20


@dataclass(frozen=True)
class Item:
    """One task of the plan book; overdue only once the project is carried out, as its work item is."""

    content: str
    person: str
    side: str
    party: str
    due_on: date | None
    done_on: date | None
    overdue: bool


@dataclass(frozen=True)
class Money:
    """`amount` in 分."""

    source: str
    amount: int
    status: str


@dataclass(frozen=True)
class Line:
    """One project. `committee` is the number of its members, 0 before it was formed."""

    case: str
    number: str
    title: str
    unit: str
    level: str
    status: str
    filing_number: str
    items: tuple[Item, ...]
    funding: tuple[Money, ...]
    notice: str
    posted_on: date | None
    notice_ends: datetime | None
    committee: int
    inspections: int
    circulars: int
    receipt_cloud: str
    receipt_service: str
    accepted: bool
    closed_on: date | None

    @property
    def done(self) -> int:
        return sum(item.done_on is not None for item in self.items)

    @property
    def overdue(self) -> int:
        return sum(item.overdue for item in self.items)


@dataclass(frozen=True)
class Ledger:
    lines: tuple[Line, ...]
    total: int
    units: tuple[tuple[str, str], ...]


@dataclass
class _Told:
    """The latest answers of one case that count: by task, and of the plan's items by their place in the plan."""

    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    items: dict[int, Mapping[str, Any]] = field(default_factory=dict)


def listed(reader: Reader, actor: Actor, asked: Asked) -> Ledger:
    """Projects of the actor's units, the newest number first."""
    query = _filtered(reader, actor, asked)
    total = reader.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = reader.db.execute(query.limit(asked.size).offset((asked.page - 1) * asked.size)).all()
    return Ledger(_lines(reader, rows), total, _units(reader, actor))


def as_csv(reader: Reader, actor: Actor, asked: Asked) -> str:
    """The whole ledger as asked for, one row for each task, for spreadsheets."""
    rows = reader.db.execute(_filtered(reader, actor, asked)).all()
    return table(HEADINGS, (row for line in _in_parts(reader, rows) for row in _rows(line)))


def is_listed(facts: Mapping[str, Any]) -> bool:
    """A project enters the ledger with its resolution."""
    return bool(facts.get("resolved"))


def _filtered(reader: Reader, actor: Actor, asked: Asked) -> Any:
    query = (
        select(Case, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Case.unit_id)
        .where(Case.unit_id.in_(people.scope(reader.db, actor)), Case.facts["resolved"].as_boolean())
        .order_by(Case.number.desc(), Case.id)
    )
    if asked.case:
        query = query.where(Case.id == asked.case)
    if asked.unit:
        query = query.where(Case.unit_id == asked.unit)
    if asked.level:
        query = query.where(Case.level == asked.level)
    if asked.state in (OPEN_ONES, CLOSED_ONES):
        ended = Case.status == cases.COMPLETED
        query = query.where(ended if asked.state == CLOSED_ONES else ~ended)
    if asked.state == OVERDUE:
        late = (WorkItem.element == ITEM, WorkItem.status == OPEN, WorkItem.due_on < reader.today)
        query = query.where(Case.id.in_(select(WorkItem.case_id).where(*late)))
    return query


def _units(reader: Reader, actor: Actor) -> tuple[tuple[str, str], ...]:
    scope = people.scope(reader.db, actor)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(scope), Unit.kind.in_(GRASS_ROOTS))
    return tuple((row.id, row.name) for row in reader.db.execute(query.order_by(Unit.id)))


def _in_parts(reader: Reader, rows: Sequence[Any]) -> Iterator[Line]:
    for start in range(0, len(rows), AT_ONCE):
        yield from _lines(reader, rows[start : start + AT_ONCE])


def _lines(reader: Reader, rows: Sequence[Any]) -> tuple[Line, ...]:
    ids = [row.Case.id for row in rows]
    told, notices = _told(reader, ids), _notices(reader, ids)
    words = {hash: _words(reader, hash) for hash in {row.Case.definition_hash for row in rows}}
    return tuple(
        _line(
            row.Case,
            row.unit_name,
            told.get(row.Case.id, _Told()),
            notices.get(row.Case.id),
            words[row.Case.definition_hash],
            reader.today,
        )
        for row in rows
    )


def _told(reader: Reader, ids: Iterable[str]) -> dict[str, _Told]:
    """Of all these cases at once."""
    found: dict[str, list[Recorded]] = {}
    for case, event in journal.of_cases(reader.db, ids):
        found.setdefault(case, []).append(event)
    return {case: _latest(counted(events)) for case, events in found.items()}


def _latest(events: Iterable[Recorded]) -> _Told:
    told = _Told()
    for event in events:
        task = event.body.get("task") or {}
        if event.type == CORRECTED:
            told.answers.update(event.body["data"]["data"])
        if event.type != "task_submitted":
            continue
        if task["element"] == BOOK:
            told.items = {}  # a new plan is carried out anew
        if task["element"] == ITEM:
            told.items[_place(task["path"])] = event.body["data"]
        told.answers[task["element"]] = event.body["data"]
    return told


def _place(path: str) -> int:
    """`call_implementation/carry_out_item[2]` → 2"""
    found = re.search(r"\[(\d+)\]$", path)
    return int(found[1]) if found else 0


def _notices(reader: Reader, ids: Iterable[str]) -> dict[str, Notice]:
    """The last one of each case."""
    query = select(Notice).where(Notice.case_id.in_(ids)).order_by(Notice.posted_on, Notice.number)
    return {notice.case_id: notice for notice in reader.db.scalars(query)}


def _words(reader: Reader, definition: str) -> Words:
    """Value → title of what is chosen from lists in the plan book, as the version of the case says it."""
    files = definitions.bundle(reader.db, definition).files
    path = next((path for path in files if path.endswith(f"/{BOOK}-schema.json")), "")
    tables = [field.columns for field in forms.load(files, path).fields] if path else []
    return {
        str(option.value): option.title
        for columns in tables
        for column in columns
        for option in column.options
    }


def _line(case: Case, unit: str, told: _Told, notice: Notice | None, words: Words, today: date) -> Line:
    book, facts = told.answers.get(BOOK, {}), case.facts
    funding = told.answers.get(BOOKED, {}).get("funding") or book.get("funding") or ()
    begun = BOOKED in told.answers and case.status != cases.COMPLETED
    return Line(
        case=case.id,
        number=case.number,
        title=case.title,
        unit=unit,
        level=case.level,
        status=case.status,
        filing_number=str(facts.get("filing_number") or ""),
        items=tuple(
            _item(row, told.items.get(place), words, today, begun)
            for place, row in enumerate(book.get("items") or ())
        ),
        funding=tuple(_money(row, words) for row in funding),
        notice=notice.number if notice else "",
        posted_on=notice.posted_on if notice else None,
        notice_ends=notice.ends_at if notice else None,
        committee=len(facts.get("committee") or ()),
        inspections=int(facts.get("inspections") or 0),
        circulars=int(facts.get("circulars") or 0),
        receipt_cloud=str(facts.get("receipt_cloud") or ""),
        receipt_service=str(facts.get("receipt_service") or ""),
        accepted=bool(facts.get("accepted")),
        closed_on=_day(told.answers.get(CLOSED, {}).get("closed_on")) if facts.get("closed_off") else None,
    )


def _item(
    row: Mapping[str, Any], done: Mapping[str, Any] | None, words: Words, today: date, begun: bool
) -> Item:
    due_on = _day(row.get("due_on"))
    done_on = _day(done.get("finished_on")) if done else None
    return Item(
        content=str(row.get("content") or ""),
        person=str(row.get("responsible_person") or ""),
        side=words.get(str(row.get("side")), ""),
        party=str(row.get("executing_party") or ""),
        due_on=due_on,
        done_on=done_on,
        overdue=bool(due_on and begun and done is None and due_on < today),
    )


def _money(row: Mapping[str, Any], words: Words) -> Money:
    return Money(
        str(row.get("source") or ""), int(row.get("amount") or 0), words.get(str(row.get("status")), "")
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _rows(line: Line) -> Iterator[tuple[str, ...]]:
    """One for each task; a project without a plan has one without a task."""
    about = (line.number, line.title, line.unit, LEVELS.get(line.level, ""), _state(line), line.filing_number)
    funding = "；".join(
        f"{money.source} {money.amount // 100}.{money.amount % 100:02d}元 {money.status}".strip()
        for money in line.funding
    )
    rest = (
        funding,
        line.notice,
        _written(line.posted_on),
        f"{line.committee}人" if line.committee else "",
        str(line.inspections),
        str(line.circulars),
        line.receipt_cloud,
        line.receipt_service,
        "通过" if line.accepted else "",
        _written(line.closed_on),
    )
    for item in line.items or (None,):
        yield (*about, *_task(item), *rest)


def _task(item: Item | None) -> tuple[str, ...]:
    if item is None:
        return ("",) * 7
    late = "超期" if item.overdue else ""
    days = (_written(item.due_on), _written(item.done_on))
    return (item.content, item.person, item.side, item.party, *days, late)


def _state(line: Line) -> str:
    if line.closed_on:
        return "已销号"
    return "已办结" if line.status == cases.COMPLETED else "办理中"


def _written(on: date | None) -> str:
    return on.isoformat() if on else ""
