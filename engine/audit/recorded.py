"""Recorded histories as files: the events of a case as JSON lines, and beside them the definitions it ran on.

What a version of the engine made of a case must be made again by every later one. Knows files, no database.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from engine import journal
from engine.audit.verify import Finding, Line, check_chain, reexecute
from engine.bpmn.parse import Model, load
from engine.bpmn.step import Bundle
from engine.definitions import bundle_of
from engine.errors import HistoryBroken
from engine.reexecution import Reexecution, executed

EVENTS = "events.jsonl"


@dataclass(frozen=True)
class History:
    """Events as they were written, to the byte; definitions by their hash."""

    events: tuple[bytes, ...]
    definitions: Mapping[str, Bundle]


def write(folder: Path, events: Iterable[bytes], definitions: Iterable[Bundle]) -> None:
    """The same history gives the same bytes: no clock and no order of a file system gets in."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EVENTS).write_bytes(b"".join(event + b"\n" for event in events))
    for bundle in definitions:
        with ZipFile(folder / f"{bundle.hash}.zip", "w", ZIP_DEFLATED) as archive:
            for path, content in sorted(bundle.files.items()):
                archive.writestr(ZipInfo(path), content, ZIP_DEFLATED)


def read(folder: Path) -> History:
    """Raises HistoryBroken when the files of a definition are not what its name says."""
    events = tuple((folder / EVENTS).read_bytes().splitlines())
    bundles = [_bundle(path) for path in sorted(folder.glob("*.zip"))]
    return History(events, {bundle.hash: bundle for bundle in bundles})


def check(history: History) -> Finding | None:
    """Its chain, then every event executed again: the first that differs."""
    bodies = [json.loads(event) for event in history.events]
    broken = check_chain([_line(event, body) for event, body in zip(history.events, bodies, strict=True)])
    if broken:
        return broken
    models: dict[str, Model] = {hash: load(bundle) for hash, bundle in history.definitions.items()}
    return reexecute(Reexecution(models.__getitem__), [body for body in bodies if executed(body)])


def _bundle(path: Path) -> Bundle:
    with ZipFile(path) as archive:
        bundle = bundle_of({name: archive.read(name) for name in archive.namelist()})
    if bundle.hash != path.stem:
        raise HistoryBroken(f"记录的流程版本{path.stem[:12]}的文件与其校验值不符")
    return bundle


def _line(event: bytes, body: Mapping[str, Any]) -> Line:
    at = journal.read_time(body["at"])
    return Line(body["seq"], at, body["type"], hashlib.sha256(event).hexdigest(), event)
