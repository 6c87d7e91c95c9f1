"""Files that people upload: content by hash, each scoped to a unit. Knows no form and trusts no file name.

What a file is says its content alone; the name is only shown. Everything is to be served as a download.
"""

import io
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import BigInteger, ForeignKey, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from engine.errors import HistoryBroken, NotFound, Refused

ACCEPTED = "照片（JPEG、PNG）、PDF、Word（docx）、Excel（xlsx）、文本（txt、csv）"
_OFFICE = "application/vnd.openxmlformats-officedocument."
# media type → file name endings that may stay; the first is put on when another was given
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/pdf": (".pdf",),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    "text/csv": (".csv",),
    "text/plain": (".txt",),
}
LONGEST_NAME = 120


class Blob(Base):
    __tablename__ = "blob"

    hash: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes]


class Attachment(Base):
    """One upload. `id` cannot be guessed; the same content may be attached many times."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(primary_key=True)
    blob_hash: Mapped[str] = mapped_column(ForeignKey("blob.hash"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    uploaded_by: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True)
class Limits:
    """Bytes of one file, and of all files of a unit."""

    file: int = 10 * 1024 * 1024
    unit: int = 2 * 1024 * 1024 * 1024


def store(
    db: Session, unit: str, name: str, content: bytes, *, by: str, at: datetime, limits: Limits | None = None
) -> Attachment:
    """Raises Refused for an empty or too large file, a kind that is not accepted, a full unit."""
    _check_size(db, unit, len(content), limits or Limits())
    media_type = sniff(content, name)
    attachment = Attachment(
        id=secrets.token_hex(12),
        blob_hash=_put(db, content),
        unit_id=unit,
        name=clean_name(name, media_type),
        media_type=media_type,
        size=len(content),
        uploaded_by=by,
        at=at,
    )
    db.add(attachment)
    db.flush()
    return attachment


def find(db: Session, id: str, units: Iterable[str]) -> Attachment:
    """Within the units that the asker may see. Raises NotFound for all others."""
    found = db.get(Attachment, id)
    if found is None or found.unit_id not in set(units):
        raise NotFound("没有找到这个附件", help="请从办件页面重新打开。")
    return found


def read(db: Session, attachment: Attachment) -> bytes:
    """Raises HistoryBroken when the content is no longer what its hash says."""
    content = db.scalar(select(Blob.content).where(Blob.hash == attachment.blob_hash)) or b""
    if sha256(content).hexdigest() != attachment.blob_hash:
        raise HistoryBroken(f"attachment {attachment.id}: content differs from its hash")
    return content


def of_unit(db: Session, unit: str, ids: Iterable[str]) -> dict[str, Attachment]:
    """Those of `ids` that belong to the unit: others may not be named in its forms."""
    query = select(Attachment).where(Attachment.unit_id == unit, Attachment.id.in_(tuple(ids)))
    return {attachment.id: attachment for attachment in db.scalars(query)}


def used(db: Session, unit: str) -> int:
    """Bytes of all files of a unit."""
    return int(db.scalar(select(func.sum(Attachment.size)).where(Attachment.unit_id == unit)) or 0)


def sniff(content: bytes, name: str) -> str:
    """The media type, from the content; a name decides only between txt and csv. Raises Refused."""
    for start, known in _STARTS.items():
        if content.startswith(start):
            return known
    media_type = _office_type(content) if content.startswith(b"PK\x03\x04") else _text_type(content, name)
    if media_type is None:
        raise Refused("不能上传这种文件", help=f"可以上传：{ACCEPTED}。")
    return media_type


def clean_name(name: str, media_type: str) -> str:
    """The name to show: last part of a path, no control or invisible characters, with the right ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(
        c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    safe = re.sub(r'[<>:"|?*;%]', "_", visible).strip()
    endings = ENDINGS[media_type]
    ending = next((end for end in endings if safe.lower().endswith(end)), "")
    stem = safe[: len(safe) - len(ending)].strip(" .") or "附件"
    return stem[: LONGEST_NAME - 5] + (ending or endings[0])


_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}


def _check_size(db: Session, unit: str, size: int, limits: Limits) -> None:
    if size == 0:
        raise Refused("文件是空的", help="请重新选择文件。")
    if size > limits.file:
        raise Refused(f"文件超过{_readable(limits.file)}", help="请压缩或拆分后再上传。")
    if used(db, unit) + size > limits.unit:
        raise Refused(f"本单位的附件总量超过{_readable(limits.unit)}", help="请联系系统运行岗位的人员扩容。")


def _readable(size: int) -> str:
    return f"{size // 1024**2}兆字节" if size >= 1024**2 else f"{size}字节"


def _office_type(content: bytes) -> str | None:
    """Word or Excel without macros; any other archive is refused. Only the list of names is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    if "word/document.xml" in names:
        return f"{_OFFICE}wordprocessingml.document"
    return f"{_OFFICE}spreadsheetml.sheet" if "xl/workbook.xml" in names else None


def _text_type(content: bytes, name: str) -> str | None:
    ending = next((end for end in (".csv", ".txt") if name.lower().strip().endswith(end)), None)
    if ending is None or not _is_text(content):
        return None
    return "text/csv" if ending == ".csv" else "text/plain"


def _is_text(content: bytes) -> bool:
    """UTF-8, or GB18030 as spreadsheets here save it, without control characters."""
    try:
        written = content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            written = content.decode("gb18030")
        except UnicodeDecodeError:
            return False
    return not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]", written)


def _put(db: Session, content: bytes) -> str:
    """Store content once. Two uploads of the same at once must not trip over each other."""
    digest = sha256(content).hexdigest()
    db.execute(
        text("INSERT INTO blob (hash, size, content) VALUES (:hash, :size, :content) ON CONFLICT DO NOTHING"),
        {"hash": digest, "size": len(content), "content": content},
    )
    return digest
