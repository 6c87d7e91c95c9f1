"""Statements that every task runs: built once, compiled once, past the session. Knows no table of the house.

`ask` reads, `recall` reads what does not change under a command only once, `later` writes: what is written waits until
somebody asks the same transaction for it, or until it ends, and then goes to the database in one go, in the order in
which it was said. PostgreSQL gets it in one message with the COMMIT, so that a task waits once and not once for each
statement.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Delete, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql import visitors

Row = Mapping[str, Any]
Entity = TypeVar("Entity", bound=DeclarativeBase)
Process = Callable[[Any], Any]
Change = Insert | Update | Delete
# Where a connection of the driver keeps them:
CURSOR = "cursor of statements"
WAITING = "written later"  # list[tuple[_Compiled, list[Row]]]
COMPILED = "statements compiled"  # dict[tuple[statement, names], _Compiled]
CHANGES = "changes so far"  # int
# Where a session, which is one transaction, keeps them:
ANSWERS = "answers so far"  # dict[tuple[changes, statement, what it was told], rows]


def table(of: type[DeclarativeBase]) -> Table:
    """The table of a class."""
    assert isinstance(of.__table__, Table)
    return of.__table__


def ask(db: Session, statement: Select[Any], **told: Any) -> Sequence[Any]:
    """The rows of an answer, each a named tuple.

    What waits in the session is written first, as the session itself would do; of what was said `later`, only what
    touches the same tables.
    """
    connection, compiled = _asked(db, statement, told)
    return compiled.ask(connection, told)


def recall(db: Session, statement: Select[Any], **told: Any) -> Sequence[Any]:
    """The same, but what has been asked is not asked again until the transaction has written something."""
    connection, compiled = _asked(db, statement, told)
    known: dict[Any, Sequence[Any]] = db.info.setdefault(ANSWERS, {})
    question = (connection.info.get(CHANGES), statement, *told.items())
    if question not in known:
        known[question] = compiled.ask(connection, told)
    return known[question]


def as_read(db: Session, of: type[Entity], columns: Row) -> Entity:
    """An object of the session as its row has just been read: what was set on it and not written is no more.

    `of` has one primary key, `id`.
    """
    known = db.identity_map.get(identity_key(of, columns["id"]))
    if known is None:
        known = of(**columns)
        make_transient_to_detached(known)
        db.add(known)
    else:
        for name, value in columns.items():
            set_committed_value(known, name, value)
    return known


def later(db: Session, statement: Change, *rows: Row) -> None:
    """Write rows before the transaction ends, with one statement; all have the same names. No rows: nothing."""
    if not rows:
        return
    db.flush()
    connection = db.connection()
    waiting, compiled = _waiting(connection), _compiled(connection, statement, tuple(rows[0]))
    if waiting and waiting[-1][0] is compiled:
        waiting[-1][1].extend(rows)
    else:
        waiting.append((compiled, list(rows)))


def upsert(db: Session, into: Table, rows: Sequence[Row], changing: tuple[str, ...]) -> None:
    """Insert rows `later`; of one that is there already, bring the columns `changing` up to date.

    Every row has every column.
    """
    later(db, _upserting(db.get_bind().dialect.name, into, changing), *rows)


def inserting(dialect: str, into: Table) -> sqlite.Insert | postgresql.Insert:
    """An insertion that can say what is to be done with a row that is there already."""
    return sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)


def send(connection: Connection) -> None:
    """What waits is written. Raises what SQLAlchemy would."""
    waiting, connection.info[WAITING] = _waiting(connection), []
    for compiled, rows in waiting:
        has_changed(connection)
        compiled.send(connection, rows)


def has_changed(connection: Connection) -> None:
    """Something is written: what has been recalled before may be otherwise now."""
    connection.info[CHANGES] = connection.info.get(CHANGES, 0) + 1


def forget(connection: Connection) -> None:
    """The transaction is undone: what waits is not written. A connection that broke has forgotten it already."""
    if not connection.invalidated:  # else even asking for its `info` would fail, and hide why it broke
        connection.info[WAITING] = []


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What waits is written with what is done within the block: the COMMIT."""
    with _pipeline(connection):
        send(connection)
        yield


@dataclass(frozen=True)
class _Compiled:
    """A statement in the words of one driver, with what turns each value into the driver's form and back."""

    text: str
    tables: frozenset[Table]
    order: tuple[str, ...] | None  # of parameters by place, None where they go by name
    drawn: Row  # parameters that the statement itself brings
    given: Mapping[str, Process]
    answered: tuple[tuple[int, Process], ...]  # places in a row
    row: Callable[[Iterable[Any]], Any]

    def ask(self, connection: Connection, told: Row) -> list[Any]:
        with self._said(connection, self._parameters(told)) as cursor:
            return [self.row(self._answer(row)) for row in cursor.fetchall()]

    def send(self, connection: Connection, rows: Sequence[Row]) -> None:
        given = [self._parameters(row) for row in rows]
        many = len(given) > 1
        with self._said(connection, given if many else given[0], many=many):
            """Nothing is answered."""

    @contextmanager
    def _said(self, connection: Connection, given: Any, *, many: bool = False) -> Iterator[Any]:
        cursor = _cursor(connection)
        for tell in connection.dispatch.before_cursor_execute:  # whoever counts or looks on
            tell(connection, cursor, self.text, given, None, many)
        with _told_as_sqlalchemy_would(connection, self.text):
            (cursor.executemany if many else cursor.execute)(self.text, given)
            yield cursor

    def _parameters(self, row: Row) -> Any:
        told = {**self.drawn, **row}
        for name, process in self.given.items():
            told[name] = process(told[name])
        return told if self.order is None else [told[name] for name in self.order]

    def _answer(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self.answered:
            return row
        values = list(row)
        for place, process in self.answered:
            values[place] = process(values[place])
        return values


@contextmanager
def _told_as_sqlalchemy_would(connection: Connection, text: str) -> Iterator[None]:
    """What the driver raises, past SQLAlchemy."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as failure:
        told = DBAPIError.instance(
            text, None, failure, driver.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise told from failure


def _cursor(connection: Connection) -> Any:
    """One for all: to make one costs as much as a small statement."""
    if CURSOR not in connection.info:
        connection.info[CURSOR] = connection.connection.cursor()
    return connection.info[CURSOR]


def _waiting(connection: Connection) -> list[tuple[_Compiled, list[Row]]]:
    waiting: list[tuple[_Compiled, list[Row]]] = connection.info.setdefault(WAITING, [])
    return waiting


def _asked(db: Session, statement: Select[Any], told: Row) -> tuple[Connection, _Compiled]:
    """A question that now finds written what was said before it."""
    db.flush()
    connection = db.connection()
    compiled = _compiled(connection, statement, tuple(told))
    if any(not compiled.tables.isdisjoint(change.tables) for change, _ in _waiting(connection)):
        send(connection)
    return connection, compiled


def _compiled(connection: Connection, statement: Select[Any] | Change, names: tuple[str, ...]) -> _Compiled:
    known: dict[Any, _Compiled] = connection.info.setdefault(COMPILED, {})
    found = known.get((statement, names))
    if found is None:
        found = known[statement, names] = _compile(connection.dialect, statement, names)
    return found


def _compile(dialect: Dialect, statement: Select[Any] | Change, names: tuple[str, ...]) -> _Compiled:
    """For parameters of these names. Raises TypeError when they are not those that the statement wants."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    bound = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
    drawn = {name: value for name, value in compiled.params.items() if name not in names}
    if bound.keys() != drawn.keys() | set(names) or None in drawn.values():
        raise TypeError(f"the statement wants {sorted(bound)}, not {sorted(names)}")
    columns = statement.selected_columns.items() if isinstance(statement, Select) else []
    answered = [(nth, column.type.dialect_impl(dialect)) for nth, (_, column) in enumerate(columns)]
    return _Compiled(
        compiled.string,
        frozenset(found for found in visitors.iterate(statement) if isinstance(found, Table)),
        None if compiled.positiontup is None else tuple(compiled.positiontup),
        drawn,
        {name: process for name, type in bound.items() if (process := type.bind_processor(dialect))},
        tuple((nth, back) for nth, type in answered if (back := type.result_processor(dialect, None))),
        _row([name for name, _ in columns]),
    )


def _row(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    make: Any = namedtuple
    return make("Answer", names)._make  # type: ignore[no-any-return]


@cache
def _upserting(dialect: str, into: Table, changing: tuple[str, ...]) -> Insert:
    insert = inserting(dialect, into)
    changed = {name: insert.excluded[name] for name in changing}
    return insert.on_conflict_do_update(index_elements=list(into.primary_key), set_=changed)


@contextmanager
def _pipeline(connection: Connection) -> Iterator[None]:
    """One message for many statements, where the driver has such a thing and there is something to send.

    After a failure PostgreSQL leaves out the rest of the message, a COMMIT too: the transaction is then still open,
    which nobody expects of one whose COMMIT was refused. One that is over is not rolled back.
    """
    if connection.dialect.name != "postgresql" or not _waiting(connection):
        yield
        return
    driver: Any = connection.connection.driver_connection
    with _told_as_sqlalchemy_would(connection, "COMMIT"):
        try:
            with driver.pipeline():
                yield
        finally:
            if not driver.closed:
                driver.rollback()
