"""The plain library's ways: in memory, and with its whole state saved. Knows one table and the library's instances.

Saved means: load the state before, with its row locked, and save the state afterwards, in one transaction of the
same database. An instance at a late round is made once, in memory, and read again from its text where a window ends.
"""

from itertools import count
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, select, update
from sqlalchemy import Engine as Database

from engine.bench import plain_library, procedures
from engine.bench.plain_library import PlainLibrary
from engine.bench.series import Size

_METADATA = MetaData()
_CASE = Table(
    "bench_whole_state",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("state", Text, nullable=False),
)
_IDS = count(1)


class StartInMemory:
    def __init__(self, library: PlainLibrary) -> None:
        self._library = library

    def prepare(self) -> None:
        """Nothing is kept."""

    def run(self) -> None:
        self._library.begin()

    def size(self) -> Size:
        return Size()


class StartSaved:
    def __init__(self, library: PlainLibrary, database: Database) -> None:
        _METADATA.create_all(database)
        self._library, self._database = library, database

    def prepare(self) -> None:
        self._id = str(next(_IDS))

    def run(self) -> None:
        self._text = self._library.written(self._library.begin())
        with self._database.begin() as db:
            db.execute(insert(_CASE).values(id=self._id, state=self._text))

    def size(self) -> Size:
        return Size(len(self._text.encode()))


class CompleteInMemory:
    """Completes the tasks of an instance, from `text`, which holds it after `done`; after `window` tasks, again."""

    def __init__(self, library: PlainLibrary, text: str, done: int, window: int) -> None:
        self._library, self._text = library, text
        self._done, self._window = done, window
        self._nth = 0

    def prepare(self) -> None:
        if self._nth in (0, self._done + self._window):
            self._workflow = self._library.read(self._text)
            self._nth = self._done

    def run(self) -> None:
        self._nth += 1
        plain_library.complete(self._workflow, procedures.answers(self._nth))

    def size(self) -> Size:
        return Size()


class CompleteSaved:
    """The same, each task between loading and saving the whole."""

    def __init__(self, library: PlainLibrary, database: Database, text: str, done: int, window: int) -> None:
        _METADATA.create_all(database)
        self._library, self._database, self._text = library, database, text
        self._done, self._window = done, window
        self._id = str(next(_IDS))
        self._nth = 0

    def prepare(self) -> None:
        if self._nth not in (0, self._done + self._window):
            return
        with self._database.begin() as db:
            db.execute(delete(_CASE).where(_CASE.c.id == self._id))
            db.execute(insert(_CASE).values(id=self._id, state=self._text))
        self._nth = self._done

    def run(self) -> None:
        self._nth += 1
        own = _CASE.c.id == self._id
        with self._database.begin() as db:
            text = db.scalars(select(_CASE.c.state).where(own).with_for_update()).one()
            db.execute(update(_CASE).where(own).values(state=self._completed(text)))

    def size(self) -> Size:
        with self._database.begin() as db:
            text = db.scalars(select(_CASE.c.state).where(_CASE.c.id == self._id)).one()
        return Size(len(text.encode()))

    def _completed(self, text: str) -> str:
        workflow: Any = self._library.read(text)
        plain_library.complete(workflow, procedures.answers(self._nth))
        return self._library.written(workflow)


def at_round(library: PlainLibrary, done: int) -> str | None:
    """The text of an instance after so many tasks, None when the library has lost it before."""
    workflow = library.begin()
    if plain_library.rounds_before_loss(workflow, procedures.answers, done) is not None:
        return None
    return library.written(workflow)
