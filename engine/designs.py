"""The designer's working copy of a procedure: files not yet released. Knows bytes; checking is the gate's matter."""

import hashlib
import re
from datetime import datetime

from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import definitions
from engine.database import Base
from engine.errors import Conflict, Refused

_LAWFUL = re.compile(
    r"process\.toml|rules\.toml|samples\.toml|[a-z0-9_]{1,60}\.(bpmn|dmn)|[\w一-鿿-]{1,60}\.story\.toml"
    r"|forms/[a-z0-9_]+/[a-z0-9_]+-(ui)?schema\.json"
)


class DesignFile(Base):
    """One changed file. What is not changed comes from the release in force."""

    __tablename__ = "design_file"

    process: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


def files(db: Session, process: str) -> dict[str, bytes]:
    """The working copy: the release in force with the changed files laid over it."""
    released = definitions.bundle(db, definitions.current(db, process).definition_hash)
    changed = db.execute(select(DesignFile.path, DesignFile.content).where(DesignFile.process == process))
    return {**released.files, **{row.path: row.content for row in changed}}


def save(db: Session, process: str, path: str, content: bytes, expected: str, by: str, now: datetime) -> str:
    """Keep a file; its new hash.

    Raises Conflict when somebody else has changed it since `expected` was read, Refused for an unlawful name.
    """
    check_name(path)
    before = files(db, process).get(path)
    if expected and before is not None and file_hash(before) != expected:
        raise Conflict("这个文件已被他人修改", help="请先下载您的修改，再打开最新的草稿合并。")
    row = db.get(DesignFile, (process, path)) or DesignFile(process=process, path=path)
    row.content, row.changed_by, row.changed_at = content, by, now
    db.add(row)
    return file_hash(content)


def is_lawful(path: str) -> bool:
    """Whether a file of a procedure may bear this name: plain, relative, of a known kind."""
    return _LAWFUL.fullmatch(path) is not None


def check_name(path: str) -> None:
    """Raises Refused."""
    if not is_lawful(path):
        raise Refused(
            "文件名不符合要求，没有保存",
            help="流程图和决策表用小写字母、数字、下划线命名，例如 step1_topic.bpmn；"
            "演练案例以 .story.toml 结尾；表单放在 forms/ 下与流程图同名的文件夹里。",
        )


def clear(db: Session, process: str) -> None:
    """Forget the working copy: it has been released, or was given up."""
    db.execute(delete(DesignFile).where(DesignFile.process == process))


def file_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
