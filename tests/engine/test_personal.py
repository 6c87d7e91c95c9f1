"""Personal values: sealed as commitments, revealed with a record of who read them, erased for ever."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from engine import personal
from engine.database import Base, dumps, open_database, reading, writing
from engine.errors import NotFound
from engine.personal import BROKEN, INTACT, REDACTED, PersonalKey, PersonalValue, Reader

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
READER = Reader("p1", "核实议题提出人", post="u001.secretary", address="127.0.0.1")
VALUES = {"register_topic.proposer_name": "张三", "register_topic.proposer_phone": "13800000000"}


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    yield database
    database.dispose()


@pytest.fixture
def sealed(database):
    with writing(database) as db:
        return personal.seal(db, "c1", VALUES, NOW)


def everything_in(database):
    """All cells of all personal tables as one text."""
    with reading(database) as db:
        tables = [name for name in inspect(db.connection()).get_table_names() if name.startswith("personal")]
        return " ".join(str([*row]) for name in tables for row in db.execute(text(f"select * from {name}")))  # noqa: S608


def test_what_is_sealed_is_revealed_again(database, sealed):
    with writing(database) as db:
        revealed = personal.reveal(db, sealed.values(), READER, NOW)

    assert {path: revealed[commitment] for path, commitment in sealed.items()} == VALUES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text("abc"), children, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_any_json_value_comes_back_as_it_was(database, value):
    with writing(database) as db:
        [commitment] = personal.seal(db, "c1", {"a": value}, NOW).values()

        assert personal.reveal(db, [commitment], READER, NOW) == {commitment: value}


def test_no_value_and_no_salt_lies_open_in_the_database(database, sealed):
    assert "张三" not in everything_in(database)
    assert "13800000000" not in everything_in(database)
    with reading(database) as db:
        columns = {column.name for column in PersonalValue.__table__.columns}
        row = db.get(PersonalValue, sealed["register_topic.proposer_phone"])
        guess = hashlib.sha256(row.nonce + dumps("13800000000").encode()).hexdigest()
    assert "salt" not in columns
    assert guess != row.commitment


def test_the_same_value_has_another_commitment_each_time(database):
    with writing(database) as db:
        first = personal.seal(db, "c1", {"name": "张三"}, NOW)
        second = personal.seal(db, "c1", {"name": "张三"}, NOW)

    assert first["name"] != second["name"]


def test_every_reveal_is_recorded_with_reader_case_fields_and_purpose(database, sealed):
    with writing(database) as db:
        personal.reveal(db, sealed.values(), READER, NOW)
        personal.reveal(db, [], READER, NOW)

    with reading(database) as db:
        [access] = personal.accesses(db, NOW, NOW + timedelta(days=1), person="p1")
        assert (access.person_id, access.post_id, access.case_id) == ("p1", "u001.secretary", "c1")
        assert access.paths == sorted(VALUES)
        assert access.purpose == "核实议题提出人"
        assert personal.accesses(db, NOW, NOW + timedelta(days=1), person="p2") == ()
        assert personal.accesses(db, NOW, NOW, case="c1") == ()


def test_reading_from_two_cases_is_recorded_for_each(database, sealed):
    with writing(database) as db:
        other = personal.seal(db, "c2", {"name": "李四"}, NOW)
        personal.reveal(db, [*sealed.values(), *other.values()], READER, NOW)

        accesses = personal.accesses(db, NOW, NOW + timedelta(days=1))
    assert sorted(access.case_id for access in accesses) == ["c1", "c2"]


def test_after_erasure_history_says_redacted_and_not_tampered(database, sealed):
    with writing(database) as db:
        [key] = personal.keys_of(db, "c1")
        body = personal.erase(db, key, NOW)

    with writing(database) as db:
        assert set(personal.reveal(db, sealed.values(), READER, NOW).values()) == {REDACTED}
        assert set(personal.check(db, sealed.values()).values()) == {REDACTED}
        assert db.get(PersonalKey, key).key is None
        assert personal.accesses(db, NOW, NOW + timedelta(days=1)) == ()
    assert body == {
        "type": "personal_erased",
        "key": key,
        "values": [["c1", path] for path in sorted(VALUES)],
    }


def test_erasing_one_person_of_a_table_leaves_the_others(database):
    with writing(database) as db:
        sealed = personal.seal(db, "c1", {"people.0.name": "张三", "people.1.name": "李四"}, NOW)
        keys = {paths[0]: key for key, paths in personal.keys_of(db, "c1").items()}
        personal.erase(db, keys["people.0.name"], NOW)

        states = personal.check(db, sealed.values())
    assert states == {sealed["people.0.name"]: REDACTED, sealed["people.1.name"]: INTACT}


def test_a_subject_has_one_key_over_several_calls(database):
    with writing(database) as db:
        personal.seal(db, "c1", {"people.0.name": "张三", "phone": "1"}, NOW, subject="张三")
        personal.seal(db, "c1", {"again.phone": "2"}, NOW, subject="张三")

        assert list(personal.keys_of(db, "c1").values()) == [["again.phone", "people.0.name", "phone"]]


def test_a_destroyed_key_is_never_used_again(database):
    with writing(database) as db:
        before = personal.seal(db, "c1", {"name": "张三"}, NOW, subject="张三")
        personal.erase(db, next(iter(personal.keys_of(db, "c1"))), NOW)
        after = personal.seal(db, "c1", {"name": "张三"}, NOW, subject="张三")

        states = personal.check(db, [before["name"], after["name"]])
    assert states == {before["name"]: REDACTED, after["name"]: INTACT}


def test_the_verifier_finds_an_exchanged_or_missing_value_and_reads_none(database, sealed):
    name, phone = sealed.values()
    with writing(database) as db:
        a, b = db.get(PersonalValue, name), db.get(PersonalValue, phone)
        a.ciphertext, a.nonce = b.ciphertext, b.nonce

    with writing(database) as db:
        assert personal.check(db, [name, phone, "0" * 64]) == {name: BROKEN, phone: INTACT, "0" * 64: BROKEN}
        assert personal.accesses(db, NOW, NOW + timedelta(days=1)) == ()


def test_what_was_never_sealed_cannot_be_erased(database):
    with writing(database) as db, pytest.raises(NotFound):
        personal.erase(db, "nobody", NOW)
