"""A PostgreSQL server that a test may let die and start again. Knows how the tests' own server is made."""

from contextlib import ExitStack
from itertools import count

from engine.bench import postgres
from tests.postgres import FORGETFUL


class Restartable:
    """Answered means written: unlike the tests' shared server, it commits before it says so."""

    def __init__(self):
        self._lying = ExitStack()
        self._running = ExitStack()

    def __enter__(self):
        self._folder = self._lying.enter_context(postgres.private_folder())
        self._server = postgres.Server(self._folder, count(1))
        self._programs = postgres.prepared(self._folder)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._lying.close()

    def start(self):
        self._running.enter_context(postgres.postmaster(self._programs, self._folder, FORGETFUL))

    def stop(self):
        """Immediately: whatever is under way is lost."""
        self._running.close()

    def database(self):
        """The address of a new database."""
        name = self._server.create_database()
        self._server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        return self._server.url(name)
