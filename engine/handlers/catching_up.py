"""What arrived while a case stood still, executed once it goes on: in the command that lets it, before anybody acts.

Each is an event of its own, in the order of its time; a timer that fell due before a message was sent fires before it.
Knows what was kept for a case; nothing of why the case stood still.
"""

from engine import messages, timers
from engine.cases import ACTIVE, Case
from engine.commands import Outcome
from engine.entitlement import SYSTEM
from engine.errors import Refused
from engine.handlers.delivering import hand_over
from engine.handlers.flow import timer_fired
from engine.handlers.progress import go_on
from engine.handlers.recording import stands_still
from engine.messages import Message
from engine.work import Work, signature


def catch_up(work: Work, case: Case, outcome: Outcome) -> Outcome:
    """`outcome` is what the command has done until here. A case that stops again keeps what is left."""
    for message in messages.held_for(work.db, case.id):
        outcome = _overdue(work, case, message, outcome)
        if stands_still(case):
            break
        outcome = _delivered(work, case, message) or outcome
    return outcome


def _overdue(work: Work, case: Case, message: Message, outcome: Outcome) -> Outcome:
    """Timers that came before the message, in due order."""
    while case.status == ACTIVE and (
        timer := timers.first_due(work.db, case.id, min(message.sent_at, work.now))
    ):
        outcome = go_on(work, case, timer_fired(timer, signature(SYSTEM)))
    return outcome


def _delivered(work: Work, case: Case, message: Message) -> Outcome | None:
    """None when it has not moved the case: a message that is no longer for it is kept in the register, with why."""
    before = case.seq
    try:
        outcome = hand_over(work, case, message)
    except Refused as refusal:
        if case.seq != before:
            raise  # it has moved the case, and not wholly: nothing of this command may stay
        messages.lose(message, refusal.message, work.now)
        return None
    return outcome if outcome.case else None
