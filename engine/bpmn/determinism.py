"""The seams put into SpiffWorkflow: clock, ids, copying, depth. Knows nothing of cases or BPMN.

Each seam acts only between `ticking(…)` and its end, so that whoever else uses the library in this process
sees it unchanged. What each mends is told in docs/design.md; tests/engine/bpmn/test_determinism.py fails
when one is taken out.

The library's timers (`datetime.now`, a zone fixed at import) need no seam: our events never call them.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID, uuid4

from SpiffWorkflow import task as spiff_task
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskIterator


class Ticker:
    """Counts what happens in a case, from its first command on. Order and identity come from it alone."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self) -> int:
        self.last += 1
        return self.last


_ticker: ContextVar[Ticker | None] = ContextVar("ticker", default=None)
_plain_merge = DeepMerge.merge


@contextmanager
def ticking(ticker: Ticker) -> Iterator[None]:
    """Within this block the library takes ids and order from `ticker` and from nothing else."""
    token = _ticker.set(ticker)
    try:
        yield
    finally:
        _ticker.reset(token)


def tick() -> int:
    """The next number of the running command. Raises LookupError outside of `ticking`."""
    ticker = _ticker.get()
    if ticker is None:
        raise LookupError("no command is running")
    return ticker.next()


class _Clock:
    """Stands for the `time` module in SpiffWorkflow.task, where `last_state_change` orders what happens.

    A count cannot stand still or run backwards, as a clock can.
    """

    @staticmethod
    def time() -> float:
        ticker = _ticker.get()
        return time.time() if ticker is None else ticker.next()


def _task_id() -> UUID:
    """Task ids are `uuid4` in the library: other ids, and another order, on every re-execution."""
    ticker = _ticker.get()
    return uuid4() if ticker is None else UUID(int=ticker.next())


def _merge(a: dict[str, Any], b: dict[str, Any], path: list[str] | None = None) -> dict[str, Any]:
    """`DeepMerge.merge` copies one level, so that branches share what lies deeper and edit each other's past.

    Here a value, once stored, is never edited in place (scripts work on copies): tasks may share values, and
    merging replaces whole values.
    """
    if _ticker.get() is None:
        return _plain_merge(a, b, path)
    a.update(b)
    return a


def _install() -> None:
    setattr(spiff_task, "uuid4", _task_id)  # noqa: B010 - untyped module, assigned on purpose
    setattr(spiff_task, "time", _Clock)  # noqa: B010
    setattr(DeepMerge, "merge", staticmethod(_merge))  # noqa: B010
    for iterator in (TaskIterator, BpmnTaskIterator):
        _lift_depth(iterator)


def _lift_depth(iterator: Any) -> None:
    """Iteration stops at depth 1,000 without a word: a loop dies after some 330 rounds."""
    defaults = iterator.__init__.__defaults__
    iterator.__init__.__defaults__ = tuple(sys.maxsize if value == 1000 else value for value in defaults)


_install()
