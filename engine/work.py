"""One command at work: its transaction, its moment, its author. Knows nothing of what the command does."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.errors import Failed
from engine.people import Actor
from engine.settings import Settings


@dataclass(frozen=True)
class Work:
    """What every handler gets. `now` was read once and is the time of everything the command does."""

    db: Session
    now: datetime
    by: Actor
    settings: Settings
    key: str = ""
    failed: Failed | None = None  # what the same command came upon in the transaction before

    @property
    def today(self) -> date:
        """The day in China."""
        return local_date(self.now)

    def new_id(self) -> str:
        """A public id that nobody can guess. Kept in the event that uses it, so re-execution needs no new one."""
        return secrets.token_hex(8)


@dataclass(frozen=True)
class Reader:
    """What every reading gets: a snapshot and the time."""

    db: Session
    now: datetime
    settings: Settings

    @property
    def today(self) -> date:
        return local_date(self.now)


def signature(by: Actor, on_behalf_of: str = "") -> Mapping[str, Any]:
    """The actor as events name him."""
    signed = {"id": by.person, "name": by.name, "post": by.post, "title": by.post_title, "unit": by.unit}
    return {**signed, "on_behalf_of": on_behalf_of} if on_behalf_of else signed
