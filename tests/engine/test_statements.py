"""What is said later is written in order, before anybody can miss it, with the COMMIT at the latest, or not at all."""

from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, text, update

from engine.calendar import CalendarDay, CalendarVersion
from engine.database import Contended, reading, writing
from engine.directory import Appointment
from engine.drafts import Draft
from engine.statements import ask, later, recall, table, upsert

DRAFT, VERSION, DAY = table(Draft), table(CalendarVersion), table(CalendarDay)
AT = datetime(2026, 9, 14, 9, 2, 3, 4, tzinfo=timezone(timedelta(hours=8)))
ALL = select(DRAFT.c.subject, DRAFT.c.typed, DRAFT.c.saved_at).order_by(DRAFT.c.subject)
NOTHING = select(VERSION.c.number).where(VERSION.c.number < 0)
ADD = insert(DRAFT)


def draft(subject, typed=()):
    return {"person_id": "谁", "subject": subject, "typed": list(typed), "saved_at": AT}


@pytest.fixture
def database(engine):
    return engine.database


@pytest.fixture
def said(database):
    """Every statement that reaches a cursor, by its first word and its parameters' number of rows."""
    said = []

    def note(_connection, _cursor, statement, told, _context, many):
        said.append((statement.split()[0], len(told) if many else 1))

    event.listen(database, "before_cursor_execute", note)
    yield said
    event.remove(database, "before_cursor_execute", note)


def kept(database):
    with reading(database) as db:
        return [row.subject for row in ask(db, ALL)]


def test_what_is_said_later_waits_for_the_commit(database, said):
    with writing(database) as db:
        later(db, ADD, draft("一"), draft("二"))
        assert ("INSERT", 2) not in said
    assert said[-1] == ("INSERT", 2)

    assert kept(database) == ["一", "二"]


def test_who_asks_for_the_same_table_sees_it_and_who_asks_for_another_does_not_hurry_it(database, said):
    with writing(database) as db:
        later(db, ADD, draft("一"))
        assert ask(db, NOTHING) == []
        assert ("INSERT", 1) not in said

        assert [row.subject for row in ask(db, ALL)] == ["一"]


def asked(said):
    return [verb for verb, _ in said].count("SELECT")


def test_what_is_recalled_is_asked_once_in_a_transaction(database, said):
    which = bindparam("which", type_=DRAFT.c.subject.type)
    one = ALL.where(DRAFT.c.subject == which)
    with reading(database) as db:
        assert recall(db, one, which="一") == recall(db, one, which="一") == []
        assert asked(said) == 1
        assert recall(db, one, which="二") == []
        assert asked(said) == 2

    with reading(database) as db:
        assert recall(db, one, which="一") == []
    assert asked(said) == 3


@pytest.mark.parametrize("write", ["later", "session", "sqlalchemy"])
def test_what_is_recalled_is_asked_again_once_the_transaction_has_written(database, write):
    ways = {
        "later": lambda db: later(db, ADD, draft("一")),
        "session": lambda db: db.add(Draft(**draft("一"))),
        "sqlalchemy": lambda db: db.execute(ADD, draft("一")),
    }
    with writing(database) as db:
        assert recall(db, ALL) == []
        ways[write](db)
        assert [row.subject for row in recall(db, ALL)] == ["一"]


def test_what_is_recalled_is_asked_again_after_a_step_back(database):
    with writing(database) as db:
        spell = db.begin_nested()
        later(db, ADD, draft("一"))
        assert [row.subject for row in recall(db, ALL)] == ["一"]
        spell.rollback()
        assert recall(db, ALL) == []


def test_rows_for_one_statement_that_are_said_one_after_the_other_are_sent_together(database, said):
    with writing(database) as db:
        for subject in ("一", "二", "三"):
            later(db, ADD, draft(subject))

    assert [sent for sent in said if sent[0] == "INSERT"] == [("INSERT", 3)]


def test_whatever_goes_through_sqlalchemy_finds_it_written(database):
    with writing(database) as db:
        later(db, ADD, draft("一"))
        assert db.scalar(text("select count(*) from draft")) == 1
        later(db, ADD, draft("二"))
        assert db.get(Draft, ("谁", "二")).typed == []


def test_it_goes_in_the_order_in_which_it_was_said(database):
    change = update(DRAFT).where(DRAFT.c.subject == bindparam("which")).values(typed=bindparam("now"))
    with writing(database) as db:
        later(db, ADD, draft("一"))
        later(db, change, {"which": "一", "now": [["甲", "乙"]]})
        db.add(Draft(**draft("二")))
        later(db, change, {"which": "二", "now": [["丙", "丁"]]})

    with reading(database) as db:
        assert [row.typed for row in ask(db, ALL)] == [[["甲", "乙"]], [["丙", "丁"]]]


def test_what_waits_in_a_transaction_that_is_undone_is_not_written_by_the_next(database):
    def fail():
        with writing(database) as db:
            later(db, ADD, draft("一"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with writing(database) as db:
        later(db, ADD, draft("二"))

    assert kept(database) == ["二"]


def test_a_refused_row_undoes_all_and_the_connection_serves_the_next(database):
    def collide():
        with writing(database) as db:
            for subject in ("一", "二", "一"):
                later(db, ADD, draft(subject))

    for _ in range(3):
        with pytest.raises(Contended):
            collide()
    assert kept(database) == []
    with writing(database) as db:
        later(db, ADD, draft("一"))
    assert kept(database) == ["一"]


def test_an_upsert_inserts_and_brings_up_to_date_only_what_it_names(database):
    with writing(database) as db:
        upsert(db, DRAFT, [draft("一", [["甲", "1"]])], ("typed",))
    with writing(database) as db:
        upsert(db, DRAFT, [{**draft("一", [["甲", "2"]]), "saved_at": AT + timedelta(days=1)}], ("typed",))
        upsert(db, DRAFT, [], ("typed",))

    with reading(database) as db:
        assert [(row.typed, row.saved_at) for row in ask(db, ALL)] == [([["甲", "2"]], AT)]


def test_values_come_back_as_they_were_given(database):
    days = select(DAY.c.day, DAY.c.kind).where(DAY.c.day == bindparam("day", type_=DAY.c.day.type))
    acting = select(Appointment.acting.label("acting")).limit(1)
    with reading(database) as db:
        assert ask(db, days, day=date(2026, 10, 1))[0] == (date(2026, 10, 1), "holiday")
        assert ask(db, acting)[0].acting is False
    with writing(database) as db:
        later(db, ADD, draft("一"))
        assert ask(db, ALL)[0].saved_at == AT
        assert ask(db, ALL)[0].saved_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused_before_anything_is_sent(database, said):
    with pytest.raises(ValueError, match="naive"), writing(database) as db:
        later(db, ADD, {**draft("一"), "saved_at": datetime(2026, 9, 14)})  # noqa: DTZ001
    assert not any(verb == "INSERT" for verb, _ in said)


def test_a_statement_is_told_what_it_wants_and_nothing_else(database):
    drop = delete(DRAFT).where(DRAFT.c.subject == bindparam("subject"))
    with writing(database) as db:
        with pytest.raises(TypeError, match="subject"):
            later(db, drop, {"subjekt": "一"})
        with pytest.raises(TypeError, match="subject"):
            later(db, drop, {"subject": "一", "person_id": "谁"})
