"""Restoring: only what is whole, known and unbroken comes back, into a place where nothing was."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import accounts, backup, journal, people
from engine.audit import verify
from engine.commands import PauseUploads, ResumeUploads, StartCase
from engine.connectors.stand_in import StandIn
from engine.engine import Engine
from engine.errors import Conflict, NotAllowed, NotSignedIn, Refused
from engine.outbox import Outgoing
from engine.restoring import restore
from engine.settings import Settings
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.waiting import start_uploading

START = StartCase("roundtable", "u001", "题目", channel="hotline")


@pytest.fixture
def engine(staged_sqlite, tmp_path, clock):
    (tmp_path / "old").mkdir()
    shutil.copyfile(staged_sqlite, tmp_path / "old" / "roundtable.db")
    engine = Engine.open(f"sqlite:///{tmp_path / 'old' / 'roundtable.db'}", clock=clock)
    yield engine
    engine.database.dispose()


@pytest.fixture
def case(engine):
    return engine.handle(START, by="u001.secretary").case


@pytest.fixture
def saved(engine, case, tmp_path):
    file = tmp_path / "copy.db"
    backup.copy(engine.database, file)
    return file


@pytest.fixture
def new(tmp_path):
    """A place where nothing is yet."""
    return Settings(data=tmp_path / "new")


def refused(saved, new):
    with pytest.raises(Refused) as refusal:
        restore(saved, new)
    assert not list(new.data.glob("*")) if new.data.exists() else True
    return refusal.value.message


def spoil(file, statement, *values):
    """Changes a database behind our back, and its checksum with it."""
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("DROP TRIGGER IF EXISTS event_refuses_update")
        plain.execute(statement, values)
        plain.commit()
    backup.checksum_file(file).write_text(f"{backup.checksum(file)}  {file.name}\n")


def test_what_is_restored_goes_on_where_the_backup_was(saved, new, case, clock):
    restored = restore(saved, new)

    assert (restored.place, restored.cases, restored.compared) == (new.data / "roundtable.db", 1, True)
    engine = Engine.open(new.url, clock=clock, settings=new)
    assert engine.read(verify.verify_case, case).sound
    assert engine.handle(START, by="u001.secretary").seq == 1
    invariants.check(engine)
    engine.database.dispose()
    assert [file.name for file in new.data.iterdir() if "restoring" in file.name] == []


def test_a_place_that_is_taken_is_never_overwritten(engine, saved, tmp_path):
    old = Settings(data=tmp_path / "old")
    before = (tmp_path / "old" / "roundtable.db").read_bytes()

    with pytest.raises(Refused, match="没有恢复"):
        restore(saved, old)

    assert (tmp_path / "old" / "roundtable.db").read_bytes() == before


def test_a_log_left_behind_by_another_database_is_a_place_taken(saved, new):
    new.data.mkdir()
    (new.data / "roundtable.db-wal").write_bytes(b"of another database")

    with pytest.raises(Refused, match="没有恢复"):
        restore(saved, new)


def test_a_backup_that_lost_a_byte_on_its_way_is_refused(saved, new):
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 1
    saved.write_bytes(content)

    assert "与它的校验值不符" in refused(saved, new)


def test_a_backup_without_checksum_is_restored_and_said_to_be_without(saved, new):
    backup.checksum_file(saved).unlink()

    assert not restore(saved, new).compared


def test_a_damaged_database_is_refused_even_with_a_fitting_checksum(saved, new):
    content = bytearray(saved.read_bytes())
    content[4096 * 4 : 4096 * 9] = bytes(4096 * 5)
    saved.write_bytes(content)
    backup.checksum_file(saved).write_text(f"{backup.checksum(saved)}  copy.db\n")

    assert "损坏" in refused(saved, new)


def test_a_file_that_is_no_database_is_refused(new, tmp_path):
    (tmp_path / "letter.db").write_text("尊敬的各位")

    assert "不是数据库" in refused(tmp_path / "letter.db", new)
    assert "没有找到" in refused(tmp_path / "nowhere.db", new)


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = '9999'", "DROP TABLE alembic_version"]
)
def test_a_backup_of_a_version_we_do_not_know_is_refused(saved, new, statement):
    spoil(saved, statement)

    assert "更新的版本" in refused(saved, new)


def test_a_history_that_was_altered_is_refused_and_named(saved, new, case):
    spoil(saved, "UPDATE event SET body = replace(body, '题目', '题木') WHERE case_id = ?", case)

    told = refused(saved, new)

    assert f"{case} “题目”：不一致。第1条" in told


def test_a_history_that_was_cut_off_is_refused(saved, new, case):
    spoil(saved, 'UPDATE "case" SET seq = 2 WHERE id = ?', case)

    assert "第2条以后的记录缺失" in refused(saved, new)


def test_whoever_was_signed_in_when_it_was_saved_signs_in_again(engine, case, new, tmp_path, clock):
    person = engine.read(lambda reader: people.holder_of_post(reader.db, "u001.secretary", reader.today))
    engine.small(accounts.add_account, person.person, "shuji", "Hen-chang-2026", engine.now())
    admitted = engine.small(accounts.sign_in, "shuji", "Hen-chang-2026", engine.now(), "")
    backup.copy(engine.database, tmp_path / "copy.db")

    restore(tmp_path / "copy.db", new)

    restored = Engine.open(new.url, clock=clock, settings=new)
    with pytest.raises(NotSignedIn):
        restored.read(lambda reader: accounts.look_up(reader.db, admitted.token, clock.now()))
    restored.database.dispose()


@pytest.mark.parametrize("url", ["postgresql+psycopg://somebody@127.0.0.1/house", "sqlite://"])
def test_only_the_embedded_database_is_restored(saved, url):
    with pytest.raises(Refused, match="只恢复嵌入式数据库"):
        restore(saved, Settings(database=url))


@pytest.fixture
def stand_in():
    stand_in = StandIn().start()
    yield stand_in
    stand_in.stop()


def dispatcher(engine, stand_in):
    addresses = {platform: stand_in.address(platform) for platform in ("party_cloud", "service_365")}
    return Dispatcher(engine, addresses, pause=0.01)


@pytest.fixture
def sent_since(engine, stand_in, tmp_path, new, clock):
    """What is restored from a backup after which both uploads of a case have arrived at the platforms."""
    start_uploading(engine)
    backup.copy(engine.database, tmp_path / "copy.db")
    assert dispatcher(engine, stand_in).once() == 2
    restore(tmp_path / "copy.db", new)
    restored = Engine.open(new.url, clock=clock, settings=new)
    yield restored
    invariants.check(restored)
    restored.database.dispose()


def ids(engine):
    return sorted(engine.read(lambda reader: reader.db.scalars(select(Outgoing.id)).all()))


def test_after_a_restore_nothing_is_sent_until_an_operator_has_looked(sent_since, stand_in, clock):
    arrived = dict(stand_in.receipts)
    stand_in.received.clear()
    clock.at += timedelta(days=3)

    assert dispatcher(sent_since, stand_in).once() == 0
    assert stand_in.received == {}
    sent_since.handle(ResumeUploads("已与两个平台核对"), by="o_data.operator")

    assert dispatcher(sent_since, stand_in).once() == 2
    assert stand_in.receipts == arrived


def test_only_an_operator_with_a_reason_lets_uploads_go_on_and_only_once(sent_since):
    for by, reason, kind in (
        ("u001.secretary", "想继续", NotAllowed),
        ("o_data.operator", " ", Refused),
    ):
        with pytest.raises(kind):
            sent_since.handle(ResumeUploads(reason), by=by)
    with pytest.raises(NotAllowed, match="暂停上传"):
        sent_since.handle(PauseUploads("不想上传"), by="u001.secretary")

    sent_since.handle(ResumeUploads("已核对"), by="o_data.operator")

    with pytest.raises(Conflict):
        sent_since.handle(ResumeUploads("已核对"), by="o_data.operator")
    told = sent_since.read(lambda reader: list(journal.of_case(reader.db, journal.DISTRICT)))[-2:]
    assert [(event.type, event.body["data"]["epoch"]) for event in told] == [
        ("uploads_paused", 1),
        ("uploads_resumed", 1),
    ]


def test_no_key_of_an_upload_of_the_lost_future_is_used_again(engine, tmp_path, new, clock):
    """Both cases come to the same step with the same id of their own: what they send is not the same."""
    case = start_uploading(engine)
    before = ids(engine)
    backup.copy(engine.database, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", new)
    restored = Engine.open(new.url, clock=clock, settings=new)

    other = start_uploading(restored)

    assert before == [f"{case}-1-party_cloud", f"{case}-1-service_365"]
    assert ids(restored) == sorted([*before, f"{other}-1-party_cloud-1", f"{other}-1-service_365-1"])
    invariants.check(restored)
    restored.database.dispose()
