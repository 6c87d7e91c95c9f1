"""What the page of a case shows where no procedure of ours gives it words: variables, waits, the way it went.

Knows variables and traces by their own names; personal values are commitments here as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine import definitions, journal, procedure
from engine.bpmn import outline
from engine.cases import Case
from engine.procedure import Procedure
from engine.reading import running
from engine.reading.answers import Shown, shown_freely
from engine.reading.elements import title_of
from engine.reading.facts import fact_shown
from engine.reading.named import namer
from engine.work import Reader

MOST = 200  # lines of a way that somebody may read
AT_START = ("unit", "title")  # the page's head says them


@dataclass(frozen=True)
class Passed:
    """One element that was entered, left, cancelled or skipped, in words."""

    seq: int
    at: datetime
    what: str
    name: str
    undone: bool


@dataclass(frozen=True)
class Matter:
    """`state` as in `running`; `way` is the latest of it, newest first; `passed` how much there is in all."""

    state: str
    facts: tuple[Shown, ...]
    data: tuple[Shown, ...]
    waits: tuple[running.Wait, ...]
    way: tuple[Passed, ...]
    passed: int


def of_case(reader: Reader, row: Case, events: Sequence[journal.Recorded]) -> Matter:
    """`events` are all of the case, as whoever shows them has read them."""
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
    trace = running.trace_of(events)
    revived = running.revived(reader, row.id)
    names = {
        element.id: title_of(element)
        for drawn in outline.diagrams(bundle, told.main)
        for element in drawn.elements
    }
    return Matter(
        running.state(reader, row.id),
        _facts(reader, told, running.facts(reader, row.id)),
        shown_freely(running.data_of(reader, row.id, revived)),
        () if row.ended_at else running.waits_of(revived),
        tuple(_passed(one, names) for one in reversed(trace[-MOST:])),
        len(trace),
    )


def _facts(reader: Reader, told: Procedure, facts: Mapping[str, object]) -> tuple[Shown, ...]:
    """Those that are declared and say something; whoever is meant by an id is called by name."""
    named = namer(reader)
    known = {name: facts.get(name) for name in told.facts if name not in AT_START and facts.get(name)}
    return tuple(
        fact_shown(told, name, named(value) if isinstance(value, str) else value)
        for name, value in known.items()
    )


def _passed(one: running.Traced, names: Mapping[str, str]) -> Passed:
    return Passed(one.seq, one.at, one.what, names.get(one.element, one.element), one.undone)
