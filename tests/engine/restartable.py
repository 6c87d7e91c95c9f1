"""A PostgreSQL server that a test may let die and start again. Knows how the tests' own server is made."""

import shutil
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from tests import postgres


class Restartable:
    """Answered means written: unlike the tests' shared server, it commits before it says so."""

    def __init__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
        self._running = ExitStack()
        self._server = postgres.Server(self._folder, count(1))

    def __enter__(self):
        self._folder.chmod(0o700)
        postgres._give_away(self._folder)
        self._programs = postgres._programs(self._folder)
        postgres._initialise(self._programs, self._folder)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self):
        self._running.enter_context(postgres._postmaster(self._programs, self._folder))

    def stop(self):
        """Immediately: whatever is under way is lost."""
        self._running.close()

    def database(self):
        """The address of a new database."""
        name = self._server.create_database()
        self._server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        return self._server.url(name)
