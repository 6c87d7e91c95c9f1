"""Whose is a message? Of all that wait for it one: whose conversation it belongs to, who goes on, who waits longest.

A message that shares no key with a case belongs to no conversation yet: it reaches only cases of the unit that sent
it. Reads subscriptions, releases and messages; delivers nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import definitions, messages, subscriptions
from engine.bpmn import run
from engine.bpmn.arrows import THROWING
from engine.bpmn.drawing import Drawn
from engine.errors import Refused, ScriptFailed
from engine.messages import Message
from engine.subscriptions import Waiting


@dataclass(frozen=True)
class Start:
    """A start event of a release in force."""

    process: str
    definition: str
    drawn: Drawn


def recipient(db: Session, message: Message) -> str:
    """The case that a message is for now, "" when nobody waits for it."""
    if message.to_case:
        return message.to_case
    return _best(db, message, subscriptions.waiting_for(db, message.kind, message.name))


def keys_for(db: Session, definition: str, message: Message) -> Mapping[str, Any] | None:
    """The keys it was thrown with, and those that the receiving definition reads besides; None: it cannot."""
    try:
        return _keys(db, definition, message.name, message.payload, message.keys)
    except Refused:
        return None


def check_keys(db: Session, name: str, payload: Any, given: Mapping[str, Any]) -> None:
    """Could anybody take in a message with these contents? Raises ScriptFailed when none can read its keys."""
    refusals = []
    for definition in _catching(db, name):
        try:
            _keys(db, definition, name, payload, given)
        except ScriptFailed as refusal:
            refusals.append(refusal)
        else:
            return
    if refusals:
        raise refusals[0]


def begun_by(db: Session, message: Message) -> list[Start]:
    """Where a case may begin by this message or signal. Who cannot read its keys does not hold up the others."""
    found = [
        one
        for one in starts(db, message.kind, message.name)
        if message.to_process in ("", one.process) and one.process != message.not_for
    ]
    if message.kind != subscriptions.MESSAGE:
        return found
    return [one for one in found if keys_for(db, one.definition, message) is not None] or found


def starts(db: Session, kind: str, name: str) -> list[Start]:
    """Start events of the releases in force that wait for this message or signal, one of each procedure."""
    found: dict[str, Start] = {}
    for release in definitions.in_force(db):
        for drawn in definitions.model(db, release.definition_hash).starts:
            if (drawn.event.kind, drawn.event.name) == (kind, name):
                found.setdefault(release.process, Start(release.process, release.definition_hash, drawn))
    return list(found.values())


def known(db: Session, kind: str, name: str) -> bool:
    """Whether anybody could ever take it: a case that waits now, or a release in force that can."""
    if subscriptions.any_for(db, kind, name):
        return True
    models = [definitions.model(db, release.definition_hash) for release in definitions.in_force(db)]
    drawn = [one for model in models for one in model.elements.values() if one.kind not in THROWING]
    return any((one.event.kind, one.event.name) == (kind, name) for one in drawn)


def wake(db: Session, now: datetime) -> None:
    """Hold what is kept against those who have begun to wait. Who stands still is asked again once it goes on."""
    fresh = subscriptions.take_fresh(db)
    found: list[str] = []
    for kind, name in sorted({(kind, name) for kind, name, _ in fresh}):
        begun = {case for *what, case in fresh if what == [kind, name]}
        waiting = [
            one for one in subscriptions.waiting_for(db, kind, name) if one.case in begun and one.goes_on
        ]
        found += [one.id for one in messages.kept_for(db, kind, name) if _is_for(db, one, waiting)]
    if found:
        messages.wake(db, found, now)


def _keys(db: Session, definition: str, name: str, payload: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    return {**run.keys(definitions.model(db, definition), name, payload, given), **given}


def _catching(db: Session, name: str) -> Iterator[str]:
    """Definitions that a case waits in for this message, and those in force that draw who catches it."""
    yield from {one.definition: None for one in subscriptions.waiting_for(db, subscriptions.MESSAGE, name)}
    for release in definitions.in_force(db):
        model = definitions.model(db, release.definition_hash)
        if name in model.catchable or any(one.event.name == name for one in model.starts):
            yield release.definition_hash


def _is_for(db: Session, message: Message, waiting: Sequence[Waiting]) -> bool:
    if message.to_case:
        return any(one.case == message.to_case for one in waiting)
    return bool(_best(db, message, waiting))


def _best(db: Session, message: Message, waiting: Sequence[Waiting]) -> str:
    keys = {one.definition: keys_for(db, one.definition, message) for one in waiting}
    fitting = [one for one in waiting if _fits(one, message, keys[one.definition])]
    best = max(fitting, key=lambda one: (_shared(one, keys[one.definition]), one.goes_on), default=None)
    return best.case if best else ""


def _fits(one: Waiting, message: Message, keys: Mapping[str, Any] | None) -> bool:
    if one.case == message.from_case or one.process == message.not_for or keys is None:
        return False
    if any(one.keys.get(key, value) != value for key, value in keys.items()):
        return False
    return bool(_shared(one, keys)) or message.unit_id in ("", one.unit)


def _shared(one: Waiting, keys: Mapping[str, Any] | None) -> int:
    return sum(key in one.keys for key in keys or {})
