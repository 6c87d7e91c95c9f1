"""The designer's view: procedures and versions, the working copy, what its files are, which choices a panel offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine import definitions, designs, procedure
from engine.bpmn import outline
from engine.bpmn.check import check
from engine.bpmn.step import Bundle, Problem
from engine.cases import ACTIVE, Case
from engine.definitions import Definition, Release
from engine.designs import DesignFile, file_hash
from engine.errors import NotFound
from engine.operations import OPERATIONS
from engine.work import Reader


@dataclass(frozen=True)
class Version:
    """One release; `running` are the cases still on it."""

    number: int
    hash: str
    released_at: datetime
    released_by: str
    note: str
    basis: tuple[tuple[str, str], ...]
    running: int
    current: bool


@dataclass(frozen=True)
class ProcedureLine:
    id: str
    title: str
    versions: tuple[Version, ...]
    changed: int  # files in the working copy


@dataclass(frozen=True)
class File:
    """One file of the working copy or of a release."""

    path: str
    kind: str  # diagram | form | story | table | text
    title: str
    changed_by: str
    changed_at: datetime | None
    size: int


@dataclass(frozen=True)
class WorkingCopy:
    process: str
    title: str
    files: tuple[File, ...]
    released: int


@dataclass(frozen=True)
class Opened:
    """A file to be edited, with the hash that a later save must name."""

    path: str
    content: bytes
    hash: str


@dataclass(frozen=True)
class Choices:
    """What the properties panel offers."""

    forms: tuple[str, ...]
    diagrams: tuple[tuple[str, str], ...]
    operations: tuple[str, ...]
    messages: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


def procedures(reader: Reader) -> tuple[ProcedureLine, ...]:
    ids = reader.db.scalars(select(Definition.process).distinct().order_by(Definition.process))
    return tuple(_procedure(reader, id) for id in ids)


def working_copy(reader: Reader, process: str) -> WorkingCopy:
    """Raises NotFound for a procedure that was never released."""
    release = definitions.current(reader.db, process)
    changed = {
        row.path: row for row in reader.db.scalars(select(DesignFile).where(DesignFile.process == process))
    }
    bundle = bundle_of(reader, process)
    titles = {f"{drawn.id}.bpmn": drawn.title for drawn in outline.diagrams(bundle, process)}
    files = tuple(
        _file(path, content, titles, changed.get(path)) for path, content in sorted(bundle.files.items())
    )
    return WorkingCopy(process, procedure.of(bundle).title, files, release.number)


def released_files(reader: Reader, process: str, number: int) -> tuple[Version, tuple[File, ...]]:
    """Raises NotFound."""
    version = next((each for each in _versions(reader, process) if each.number == number), None)
    if version is None:
        raise NotFound("没有找到这个流程版本", help="请从流程列表重新打开。")
    bundle = definitions.bundle(reader.db, version.hash)
    titles = {f"{drawn.id}.bpmn": drawn.title for drawn in outline.diagrams(bundle, process)}
    return version, tuple(
        _file(path, content, titles, None) for path, content in sorted(bundle.files.items())
    )


def bundle_of(reader: Reader, process: str) -> Bundle:
    """The working copy as a bundle, ready to be checked or played."""
    return definitions.bundle_of(designs.files(reader.db, process))


def open_file(reader: Reader, process: str, path: str) -> Opened:
    """Raises NotFound."""
    content = designs.files(reader.db, process).get(path)
    if content is None:
        raise NotFound("没有找到这个文件", help="请从流程文件列表重新打开。")
    return Opened(path, content, file_hash(content))


def released_file(reader: Reader, hash: str, path: str) -> bytes:
    """A file exactly as it was released. Raises NotFound."""
    content = definitions.bundle(reader.db, hash).files.get(path)
    if content is None:
        raise NotFound("没有找到这个文件", help="请从流程版本页面重新打开。")
    return content


def problems(
    reader: Reader, process: str, path: str = "", content: bytes | None = None
) -> tuple[Problem, ...]:
    """What stands against releasing the working copy, with `content` laid over `path` before it is saved."""
    files = designs.files(reader.db, process)
    if path and content is not None:
        files = {**files, path: content}
    return check(definitions.bundle_of(files), operations=frozenset(OPERATIONS))


def choices(reader: Reader, process: str, diagram: str) -> Choices:
    bundle = bundle_of(reader, process)
    told = procedure.of(bundle)
    prefix = f"forms/{diagram}/"
    forms = tuple(
        path.removeprefix(prefix)
        for path in sorted(bundle.files)
        if path.startswith(prefix) and path.endswith("-schema.json")
    )
    drawn = tuple((each.id, each.title) for each in outline.diagrams(bundle, told.main))
    return Choices(
        forms,
        drawn,
        ("case/set", *sorted(OPERATIONS)),
        _titled(told.messages),
        _titled(told.facts),
    )


def _procedure(reader: Reader, id: str) -> ProcedureLine:
    changed = (
        reader.db.scalar(select(func.count()).select_from(DesignFile).where(DesignFile.process == id)) or 0
    )
    versions = _versions(reader, id)
    title = procedure.of(definitions.bundle(reader.db, versions[0].hash)).title if versions else id
    return ProcedureLine(id, title, versions, changed)


def _versions(reader: Reader, process: str) -> tuple[Version, ...]:
    """Newest first."""
    rows = reader.db.scalars(
        select(Release).where(Release.process == process).order_by(Release.number.desc())
    ).all()
    counted = reader.db.execute(
        select(Case.definition_hash, func.count()).where(Case.status == ACTIVE).group_by(Case.definition_hash)
    )
    running: dict[str, int] = dict(counted.tuples())
    return tuple(
        Version(
            row.number,
            row.definition_hash,
            row.released_at,
            row.released_by,
            row.note,
            tuple((key, str(value)) for key, value in row.basis.items()),
            running.get(row.definition_hash, 0),
            row is rows[0],
        )
        for row in rows
    )


def _file(path: str, content: bytes, titles: dict[str, str], changed: DesignFile | None) -> File:
    return File(
        path,
        _kind(path),
        titles.get(path, path),
        changed.changed_by if changed else "",
        changed.changed_at if changed else None,
        len(content),
    )


def _kind(path: str) -> str:
    if path.endswith(".bpmn"):
        return "diagram"
    if path.endswith("-schema.json"):
        return "form"
    if path.endswith(".story.toml"):
        return "story"
    return "table" if path.endswith(".dmn") else "text"


def _titled(told: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(entry.get("title", name))) for name, entry in told.items())
