"""The seams put into SpiffWorkflow: its clock and its source of ids. Knows nothing of cases or BPMN.

A seam acts only between `ticking(…)` and its end, so that whoever else uses the library in this process sees
it unchanged. tests/engine/bpmn/test_determinism.py fails when one is taken out.

Three more of the library's habits would need one, and are not used at all, which a test holds: timers
(`datetime.now`, a zone fixed at import), `DeepMerge` (copies one level, so that branches edit each other's past)
and the task iterators (stop at depth 1,000 without a word, so that a loop dies after some 330 rounds).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID, uuid4

from SpiffWorkflow import task as spiff_task


class Ticker:
    """Counts what happens in a case, from its first command on. Order and identity come from it alone."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self) -> int:
        self.last += 1
        return self.last


_ticker: ContextVar[Ticker | None] = ContextVar("ticker", default=None)


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


def _install() -> None:
    setattr(spiff_task, "uuid4", _task_id)  # noqa: B010 - untyped module, assigned on purpose
    setattr(spiff_task, "time", _Clock)  # noqa: B010


_install()
