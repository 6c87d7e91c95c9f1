"""What arrived while a case stood still, executed once it goes on: in the command that lets it and those that follow,
before anybody acts.

Each is an event of its own, in the order of its time; a timer that fell due before a message was sent fires before it.
Knows what was kept for a case; nothing of why the case stood still.
"""

from collections.abc import Iterator

from engine import cases, entitlement, messages, subscriptions, timers
from engine.cases import ACTIVE, CATCHING_UP, Case
from engine.commands import CatchUp, Outcome
from engine.entitlement import SYSTEM
from engine.errors import Refused
from engine.handlers.delivering import NOTHING, hand_over
from engine.handlers.flow import timer_fired
from engine.handlers.progress import go_on
from engine.handlers.recording import note_case
from engine.messages import Message
from engine.work import Work, signature

# In one transaction: some 0.3 s, so long does everybody else wait who writes to the same SQLite file.
AT_ONCE = 20  # events
LOOKS = 100  # messages and timers, whether they move the case or are too late for it


def catch_up(work: Work, case: Case, outcome: Outcome) -> Outcome:
    """`outcome` is what the command has done until here. A case that stops again keeps what is left.

    What one transaction does is bounded; the rest follows by `CatchUp`, and until then the case stands still: nothing
    overtakes what came before it.
    """
    last = case.seq + AT_ONCE
    for moves, made in enumerate(_moves(work, case), start=1):
        outcome = made if made.case else outcome
        if case.status == ACTIVE and (case.seq >= last or moves == LOOKS):
            case.status = CATCHING_UP
            return note_case(work, case, "catch_up_deferred", None)
    if case.status == ACTIVE:
        subscriptions.renew(work.db, case.id)  # what was sent to nobody in particular meanwhile
    return outcome


def go_on_catching_up(work: Work, command: CatchUp) -> Outcome:
    """The next of what was kept; where nothing of it has moved the case, an event says that it goes on."""
    entitlement.check_may_carry(work.by)
    case = cases.load_for_update(work.db, command.case)
    if case.status != CATCHING_UP:
        return NOTHING  # another worker has done it
    case.status = ACTIVE
    outcome = catch_up(work, case, NOTHING)
    return outcome if outcome.case else note_case(work, case, "caught_up", None)


def _moves(work: Work, case: Case) -> Iterator[Outcome]:
    """What comes of one message or timer each: the next is looked at when it is asked for."""
    for message in messages.held_for(work.db, case.id, LOOKS):
        yield from _overdue(work, case, message)
        if case.status != ACTIVE:
            return
        yield _delivered(work, case, message)


def _overdue(work: Work, case: Case, message: Message) -> Iterator[Outcome]:
    """Timers that came before the message, in due order."""
    while case.status == ACTIVE and (
        timer := timers.first_due(work.db, case.id, min(message.sent_at, work.now))
    ):
        yield go_on(work, case, timer_fired(timer, signature(SYSTEM)))


def _delivered(work: Work, case: Case, message: Message) -> Outcome:
    """A message that is no longer for it moves nothing, and is kept in the register, with why."""
    before = case.seq
    try:
        return hand_over(work, case, message)
    except Refused as refusal:
        if case.seq != before:
            raise  # it has moved the case, and not wholly: nothing of this command may stay
        messages.lose(message, refusal.message, work.now)
        return NOTHING
