"""Counts what goes to a database: statements and commits, as SQLAlchemy reports them. Knows no statement's meaning.

BEGIN, COMMIT and the pool's ping are no statements: the bare transaction has them too. A batch of rows sent in one
call is one statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import event


@dataclass
class Count:
    statements: int = 0
    commits: int = 0


@contextmanager
def counted(database: Database) -> Iterator[Count]:
    """Everything that any thread sends to the database within the block."""
    count = Count()

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        count.statements += not text.startswith("BEGIN")

    def commit(_connection: Any) -> None:
        count.commits += 1

    event.listen(database, "before_cursor_execute", statement)
    event.listen(database, "commit", commit)
    try:
        yield count
    finally:
        event.remove(database, "before_cursor_execute", statement)
        event.remove(database, "commit", commit)
