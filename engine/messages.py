"""Messages and signals on their way to cases: written in the command that sends them, delivered by commands after it.

Knows what is under way, to whom if that is decided, and how it ended; nothing of who waits (subscriptions). A
message that nobody awaits yet is kept for `KEPT_FOR`; its row stays for ever, so the same one is never delivered twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, func, select, update
from sqlalchemy import case as either
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import Conflict, NotFound
from engine.patience import wait_after

UNDER_WAY, KEPT = "under_way", "kept"
DELIVERED, EXPIRED, RECALLED, MISSED, STOPPED = "delivered", "expired", "recalled", "missed", "stopped"
OPEN = (UNDER_WAY, KEPT)
KEPT_FOR = timedelta(days=30)
LONGEST_CHAIN = 100  # deliveries that caused each other without any person or time between them


class Message(Base):
    """One message or signal to one addressee, who may still be undecided.

    `id` is its idempotency key: <case>-<seq>-<number> of what a case throws. `keys` are those it was thrown with.
    """

    __tablename__ = "message"
    __table_args__ = (Index(None, "status", "next_at"), Index(None, "from_case", "from_seq"))

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # message | signal
    name: Mapped[str] = mapped_column(index=True)
    payload: Mapped[Any] = mapped_column(JSON)
    keys: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unit_id: Mapped[str] = mapped_column(default="")  # of who sends it, "" for nobody's
    sender: Mapped[dict[str, Any]]  # as events name an actor
    from_case: Mapped[str] = mapped_column(default="")
    from_seq: Mapped[int] = mapped_column(default=0)
    chain: Mapped[int] = mapped_column(default=0)  # deliveries that led to it
    to_case: Mapped[str] = mapped_column(default="")
    to_process: Mapped[str] = mapped_column(default="")  # a case of it begins
    not_for: Mapped[str] = mapped_column(default="")  # no case of this procedure is meant
    status: Mapped[str] = mapped_column(default=UNDER_WAY)
    sent_at: Mapped[datetime]
    next_at: Mapped[datetime]  # when to try, or to give up what is kept
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    in_case: Mapped[str] = mapped_column(
        default=""
    )  # which event took it in; of what is open, one since undone
    in_seq: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Sent:
    """What was sent, by whom, on whose behalf."""

    kind: str
    name: str
    payload: Any
    keys: Mapping[str, Any]
    unit: str
    sender: Mapping[str, Any]
    from_case: str = ""
    from_seq: int = 0
    chain: int = 0
    not_for: str = ""


def put(
    db: Session, id: str, sent: Sent, now: datetime, *, to_case: str = "", to_process: str = ""
) -> Message:
    row = Message(
        id=id,
        kind=sent.kind,
        name=sent.name,
        payload=sent.payload,
        keys=dict(sent.keys),
        unit_id=sent.unit,
        sender=dict(sent.sender),
        from_case=sent.from_case,
        from_seq=sent.from_seq,
        chain=sent.chain,
        not_for=sent.not_for,
        to_case=to_case,
        to_process=to_process,
        sent_at=now,
        next_at=now,
    )
    db.add(row)
    return row


def copy(db: Session, row: Message, to_process: str, now: datetime) -> None:
    """The same message once more, to begin a case of another procedure."""
    sent = Sent(
        row.kind,
        row.name,
        row.payload,
        row.keys,
        row.unit_id,
        row.sender,
        row.from_case,
        row.from_seq,
        row.chain,
        row.not_for,
    )
    put(db, f"{row.id}-{to_process}", sent, now, to_process=to_process)


def find(db: Session, id: str) -> Message:
    """Raises NotFound."""
    row = db.get(Message, id)
    if row is None:
        raise NotFound("没有找到这条消息", help="请核对消息编号。")
    return row


# Several of one moment in the order in which they were thrown: "…-9-0" before "…-10-0".
AS_SENT = (Message.sent_at, Message.from_case, Message.from_seq, func.length(Message.id), Message.id)


def lock(db: Session, id: str) -> Message:
    """The message, fresh and locked. Raises Conflict when it is no longer under way. Lock the case before it."""
    row = db.get_one(Message, id, with_for_update=True, populate_existing=True)
    if row.status not in OPEN:
        raise Conflict("这条消息已经处理", help="同一条消息只送达一次。")
    return row


def due(db: Session, now: datetime, limit: int = 100) -> tuple[str, ...]:
    """Ids of what may be tried now, oldest first; also what has been kept too long."""
    query = select(Message.id).where(Message.status.in_(OPEN), Message.next_at <= now)
    return tuple(db.scalars(query.order_by(*AS_SENT).limit(limit)))


def kept_for(db: Session, kind: str, name: str) -> list[Message]:
    """What is under way or kept with this name and no process to begin, oldest first."""
    query = select(Message).where(
        Message.name == name, Message.kind == kind, Message.status.in_(OPEN), Message.to_process == ""
    )
    return list(db.scalars(query.order_by(*AS_SENT)))


def wake(db: Session, ids: list[str], now: datetime) -> None:
    """Somebody waits for them now. Also those under way: who is about to keep one must not overlook it."""
    query = update(Message).where(Message.id.in_(ids), Message.status.in_(OPEN))
    db.execute(query.values(status=UNDER_WAY, next_at=now))


def stop(row: Message, now: datetime) -> None:
    """Deliveries that do nothing but cause each other come to an end."""
    row.error = f"自动往来的消息连续超过{LONGEST_CHAIN}次，不再送达"
    end(row, STOPPED, now)


def keep(row: Message, now: datetime) -> None:
    """Until somebody waits for it, at most `KEPT_FOR`."""
    until = row.sent_at + KEPT_FOR
    if until <= now:
        end(row, EXPIRED, now)
    else:
        row.status, row.next_at = KEPT, until


def hold(row: Message, now: datetime) -> None:
    """As long as the case it is for stands still: what has found whom it is for is not given up for that."""
    row.status, row.next_at = KEPT, now + KEPT_FOR


def held_for(db: Session, case: str, limit: int) -> list[Message]:
    """The first of what is under way or kept for this case alone, oldest first, locked. Lock the case before."""
    query = select(Message).where(Message.to_case == case, Message.status.in_(OPEN))
    return list(db.scalars(query.order_by(*AS_SENT).limit(limit).with_for_update()))


def give_up(db: Session, case: str, now: datetime) -> None:
    """The case has ended: what was kept for it alone reaches nobody any more. Whoever sent a message may ask why."""
    query = update(Message).where(Message.to_case == case, Message.status.in_(OPEN))
    why = either((Message.kind == "message", "所给的这一件已经结束，没有交付"), else_=Message.error)
    db.execute(query.values(status=MISSED, ended_at=now, error=why))


def put_back(row: Message, payload: Any, keys: Mapping[str, Any], case: str, seq: int, now: datetime) -> None:
    """Event `seq` of a case took it in and has been undone: it is kept for that case, as it came."""
    row.payload, row.keys, row.to_case = payload, dict(keys), case
    row.in_case, row.in_seq, row.ended_at = case, seq, None
    hold(row, now)


def was_taken_in(row: Message) -> bool:
    """Whether what is open has reached its case before, by an event that was undone."""
    return row.in_seq > 0


def lose(row: Message, why: str, now: datetime) -> None:
    """It cannot be delivered to whom it is for; who looks for it learns why."""
    row.error = why[:500]
    end(row, MISSED, now)


def end(row: Message, status: str, now: datetime, *, case: str = "", seq: int = 0) -> None:
    row.status, row.ended_at, row.in_case, row.in_seq = status, now, case, seq


def failed(db: Session, id: str, error: str, now: datetime) -> None:
    """Try again later, ever more slowly, up to a day."""
    row = db.get_one(Message, id, with_for_update=True)
    if row.status == UNDER_WAY:
        row.attempts, row.error = row.attempts + 1, error[:500]
        row.next_at = now + wait_after(row.attempts)


def recall(db: Session, case: str, since: int, now: datetime) -> None:
    """What a case sent from event `since` on and nobody has received yet is taken back."""
    query = update(Message).where(
        Message.from_case == case, Message.from_seq >= since, Message.status.in_(OPEN)
    )
    db.execute(query.values(status=RECALLED, ended_at=now))
