"""A row that cannot be read is a finding like any other, and ends no verification. Knows no table."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from engine.errors import HistoryBroken

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)
_NO_TEXT = "Could not decode"  # SQLite keeps whatever bytes it is given as text


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Raises HistoryBroken that names what could not be read. A database that is away is none of this."""
    try:
        yield
    except UNREADABLE as cause:
        raise _broken(what) from cause
    except OperationalError as cause:
        if _NO_TEXT not in str(cause.orig):
            raise
        raise _broken(what) from cause


def _broken(what: str) -> HistoryBroken:
    return HistoryBroken(f"{what}读不出来：有一栏不是系统写的内容")
