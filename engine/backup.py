"""A copy of the embedded database while it is in use. PostgreSQL has its own tools."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine as Database

from engine.errors import Refused


def copy(database: Database, target: Path) -> None:
    """Copy the SQLite database to a file that does not exist yet, page by page, without stopping anybody."""
    if database.dialect.name != "sqlite":
        raise Refused("这个命令只备份嵌入式数据库", help="PostgreSQL 请用它自带的备份工具。")
    if target.exists():
        raise Refused(f"{target}已经存在", help="请换一个文件名。")
    with database.connect() as connection, closing(sqlite3.connect(target)) as copied:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copied)
