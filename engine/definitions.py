"""Deployed versions by content hash, immutable. Knows bytes and releases; what they mean is the kernel's matter."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn.parse import Model, load
from engine.bpmn.step import Bundle
from engine.database import Base, dumps
from engine.errors import HistoryBroken, NotFound


class Definition(Base):
    """One version of a procedure, named by the hash over all its files."""

    __tablename__ = "definition"

    hash: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(index=True)


class DefinitionFile(Base):
    """One file of a definition, byte for byte as uploaded."""

    __tablename__ = "definition_file"

    definition_hash: Mapped[str] = mapped_column(ForeignKey("definition.hash"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Release(Base):
    """That a definition came into force: who, when, on which legal basis (R007, R008)."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("process", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str]
    number: Mapped[int]
    definition_hash: Mapped[str] = mapped_column(ForeignKey("definition.hash"))
    released_at: Mapped[datetime]
    released_by: Mapped[str]  # display name
    note: Mapped[str] = mapped_column(default="")
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """The bundle and its hash: SHA-256 over the sorted list of (path, SHA-256 of the bytes)."""
    listed = [[path, hashlib.sha256(content).hexdigest()] for path, content in sorted(files.items())]
    return Bundle(dict(files), hashlib.sha256(dumps(listed).encode()).hexdigest())


def from_folders(processes: Path, forms: Path, process: str) -> Bundle:
    """The bundle that lies in `processes/<process>/` and `forms/<process>/`."""
    files = {path.name: path.read_bytes() for path in sorted((processes / process).glob("*.*"))}
    root = forms / process
    for path in sorted(root.rglob("*.json")):
        files[f"forms/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    return bundle_of(files)


def store(db: Session, process: str, bundle: Bundle) -> None:
    """Keep a bundle; one that is already there stays as it is."""
    if db.get(Definition, bundle.hash) is not None:
        return
    db.add(Definition(hash=bundle.hash, process=process))
    db.flush()
    db.add_all(
        DefinitionFile(definition_hash=bundle.hash, path=path, content=content)
        for path, content in sorted(bundle.files.items())
    )


def release(
    db: Session, process: str, hash: str, now: datetime, by: str, note: str, basis: Mapping[str, Any]
) -> Release:
    """Put a stored definition into force as the next version."""
    last = db.scalar(select(func.max(Release.number)).where(Release.process == process)) or 0
    row = Release(
        process=process,
        number=last + 1,
        definition_hash=hash,
        released_at=now,
        released_by=by,
        note=note,
        basis=dict(basis),
    )
    db.add(row)
    db.flush()
    return row


def latest(db: Session, process: str) -> Release | None:
    """The release in force, None before the first."""
    releases = select(Release).where(Release.process == process)
    return db.scalars(releases.order_by(Release.number.desc()).limit(1)).first()


def current(db: Session, process: str) -> Release:
    """The release in force. Raises NotFound."""
    found = latest(db, process)
    if found is None:
        raise NotFound(f"流程“{process}”还没有发布", help="请流程设计人员先发布一个版本。")
    return found


def in_force(db: Session) -> tuple[Release, ...]:
    """The newest release of every procedure."""
    newest = select(Release.process, func.max(Release.number)).group_by(Release.process)
    query = select(Release).where(tuple_(Release.process, Release.number).in_(newest))
    return tuple(db.scalars(query.order_by(Release.process)))


def bundle(db: Session, hash: str) -> Bundle:
    """A stored bundle. Definitions never change, so each is read from the database once per process.

    Raises HistoryBroken when the files are no longer what the hash says.
    """
    if hash not in _BUNDLES:
        _BUNDLES[hash] = Bundle(_files(db, hash), hash)
    return _BUNDLES[hash]


def model(db: Session, hash: str) -> Model:
    """The parsed model of a stored bundle, parsed once per process."""
    if hash not in _MODELS:
        _MODELS[hash] = load(bundle(db, hash))
    return _MODELS[hash]


_BUNDLES: dict[str, Bundle] = {}
_MODELS: dict[str, Model] = {}


def _files(db: Session, hash: str) -> dict[str, bytes]:
    rows = db.execute(
        select(DefinitionFile.path, DefinitionFile.content).where(DefinitionFile.definition_hash == hash)
    ).all()
    if not rows:
        raise NotFound("没有找到这个流程版本", help="请从流程列表重新打开。")
    files: dict[str, bytes] = dict(rows)
    if bundle_of(files).hash != hash:
        raise HistoryBroken(f"流程版本{hash[:12]}的文件与其校验值不符，文件被改动过")
    return files
