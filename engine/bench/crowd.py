"""25 people complete 25 parallel items of one case at the same moment. Knows threads; not why somebody fails."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from engine import worklist
from engine.bench import district, ours, procedures
from engine.commands import SubmitTask
from engine.engine import Engine
from engine.errors import RoundtableError
from engine.people import Actor
from engine.work import Reader


@dataclass(frozen=True)
class Crowd:
    """`seconds` from the first submission to the last answer, one for each case; `failed` over all of them."""

    people: int
    seconds: Sequence[float]
    failed: int
    completed: int  # cases that came to their end


def gather(engine: Engine, times: int) -> Crowd:
    people = district.crowd(engine)
    rounds = [_once(engine, people) for _ in range(times)]
    seconds, failed, completed = zip(*rounds, strict=True)
    return Crowd(len(people), seconds, sum(failed), sum(completed))


def _once(engine: Engine, people: dict[str, Actor]) -> tuple[float, int, bool]:
    outcome = ours.start(engine, procedures.CROWD, district.secretary(engine))
    items = engine.read(_offered, outcome.case)
    together = Barrier(len(items) + 1)

    def submit(item: str, by: Actor) -> bool:
        command = SubmitTask(item, procedures.answers(1), key=f"crowd-{item}")
        together.wait()
        try:
            engine.handle(command, by=by)
        except RoundtableError:
            return False
        return True

    with ThreadPoolExecutor(len(items)) as pool:
        ends = [pool.submit(submit, item, people[person]) for item, person in items]
        together.wait()
        began = time.perf_counter()
        failed = sum(not end.result() for end in ends)
        took = time.perf_counter() - began
    return took, failed, engine.read(ours.is_completed, outcome.case)


def _offered(reader: Reader, case: str) -> list[tuple[str, str]]:
    """Each open item and the person it is offered to."""
    return [
        (item.id, worklist.candidates(reader.db, item.id)[0].removeprefix("person:"))
        for item in worklist.open_items(reader.db, case)
    ]
