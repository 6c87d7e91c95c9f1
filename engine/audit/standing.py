"""Holds the rows of a case against what its history says of them. Knows tables and sentences, executes nothing.

What lies outside a history can be asked again only while it is as it was: the days of the calendar version that an
event names, and the directory as long as no unit or post has come or gone. Where it is not, less is compared.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from engine import calendar, deadlines, definitions, journal, people, procedure, subscriptions
from engine.audit.account import Account, Offered
from engine.audit.readable import readable
from engine.bpmn import run, waiting
from engine.bpmn.parse import Model
from engine.bpmn.undeclared import STARTER
from engine.cases import Case
from engine.errors import NotFound, RoundtableError
from engine.journal import Event
from engine.nomination import nominated
from engine.subscriptions import Subscription
from engine.timers import Timer
from engine.worklist import Candidate, WorkItem

UNMARKED = "unknown"  # `timed` of a case that has not moved since a release which did not note it
AWAITED = "等待的消息和信号"
REARRANGING = ("directory_imported", "unit_added", "post_added", "post_closed")
WORDS = {
    "process": "流程",
    "definition_hash": "流程版本",
    "unit_id": "单位",
    "title": "名称",
    "number": "编号",
    "level": "层级",
    "status": "状态",
    "stage": "所在流程图",
    "ended": "办结方式",
    "awaits": "等待标记",
    "timed": "计时标记",
    "started_at": "发起时间",
    "changed_at": "最近变动时间",
    "ended_at": "办结时间",
    "path": "位置",
    "element": "任务标识",
    "name": "名称",
    "diagram": "流程图",
    "lane": "泳道",
    "lane_name": "泳道名称",
    "form": "表单",
    "label": "项目",
    "claimed_by": "认领人",
    "created_at": "开始时间",
    "due_on": "办理期限",
    "due_provisional": "期限是否暂定",
    "done_by": "办理人",
    "done_by_name": "办理人姓名",
    "done_at": "办理时间",
    "done_seq": "办理记录序号",
    "due_at": "到期时间",
    "rule": "计时规则",
    "kind": "类别",
    "keys": "对应关系",
    "since": "开始等待的时间",
}


def difference(db: Session, case: str, told: Account) -> str:
    """What differs first, in Chinese: which row, in which column, what it says and what it should; "" for nothing."""
    with readable("这一件的登记"):
        row = db.scalars(select(Case).where(Case.id == case).options(undefer(Case.state))).one()
    return next(_differences(db, row, told), "")


def _differences(db: Session, row: Case, told: Account) -> Iterator[str]:
    bundle = definitions.bundle(db, told.case["definition_hash"])
    wanted = {**told.case, "process": procedure.of(bundle).id}
    if row.timed == UNMARKED:
        del wanted["timed"]
    if (told.unmarked and not row.awaits) or row.awaits == subscriptions.mark_before(wanted["awaits"]):
        del wanted["awaits"]
    yield from _columns("登记的", row, wanted)
    yield from _state(db, row, told)
    yield from _items(db, row.id, told)
    timers = select(Timer).where(Timer.case_id == row.id)
    yield from _waiting("计时", _by_path(db, "计时", timers), told.timers)
    if not (told.unmarked and not row.awaits):
        waits = select(Subscription).where(Subscription.case_id == row.id)
        yield from _waiting(AWAITED, _by_path(db, AWAITED, waits), told.waits)


def _state(db: Session, row: Case, told: Account) -> Iterator[str]:
    facts = told.reached.step.facts if told.reached else {}
    if dict(row.facts) != dict(facts):
        yield "登记的事实与重新执行的结果不同"
    digest = told.reached.step.digest if told.reached else ""
    if _digest(definitions.model(db, told.case["definition_hash"]), row.state) != digest:
        yield "保存的状态与重新执行的结果不同"


def _items(db: Session, case: str, told: Account) -> Iterator[str]:
    """Done and cancelled items too: who did what, and when, is read from their rows."""
    with readable("待办的登记"):
        rows = {row.id: row for row in db.scalars(select(WorkItem).where(WorkItem.case_id == case))}
    for id, row in rows.items():
        if id not in told.items:
            yield f"待办「{row.name}」（{row.path}）在历史里没有"
    for id, wanted in told.items.items():
        what = f"待办「{wanted['name']}」（{wanted['path']}）"
        if id not in rows:
            yield f"{what}按历史应当有，现在没有"
            continue
        yield from _columns(f"{what}的", rows[id], {**wanted, **_due(db, told.offers[id])})
        yield from _candidates(db, id, what, told.offers[id], told.case["unit_id"])


def _due(db: Session, offered: Offered) -> dict[str, Any]:
    """Until when, by the calendar of then; nothing where its days are not there any more."""
    if not offered.calendar and offered.item.due:
        return {}
    try:
        days = calendar.load(db, offered.calendar) if offered.item.due else None
    except NotFound:
        return {}
    due = deadlines.due(days, offered.day, offered.item.due) if days else None
    return {"due_on": due.on if due else None, "due_provisional": bool(due and due.provisional)}


def _candidates(db: Session, id: str, what: str, offered: Offered, unit: str) -> Iterator[str]:
    """To whom it was offered and handed. Of posts only while the directory is as it was when it was offered."""
    asked: list[str] = []

    def seats(role: str) -> tuple[str, ...]:
        asked.append(role)
        return people.candidates(db, role, unit, offered.day)

    procedure_of_then = procedure.of(definitions.bundle(db, offered.definition))
    wanted = {*nominated(procedure_of_then, offered.facts, offered.item, seats), *offered.handed}
    with readable(f"{what}的可办理人"):
        found = set(db.scalars(select(Candidate.candidate).where(Candidate.work_item == id)))
    if asked and _is_rearranged(db, offered):
        starter = f"person:{offered.facts.get(STARTER)}"
        found = {text for text in found if text.startswith("person:")} - {starter}
        wanted = offered.handed - {starter}
    if found != wanted:
        yield f"{what}的可办理人是{_named(found)}，按历史应是{_named(wanted)}"


def _is_rearranged(db: Session, offered: Offered) -> bool:
    since = (Event.case_id == journal.DISTRICT, Event.at > offered.at, Event.type.in_(REARRANGING))
    return db.scalars(select(Event.seq).where(*since).limit(1)).first() is not None


def _by_path(db: Session, what: str, query: Select[Any]) -> dict[str, Any]:
    with readable(f"{what}的登记"):
        return {row.path: row for row in db.scalars(query)}


def _waiting(what: str, rows: Mapping[str, Any], wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for path in sorted(rows.keys() | wanted.keys()):
        if path not in wanted:
            yield f"{what}（{path}）在历史里没有"
        elif path not in rows:
            yield f"{what}（{path}）按历史应当有，现在没有"
        else:
            yield from _columns(f"{what}（{path}）的", rows[path], wanted[path])


def _columns(what: str, row: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        if getattr(row, name) != value:
            yield f"{what}{WORDS[name]}是{_said(getattr(row, name))}，按历史应是{_said(value)}"


def _said(value: Any) -> str:
    return "空" if value in ("", None) else f"“{value}”"


def _named(candidates: Iterable[str]) -> str:
    return "、".join(f"“{text}”" for text in sorted(candidates)) or "空"


def _digest(model: Model, state: bytes) -> str:
    """Of the logical state: its bytes may order the same things otherwise. "" when they cannot be read."""
    try:
        return waiting.digest(run.revive(model, state).state) if state else ""
    except (RoundtableError, LookupError, TypeError, ValueError, AttributeError, zlib.error):
        return ""
