"""What a case received by events that are being undone: kept for it, and brought again from where it goes on.

What happened in the world does not un-happen. A message is the case's again at once, for a case keeps what comes
early; a signal is kept until it waits for it. What concerns a thing that is undone as well (a notice, an upload), or
was taken back by the case that sent it, is not brought again: its row says why. Knows events and rows, no return.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine import journal, messages
from engine.bpmn import run
from engine.cases import Case
from engine.errors import Refused
from engine.handlers.recording import model
from engine.messages import RECALLED, Message, Sent
from engine.records import notices
from engine.reexecution import brought, undone_by
from engine.subscriptions import MESSAGE
from engine.work import Work

Body = Mapping[str, Any]
_THINGS = {"notice/open": "公示", "platform/upload": "上传"}  # what messages are about, by what made it


def put_back(work: Work, case: Case, undone: Sequence[Body]) -> None:
    """`undone` are the moving events of a case, which is locked and on its earlier version; `catch_up` delivers."""
    gone = dict(_made_by(undone))
    for body in undone:
        if body["type"] in ("message_received", "signal_received"):
            row = _row(work, case, body)
            try:
                keys, why = _keys(work, case, body), _obsolete(work.db, body, gone)
            except Refused as refusal:
                keys, why = {}, refusal.message
            messages.put_back(row, brought(body), keys, case.id, body["seq"], work.now)
            if why:
                messages.lose(row, why, work.now)
            elif _is_taken_back(work.db, row):
                messages.end(row, RECALLED, work.now)


def _row(work: Work, case: Case, body: Body) -> Message:
    """What was sent to this case while it was awake has no row of its own yet."""
    source = body.get("source", {})
    if "message" in source:
        return work.db.get_one(Message, source["message"], with_for_update=True, populate_existing=True)
    sent = Sent(MESSAGE, body["message"], brought(body), {}, case.unit_id, body["actor"])
    return messages.put(work.db, f"{case.id}-again-{body['seq']:05d}", sent, journal.read_time(body["at"]))


def _keys(work: Work, case: Case, body: Body) -> Mapping[str, Any]:
    """Those by which it found the case. Raises Refused."""
    if "correlation" in body or body["type"] != "message_received":
        return body.get("correlation") or {}
    return run.keys(model(work, case), body["message"], brought(body))


def _made_by(undone: Sequence[Body]) -> list[tuple[str, str]]:
    """Ids of the notices and uploads that the undone events made, and what they are called."""
    asked = [one for body in undone for one in body["outside"] if len(one) == 3 and one[0] in _THINGS]
    return [
        (str(made.get("number") or made.get("outbox")), _THINGS[operation]) for operation, _, made in asked
    ]


def _obsolete(db: Session, body: Body, gone: Mapping[str, str]) -> str:
    """Why it is about nothing any more, "" when it is not."""
    told = brought(body)
    if not isinstance(told, Mapping):
        return ""
    objection = db.get(notices.Objection, str(told.get("objection")))
    about = objection.notice_number if objection else str(told.get("outbox"))
    return f"它所针对的{gone[about]}已经随退回撤销" if about in gone else ""


def _is_taken_back(db: Session, row: Message) -> bool:
    """The case that sent it has itself gone back to before that, when it was too late to recall it."""
    if not row.from_case:
        return False
    sent_by = (event.body for event in journal.of_case(db, row.from_case))
    return undone_by(sent_by, row.from_seq)
