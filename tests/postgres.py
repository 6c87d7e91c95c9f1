"""The tests' own PostgreSQL server, which forgets everything and is the quicker for it. Knows no table of ours.

How one is started and removed is `engine.bench.postgres`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.bench import postgres
from engine.bench.postgres import Server

__all__ = ["FORGETFUL", "Server", "running_server"]

FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}


@contextmanager
def running_server() -> Iterator[Server]:
    with postgres.running_server(FORGETFUL) as server:
        yield server
