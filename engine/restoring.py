"""Puts a backup into a new place: only one that is whole, of a version we know, its histories unbroken.

Knows files and the checks; what a backup is, `backup` says. Nothing is left behind when a backup is refused.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from engine import accounts, migrate
from engine.audit import verify
from engine.backup import checksum, checksum_file
from engine.commands import PauseUploads
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.errors import Refused
from engine.reading import verdicts
from engine.settings import Settings
from engine.work import Reader

RESTORED = "数据库从备份恢复，等运维人员与平台核对"
ANOTHER = "请换一份备份；这一份请原样保留，交运维与审计人员查明。"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database in use


@dataclass(frozen=True)
class Restored:
    """`compared`: a checksum lay beside the backup and agreed."""

    place: Path
    cases: int
    compared: bool


def restore(backup: Path, settings: Settings) -> Restored:
    """Raises Refused for a place that is taken, and for a backup that is not sound; both stay as they were."""
    place = _free_place(settings)
    compared = _agrees(backup)
    place.parent.mkdir(parents=True, exist_ok=True)
    unproved = place.with_name(f"{place.name}.restoring")
    try:
        _copied(backup, unproved)
        cases = _proved(unproved, settings)
        with place.open("xb"):  # taken before it is replaced: whoever comes second is refused
            unproved.replace(place)
    except FileExistsError as taken:
        raise _taken(place) from taken
    finally:
        for ending in ("", *_BESIDE):
            Path(f"{unproved}{ending}").unlink(missing_ok=True)
    return Restored(place, cases, compared)


def _free_place(settings: Settings) -> Path:
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Refused("这个命令只恢复嵌入式数据库", help="PostgreSQL 请用它自带的恢复工具。")
    place = Path(url.database)
    if any(Path(f"{place}{ending}").exists() for ending in ("", *_BESIDE)):
        raise _taken(place)
    return place


def _taken(place: Path) -> Refused:
    return Refused(
        f"{place}已有数据库，没有恢复", help="恢复从不覆盖：请用 --data 写一个新的数据文件夹，核对后再换用。"
    )


def _agrees(backup: Path) -> bool:
    if not backup.is_file():
        raise Refused(f"没有找到备份文件{backup}", help="请核对文件名。")
    beside = checksum_file(backup)
    if not beside.is_file():
        return False
    if beside.read_text(encoding="utf-8", errors="replace").split()[:1] != [checksum(backup)]:
        raise Refused("备份文件与它的校验值不符，可能没有传完整，或者被改动过", help=ANOTHER)
    return True


def _copied(backup: Path, unproved: Path) -> None:
    try:
        source = sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(unproved)) as target:
            source.backup(target)
            found = target.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as cause:
        raise Refused("备份文件不是数据库，或者已经损坏", help=ANOTHER) from cause
    if found != ("ok",):
        raise Refused("备份里的数据库已经损坏", help=ANOTHER)


def _proved(unproved: Path, settings: Settings) -> int:
    """How many cases it holds. Brought to this release, its sessions ended, every chain walked, its uploads paused."""
    engine = Engine.open(f"sqlite:///{unproved}", settings=settings)
    try:
        if not migrate.knows(engine.database):
            raise Refused(
                "备份不是本系统的数据库，或者来自更新的版本",
                help="请用建立这份备份的版本，或者更新的版本恢复。",
            )
        migrate.upgrade(engine.database)
        engine.small(accounts.revoke_everybody, engine.now())
        cases = engine.read(_unbroken)
        engine.handle(PauseUploads(RESTORED), by=SYSTEM)
        return cases
    finally:
        engine.database.dispose()


def _unbroken(reader: Reader) -> int:
    cases = verify.all_cases(reader)
    for verdict in (*(verify.chain_of(reader, case) for case in cases), verify.verify_district(reader)):
        if verdict.finding:
            raise Refused(f"备份里的历史不一致：{verdicts.said(reader, verdict)}", help=ANOTHER)
    return len(cases)
