"""Ids of people and posts in words, as answers hold them. Knows the directory, no form."""

from functools import cache

from engine import people
from engine.directory import Person, Post, Unit
from engine.reading.answers import Named
from engine.work import Reader


def namer(reader: Reader) -> Named:
    """A function from `p0017` or `post:u001.secretary` to a name; what is unknown stays as it is."""

    @cache
    def named(text: str) -> str:
        if text.startswith("post:"):
            return _post(reader, text.removeprefix("post:")) or text
        found = reader.db.get(Person, text.removeprefix("person:"))
        return found.name if found else text

    return named


def _post(reader: Reader, id: str) -> str:
    post = reader.db.get(Post, id)
    if post is None:
        return ""
    unit, holder = reader.db.get(Unit, post.unit_id), people.holder_of_post(reader.db, id, reader.today)
    words = f"{unit.name if unit else ''}{post.title}"
    return f"{words} {holder.name}" if holder else words
