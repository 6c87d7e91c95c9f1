"""Signing in, sessions as rows, and what ends them."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from engine import accounts, directory
from engine.accounts import Account, Challenge, SessionRow
from engine.database import Base, open_database, reading, writing
from engine.errors import Conflict, FormRejected, NotAllowed, NotSignedIn

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
PASSWORD = "Yuan-zhuo-2026"


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        directory.add_person(db, "p1", "人员一")
        directory.add_person(db, "p2", "人员二")
    yield database
    database.dispose()


@pytest.fixture
def account(database):
    with writing(database) as db:
        return accounts.add_account(db, "p1", "zhang", PASSWORD, NOW)


@pytest.fixture
def token(database, account):
    with writing(database) as db:
        return accounts.admit(db, accounts.challenge(db, "zhang"), True, NOW, "127.0.0.1").token


def answer(database, fits, now=NOW):
    """One sign-in of zhang whose password did or did not fit."""
    with writing(database) as db:
        return accounts.admit(db, accounts.challenge(db, "zhang"), fits, now, "127.0.0.1")


def test_the_right_password_opens_a_session_of_the_person(database, account):
    with writing(database) as db:
        admission = accounts.sign_in(db, "zhang", PASSWORD, NOW, "127.0.0.1")

    with reading(database) as db:
        signed_in = accounts.look_up(db, admission.token, NOW)
    assert (signed_in.person, signed_in.account, signed_in.post) == ("p1", account, "")


@pytest.mark.parametrize(("login", "password"), [("zhang", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(database, account, login, password):
    with writing(database) as db:
        admission = accounts.sign_in(db, login, password, NOW, "127.0.0.1")

    assert (admission.token, admission.refused) == ("", accounts.REFUSED)


def test_an_unknown_login_takes_as_long_as_a_known_one(database, account):
    with reading(database) as db:
        known, unknown = accounts.challenge(db, "zhang"), accounts.challenge(db, "nobody")

    assert known.password_hash.split("$")[1:4] == unknown.password_hash.split("$")[1:4]
    assert not accounts.fits(unknown, PASSWORD)


def test_the_stored_hash_for_nobody_is_really_computed():
    started = time.perf_counter()
    accounts.fits(Challenge("", "not a hash at all"), PASSWORD)
    malformed = time.perf_counter() - started
    started = time.perf_counter()
    accounts.fits(Challenge("", accounts._NOBODY), PASSWORD)

    assert time.perf_counter() - started > 5 * malformed


def test_at_most_two_passwords_are_hashed_at_once(monkeypatch):
    running, most = [], []

    class Counting:
        def verify(self, _hash, _password):
            running.append(1)
            most.append(len(running))
            time.sleep(0.02)
            running.pop()
            return True

    monkeypatch.setattr(accounts, "_hasher", Counting())
    threads = [threading.Thread(target=accounts.fits, args=(Challenge("", ""), "")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 8
    assert max(most) <= 2


def test_ten_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(database, account):
    for _ in range(10):
        assert answer(database, False).refused

    assert answer(database, True, NOW + timedelta(minutes=14)).refused == accounts.REFUSED
    assert answer(database, True, NOW + timedelta(minutes=15)).token


def test_nine_wrong_passwords_are_forgiven_by_a_right_one(database, account):
    for _ in range(9):
        answer(database, False)
    assert answer(database, True).token
    for _ in range(9):
        answer(database, False)

    assert answer(database, True).token


def test_a_password_changed_meanwhile_lets_the_old_one_not_in(database, account):
    with reading(database) as db:
        before = accounts.challenge(db, "zhang")
    with writing(database) as db:
        accounts.set_password(db, account, "Another-pass-1", NOW)

    with writing(database) as db:
        assert accounts.admit(db, before, True, NOW, "").refused


@pytest.mark.parametrize(
    "password", ["Short-1", "alllowercase", "lower-only-text", "My-zhang-2026", "A1-" + "x" * 130]
)
def test_a_poor_password_is_refused_at_its_field(database, password):
    with writing(database) as db, pytest.raises(FormRejected) as refused:
        accounts.add_account(db, "p1", "zhang", password, NOW)

    assert refused.value.problems[0].field == "password"


def test_a_login_is_given_once(database, account):
    with writing(database) as db, pytest.raises(Conflict):
        accounts.add_account(db, "p2", "zhang", PASSWORD, NOW)


def test_the_token_is_not_in_the_database(database, token):
    with reading(database) as db:
        row = db.query(SessionRow).one()

    assert token not in (row.id, row.address, row.post_id)
    assert len(token) >= 43


def test_a_session_ends_after_half_an_hour_idle(database, token):
    with reading(database) as db:
        assert accounts.look_up(db, token, NOW + timedelta(minutes=29))
        with pytest.raises(NotSignedIn):
            accounts.look_up(db, token, NOW + timedelta(minutes=30))


def test_a_session_in_use_ends_after_twelve_hours(database, token):
    now = NOW
    while now < NOW + timedelta(hours=11, minutes=40):
        now += timedelta(minutes=20)
        with writing(database) as db:
            accounts.look_up(db, token, now)
            accounts.touch(db, token, now)

    with reading(database) as db, pytest.raises(NotSignedIn):
        accounts.look_up(db, token, NOW + timedelta(hours=12))


def test_a_copied_token_is_worth_nothing_after_signing_out(database, token):
    with writing(database) as db:
        accounts.sign_out(db, token, NOW)

    with reading(database) as db, pytest.raises(NotSignedIn):
        accounts.look_up(db, token, NOW)


def test_choosing_a_post_gives_a_new_token_and_ends_the_old_one(database, token):
    later = NOW + timedelta(minutes=5)
    with writing(database) as db:
        fresh = accounts.choose_post(db, token, "u001.secretary", later)

    with reading(database) as db:
        assert accounts.look_up(db, fresh, later).post == "u001.secretary"
        with pytest.raises(NotSignedIn):
            accounts.look_up(db, token, later)
        assert db.get(SessionRow, accounts._hash(fresh)).expires_at == NOW + timedelta(hours=12)


def test_signing_out_on_one_device_leaves_the_other_signed_in(database, account, token):
    other = answer(database, True).token
    with writing(database) as db:
        accounts.sign_out(db, token, NOW)

    with reading(database) as db:
        assert accounts.look_up(db, other, NOW).person == "p1"


@pytest.mark.parametrize("end", [accounts.disable, accounts.revoke_all])
def test_a_disabled_or_revoked_account_has_no_session_left(database, account, token, end):
    with writing(database) as db:
        end(db, account, NOW)

    with reading(database) as db, pytest.raises(NotSignedIn):
        accounts.look_up(db, token, NOW)


def test_a_disabled_account_is_not_admitted(database, account):
    with writing(database) as db:
        accounts.disable(db, account, NOW)

    assert answer(database, True).refused == accounts.REFUSED


def test_a_visitor_steps_into_a_demonstration_account_only(database, account):
    with writing(database) as db:
        accounts.add_without_password(db, {"demo": "p2"}, NOW)
        token = accounts.step_into(db, "p2", "u001.secretary", NOW, "").token
        assert accounts.look_up(db, token, NOW).demonstration

        with pytest.raises(NotAllowed):
            accounts.step_into(db, "p1", "u001.secretary", NOW, "")


def test_no_password_opens_a_demonstration_account(database):
    with writing(database) as db:
        accounts.add_without_password(db, {"demo": "p2"}, NOW)

        assert accounts.sign_in(db, "demo", "", NOW, "").refused
        assert db.query(Account).one().failed_count == 0
