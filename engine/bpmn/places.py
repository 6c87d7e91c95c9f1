"""Where in the drawing a task of the library stands, and which element could not go on. Knows no cause."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.errors import Place, Refused


def path(task: Any) -> str:
    """As drawn: call activities from the outside in, rounds above 1 as #n, items as [i]."""
    own = task.task_spec.drawn.id
    round_ = task.internal_data.get("round") or task.workflow.rounds.get(own, 0) + 1
    item = task.internal_data.get("index")
    text = own + (f"#{round_}" if round_ > 1 else "") + ("" if item is None else f"[{item}]")
    caller = task.workflow.caller
    return text if caller is None else f"{path(caller)}/{text}"


@contextmanager
def failing_at(task: Any) -> Iterator[None]:
    """What is refused inside is a failure of this element, unless one within it has said so already.

    A refusal that leaves the kernel without a place is one of the command itself: nothing of the case has failed.
    """
    try:
        yield
    except Refused as refusal:
        refusal.place = refusal.place or place(task)
        raise


def place(task: Any) -> Place | None:
    """None for what nobody has drawn: the library's own starts and ends."""
    drawn = getattr(task.task_spec, "drawn", None) if task else None
    return Place(path(task), drawn.id, drawn.name or drawn.id) if drawn else None
