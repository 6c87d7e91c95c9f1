"""One command's turn at a case: its clock, its door to the world, and what it has caused so far.

The specs of the diagram are shared by all cases, so what belongs to one command travels in a context variable.
Knows no workflow and no diagram.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.arrows import Way, Ways
from engine.bpmn.determinism import Ticker, ticking
from engine.bpmn.script import Budget
from engine.bpmn.step import JSON, Outside, TraceEntry

# (name, payload), the keys of a message that carries any, the way of one that follows an arrow
Message = tuple[Any, ...]


class Own(tuple[Any, ...]):
    """A message that the case itself has thrown; one that was sent to it is a plain tuple. They compare alike."""


@dataclass
class Turn:
    """`facts` and `pending` belong to the case and are changed in place; the rest lasts for one command."""

    at: datetime
    outside: Outside
    facts: dict[str, JSON]
    declared: frozenset[str] | None  # facts that may be set; None when the procedure declares none
    flat: bool  # answers are merged into the data instead of being kept under their task
    functions: Mapping[str, Callable[..., JSON]]
    pending: list[Message]  # thrown and not caught yet, oldest first
    correlations: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    arrows: Ways = field(default_factory=dict)
    trace: list[TraceEntry] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    mail: list[tuple[Any, JSON]] = field(
        default_factory=list
    )  # (waiting task, payload), before the next step
    over: list[Any] = field(default_factory=list)  # where processes have ended, before the next step
    foreign: frozenset[str] = (
        frozenset()
    )  # names of messages that leave the case, whoever could catch them here
    catchable: frozenset[str] = frozenset()  # names of messages that some element of the definition can catch
    leaving: list[Message] = field(default_factory=list)  # with keys, and to whom; in the order thrown
    signals: list[tuple[str, JSON]] = field(default_factory=list)  # (name, payload) thrown by this command
    utc_months: bool = False


_turn: ContextVar[Turn] = ContextVar("turn")


@contextmanager
def taking(turn: Turn, ticker: Ticker) -> Iterator[Turn]:
    token = _turn.set(turn)
    try:
        with ticking(ticker):
            yield turn
    finally:
        _turn.reset(token)


def current() -> Turn:
    return _turn.get()


def parts(message: Message) -> tuple[str, JSON, Mapping[str, JSON], Way | None]:
    """Name, payload, keys and way of a message, as it was posted or as it was frozen."""
    name, payload, *more = message
    return name, payload, more[0] if more else {}, tuple(more[1]) if more[1:] else None
