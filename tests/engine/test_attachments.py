"""Uploads: what a file is, what it may be called, who may see it, how much fits."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import attachments, directory
from engine.attachments import Blob, Limits
from engine.database import Base, open_database, reading, writing
from engine.errors import HistoryBroken, NotFound, Refused

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + b"photo"


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        for unit in ("u001", "u002"):
            directory.add_unit(db, unit, unit, "community")
    yield database
    database.dispose()


def archive(*names):
    """A zip file with empty members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "")
    return content.getvalue()


def store(db, content=JPEG, name="现场照片.jpg", unit="u001", **more):
    return attachments.store(db, unit, name, content, by="p1", at=NOW, **more)


def test_an_upload_is_read_back_within_its_unit(database):
    with writing(database) as db:
        stored = store(db)

    with reading(database) as db:
        found = attachments.find(db, stored.id, ["u001"])
        assert attachments.read(db, found) == JPEG
        assert (found.name, found.media_type, found.size) == ("现场照片.jpg", "image/jpeg", len(JPEG))


def test_another_unit_does_not_find_it(database):
    with writing(database) as db:
        stored = store(db)

        with pytest.raises(NotFound):
            attachments.find(db, stored.id, ["u002"])
        with pytest.raises(NotFound):
            attachments.find(db, "guessed", ["u001"])
        assert attachments.of_unit(db, "u002", [stored.id]) == {}
        assert list(attachments.of_unit(db, "u001", [stored.id, "guessed"])) == [stored.id]


def test_the_same_content_is_kept_once_and_attached_twice(database):
    with writing(database) as db:
        first, second = store(db), store(db, unit="u002")

        assert first.id != second.id
        assert db.query(Blob).count() == 1


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (JPEG, "a.png", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "a", "image/png"),
        (b"%PDF-1.7", "a.exe", "application/pdf"),
        (
            archive("[Content_Types].xml", "word/document.xml"),
            "a.zip",
            attachments._OFFICE + "wordprocessingml.document",
        ),
        (
            archive("[Content_Types].xml", "xl/workbook.xml"),
            "a.xlsx",
            attachments._OFFICE + "spreadsheetml.sheet",
        ),
        ("姓名,电话\r\n".encode(), "a.csv", "text/csv"),
        ("会议记录".encode("gb18030"), "A.TXT", "text/plain"),
    ],
)
def test_a_file_is_what_its_content_says(content, name, media_type):
    assert attachments.sniff(content, name) == media_type


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
        (b"<html><script>alert(1)</script>", "a.jpg"),
        (b"MZ\x90\x00", "a.txt"),
        (b"MZ\x90\x00", "a.pdf"),
        (archive("readme.txt"), "a.zip"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx"),
        (b"PK\x03\x04 broken", "a.docx"),
        (b"\xff\xfe\x00", "a.csv"),
    ],
)
def test_any_other_kind_is_refused_with_what_would_do(content, name):
    with pytest.raises(Refused) as refused:
        attachments.sniff(content, name)

    assert "PDF" in refused.value.help


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\photos\\楼道.JPEG", "楼道.jpeg"),
        ("photo\u202egpj.exe", "photogpj.exe.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie_ x=1.jpg"),
        ('"><img src=x>.jpg', "___img src=x_.jpg"),
        ("...", "附件.jpg"),
        (".jpg", "附件.jpg"),
        ("长" * 300, "长" * 115 + ".jpg"),
    ],
)
def test_a_hostile_name_becomes_a_plain_one(name, shown):
    assert attachments.clean_name(name, "image/jpeg") == shown


@given(name=st.text())
def test_no_name_can_carry_a_path_or_a_line_break(name):
    shown = attachments.clean_name(name, "image/png")

    assert shown.endswith(".png")
    assert len(shown) <= attachments.LONGEST_NAME
    assert not set(shown) & set('/\\\r\n\0"<>;')
    assert not shown.startswith(".")


@given(content=st.binary(max_size=200), name=st.sampled_from(["a.txt", "a.csv", "a.jpg", "a"]))
def test_any_bytes_are_either_known_or_refused(content, name):
    try:
        media_type = attachments.sniff(content, name)
    except Refused:
        return

    assert media_type in attachments.ENDINGS


def test_empty_and_large_files_are_refused(database):
    with writing(database) as db:
        with pytest.raises(Refused, match="空"):
            store(db, b"")
        with pytest.raises(Refused, match="超过10兆字节"):
            store(db, JPEG + bytes(10 * 1024 * 1024))


def test_a_full_unit_takes_no_more_while_another_does(database):
    limits = Limits(unit=2 * len(JPEG))
    with writing(database) as db:
        store(db, limits=limits)
        store(db, limits=limits)

        with pytest.raises(Refused, match="总量"):
            store(db, limits=limits)
        assert store(db, unit="u002", limits=limits)
        assert attachments.used(db, "u001") == 2 * len(JPEG)


def test_exchanged_content_is_found_out(database):
    with writing(database) as db:
        stored = store(db)
        db.get(Blob, stored.blob_hash).content = b"\xff\xd8\xff\xe0other"
        db.flush()

        with pytest.raises(HistoryBroken):
            attachments.read(db, stored)
