"""What can be asked of the engine: frozen data in the imperative. Knows nothing of how it is done.

Every command that changes a case carries an idempotency `key`: the same key gets the stored answer again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The answer to a command on a case; stored under its key.

    `detail` says what a command tells besides, such as `ended` (the end event reached, "" while the case runs) or
    `incident` (why, when an automatic step failed and the case has stopped: a retry executes what was accepted), or
    `message` (the id of what is under way or kept: `reading.under_way.message` tells what becomes of it).
    """

    case: str  # "" for a command that concerns no case
    seq: int  # number of the event that was appended, 0 for none
    opened: tuple[str, ...] = ()  # ids of the work items that are open now
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StartCase:
    """Start a case of the current release of `process` for `unit`, from submissions of that unit (R011).

    `at` is the id of a start event that has an event of its own, `payload` what its event brings (any JSON);
    without `at` the case begins at the plain start event, where a procedure that is as drawn takes an object of
    variables as `payload`. Refused with NotFound (no release, unit not one's own), NotAllowed, FormRejected.
    """

    process: str
    unit: str = ""  # "" for one's own, in a procedure that is as drawn
    title: str = ""
    submissions: tuple[str, ...] = ()
    channel: str = ""
    mentions: int = 1
    key: str = ""
    at: str = ""
    payload: Any = None


@dataclass(frozen=True)
class SubmitTask:
    """Complete a work item with the answers to its form (JSON values without floats, not yet validated).

    Refused with AlreadyDone (somebody was faster), Conflict (no longer open, claimed, suspended), NotAllowed, and
    FormRejected with each complaint at its field; nothing has changed then.
    """

    work_item: str
    answers: Mapping[str, Any]
    on_behalf_of: str = ""
    key: str = ""


@dataclass(frozen=True)
class ClaimTask:
    """Take an open work item upon oneself: others can no longer complete it. Conflict when somebody has it."""

    work_item: str
    key: str = ""


@dataclass(frozen=True)
class ReleaseTask:
    """Give a claimed work item back to all who may do it."""

    work_item: str
    key: str = ""


@dataclass(frozen=True)
class DelegateTask:
    """Hand a work item to a person of the same unit, with a reason."""

    work_item: str
    to: str  # person id
    reason: str
    key: str = ""


@dataclass(frozen=True)
class SendMessage:
    """Deliver a message from outside to a case. `correlation` are its keys; None: read from the payload."""

    case: str
    name: str
    payload: Any  # JSON
    key: str = ""
    correlation: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class PublishMessage:
    """Send a message to no particular case: to the one that waits for it, else one begins by it, else it is kept.

    Nothing happens to a case within this command; `Engine.tick` delivers. `detail["message"]` of the outcome is
    the id for `DeliverMessage`.
    """

    name: str
    payload: Any = None  # JSON
    correlation: Mapping[str, Any] = field(default_factory=dict)  # beside those read from the payload
    unit: str = ""  # on whose behalf; a case that begins by it belongs to this unit
    key: str = ""


@dataclass(frozen=True)
class SendSignal:
    """Send a signal to every case that waits for it; those that begin by it begin. Delivered by `Engine.tick`."""

    name: str
    payload: Any = None  # JSON
    unit: str = ""
    key: str = ""


@dataclass(frozen=True)
class DeliverMessage:
    """Bring one message or signal that is under way to where it belongs now."""

    message: str  # its id
    key: str = ""


@dataclass(frozen=True)
class CatchUp:
    """Execute the next of what was kept for a case that goes on again; `Engine.tick` finds and does all."""

    case: str
    key: str = ""


@dataclass(frozen=True)
class FireStartTimer:
    """Begin a case of a procedure whose timer start event is due."""

    process: str
    element: str
    key: str = ""


@dataclass(frozen=True)
class FireTimer:
    """Fire one due timer of one case; `Engine.tick` finds and fires all. Conflict when it is not due or gone."""

    case: str
    path: str  # of the timer, as drawn
    key: str = ""


@dataclass(frozen=True)
class ReturnTask:
    """退回: whoever has an open task sends the case back to an earlier one that process.toml allows."""

    work_item: str
    to: str  # element id
    reason: str
    key: str = ""


@dataclass(frozen=True)
class WithdrawTask:
    """撤回: whoever did the last step takes it back while nobody has acted since."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class RequestSkip:
    """跳过: ask that an open task be skipped, where process.toml names somebody who may approve it."""

    work_item: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class DecideSkip:
    """Approve or refuse the open request to skip a task; not by the person who asked."""

    work_item: str
    approved: bool
    reason: str
    key: str = ""


@dataclass(frozen=True)
class SuspendCase:
    """Stop a case until it is resumed: nothing can be done in it, and no timer fires."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class ResumeCase:
    """Let a suspended case go on."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class RetryIncident:
    """Let a case that stopped in an incident try again."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class CorrectFacts:
    """Correct facts of a case, with a reason; timers that rest on them are computed again."""

    case: str
    facts: Mapping[str, Any]
    reason: str
    key: str = ""


@dataclass(frozen=True)
class CorrectData:
    """Correct the data of a case that has stopped, so that a retry can succeed.

    `data` maps the name of a task to the fields that change (its form accepts the whole again), or, where a
    procedure keeps its answers flat, a variable to its value. For what is pending: the fields of the task that
    was submitted, of the message that came (by its name), or the facts of a case that could not start (`case`), and
    what its start event brought (by the id of that event).
    """

    case: str
    data: Mapping[str, Any]
    reason: str
    key: str = ""


@dataclass(frozen=True)
class GiveBackSubmission:
    """A submission that stopped its case is given back: its task is open again, what was typed is kept."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class CancelCase:
    """End a case without close-off. After a resolution the level above decides."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class MoveCase:
    """Let a running case go on under another released version of its procedure, where it stands."""

    case: str
    to: str | int  # hash of the definition, or number of the release
    reason: str
    key: str = ""


@dataclass(frozen=True)
class UndoMove:
    """Take a move to another version back while nobody has acted since."""

    case: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class RecordReceipt:
    """Record the receipt of one upload: from the connector, or by hand with the number as printed (D9)."""

    outbox: str
    receipt: str
    manual: bool = False
    key: str = ""


@dataclass(frozen=True)
class RaiseObjection:
    """An objection of anybody against a running notice (R121). `answers` follow objection-schema.json."""

    notice: str
    answers: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True)
class RegisterSubmission:
    """Enter a submission; `answers` follow submission-schema.json."""

    unit: str
    answers: Mapping[str, Any]
    visit: str = ""
    key: str = ""


@dataclass(frozen=True)
class SettleSubmission:
    """Answer a submission that becomes no case, or defer it with a reason (R015, R016)."""

    submission: str
    reply: str
    defer: bool = False
    key: str = ""


@dataclass(frozen=True)
class RegisterVisit:
    """Enter a home visit (民情家访); `answers` follow visit-schema.json."""

    unit: str
    answers: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True)
class Deploy:
    """Release `files` (bundle path → bytes) as the next version of a procedure."""

    files: Mapping[str, bytes]
    note: str = ""
    key: str = ""


@dataclass(frozen=True)
class SaveDesign:
    """Save one file of the designer's working copy of a procedure."""

    process: str
    path: str
    content: bytes
    expected: str = ""  # hash of the content the designer started from; "" for a new file
    key: str = ""


@dataclass(frozen=True)
class ReleaseDesign:
    """Release the designer's working copy as a new version; running cases stay on theirs."""

    process: str
    note: str
    key: str = ""


@dataclass(frozen=True)
class Appoint:
    """Appoint a person to a post from a date on; the holder before ends the day before."""

    person: str
    post: str
    from_date: date
    until_date: date | None = None
    key: str = ""


@dataclass(frozen=True)
class AmendCalendar:
    """Adopt days of the working-day calendar: the arrangement of a new year, or a correction. `text` is TOML."""

    text: str
    note: str
    key: str = ""


@dataclass(frozen=True)
class ApplyCalendar:
    """Count the running notice of one case again on the calendar in force (an amended one moves its end)."""

    case: str
    key: str = ""


@dataclass(frozen=True)
class PauseUploads:
    """Nothing is sent to the platforms until `ResumeUploads`; a restore does it. New uploads bear new keys."""

    reason: str
    key: str = ""


@dataclass(frozen=True)
class ResumeUploads:
    """An operator has compared what waits with what the platforms have. Refused with NotAllowed, Conflict."""

    reason: str
    key: str = ""


@dataclass(frozen=True)
class MoveClock:
    """Demonstration only: move the clock forward to `to`; what falls due on the way fires in order."""

    to: datetime
    key: str = ""


Command = (
    StartCase
    | SubmitTask
    | ClaimTask
    | ReleaseTask
    | DelegateTask
    | SendMessage
    | PublishMessage
    | SendSignal
    | DeliverMessage
    | CatchUp
    | FireStartTimer
    | FireTimer
    | RecordReceipt
    | RaiseObjection
    | RegisterSubmission
    | SettleSubmission
    | RegisterVisit
    | Deploy
    | SaveDesign
    | ReleaseDesign
    | Appoint
    | ReturnTask
    | WithdrawTask
    | RequestSkip
    | DecideSkip
    | SuspendCase
    | ResumeCase
    | RetryIncident
    | CorrectFacts
    | CorrectData
    | GiveBackSubmission
    | CancelCase
    | MoveCase
    | UndoMove
    | AmendCalendar
    | ApplyCalendar
    | PauseUploads
    | ResumeUploads
    | MoveClock
)
