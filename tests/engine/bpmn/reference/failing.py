"""An automatic step that cannot be done, and where: what makes an incident of a command. Knows no token."""

from collections.abc import Iterator
from contextlib import contextmanager


class Failing(Exception):
    """A text that cannot be computed, a service without an answer, an error that nobody catches."""

    def __init__(self, path: str, cause: Exception) -> None:
        super().__init__(f"{path}: {cause!r}")
        self.path = path


@contextmanager
def failing_at(path: str) -> Iterator[None]:
    """What cannot be done inside has failed at this element, unless one within it has said so already."""
    try:
        yield
    except (AssertionError, Failing):
        raise
    except Exception as cause:
        raise Failing(path, cause) from cause
