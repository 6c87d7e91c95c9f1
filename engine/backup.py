"""A copy of the embedded database while it is in use, with its checksum beside it. PostgreSQL has its own tools."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine as Database

from engine.errors import Refused

_CHUNK = 1 << 20


def copy(database: Database, target: Path) -> None:
    """Copy the SQLite database to a file that does not exist yet, page by page, without stopping anybody."""
    if database.dialect.name != "sqlite":
        raise Refused("这个命令只备份嵌入式数据库", help="PostgreSQL 请用它自带的备份工具。")
    for file in (target, checksum_file(target)):
        if file.exists():
            raise Refused(f"{file}已经存在", help="请换一个文件名。")
    with database.connect() as connection, closing(sqlite3.connect(target)) as copied:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copied)
    # As `sha256sum --check` reads it.
    checksum_file(target).write_text(f"{checksum(target)}  {target.name}\n", encoding="utf-8")


def checksum_file(backup: Path) -> Path:
    return backup.with_name(f"{backup.name}.sha256")


def checksum(file: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    whole = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(_CHUNK):
            whole.update(piece)
    return whole.hexdigest()
