"""Commands on all that leaves the house: pause it after a restore, let it go on once somebody has looked."""

from engine import entitlement, epochs
from engine.commands import Outcome, PauseUploads, ResumeUploads
from engine.handlers.recording import check_reason, tell_district
from engine.work import Work


def pause_uploads(work: Work, command: PauseUploads) -> Outcome:
    """After a restore, by the house itself or by the operator who did it with the tools of PostgreSQL."""
    check_reason(command.reason)
    entitlement.check_may_pause(work.by)
    return tell_district(work, epochs.begin(work.db, command.reason.strip(), work.now))


def resume_uploads(work: Work, command: ResumeUploads) -> Outcome:
    """By an operator only: somebody has compared what the platforms have with what waits here."""
    check_reason(command.reason)
    entitlement.check_role(work.by, "operator")
    return tell_district(work, epochs.resume(work.db, work.by.person, command.reason.strip(), work.now))
