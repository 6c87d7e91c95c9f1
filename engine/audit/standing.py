"""Compares what a case shows now with what re-executing its history gives. Knows tables, no events."""

import zlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, definitions, subscriptions, worklist
from engine.bpmn import run, waiting
from engine.bpmn.parse import Model
from engine.cases import Case
from engine.errors import RoundtableError
from engine.reexecution import Reached
from engine.timers import Timer


def difference(db: Session, case: str, reached: Reached) -> str:
    """What differs first, in Chinese; "" when version, state, facts, work items, timers and awaited messages agree."""
    row, step = cases.load(db, case), reached.step
    if row.definition_hash != reached.definition:
        return "登记的流程版本与重新执行的结果不同"
    if row.ended == cases.CANCELLED:
        return "" if not worklist.open_items(db, case) else "已撤销，却还有待办"
    if dict(row.facts) != dict(step.facts):
        return "登记的事实与重新执行的结果不同"
    if _digest(definitions.model(db, reached.definition), row.state) != step.digest:
        return "保存的状态与重新执行的结果不同"
    if sorted(item.path for item in worklist.open_items(db, case)) != sorted(
        item.path for item in step.items
    ):
        return "现在的待办与重新执行的结果不同"
    waiting = {(timer.path, timer.due_at) for timer in db.scalars(select(Timer).where(Timer.case_id == case))}
    if waiting != {(timer.path, timer.due) for timer in step.timers}:
        return "现在的计时与重新执行的结果不同"
    awaited = subscriptions.awaited(step)
    if _are_kept(row, awaited) and subscriptions.of_case(db, case) != awaited:
        return "现在等待的消息和信号与重新执行的结果不同"
    return ""


def _are_kept(row: Case, awaited: Mapping[str, Any]) -> bool:
    """Not yet for a case that has waited since before there were subscriptions."""
    return bool(row.awaits) or not awaited


def _digest(model: Model, state: bytes) -> str:
    """Of the logical state: its bytes may order the same things otherwise. "" when they cannot be read."""
    try:
        return waiting.digest(run.revive(model, state).state)
    except (RoundtableError, LookupError, TypeError, ValueError, AttributeError, zlib.error):
        return ""
