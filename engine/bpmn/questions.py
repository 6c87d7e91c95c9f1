"""The functions of the script language that need the world or the clock, as one command sees them.

The names and meanings are those of docs/design.md section 3. Knows no case.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from engine.bpmn.functions import SHANGHAI
from engine.bpmn.step import JSON, Outside

# function → (operation, names of its arguments)
_ASKED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "working_days_after": ("calendar/working_days_after", ("date", "days")),
    "working_days_between": ("calendar/working_days_between", ("start", "end")),
    "notice_end": ("calendar/notice_end", ("posted_on", "days")),
    "last_working_day": ("calendar/last_working_day", ("date",)),
    "first_saturday": ("calendar/first_saturday", ("date",)),
    "holder": ("people/holder", ("role", "date")),
    "council_size": ("people/council_size", ("date",)),
}


def questions(at: datetime, outside: Outside) -> Mapping[str, Callable[..., JSON]]:
    """`today()` and `now()` from the command's own clock, everything else by asking `outside`."""
    local = at.astimezone(SHANGHAI)
    asked = {name: _asking(outside, *what) for name, what in _ASKED.items()}
    return {
        "today": lambda: local.date().isoformat(),
        "now": lambda: local.isoformat(timespec="seconds"),
        **asked,
    }


def _asking(outside: Outside, operation: str, names: tuple[str, ...]) -> Callable[..., JSON]:
    def ask(*arguments: JSON) -> JSON:
        return outside.ask(operation, dict(zip(names, arguments, strict=True)))

    return ask
