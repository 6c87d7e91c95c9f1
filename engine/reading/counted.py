"""Which events of a case still count after it was returned or a step withdrawn. Knows events, no page."""

from collections.abc import Sequence

from engine.journal import Recorded
from engine.reexecution import MOVING, RETURNING, effective


def counted(events: Sequence[Recorded]) -> list[Recorded]:
    """Without those that a later return went back over; events that move nothing stay."""
    gone = undone(events)
    return [event for event in events if event.seq not in gone]


def undone(events: Sequence[Recorded]) -> frozenset[int]:
    """Numbers of the events that a later return went back over. A return is never undone itself: it happened."""
    kept = {body["seq"] for body in effective(event.body for event in events)}
    moving = {event.seq for event in events if event.type in MOVING and event.type not in RETURNING}
    return frozenset(moving - kept)


def back_to(event: Recorded) -> int:
    """The event that a return goes back to before, 0 for every other event."""
    return int(event.body["data"]["to_seq"]) if event.type in RETURNING else 0
