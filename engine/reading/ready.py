"""Whether the database answers. Knows nothing of what is in it."""

from sqlalchemy import select

from engine.work import Reader


def answers(reader: Reader) -> None:
    """Raises Unavailable (the door does) when it does not."""
    reader.db.execute(select(1))
