"""A PostgreSQL server that a test may let die and start again, or whose disk it may fill.

Knows how the tests' own server is made.
"""

import os
import pwd
import subprocess
from contextlib import ExitStack, contextmanager
from itertools import count

import pytest

from engine.bench import postgres
from tests.postgres import FORGETFUL

LOG = 6  # segments of 16 MB; a server that cannot write its log is gone, not full
SMALL = {"min_wal_size": f"{16 * LOG}MB", "max_wal_size": f"{16 * LOG}MB"}


class Restartable:
    """Answered means written: unlike the tests' shared server, it commits before it says so.

    With `megabytes` it has a disk of its own of that size, in memory.
    """

    def __init__(self, megabytes=0):
        self.megabytes = megabytes
        self._lying = ExitStack()
        self._running = ExitStack()

    def __enter__(self):
        self._folder = self._lying.enter_context(postgres.private_folder())
        if self.megabytes:
            self._lying.enter_context(_disk(self._folder / "data", self.megabytes))
        self._server = postgres.Server(self._folder, count(1))
        self._programs = postgres.prepared(self._folder)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._lying.close()

    def start(self):
        settings = {**FORGETFUL, **(SMALL if self.megabytes else {})}
        self._running.enter_context(postgres.postmaster(self._programs, self._folder, settings))

    def stop(self):
        """Immediately: whatever is under way is lost."""
        self._running.close()

    @contextmanager
    def full_but_for(self, left):
        """Its disk holds something else until there are only so many bytes left, beside room for its log."""
        for _ in range(LOG):
            self._server.execute("SELECT pg_switch_wal()")
            self._server.execute("CHECKPOINT")
        ballast, room = self._folder / "data" / "ballast", os.statvfs(self._folder / "data")
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - left)
        try:
            yield
        finally:
            ballast.unlink()

    def database(self):
        """The address of a new database."""
        name = self._server.create_database()
        self._server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        return self._server.url(name)


@contextmanager
def _disk(folder, megabytes):
    """A file system of this size at `folder`. Only who may mount one can run such a test."""
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted, which only root may do")
    folder.mkdir()
    owner = pwd.getpwnam(postgres.UNPRIVILEGED)
    options = f"size={megabytes}m,mode=700,uid={owner.pw_uid},gid={owner.pw_gid}"
    told = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False, text=True
    )
    if told.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {told.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
