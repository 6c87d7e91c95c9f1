"""Everything the engine refuses, as one tree. Knows nothing of HTTP; the web maps class → status.

Refused                    what was refused, why (rule, clause) and what helps, in Chinese
├─ NotFound                no such thing, or not yours to see                                404
├─ NotAllowed              no right to do it; names the rule                                 403
│  └─ NotSignedIn          nobody is signed in, or the session has ended                     401
├─ Conflict                the case has changed meanwhile                                    409
│  └─ AlreadyDone          somebody was faster: by whom and when                             409
├─ TooOften                the same was sent too many times within an hour                   429
├─ FormRejected            answers break a form: problems, each at its field                 422
├─ ScriptRefused           text that is not in the script language: line, column, help       422
├─ DeploymentRefused       a definition may not be deployed: problems on their elements      422
├─ CalendarUnknown         a statutory window reaches a year without calendar data           422
├─ OperationFailed         a service operation could not answer                              422
├─ LimitExceeded           a bound of the run gate was reached                               422
├─ DeadEnd                 nothing could ever move the case again                            422
└─ ScriptFailed            a script or condition failed while running: element, reason       422
   └─ NobodyCatches        an error or escalation that no scope around it catches            422
Failed                     an automatic step failed: rolled back, then recorded; the engine's own
Unavailable                the database is away or full; nothing was done, send it again     503
HistoryBroken              a chain or a re-execution does not agree: the first event         500
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class RoundtableError(Exception):
    """Root of all refusals."""


@dataclass(frozen=True)
class Place:
    """A drawn element, at one of its rounds and items."""

    path: str
    element: str
    name: str


class Refused(RoundtableError):
    """`message` says what was refused, `rule` by which rule (R120 …), `help` what would help.

    `place` is the element whose automatic step failed; None when the command itself is refused.
    """

    def __init__(self, message: str, *, rule: str = "", help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.help = help
        self.place: Place | None = None


class NotFound(Refused):
    """没有找到，或者不在您的查看范围内。"""


class NotAllowed(Refused):
    """没有办理权限。"""


class NotSignedIn(NotAllowed):
    """请先登录。"""


class Conflict(Refused):
    """事项已经发生变化。"""


class AlreadyDone(Conflict):
    """Somebody completed the task before. `by` is a display name, `at` an ISO date-time."""

    def __init__(self, message: str, *, by: str = "", at: str = "", help: str = "") -> None:
        super().__init__(message, help=help)
        self.by = by
        self.at = at


class TooOften(Refused):
    """操作过于频繁。"""


@dataclass(frozen=True)
class FieldProblem:
    """One complaint about one field. `row` counts from 1 in a table, 0 otherwise; `column` is its key."""

    field: str
    message: str
    row: int = 0
    column: str = ""
    rule: str = ""
    help: str = ""


class FormRejected(Refused):
    """`problems` are in the order of the form. `rule` is that of the first problem that names one."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        rule = next((problem.rule for problem in problems if problem.rule), "")
        super().__init__(f"表单有 {len(problems)} 处需要改正", rule=rule)
        self.problems = tuple(problems)


class ScriptRefused(Refused):
    """Text outside the script language. `line` and `column` count from 1."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0, help: str = "") -> None:
        super().__init__(message, help=help)
        self.line = line
        self.column = column


class DeploymentRefused(Refused):
    """`problems` is a sequence of `engine.bpmn.step.Problem`."""

    def __init__(self, message: str, problems: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class CalendarUnknown(Refused):
    """The State Council arrangement of a year is not known yet: a statutory window is never guessed."""


class OperationFailed(Refused):
    """A service operation could not answer."""


class LimitExceeded(Refused):
    """A bound of the run gate: automatic steps, data size, instances."""


class DeadEnd(Refused):
    """The case would stand where no person, time or event could ever move it again."""


class ScriptFailed(Refused):
    """A script or condition failed while running, at `element`."""

    def __init__(self, message: str, *, element: str = "", help: str = "") -> None:
        super().__init__(message, help=help)
        self.element = element


class NobodyCatches(ScriptFailed):
    """An error or escalation was thrown that no scope around it catches."""


class Failed(RoundtableError):
    """An automatic step failed after event `after` of its case. Never leaves the engine.

    Nothing of the failed step may stay, so its transaction is rolled back; the next one does the command again
    up to this point and records the incident. `asked` is what it had asked of the world until then.
    """

    def __init__(self, after: int, refusal: Refused, asked: Sequence[Any]) -> None:
        super().__init__(refusal.message)
        self.after = after
        self.refusal = refusal
        self.asked = asked


class Unavailable(RoundtableError):
    """The database is away, locked or full. Nothing was done; the same request may be sent again."""


class HistoryBroken(RoundtableError):
    """A chain or a re-execution does not agree with what was recorded. Names the first event."""
