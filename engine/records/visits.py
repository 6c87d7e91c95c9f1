"""The register of home visits (民情家访): visit, learn, resolve (R078, R081). Knows submissions, no flow.

One tick turns a visit into a submission; the visit keeps the link to what became of it (R022).
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import forms
from engine.clock import local_date
from engine.database import Base
from engine.errors import Conflict, NotFound
from engine.people import Actor
from engine.records import numbers, submissions
from engine.records.submissions import Submission


class Visit(Base):
    """One visit. `sealed`: path → commitment of the household and its telephone (personal.py)."""

    __tablename__ = "visit"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    visited_on: Mapped[date] = mapped_column(index=True)
    visitor: Mapped[str]
    visitor_post: Mapped[str]
    compound: Mapped[str]
    situation: Mapped[str] = mapped_column(Text)
    wishes: Mapped[str] = mapped_column(Text)
    solutions: Mapped[str] = mapped_column(Text)
    sealed: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_by_name: Mapped[str]
    at: Mapped[datetime]


def add(db: Session, unit: str, accepted: forms.Accepted, by: Actor, now: datetime) -> Visit:
    """Enter the accepted answers of visit-schema.json, and the submission that they ask for."""
    told = accepted.answers
    year = local_date(now).year
    number = f"JF-{unit.upper()}-{year}-{numbers.allot(db, f'visit/{unit}/{year}'):04d}"
    id = submissions.row_id(number, now)
    visit = Visit(
        id=id,
        number=number,
        unit_id=unit,
        visited_on=date.fromisoformat(told["visited_on"]),
        visitor=told["visitor"],
        visitor_post=told["visitor_post"],
        compound=told["compound"],
        situation=told["situation"],
        wishes=told["wishes"],
        solutions=told["solutions"],
        sealed=submissions.sealed(db, f"visit:{id}", accepted, now),
        made_by=by.person,
        made_by_name=by.name,
        at=now,
    )
    db.add(visit)
    db.flush()
    if told.get("to_submission"):
        to_submission(db, visit, told["category"], by, now)
    return visit


def find(db: Session, id: str, units: Iterable[str]) -> Visit:
    """Within the units that the asker may see. Raises NotFound."""
    visit = db.get(Visit, id)
    if visit is None or visit.unit_id not in set(units):
        raise NotFound("没有找到这次民情家访", help="请从民情家访列表重新打开。")
    return visit


def to_submission(db: Session, visit: Visit, category: str, by: Actor, now: datetime) -> Submission:
    """R022: one action; the wishes of the household are the wording. The household stays with the visit."""
    if submission_of(db, visit.id) is not None:
        raise Conflict("这次民情家访已经登记为诉求", rule="R022", help="请在诉求登记列表中查看。")
    answers = {
        "channel": "home_visit",
        "received_on": visit.visited_on.isoformat(),
        "original_wording": visit.wishes,
        "compound": visit.compound,
        "category": category,
        "category_reason": "民情家访中反映" if category == "other" else "",
        "mentions": 1,
    }
    return submissions.add(db, visit.unit_id, forms.Accepted(answers, ()), by, now, visit=visit.id)


def submission_of(db: Session, visit: str) -> Submission | None:
    """What became of a visit."""
    return db.scalars(select(Submission).where(Submission.visit_id == visit)).first()
