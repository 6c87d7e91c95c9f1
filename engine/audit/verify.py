"""Checks a case's history: first its chain, then by executing every event again. Knows events, no pages.

A finding names the first event that differs: by whom, when, which step and which element.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine import definitions, journal
from engine.bpmn import run
from engine.bpmn.parse import Model
from engine.bpmn.step import Moment, Step
from engine.errors import RoundtableError
from engine.journal import Event
from engine.operations import Played
from engine.work import Reader

MOVING = ("case_started", "task_submitted", "timer_fired", "message_received", "calendar_applied")


@dataclass(frozen=True)
class Finding:
    """The first event that does not agree. `seq` is 0 when the history as a whole is at fault."""

    seq: int
    at: str
    actor: str
    element: str
    what: str  # Chinese


@dataclass(frozen=True)
class Verdict:
    case: str
    events: int
    executed: int
    head: str  # hash of the last event
    finding: Finding | None

    @property
    def sound(self) -> bool:
        return self.finding is None


def verify_case(reader: Reader, case: str) -> Verdict:
    """Chain, then re-execution. A case without events is a finding, not an error."""
    rows = reader.db.scalars(select(Event).where(Event.case_id == case).order_by(Event.seq)).all()
    broken = check_chain(rows)
    if broken or not rows:
        return _verdict(case, rows, 0, broken or Finding(0, "", "", "", "没有这件议题的历史记录"))
    bodies = [json.loads(row.body) for row in rows]
    moving = [body for body in bodies if body["type"] in MOVING]
    model = definitions.model(reader.db, moving[0]["definition"])
    return _verdict(case, rows, len(moving), reexecute(model, moving))


def all_cases(reader: Reader) -> list[str]:
    """Every case that has a history, in the order of its ids."""
    streams = reader.db.scalars(select(Event.case_id).distinct().order_by(Event.case_id))
    return [stream for stream in streams if stream != journal.DISTRICT]


def check_chain(rows: Sequence[Event]) -> Finding | None:
    """Gapless from 1, each body hashes to its hash, each names the hash before."""
    prev = journal.GENESIS
    for number, row in enumerate(rows, start=1):
        body = json.loads(row.body)
        if row.seq != number or body["seq"] != number:
            return _finding(body, f"第{number}条记录缺失或次序被改动")
        if journal.digest(row.body) != row.hash:
            return _finding(body, "这条记录的内容与其校验值不符，记录被改动过")
        if body["prev"] != prev:
            return _finding(body, "这条记录没有接在上一条记录之后，历史被改动过")
        prev = row.hash
    return None


def reexecute(model: Model, bodies: Iterable[dict[str, Any]]) -> Finding | None:
    """Execute events again with the recorded outside answers; compare trace and digest after each."""
    frozen = b""
    for body in bodies:
        played = Played(body["outside"])
        try:
            step = _again(model, frozen, body, played)
        except RoundtableError as refusal:
            return _finding(body, f"重新执行时被拒绝：{refusal}")
        different = _difference(body, step, played)
        if different:
            return _finding(body, different)
        frozen = step.frozen
    return None


def _again(model: Model, frozen: bytes, body: dict[str, Any], played: Played) -> Step:
    moment = Moment(body["case"], body["seq"], journal.read_time(body["at"]))
    if body["type"] == "case_started":
        return run.start(model, moment, played, body["data"])
    running = run.revive(model, frozen)
    if body["type"] == "task_submitted":
        return run.complete(running, body["task"]["path"], body["data"], moment, played)
    if body["type"] == "timer_fired":
        return run.fire(running, body["task"]["path"], moment, played)
    if body["type"] == "calendar_applied":
        return run.amend(running, body["data"], moment, played)
    return run.message(running, body["message"], body["data"], moment, played)


def _difference(body: dict[str, Any], step: Step, played: Played) -> str:
    trace = [[entry.what, entry.path, entry.diagram, entry.flow] for entry in step.trace]
    if trace != body["trace"]:
        at = next((new[1] for old, new in zip(body["trace"], trace, strict=False) if old != new), "")
        return f"重新执行经过的步骤与记录不同{f'，从“{at}”开始' if at else ''}"
    if played.position != len(played.asked):
        return "重新执行时少问了外部问题"
    if step.digest != body["digest"]:
        return "重新执行后的状态与记录不同"
    return ""


def _finding(body: dict[str, Any], what: str) -> Finding:
    actor = body["actor"]
    who = " ".join(part for part in (actor.get("title"), actor.get("name")) if part)
    return Finding(body["seq"], body["at"], who, body.get("task", {}).get("element", ""), what)


def _verdict(case: str, rows: Sequence[Event], executed: int, finding: Finding | None) -> Verdict:
    return Verdict(case, len(rows), executed, rows[-1].hash if rows else "", finding)
