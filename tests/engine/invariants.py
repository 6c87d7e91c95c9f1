"""What must hold of every case after every test, whatever happened: one function, raised as sentences."""

import json
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select

from engine import cases, incidents, journal
from engine.answered import Answered
from engine.audit import verify
from engine.engine import Engine
from engine.messages import DELIVERED, KEPT, Message
from engine.outbox import RECEIPTED, WAITING, Attempt, Outgoing
from engine.reexecution import undone_by
from engine.timers import Timer
from engine.work import Reader
from engine.worklist import DONE, OPEN, Candidate, WorkItem


def check(engine: Engine) -> None:
    """Raises AssertionError with all that is wrong."""
    wrong = engine.read(lambda reader: list(_wrong(reader)))
    assert wrong == [], "\n".join(wrong)


def _wrong(reader: Reader) -> Iterator[str]:
    yield from _chain(reader)
    for case in verify.all_cases(reader):
        verdict = verify.verify_case(reader, case)
        if not verdict.sound:
            yield f"case {case}: {verdict.finding}"
        yield from _uploads(reader, case)
        yield from _done(reader, case)
    yield from _messages(reader)
    yield from _answers(reader)
    yield from _orphans(reader)


def _chain(reader: Reader) -> Iterator[str]:
    verdict = verify.verify_district(reader)
    if not verdict.sound:
        yield f"district: {verdict.finding}"


def _uploads(reader: Reader, case: str) -> Iterator[str]:
    """Outgoing rows are exactly what events demanded; each received one has its message in the history."""
    demanded, received = [], []
    for event in journal.of_case(reader.db, case):
        asked = event.body.get("outside", ())
        demanded += [result["outbox"] for operation, _, result in asked if operation == "platform/upload"]
        told = event.body.get("data")
        again = "again" in event.body.get("source", {})  # the same receipt, after a return
        if event.type == "message_received" and isinstance(told, dict) and "outbox" in told and not again:
            received.append(told["outbox"])
    received += _pending_receipts(reader, case) + _kept_receipts(reader, case)
    rows = list(reader.db.scalars(select(Outgoing).where(Outgoing.case_id == case)))
    if sorted(demanded) != sorted(row.id for row in rows):
        yield f"case {case}: events demand uploads {demanded}, there are {[row.id for row in rows]}"
    if sorted(received) != sorted(row.id for row in rows if row.status == RECEIPTED):
        yield f"case {case}: receipts in the history are {received}"


def _pending_receipts(reader: Reader, case: str) -> list[str]:
    """A receipt that stopped its case is received; its message is in the history once it is retried."""
    pending = incidents.pending(reader.db, case) or {}
    told = pending.get("data")
    return [told["outbox"]] if isinstance(told, dict) and "outbox" in told else []


def _kept_receipts(reader: Reader, case: str) -> list[str]:
    """A receipt that came while its case stood still is received; its message is kept until the case goes on."""
    kept = reader.db.scalars(select(Message.payload).where(Message.to_case == case, Message.status == KEPT))
    return [told["outbox"] for told in kept if isinstance(told, dict) and "outbox" in told]


def _done(reader: Reader, case: str) -> Iterator[str]:
    """Every done work item was submitted by exactly one event, and the other way round."""
    submitted = Counter(
        (event.body["task"]["path"], event.seq)
        for event in journal.of_case(reader.db, case)
        if event.type == "task_submitted"
    )
    rows = reader.db.scalars(select(WorkItem).where(WorkItem.case_id == case, WorkItem.status == DONE))
    done = Counter((row.path, row.done_seq) for row in rows)
    if submitted != done:
        yield f"case {case}: done items {done - submitted} or events {submitted - done} have no counterpart"


def _messages(reader: Reader) -> Iterator[str]:
    """Each message that arrived is in one event of one history, and each event that names one is where it arrived.

    An event that was undone counts no longer: its message arrives again, or is shown as lost.
    """
    arrived = reader.db.execute(
        select(Message.id, Message.in_case, Message.in_seq).where(Message.status == DELIVERED)
    )
    told = [
        (source["message"], case, body["seq"])
        for case, bodies in _histories(reader).items()
        for body in bodies
        if "message" in (source := _source(body)) and not undone_by(bodies, body["seq"])
    ]
    if sorted(told) != sorted((*row,) for row in arrived):
        yield f"messages in histories {sorted(told)} are not those that arrived"


def _histories(reader: Reader) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for event in reader.db.scalars(select(journal.Event).order_by(journal.Event.case_id, journal.Event.seq)):
        found.setdefault(event.case_id, []).append(json.loads(event.body))
    return found


def _source(body: dict) -> dict:
    """Where an event came from; of one that could not be carried out, not again what was tried again."""
    told = body.get("pending", {}) if body["type"] == incidents.OPENED else body
    return {} if "retry" in told else told.get("source", {})


def _answers(reader: Reader) -> Iterator[str]:
    """What was answered is in the history, once: no two keys of one command name the same event."""
    answered = reader.db.scalars(select(Answered)).all()
    named = Counter()
    for row in answered:
        outcome = json.loads(row.outcome)
        if not outcome["case"]:
            continue
        if reader.db.get(journal.Event, (outcome["case"], outcome["seq"])) is None:
            yield f"key {row.key} was answered with event {outcome['case']}/{outcome['seq']}, which is absent"
        if row.command in ("StartCase", "SubmitTask", "FireTimer"):
            named[outcome["case"], outcome["seq"]] += 1
    yield from (f"event {event} was answered to {times} keys" for event, times in named.items() if times > 1)


def _orphans(reader: Reader) -> Iterator[str]:
    """Nothing waits that belongs to no case, or to one that has ended; whoever waits is offered to somebody."""
    ended = select(cases.Case.id).where(cases.Case.status == cases.COMPLETED)
    for what, query in {
        "open items of ended cases": select(WorkItem.id).where(
            WorkItem.status == OPEN, WorkItem.case_id.in_(ended)
        ),
        "timers of ended cases": select(Timer.path).where(Timer.case_id.in_(ended)),
        "uploads of no case": select(Outgoing.id).where(Outgoing.case_id.not_in(select(cases.Case.id))),
        "open items for nobody": select(WorkItem.id).where(
            WorkItem.status == OPEN, WorkItem.id.not_in(select(Candidate.work_item))
        ),
        "attempts beyond those counted": select(Outgoing.id)
        .where(Outgoing.status.in_((WAITING, RECEIPTED)))
        .where(
            Outgoing.attempts
            != select(func.count()).where(Attempt.outgoing_id == Outgoing.id).scalar_subquery()
        ),
    }.items():
        if found := reader.db.scalars(query).all():
            yield f"{what}: {found}"
