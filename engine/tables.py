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
    messages,
    outbox,
    personal,
    start_timers,
    subscriptions,
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
    messages,
    notices,
    numbers,
    outbox,
    personal,
    start_timers,
    submissions,
    subscriptions,
    timers,
    visits,
    worklist,
)
METADATA = Base.metadata
