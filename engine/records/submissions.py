"""The register of submissions: what people have raised, in their own words, per unit (R087, R089). Knows no flow.

The wording is never edited; what is personal lies sealed apart. A submission ends in a case or with a reply.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import forms, personal
from engine.clock import local_date
from engine.database import Base
from engine.errors import Conflict, NotFound, Refused
from engine.people import Actor
from engine.records import numbers

NEW, IN_CASE, REPLIED, DEFERRED = "new", "in_case", "replied", "deferred"
STATUSES = {NEW: "待处理", IN_CASE: "已列入议题", REPLIED: "已答复", DEFERRED: "暂缓"}
TOP_DOWN, BOTTOM_UP = "top_down", "bottom_up"
_TOP_DOWN_CHANNELS = ("home_visit", "delegates", "party_members")  # R078, R079, R080
_ALIKE, _ALIKE_FOR = 0.2, timedelta(days=365)


class Submission(Base):
    """One thing raised. `sealed`: path → commitment of the submitter's name and telephone (personal.py)."""

    __tablename__ = "submission"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    channel: Mapped[str]
    direction: Mapped[str]
    original_wording: Mapped[str] = mapped_column(Text)
    compound: Mapped[str]
    category: Mapped[str]
    category_reason: Mapped[str]
    anonymous: Mapped[bool]
    urgent: Mapped[bool]
    mentions: Mapped[int]
    sealed: Mapped[dict[str, Any]]
    tags: Mapped[list[Any]]
    attachments: Mapped[list[Any]]
    received_on: Mapped[date]
    visit_id: Mapped[str] = mapped_column(default="", index=True)
    status: Mapped[str] = mapped_column(default=NEW, index=True)
    case_id: Mapped[str] = mapped_column(default="", index=True)
    reply: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]
    made_by: Mapped[str]
    made_by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Taken:
    """What a case inherits from the submissions that it starts from."""

    mentions: int
    channel: str


@dataclass(frozen=True)
class Alike:
    """A suggestion: `score` in hundredths of likeness."""

    submission: Submission
    score: int


def add(
    db: Session, unit: str, accepted: forms.Accepted, by: Actor, now: datetime, *, visit: str = ""
) -> Submission:
    """Enter the accepted answers of submission-schema.json."""
    told = accepted.answers
    year = local_date(now).year
    number = f"SQ-{unit.upper()}-{year}-{numbers.allot(db, f'submission/{unit}/{year}'):04d}"
    id = row_id(number, now)
    row = Submission(
        id=id,
        number=number,
        unit_id=unit,
        channel=told["channel"],
        direction=direction_of(told["channel"]),
        original_wording=told["original_wording"],
        compound=told["compound"],
        category=told["category"],
        category_reason=told.get("category_reason", ""),
        anonymous=bool(told.get("anonymous")),
        urgent=bool(told.get("urgent")),
        mentions=int(told.get("mentions") or 1),
        sealed=sealed(db, f"submission:{id}", accepted, now),
        tags=_tags(told.get("tags", "")),
        attachments=list(told.get("attachments", ())),
        received_on=date.fromisoformat(told["received_on"]),
        visit_id=visit,
        made_by=by.person,
        made_by_name=by.name,
        at=now,
    )
    db.add(row)
    db.flush()
    return row


def find(db: Session, id: str, units: Iterable[str]) -> Submission:
    """Within the units that the asker may see. Raises NotFound."""
    row = db.get(Submission, id)
    if row is None or row.unit_id not in set(units):
        raise NotFound("没有找到这件诉求", help="请从诉求登记列表重新打开。")
    return row


def take_into_case(db: Session, ids: Sequence[str], unit: str) -> Taken:
    """Lock the submissions of a unit for a new case; none twice (R089: a merge keeps every source).

    Raises NotFound for one of another unit, Conflict for one that is settled or lies in a case already.
    """
    if not ids:
        return Taken(0, "")
    query = select(Submission).where(Submission.id.in_(ids), Submission.unit_id == unit)
    rows = {row.id: row for row in db.scalars(query.order_by(Submission.id).with_for_update())}
    for id in ids:
        _check_free(rows.get(id))
    return Taken(sum(row.mentions for row in rows.values()), rows[ids[0]].channel)


def link_to_case(db: Session, ids: Sequence[str], case: str, now: datetime) -> None:
    for row in db.scalars(select(Submission).where(Submission.id.in_(ids))):
        row.status, row.case_id, row.settled_at = IN_CASE, case, now


def settle(row: Submission, reply: str, now: datetime, *, status: str = REPLIED) -> None:
    """Reply to a submission that becomes no case, or defer it with a reason (R015, R016)."""
    _check_free(row)
    if not reply.strip():
        raise Refused("答复或暂缓都要写明理由", rule="R015", help="请写明给群众的答复。")
    row.status, row.reply, row.settled_at = status, reply.strip(), now


def settle_with_case(db: Session, case: str, result: str, now: datetime) -> None:
    """R015: whoever raised it is told how the case ended."""
    for row in of_case(db, case):
        row.status, row.reply, row.settled_at = REPLIED, result, now


def of_case(db: Session, case: str) -> tuple[Submission, ...]:
    return tuple(db.scalars(select(Submission).where(Submission.case_id == case).order_by(Submission.number)))


def direction_of(channel: str) -> str:
    """R077: the direction derives from the channel."""
    return TOP_DOWN if channel in _TOP_DOWN_CHANNELS else BOTTOM_UP if channel else ""


def alike(
    db: Session, unit: str, wording: str, compound: str, now: datetime, *, leave_out: str = "", limit: int = 5
) -> tuple[Alike, ...]:
    """Submissions of the last year that may be about the same, most alike first (R089). Suggestions only."""
    query = select(Submission).where(
        Submission.unit_id == unit, Submission.at >= now - _ALIKE_FOR, Submission.id != leave_out
    )
    wanted = _pairs(wording)
    found = [(_likeness(wanted, compound, row), row) for row in db.scalars(query)]
    near = sorted((pair for pair in found if pair[0] >= _ALIKE), key=lambda pair: (-pair[0], pair[1].number))
    return tuple(Alike(row, round(score * 100)) for score, row in near[:limit])


def counts(db: Session, units: Iterable[str]) -> Mapping[str, int]:
    """Status → number of submissions of these units (R016: all stay counted)."""
    query = (
        select(Submission.status, func.count().label("number"))
        .where(Submission.unit_id.in_(tuple(units)))
        .group_by(Submission.status)
    )
    counted = {row.status: row.number for row in db.execute(query)}
    return {status: counted.get(status, 0) for status in STATUSES}


def repeated(
    db: Session, units: Iterable[str], since: date, at_least: int = 3
) -> Mapping[tuple[str, str], int]:
    """Unit and compound → submissions since a day, where the same place comes up again and again (R088)."""
    query = select(Submission.unit_id, Submission.compound).where(
        Submission.unit_id.in_(tuple(units)), Submission.received_on >= since
    )
    counted = Counter((unit, compound) for unit, compound in db.execute(query))
    return {place: number for place, number in counted.most_common() if number >= at_least}


def sealed(db: Session, subject: str, accepted: forms.Accepted, now: datetime) -> dict[str, str]:
    """Path → commitment of the personal values of a register entry."""
    values = {path: forms.at(accepted.answers, path) for path in accepted.personal_paths}
    return personal.seal(db, subject, values, now)


def row_id(number: str, now: datetime) -> str:
    """A public id that does not follow from the number. It must not hash a value: a telephone could be guessed."""
    return sha256(f"{number}/{now.isoformat()}".encode()).hexdigest()[:20]


def _check_free(row: Submission | None) -> None:
    if row is None:
        raise NotFound("没有找到这件诉求", help="只能选用本社区(村)登记的诉求。")
    if row.status == IN_CASE:
        raise Conflict(
            f"诉求{row.number}已列入另一件议题", rule="R089", help="请刷新诉求登记列表后重新选择。"
        )
    if row.status == REPLIED:
        raise Conflict(f"诉求{row.number}已经答复", help="如又有反映，请重新登记。")


def _tags(text: str) -> list[str]:
    parts = text.replace("，", "、").replace(",", "、").split("、")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _likeness(wanted: frozenset[str], compound: str, row: Submission) -> float:
    """Share of common pairs of characters; the same compound counts a little."""
    given = _pairs(row.original_wording)
    shared = len(wanted & given) / (len(wanted | given) or 1)
    return shared + (0.1 if shared and compound and compound == row.compound else 0.0)


def _pairs(text: str) -> frozenset[str]:
    letters = [character for character in text if character.isalnum()]
    return frozenset(a + b for a, b in pairwise(letters))
