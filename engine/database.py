"""The one place where SQLite and PostgreSQL differ. Knows engines, transactions and column types; no table, no rule.

SQLite: WAL, `synchronous=FULL`, foreign keys on; transactions are opened by ourselves, `BEGIN IMMEDIATE` for
commands and plain `BEGIN` for readings, because the stock driver opens them late and lets savepoints break them.
PostgreSQL: rows are locked with `FOR UPDATE`, the case first.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    SQLColumnExpression,
    String,
    cast,
    create_engine,
    event,
    func,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from engine import statements
from engine.errors import Unavailable


class Contended(Exception):
    """Two transactions met on the same rows; this one was rolled back and may be tried again."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite stores it without zone; a naive value is a bug and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the house hangs here; a room declares its own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        bytes: LargeBinary(),
        str: String(),
    }


def open_database(url: str) -> Engine:
    """Connects lazily. `url` as SQLAlchemy writes it: `sqlite:///file.db`, `postgresql+psycopg://…`."""
    return _in_order(_sqlite(url) if url.startswith("sqlite") else _postgresql(url))


@contextmanager
def writing(database: Engine) -> Iterator[Session]:
    """One transaction that commits once, at the end. Raises `Unavailable` when the database is away."""
    with _session(database, "BEGIN IMMEDIATE") as db:
        yield db
        db.flush()
        with statements.together(db.connection()):
            db.commit()


@contextmanager
def reading(database: Engine) -> Iterator[Session]:
    """A consistent snapshot that is always rolled back."""
    with _session(database, "BEGIN") as db:
        yield db


def dumps(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, no NaN. What is hashed is exactly these UTF-8 bytes."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def octets(db: Session, text: SQLColumnExpression[str]) -> ColumnElement[bytes]:
    """A text column as the bytes that are stored, be they UTF-8 or not."""
    if db.get_bind().dialect.name == "sqlite":
        return cast(text, LargeBinary)
    return func.convert_to(text, "UTF8", type_=LargeBinary)


@contextmanager
def _session(database: Engine, begin: str) -> Iterator[Session]:
    try:
        with database.connect() as connection:
            connection.info["begin"] = begin
            if database.dialect.name == "postgresql" and begin == "BEGIN":
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with Session(connection, expire_on_commit=False) as db:
                yield db
    except DBAPIError as failure:
        if _is_contended(failure):
            raise Contended(str(failure.orig)) from failure
        if _is_away(failure):
            raise Unavailable("the database is away, locked or full") from failure
        raise


def _is_contended(failure: DBAPIError) -> bool:
    """Serialisation, deadlock, or a key that somebody else has just taken."""
    state = str(getattr(failure.orig, "sqlstate", "") or "")
    name = str(getattr(failure.orig, "sqlite_errorname", "") or "")
    return state in ("40001", "40P01", "23505") or name in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    )


def _is_away(failure: DBAPIError) -> bool:
    state = str(getattr(failure.orig, "sqlstate", "") or "")
    return (
        failure.connection_invalidated
        or isinstance(failure, OperationalError)
        or state.startswith(("08", "53", "57P"))
    )


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=10000"},
    )


def _sqlite(url: str) -> Engine:
    database = create_engine(
        url, connect_args={"timeout": 10, "check_same_thread": False}, json_serializer=dumps
    )

    @event.listens_for(database, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we open transactions ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(database, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info.pop("begin", "BEGIN IMMEDIATE"))

    return database


def _in_order(database: Engine) -> Engine:
    """Whatever is said to the database finds written what was said before, and an undone transaction nothing."""

    @event.listens_for(database, "before_cursor_execute")
    def _send(connection: Connection, _cursor: Any, text: str, _told: Any, context: Any, _many: bool) -> None:
        if context is not None:  # SQLAlchemy's own; `statements` sees to its order itself
            statements.send(connection)
            if not text.startswith("SELECT"):
                statements.has_changed(connection)

    event.listen(database, "rollback", statements.forget)
    return database
