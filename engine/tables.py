"""Every table of the house in one place, for migrations. A room that declares a table is imported here."""

from engine import (
    accounts,
    answered,
    attachments,
    brake,
    calendar,
    cases,
    clock,
    definitions,
    designs,
    directory,
    drafts,
    incidents,
    journal,
    outbox,
    personal,
    timers,
    worklist,
)
from engine.database import Base
from engine.records import notices, numbers, submissions, visits

ROOMS = (
    accounts,
    answered,
    attachments,
    brake,
    calendar,
    cases,
    clock,
    definitions,
    designs,
    directory,
    drafts,
    incidents,
    journal,
    notices,
    numbers,
    outbox,
    personal,
    submissions,
    timers,
    visits,
    worklist,
)
METADATA = Base.metadata
