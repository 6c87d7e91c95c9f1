"""Personal values apart from history: events hold salted commitments, this room the encrypted values.

Knows no form and no event. Erasing a person's values destroys their key: history then says "redacted", never
"tampered". The salt lies inside the ciphertext; beside it, eleven digits of a telephone number could be guessed
from the commitment after erasure. Every reveal writes who read what, and why; it needs a writing transaction.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ForeignKey, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, dumps
from engine.errors import NotFound
from engine.statements import later, table

SEALED = "$personal"  # the key under which an event holds the commitment of a personal value
REDACTED = "redacted"  # what stands in place of a value whose key was destroyed
INTACT, BROKEN = "intact", "broken"
_SALT, _NONCE = 32, 12


class PersonalKey(Base):
    """The key of one person's values in one case; `key` is gone for ever once `destroyed_at` is set."""

    __tablename__ = "personal_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes | None]
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class PersonalValue(Base):
    """One value. `ciphertext` holds salt and canonical JSON; it is bound to its commitment."""

    __tablename__ = "personal_value"

    commitment: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    key_id: Mapped[str] = mapped_column(ForeignKey("personal_key.id"), index=True)
    nonce: Mapped[bytes]
    ciphertext: Mapped[bytes]


class PersonalAccess(Base):
    """Somebody read personal values: whose case, which fields, for what, from where."""

    __tablename__ = "personal_access"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[str] = mapped_column(index=True)
    post_id: Mapped[str]
    case_id: Mapped[str] = mapped_column(index=True)
    paths: Mapped[list[Any]]
    purpose: Mapped[str]
    address: Mapped[str]


@dataclass(frozen=True)
class Reader:
    """Who reads, and for what."""

    person: str
    purpose: str
    post: str = ""
    address: str = ""


def seal(
    db: Session, case: str, values: Mapping[str, Any], at: datetime, *, subject: str = ""
) -> dict[str, str]:
    """Put JSON values away; returns path → commitment, which goes into the event.

    One key for each row of a table and one for the rest, because a row usually is a person; a `subject` of the
    caller's joins all of them under one key, also over several calls for a case.
    """
    groups = {path: "" if subject else _group(path) for path in values}
    keys = {group: _key_of(db, case, subject, at) for group in sorted(set(groups.values()))}
    rows = {path: _row(case, path, value, *keys[groups[path]]) for path, value in values.items()}
    later(db, _PUT_AWAY, *rows.values())
    return {path: row["commitment"] for path, row in rows.items()}


def reveal(db: Session, commitments: Iterable[str], reader: Reader, at: datetime) -> dict[str, Any]:
    """Commitment → value, or `REDACTED`; unknown ones are redacted too. Writes one access row per case."""
    commitments = tuple(commitments)
    rows = _rows(db, commitments)
    for case in sorted({value.case_id for value, key in rows.values() if key is not None}):
        paths = sorted(
            value.path for value, key in rows.values() if value.case_id == case and key is not None
        )
        _note(db, reader, case, paths, at)
    return {text: _open(*rows[text])[1] if text in rows else REDACTED for text in commitments}


def opened(db: Session, commitments: Iterable[str]) -> dict[str, Any]:
    """Commitment → value, or `REDACTED`, for a form that accepts answers again. Nobody may be shown these."""
    return {text: _open(*row)[1] for text, row in _rows(db, tuple(commitments)).items()}


def sealed_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and commitment of every personal value below `value`, as events hold them."""
    if isinstance(value, Mapping):
        if set(value) == {SEALED}:
            yield path, value[SEALED]
            return
        for key, part in value.items():
            yield from sealed_in(part, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from sealed_in(part, f"{path}.{number}")


def check(db: Session, commitments: Iterable[str]) -> dict[str, str]:
    """For the verifier, reading nobody's data to anybody: commitment → `INTACT`, `REDACTED` or `BROKEN`."""
    commitments = tuple(commitments)
    rows = _rows(db, commitments)
    return {text: _open(*rows[text])[0] if text in rows else BROKEN for text in commitments}


def keys_of(db: Session, case: str) -> dict[str, list[str]]:
    """Key → paths of a case: what an erasure on request would destroy."""
    keys: dict[str, list[str]] = {}
    for row in db.scalars(
        select(PersonalValue).where(PersonalValue.case_id == case).order_by(PersonalValue.path)
    ):
        keys.setdefault(row.key_id, []).append(row.path)
    return keys


def erase(db: Session, key: str, at: datetime) -> dict[str, Any]:
    """Destroy a key and with it its values, for ever. Returns the event's body."""
    row = db.get(PersonalKey, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("没有找到要删除的个人信息")
    row.key, row.destroyed_at = None, row.destroyed_at or at
    values = db.scalars(select(PersonalValue).where(PersonalValue.key_id == key).order_by(PersonalValue.path))
    return {
        "type": "personal_erased",
        "key": key,
        "values": [[value.case_id, value.path] for value in values],
    }


def accesses(
    db: Session, since: datetime, until: datetime, *, person: str = "", case: str = ""
) -> tuple[PersonalAccess, ...]:
    """Who read what from `since` to before `until`: of one reader, of one case, or all."""
    query = select(PersonalAccess).where(PersonalAccess.at >= since, PersonalAccess.at < until)
    if person:
        query = query.where(PersonalAccess.person_id == person)
    if case:
        query = query.where(PersonalAccess.case_id == case)
    return tuple(db.scalars(query.order_by(PersonalAccess.at, PersonalAccess.id)))


def _group(path: str) -> str:
    """The table row that a path such as `members.0.phone` lies in, or ""."""
    parts = path.split(".")
    rows = [n for n, part in enumerate(parts) if part.isdigit()]
    return ".".join(parts[: rows[-1] + 1]) if rows else ""


def _key_of(db: Session, case: str, subject: str, at: datetime) -> tuple[str, bytes]:
    """Id and key. Without a subject always a fresh one."""
    if not subject:
        return _fresh_key(db, secrets.token_hex(12), at)
    id = sha256(dumps([case, subject]).encode()).hexdigest()[:24]
    known = db.get(PersonalKey, id)
    if known is None:
        return _fresh_key(db, id, at)
    # Whoever was erased and is entered again gets a fresh key: the destroyed one must stay destroyed.
    return (id, known.key) if known.key is not None else _fresh_key(db, secrets.token_hex(12), at)


def _fresh_key(db: Session, id: str, at: datetime) -> tuple[str, bytes]:
    key = AESGCM.generate_key(256)
    later(db, _MAKE_KEY, {"id": id, "key": key, "made_at": at})
    return id, key


def _row(case: str, path: str, value: Any, key_id: str, key: bytes) -> dict[str, Any]:
    """A value as it is put away."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    plain = salt + dumps(value).encode()
    commitment = sha256(plain).hexdigest()
    ciphertext = AESGCM(key).encrypt(nonce, plain, commitment.encode())
    sealed = {"commitment": commitment, "nonce": nonce, "ciphertext": ciphertext}
    return {**sealed, "case_id": case, "path": path, "key_id": key_id}


_MAKE_KEY, _PUT_AWAY = insert(table(PersonalKey)), insert(table(PersonalValue))


def _rows(db: Session, commitments: tuple[str, ...]) -> dict[str, tuple[PersonalValue, bytes | None]]:
    query = (
        select(PersonalValue, PersonalKey.key)
        .join(PersonalKey, PersonalKey.id == PersonalValue.key_id)
        .where(PersonalValue.commitment.in_(commitments))
    )
    return {value.commitment: (value, key) for value, key in db.execute(query)}


def _open(row: PersonalValue, key: bytes | None) -> tuple[str, Any]:
    """State and value; the value is `REDACTED` unless the state is `INTACT`."""
    if key is None:
        return REDACTED, REDACTED
    try:
        plain = AESGCM(key).decrypt(row.nonce, row.ciphertext, row.commitment.encode())
    except InvalidTag:
        return BROKEN, REDACTED
    if sha256(plain).hexdigest() != row.commitment:
        return BROKEN, REDACTED
    return INTACT, json.loads(plain[_SALT:])


def _note(db: Session, reader: Reader, case: str, paths: list[str], at: datetime) -> None:
    db.add(
        PersonalAccess(
            id=secrets.token_hex(12),
            at=at,
            person_id=reader.person,
            post_id=reader.post,
            case_id=case,
            paths=paths,
            purpose=reader.purpose,
            address=reader.address,
        )
    )
