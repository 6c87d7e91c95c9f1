"""Attachments as a person may open them: those of his units, and of units in whose cases he has a task."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from engine import attachments, people
from engine.errors import NotFound
from engine.people import Actor
from engine.work import Reader
from engine.worklist import Candidate, WorkItem


@dataclass(frozen=True)
class Download:
    name: str
    media_type: str
    content: bytes


def download(reader: Reader, actor: Actor, attachment: str) -> Download:
    """Raises NotFound for everything that is not the actor's to see."""
    row = reader.db.get(attachments.Attachment, attachment)
    if row is None or not (row.uploaded_by == actor.person or row.unit_id in _units(reader, actor)):
        raise NotFound("没有找到这个附件", help="请从办件页面重新打开。")
    return Download(row.name, row.media_type, attachments.read(reader.db, row))


def check_may_attach(reader: Reader, actor: Actor, unit: str) -> None:
    """Raises NotFound for a unit that is not the actor's to see."""
    if unit not in _units(reader, actor):
        raise NotFound("没有找到这个单位", help="只能为本单位范围内的事项上传附件。")


def _units(reader: Reader, actor: Actor) -> set[str]:
    posts = people.posts_of(reader.db, actor.person, reader.today)
    own = [f"person:{actor.person}", *(f"post:{post}" for post in posts)]
    asked = reader.db.scalars(
        select(WorkItem.unit_id)
        .join(Candidate, Candidate.work_item == WorkItem.id)
        .where(or_(Candidate.candidate.in_(own), WorkItem.done_by == actor.person))
        .distinct()
    )
    return {*people.scope(reader.db, actor), *asked}
