"""Submissions as pages show them, within the actor's units. Knows the registers, no flow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from engine import cases, definitions, drafts, entitlement, forms, people, procedure
from engine.bpmn.questions import questions
from engine.bpmn.step import JSON
from engine.directory import GRASS_ROOTS, Unit
from engine.errors import NotAllowed, NotFound, OperationFailed
from engine.forms import Form
from engine.people import Actor
from engine.reading.choices import unit_name
from engine.reading.task import File, files_of
from engine.records import submissions
from engine.records.submissions import NEW, STATUSES, Submission
from engine.work import Reader

PROCESS = "roundtable"
FORMS = {
    "submission": "forms/registers/submission-schema.json",
    "visit": "forms/registers/visit-schema.json",
}
Titles = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    status: str = ""
    channel: str = ""
    category: str = ""
    text: str = ""
    page: int = 1
    size: int = 20


@dataclass(frozen=True)
class Line:
    id: str
    number: str
    wording: str
    compound: str
    channel: str
    category: str
    unit: str
    unit_name: str
    mentions: int
    urgent: bool
    received_on: date
    status: str
    case: str
    free: bool


@dataclass(frozen=True)
class Listed:
    lines: tuple[Line, ...]
    total: int
    counts: Mapping[str, int]
    channels: Titles
    categories: Titles
    statuses: Titles
    may_start: bool
    may_register: bool


@dataclass(frozen=True)
class Alike:
    line: Line
    score: int


@dataclass(frozen=True)
class Detail:
    line: Line
    reason: str
    anonymous: bool
    personal: tuple[str, ...]  # titles of what lies sealed
    tags: tuple[str, ...]
    files: tuple[File, ...]
    made_by: str
    made_at: datetime
    reply: str
    settled_at: datetime | None
    case_title: str
    alike: tuple[Alike, ...]
    may_start: bool
    may_settle: bool
    may_read_personal: bool


@dataclass(frozen=True)
class UnitOption:
    id: str
    name: str


@dataclass(frozen=True)
class Blank:
    """A register form to be filled in: `typed` is the draft, or what the form proposes."""

    form: Form
    typed: tuple[tuple[str, str], ...]
    draft_at: datetime | None
    units: tuple[UnitOption, ...]


def listed(reader: Reader, actor: Actor, asked: Asked) -> Listed:
    units = people.scope(reader.db, actor)
    query = _filtered(select(Submission).where(Submission.unit_id.in_(units)), asked)
    total = reader.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Submission.received_on.desc(), Submission.number.desc())
    rows = reader.db.scalars(newest.limit(asked.size).offset((asked.page - 1) * asked.size))
    titles = _titles(reader)
    return Listed(
        lines=_lines(reader, rows, titles),
        total=total,
        counts=submissions.counts(reader.db, units),
        channels=titles["channel"],
        categories=titles["category"],
        statuses=STATUSES,
        may_start=_may_start(reader, actor, actor.unit),
        may_register=bool(_register_units(reader, actor)),
    )


def detail(reader: Reader, actor: Actor, submission: str) -> Detail:
    """Raises NotFound."""
    row = submissions.find(reader.db, submission, people.scope(reader.db, actor))
    titles = _titles(reader)
    return Detail(
        line=_lines(reader, [row], titles)[0],
        reason=row.category_reason,
        anonymous=row.anonymous,
        personal=tuple(titles["field"].get(path, path) for path in sorted(row.sealed)),
        tags=tuple(row.tags),
        files=tuple(files_of(reader, row.unit_id, row.attachments).values()),
        made_by=row.made_by_name,
        made_at=row.at,
        reply=row.reply,
        settled_at=row.settled_at,
        case_title=cases.load(reader.db, row.case_id).title if row.case_id else "",
        alike=_alike(reader, row, titles),
        may_start=row.status not in _SETTLED and _may_start(reader, actor, row.unit_id),
        may_settle=row.status not in _SETTLED and bool(_register_units(reader, actor)),
        may_read_personal=bool(row.sealed) and entitlement.may_read_personal(reader.db, actor, row.unit_id),
    )


def chosen(reader: Reader, actor: Actor, ids: Iterable[str]) -> tuple[Line, ...]:
    """Submissions to start a case from. Raises NotFound for a foreign one, NotAllowed without the right."""
    scope = people.scope(reader.db, actor)
    rows = [submissions.find(reader.db, id, scope) for id in ids]
    if not rows:
        raise NotFound("还没有选择诉求", help="请先在诉求登记列表中勾选一件或几件诉求。")
    if len({row.unit_id for row in rows}) > 1:
        raise NotAllowed("不同社区(村)的诉求不能合成一件议题", rule="R089", help="请分别由各社区(村)发起。")
    told = procedure.of(_released(reader))
    entitlement.check_may_start(reader.db, actor, told.start_roles, rows[0].unit_id)
    return _lines(reader, rows, _titles(reader))


def blank(reader: Reader, actor: Actor, register: str) -> Blank:
    """Raises NotAllowed for somebody who serves no unit."""
    units = _register_units(reader, actor)
    if not units:
        raise NotAllowed("您不能登记诉求", rule="R089", help="诉求由社区(村)和街道(镇)工作人员登记。")
    form = forms.load(_released(reader).files, FORMS[register])
    draft = drafts.find(reader.db, actor.person, register)
    typed = draft.typed if draft else form.pairs(form.prefill({}, questions(reader.now, _Nobody())))
    pairs = tuple((name, text) for name, text in typed)
    return Blank(form, pairs, draft.saved_at if draft else None, units)


def files_named(reader: Reader, actor: Actor, unit: str, ids: Iterable[str]) -> dict[str, File]:
    """Attachments that a register form names; none of a unit that is not the actor's."""
    return files_of(reader, unit, ids) if unit in people.scope(reader.db, actor) else {}


_SETTLED = (submissions.IN_CASE, submissions.REPLIED)


class _Nobody:
    """No case, no world: a register form may propose today's date and nothing that must be asked for."""

    def ask(self, operation: str, arguments: Mapping[str, JSON]) -> JSON:
        raise OperationFailed(f"登记表不能使用“{operation}”", help=f"请改写默认值：{dict(arguments)}")


def _filtered(query: Any, asked: Asked) -> Any:
    for column, value in (
        (Submission.status, asked.status),
        (Submission.channel, asked.channel),
        (Submission.category, asked.category),
    ):
        if value:
            query = query.where(column == value)
    if asked.text:
        found = (
            column.contains(asked.text, autoescape=True)
            for column in (Submission.original_wording, Submission.number, Submission.compound)
        )
        query = query.where(or_(*found))
    return query


def _lines(reader: Reader, rows: Iterable[Submission], titles: Mapping[str, Titles]) -> tuple[Line, ...]:
    return tuple(
        Line(
            id=row.id,
            number=row.number,
            wording=row.original_wording,
            compound=row.compound,
            channel=titles["channel"].get(row.channel, row.channel),
            category=titles["category"].get(row.category, row.category).partition("：")[0],
            unit=row.unit_id,
            unit_name=unit_name(reader, row.unit_id),
            mentions=row.mentions,
            urgent=row.urgent,
            received_on=row.received_on,
            status=row.status,
            case=row.case_id,
            free=row.status in (NEW, submissions.DEFERRED),
        )
        for row in rows
    )


def _alike(reader: Reader, row: Submission, titles: Mapping[str, Titles]) -> tuple[Alike, ...]:
    found = submissions.alike(
        reader.db, row.unit_id, row.original_wording, row.compound, reader.now, leave_out=row.id
    )
    lines = _lines(reader, [near.submission for near in found], titles)
    return tuple(Alike(line, near.score) for line, near in zip(lines, found, strict=True))


def _titles(reader: Reader) -> dict[str, dict[str, str]]:
    """Titles of channels, categories and fields, as the register's form says them."""
    form = forms.load(_released(reader).files, FORMS["submission"])
    options = {field.key: {option.value: option.title for option in field.options} for field in form.fields}
    return {**options, "field": {field.key: field.title for field in form.fields}}


def _released(reader: Reader) -> Any:
    return definitions.bundle(reader.db, definitions.current(reader.db, PROCESS).definition_hash)


def _may_start(reader: Reader, actor: Actor, unit: str) -> bool:
    told = procedure.of(_released(reader))
    try:
        entitlement.check_may_start(reader.db, actor, told.start_roles, unit)
    except (NotAllowed, NotFound):
        return False
    return True


def _register_units(reader: Reader, actor: Actor) -> tuple[UnitOption, ...]:
    """Units for which the actor may enter what was raised: those he serves, the district's offices none."""
    if actor.unit_kind not in (*GRASS_ROOTS, "street", "town"):
        return ()
    scope = people.scope(reader.db, actor)
    rows = reader.db.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(scope), Unit.kind.in_(GRASS_ROOTS)).order_by(Unit.id)
    )
    return tuple(UnitOption(row.id, row.name) for row in rows)
