"""A case comes into being, whoever or whatever begins it. Shared by the handlers; asks nobody for leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import cases, definitions, procedure
from engine.bpmn.undeclared import STARTER
from engine.cases import Case
from engine.commands import Outcome
from engine.handlers.progress import go_on
from engine.handlers.sending import plain
from engine.records import submissions
from engine.work import Work


@dataclass(frozen=True)
class Beginning:
    """What begins: a case of which definition, for which unit, with which facts; `at` which start event, "" the plain.

    `payload` is what that event brings, `correlation` the keys of a message; None: they are read from the payload.
    """

    process: str
    definition: str
    unit: str
    title: str
    facts: Mapping[str, Any]
    at: str = ""
    payload: Any = None
    correlation: Mapping[str, Any] | None = None


def begin(work: Work, what: Beginning, actor: Mapping[str, Any], **more: Any) -> Outcome:
    """The first event of a case; `more` are further parts of it."""
    act = {"type": "case_started", "actor": actor, "data": dict(what.facts), **more}
    if what.at:
        act["start"] = {"event": what.at, "payload": plain(what.payload)}
    if what.correlation is not None:
        act["start"]["correlation"] = dict(what.correlation)
    return go_on(work, _new_case(work, what), act)


def own_facts(work: Work, definition: str, unit: str, title: str, starter: str) -> dict[str, Any]:
    """The facts of a case that nobody has registered: it comes from no submission."""
    if procedure.of(definitions.bundle(work.db, definition)).as_drawn:
        return {"unit": unit, "title": title, STARTER: starter}
    return {
        "unit": unit,
        "title": title,
        "submissions": [],
        "mentions": 1,
        "channel": "",
        "direction": submissions.direction_of(""),
    }


def _new_case(work: Work, what: Beginning) -> Case:
    case = Case(
        id=work.new_id(),
        process=what.process,
        definition_hash=what.definition,
        unit_id=what.unit,
        title=what.title,
        seq=0,
        hash="",
        facts={},
        number="",
        level="",
        awaits="",
        status=cases.ACTIVE,
        started_at=work.now,
        changed_at=work.now,
    )
    work.db.add(case)
    return case
