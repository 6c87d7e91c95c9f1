"""Checks a case's history: first its chain, then by executing every event again. Knows events, no pages.

A finding names the first event that differs: by whom, when, which step and which element.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, union

from engine import definitions, journal
from engine.audit import standing
from engine.audit.account import account
from engine.audit.readable import readable
from engine.bpmn.step import Step
from engine.cases import Case
from engine.database import octets
from engine.environment import KIT
from engine.errors import NotFound, Refused, RoundtableError
from engine.incidents import OPENED
from engine.journal import Event
from engine.operations import Played
from engine.reexecution import Reexecution, executed
from engine.work import Reader

MISSING = "没有这一件的历史记录"


@dataclass(frozen=True)
class Finding:
    """The first event that does not agree. `seq` is 0 when the history as a whole is at fault."""

    seq: int
    at: str
    actor: str
    element: str
    what: str  # Chinese
    name: str = ""  # of the element, as it was recorded
    diagram: str = ""  # where the element is drawn
    definition: str = ""  # the version that was in force


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


@dataclass(frozen=True)
class Line:
    """One event as it lies in the database. `body` is not trusted to be UTF-8 or JSON."""

    seq: int
    at: datetime
    type: str
    hash: str
    body: bytes


def verify_case(reader: Reader, case: str) -> Verdict:
    """Chain, head, re-execution, then the rows beside it. A case without events is a finding, not an error.

    So is what cannot be read: the other cases are looked at all the same.
    """
    try:
        return _verified(reader, case)
    except RoundtableError as broken:
        return _verdict(case, [], 0, Finding(0, "", "", "", str(broken)))


def _verified(reader: Reader, case: str) -> Verdict:
    lines = read_lines(reader, case)
    if not lines:
        return _verdict(case, lines, 0, Finding(0, "", "", "", MISSING))
    broken = check_chain(lines) or _check_row(reader, case, lines)
    if broken:
        return _verdict(case, lines, 0, broken)
    bodies = [json.loads(line.body) for line in lines]
    moving = [body for body in bodies if executed(body)]
    again = Reexecution(partial(definitions.model, reader.db))
    finding = reexecute(again, moving) or _beside(reader, case, bodies, again)
    return _verdict(case, lines, len(moving), finding)


def chain_of(reader: Reader, case: str) -> Verdict:
    """The chain and the head alone, nothing executed again."""
    try:
        lines = read_lines(reader, case)
        missing = None if lines else Finding(0, "", "", "", MISSING)
        finding = missing or check_chain(lines) or _check_row(reader, case, lines)
    except RoundtableError as broken:
        lines, finding = [], Finding(0, "", "", "", str(broken))
    return _verdict(case, lines, 0, finding)


def verify_district(reader: Reader) -> Verdict:
    """The chain of the district's own stream: directory, calendar, releases."""
    try:
        lines = read_lines(reader, journal.DISTRICT)
    except RoundtableError as broken:
        return _verdict(journal.DISTRICT, [], 0, Finding(0, "", "", "", str(broken)))
    return _verdict(journal.DISTRICT, lines, 0, check_chain(lines))


def all_cases(reader: Reader) -> list[str]:
    """Every case and every history of one, in the order of their ids."""
    known = reader.db.scalars(union(select(Event.case_id), select(Case.id)))
    return sorted(set(known) - {journal.DISTRICT})


def case_named(reader: Reader, text: str) -> str:
    """The id of the case with this number or id. Raises NotFound; Refused for a number that several cases bear.

    A case without a number holds "", so that a blank names nothing. A history whose case is gone can be named too.
    """
    if not text.strip():
        raise NotFound("没有写明是哪一件", help="请写议题编号或标识，由 cases 列出。")
    numbered = reader.db.scalars(select(Case.id).where(Case.number == text)).all()
    if len(numbered) > 1:
        raise Refused(
            f"有{len(numbered)}件的编号都是“{text}”", help=f"请写标识：{'、'.join(sorted(numbered))}。"
        )
    known = union(select(Case.id).where(Case.id == text), select(Event.case_id).where(Event.case_id == text))
    found = [*numbered, *reader.db.scalars(known)]
    if not found or text == journal.DISTRICT:
        raise NotFound(f"没有找到“{text}”这一件", help="请核对议题编号或标识，由 cases 列出。")
    return str(found[0])


def read_lines(reader: Reader, stream: str) -> list[Line]:
    body = octets(reader.db, Event.body)
    query = select(Event.seq, Event.at, Event.type, Event.hash, body).where(Event.case_id == stream)
    with readable("历史记录"):
        return [Line(*row) for row in reader.db.execute(query.order_by(Event.seq))]


def check_chain(lines: Sequence[Line]) -> Finding | None:
    """Gapless from 1, each body hashes to its hash, each names the hash before."""
    prev = journal.GENESIS
    for number, line in enumerate(lines, start=1):
        broken = _break(number, line, prev)
        if broken:
            return _named(number, line, broken)
        prev = line.hash
    return None


def check_head(case: Case | None, lines: Sequence[Line]) -> Finding | None:
    """The case knows its last event: nothing was cut off at the end."""
    last = lines[-1]
    if case is None:
        return _named(last.seq, last, "有历史记录，但没有这一件")
    if case.seq > last.seq:
        return Finding(last.seq + 1, "", "", "", f"第{last.seq + 1}条以后的记录缺失")
    if (case.seq, case.hash) != (last.seq, last.hash):
        return _named(last.seq, last, "最后一条记录与登记的校验值不符，历史被改动过")
    return None


def reexecute(again: Reexecution, bodies: Iterable[dict[str, Any]]) -> Finding | None:
    """Execute events again with the recorded outside answers; compare trace and digest after each."""
    for body in bodies:
        try:
            different = _executed(again, body)
        except RoundtableError as refusal:
            return _finding(body, f"重新执行时被拒绝：{refusal}{_older_rules(body)}")
        except (LookupError, TypeError, ValueError, AttributeError):  # a body that was forged, chain and all
            return _finding(body, "这条记录的内容不完整，不能重新执行")
        if different:
            return _finding(body, different + _older_rules(body))
    return None


def _older_rules(body: dict[str, Any]) -> str:
    """An earlier kit obeyed rules that have been mended since: its own program tells whether a history is sound."""
    kit = body.get("environment", {}).get("kit", KIT)
    return "" if kit == KIT else f"（这条记录是第{kit}版执行规则写下的，规则后来改正过；请用当时的程序核验）"


def _check_row(reader: Reader, case: str, lines: Sequence[Line]) -> Finding | None:
    with readable("这一件的登记"):
        return check_head(reader.db.get(Case, case), lines)


def _beside(
    reader: Reader, case: str, bodies: Sequence[dict[str, Any]], again: Reexecution
) -> Finding | None:
    """What lies in the rows beside a history that is sound."""
    told = account(bodies, again.reached, again.models)
    different = standing.difference(reader.db, case, told)
    return _finding(bodies[-1], different) if different else None


def _executed(again: Reexecution, body: dict[str, Any]) -> str:
    if body["type"] == OPENED:
        again.stop(body)
        return ""
    played = Played(body["outside"])
    return _difference(body, again.execute(body, played), played)


def _break(number: int, line: Line, prev: str) -> str:
    if line.seq != number:
        return f"第{number}条记录缺失"
    if hashlib.sha256(line.body).hexdigest() != line.hash:
        return "这条记录的内容与其校验值不符，记录被改动过"
    body = json.loads(line.body)
    if body["prev"] != prev:
        return "这条记录没有接在上一条记录之后，历史被改动过"
    if [body["seq"], body["type"], body["at"]] != [number, line.type, journal.written(line.at)]:
        return "这条记录的序号、类别或时间与其内容不符，记录被改动过"
    return ""


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


def _named(number: int, line: Line, what: str) -> Finding:
    """Named by what can still be read of it: after a change the body may be no JSON at all."""
    try:
        found = _finding(json.loads(line.body), what)
    except (LookupError, TypeError, ValueError, AttributeError):
        found = Finding(number, journal.written(line.at), "", "", what)
    return replace(found, seq=number)


def _finding(body: dict[str, Any], what: str) -> Finding:
    actor = body["actor"]
    who = " ".join(part for part in (actor.get("title"), actor.get("name")) if part)
    task = body.get("task", {})
    drawn = {path: diagram for _, path, diagram, _ in body.get("trace", ())}
    return Finding(
        body["seq"],
        body["at"],
        who,
        task.get("element", ""),
        what,
        task.get("name", ""),
        drawn.get(task.get("path", ""), ""),
        body.get("definition", ""),
    )


def _verdict(case: str, lines: Sequence[Line], executed: int, finding: Finding | None) -> Verdict:
    return Verdict(case, len(lines), executed, lines[-1].hash if lines else "", finding)
