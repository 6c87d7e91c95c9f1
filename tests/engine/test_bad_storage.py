"""A disk that is full, a database that gives up a transaction, a copy put back: nothing half done, nothing twice.

Faults 5, 13 and 11. On PostgreSQL a trigger raises what the server itself would: no test can fill its disk.
"""

import sqlite3
from contextlib import suppress

import pytest
from sqlalchemy import event, insert, select, text

from engine import backup, journal, statements
from engine.audit import verify
from engine.clock import SetClock
from engine.commands import RecordReceipt, StartCase, SubmitTask
from engine.connectors.stand_in import StandIn
from engine.database import writing
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.errors import NotFound, Unavailable
from engine.outbox import Outgoing
from engine.records.numbers import Counter
from engine.settings import Settings
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.conftest import MONDAY
from tests.engine.waiting import start_uploading

START = StartCase("roundtable", "u001", "题目", channel="hotline")
BY = "u001.secretary"


@pytest.fixture
def embedded(staged_sqlite, tmp_path, clock):
    """An engine on the embedded database alone."""
    (tmp_path / "roundtable.db").write_bytes(staged_sqlite.read_bytes())
    engine = Engine.open(
        f"sqlite:///{tmp_path / 'roundtable.db'}", clock=clock, settings=Settings(data=tmp_path)
    )
    yield engine
    invariants.check(engine)
    engine.database.dispose()


class FullDisk:
    """The database may not grow by more than a few pages. Opens its connections again to be heard."""

    def __init__(self, engine, pages):
        self.database, self.pages = engine.database, pages

    def __enter__(self):
        event.listen(self.database, "connect", self._limit)
        self.database.dispose()
        return self

    def __exit__(self, *_):
        event.remove(self.database, "connect", self._limit)
        self.database.dispose()

    def _limit(self, connection, _record):
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used + self.pages}")


def cases_of(engine):
    return set(engine.read(verify.all_cases))


def test_a_full_disk_refuses_goes_on_reading_and_serves_again_when_there_is_room(embedded, tmp_path):
    answered = []
    with FullDisk(embedded, pages=40):
        with suppress(Unavailable):
            for _ in range(1_000):
                answered.append(embedded.handle(START, by=BY).case)
        with pytest.raises(Unavailable):
            embedded.handle(START, by=BY)

        assert 0 < len(answered) < 1_000
        assert cases_of(embedded) == set(answered)
        invariants.check(embedded)

    later = embedded.handle(START, by=BY).case
    assert cases_of(embedded) == {*answered, later}
    with sqlite3.connect(tmp_path / "roundtable.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class GivingUp:
    """A server that answers the next inserts into the journal with an error of its own."""

    def __init__(self, engine, state, times):
        self.engine, self.state, self.times = engine, state, times

    def __enter__(self):
        self._run(
            "CREATE SEQUENCE given_up",
            f"""CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('given_up') <= {self.times} THEN
                    RAISE EXCEPTION 'given up' USING ERRCODE = '{self.state}';
                END IF;
                RETURN NEW;
            END $$""",
            "CREATE TRIGGER give_up BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION give_up()",
        )
        return self

    def __exit__(self, *_):
        self._run("DROP TRIGGER give_up ON event", "DROP FUNCTION give_up", "DROP SEQUENCE given_up")

    def _run(self, *statements):
        with self.engine.database.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture
def served(request):
    """An engine on PostgreSQL alone."""
    server = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("staged_template"))
    engine = Engine.open(server.url(name), clock=SetClock(MONDAY))
    yield engine
    invariants.check(engine)
    engine.database.dispose()
    server.drop_database(name)


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["40001", "40P01", "23505"], ids=["serialisation", "deadlock", "key taken"])
def test_a_transaction_that_the_server_gives_up_is_done_again_unseen(served, state):
    with GivingUp(served, state, times=2):
        outcome = served.handle(START, by=BY)

    assert cases_of(served) == {outcome.case}
    assert [
        one.seq for one in served.read(lambda reader: list(journal.of_case(reader.db, outcome.case)))
    ] == [1]


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["40001", "40P01", "53100"], ids=["serialisation", "deadlock", "disk full"])
def test_what_the_server_gives_up_for_good_is_not_done_and_may_be_sent_again(served, state):
    with GivingUp(served, state, times=1_000), pytest.raises(Unavailable):
        served.handle(START, by=BY)

    assert cases_of(served) == set()
    assert served.handle(START, by=BY).seq == 1


def end_connection(db):
    """As the server does when it stops: from outside, in the middle of a transaction."""
    (number,) = db.execute(text("SELECT pg_backend_pid()")).one()
    with db.get_bind().engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})


def ask(db):
    db.execute(text("SELECT 1"))


def add(db):
    db.add(Counter(scope="z", value=1))


def write(db):
    statements.later(db, insert(statements.table(Counter)), {"scope": "y", "value": 1})


def broken_between(database, before, then):
    with writing(database) as db:
        before(db)
        end_connection(db)
        then(db)


@pytest.mark.postgres
@pytest.mark.parametrize("then", [ask, add, write])
@pytest.mark.parametrize("before", [ask, write])
def test_a_connection_that_breaks_in_the_middle_is_a_database_that_is_away(served, before, then):
    with pytest.raises(Unavailable):
        broken_between(served.database, before, then)

    assert served.handle(START, by=BY).seq == 1


def broken_behind_its_commit(database):
    with writing(database) as db:
        (number,) = db.execute(text("SELECT pg_backend_pid()")).one()
        event.listen(db, "after_commit", lambda _: ended(database, number))
        write(db)


@pytest.mark.postgres
def test_a_connection_that_breaks_right_behind_its_commit_is_a_database_that_is_away(served):
    with pytest.raises(Unavailable):
        broken_behind_its_commit(served.database)

    assert served.handle(START, by=BY).seq == 1


def ended(database, number):
    """Waits until the server has ended the connection."""
    with database.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number, 10000)"), {"number": number})


@pytest.fixture
def stand_in():
    stand_in = StandIn().start()
    yield stand_in
    stand_in.stop()


def sending(engine, stand_in):
    addresses = {platform: stand_in.address(platform) for platform in ("party_cloud", "service_365")}
    return Dispatcher(engine, addresses, pause=0.01)


def uploads(engine):
    return engine.read(lambda reader: list(reader.db.scalars(select(Outgoing).order_by(Outgoing.id))))


@pytest.fixture
def put_back(embedded, tmp_path, clock, stand_in):
    """A copy from before the uploads, put back after they had arrived at the platforms."""
    case = start_uploading(embedded)
    backup.copy(embedded.database, tmp_path / "copy.db")
    assert sending(embedded, stand_in).once() == 2
    after = embedded.handle(START, by=BY).case
    copy = Engine.open(f"sqlite:///{tmp_path / 'copy.db'}", clock=clock, settings=Settings(data=tmp_path))
    yield copy, case, after
    invariants.check(copy)
    copy.database.dispose()


def test_a_copy_put_back_is_sound_and_knows_nothing_of_what_came_after(put_back):
    copy, case, after = put_back

    invariants.check(copy)
    assert case in cases_of(copy)
    assert after not in cases_of(copy)
    assert {row.status for row in uploads(copy)} == {"waiting"}


def test_what_a_copy_sends_again_is_the_same_object_with_the_same_receipt(put_back, stand_in):
    copy, _, _ = put_back
    receipts = dict(stand_in.receipts)

    assert sending(copy, stand_in).once() == 2

    assert stand_in.receipts == receipts
    assert {row.id: row.receipt for row in uploads(copy)} == receipts


def test_a_receipt_from_the_lost_future_is_refused_and_a_case_gets_an_id_of_its_own(put_back):
    copy, case, after = put_back

    with pytest.raises(NotFound):
        copy.handle(RecordReceipt(f"{after}-9-party_cloud", "YDJ-1"), by=SYSTEM)
    assert copy.handle(START, by=BY).case not in (case, after)


def test_a_work_item_of_the_lost_future_cannot_be_done_on_the_copy(put_back, embedded):
    copy, _, after = put_back
    item = embedded.read(lambda reader: reader.db.scalar(text("SELECT max(id) FROM work_item")))

    with pytest.raises(NotFound):
        copy.handle(SubmitTask(str(item), {}), by=BY)
    assert after not in cases_of(copy)
