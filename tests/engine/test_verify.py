"""Verification: whatever is changed in a history or beside it is named by its first event. Knows how to forge."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from engine import definitions, directory, founding, journal, people
from engine.audit import verify
from engine.bpmn import outline
from engine.cases import Case
from engine.clock import SHANGHAI
from engine.commands import Appoint, ClaimTask
from engine.database import dumps, writing
from engine.environment import FIRST_KIT, KIT
from engine.errors import NotFound, Refused
from engine.reading import verdicts
from tests.engine import invariants

UNPROTECT = {
    "sqlite": ("DROP TRIGGER event_refuses_update", "DROP TRIGGER event_refuses_delete"),
    "postgresql": ("DROP TRIGGER event_is_append_only ON event",),
}


@pytest.fixture
def history(engine, walker):
    """A case with seven events, whose table somebody with the database's password has unlocked."""
    walker.start()
    for _ in range(6):
        walker.do(walker.open()[0])
    with writing(engine.database) as db:
        for statement in UNPROTECT[engine.database.dialect.name]:
            db.execute(text(statement))
    return walker


MOMENT = datetime(2026, 9, 14, tzinfo=UTC)


def forge(engine, statement, **values):
    with writing(engine.database) as db:
        db.execute(text(statement), values)


def found(engine, case):
    return engine.read(verify.verify_case, case).finding


def bodies(engine, case):
    return [dict(event.body) for event in engine.read(lambda reader: list(journal.of_case(reader.db, case)))]


def rewrite(engine, case, changed):
    """Write a whole history anew with hashes that fit: what somebody would do who knows how we chain."""
    prev = journal.GENESIS
    for body in changed:
        told = dumps({**body, "prev": prev})
        prev = journal.digest(told)
        forge(
            engine,
            "UPDATE event SET body = :body, hash = :hash WHERE case_id = :case AND seq = :seq",
            body=told,
            hash=prev,
            case=case,
            seq=body["seq"],
        )
    forge(engine, 'UPDATE "case" SET hash = :hash WHERE id = :case', hash=prev, case=case)


def test_an_untouched_history_is_sound(engine, history):
    verdict = engine.read(verify.verify_case, history.case)

    assert verdict.sound
    assert (verdict.events, verdict.executed) == (7, 7)
    invariants.check(engine)


def test_the_first_event_that_differs_is_named_by_actor_time_step_and_element(engine, history):
    changed = bodies(engine, history.case)
    changed[2]["digest"] = "0" * 64
    rewrite(engine, history.case, changed)

    told = engine.read(lambda reader: verdicts.said(reader, verify.verify_case(reader, history.case)))

    body = changed[2]
    step = next(drawn.title for drawn in drawings(engine, body) if drawn.id == body["trace"][0][2])
    when = datetime.fromisoformat(body["at"]).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    who = f"{body['actor']['title']} {body['actor']['name']}"
    case = f"{history.facts()['number']} “桃苑小区公共设施改造”"
    found = f"第3条（{who}，{when}，{step}，“{body['task']['name']}”）：重新执行后的状态与记录不同"
    assert told == f"{case}：不一致。{found}"


def test_what_cannot_be_read_any_more_is_said_to_be_unknown(engine, history):
    forge(engine, "UPDATE event SET body = 'x' WHERE seq = 2 AND case_id = :case", case=history.case)

    told = engine.read(lambda reader: verdicts.said(reader, verify.verify_case(reader, history.case)))

    assert "第2条（办理人不详，2026-09-" in told


def drawings(engine, body):
    def drawn(reader):
        bundle = definitions.bundle(reader.db, body["definition"])
        return outline.diagrams(bundle, "overview")

    return engine.read(drawn)


def test_any_byte_of_an_event_that_is_altered_is_noticed(engine, history):
    body = dumps(bodies(engine, history.case)[3])
    change = "UPDATE event SET body = :body WHERE case_id = :case AND seq = 4"

    for at in range(0, len(body), len(body) // 40):
        altered = body[:at] + ("x" if body[at] != "x" else "y") + body[at + 1 :]
        forge(engine, change, body=altered, case=history.case)
        assert found(engine, history.case).seq == 4, altered

    forge(engine, change, body=body, case=history.case)
    assert found(engine, history.case) is None


def test_a_byte_that_is_no_text_any_more_is_noticed(engine, history):
    if engine.database.dialect.name != "sqlite":
        pytest.skip("PostgreSQL stores no text that is not UTF-8")
    forge(
        engine,
        "UPDATE event SET body = CAST(X'FF' || CAST(body AS BLOB) AS TEXT) WHERE case_id = :case AND seq = 2",
        case=history.case,
    )

    assert found(engine, history.case).seq == 2


def test_an_altered_answer_names_who_and_which_task(engine, history):
    forge(
        engine,
        "UPDATE event SET body = replace(body, :old, '另一件事') WHERE case_id = :case AND seq = 2",
        old=bodies(engine, history.case)[1]["data"]["title"],
        case=history.case,
    )

    finding = found(engine, history.case)
    assert (finding.seq, finding.element) == (2, "register_topic")
    assert "书记" in finding.actor
    assert finding.at.startswith("2026-09-14")


def test_a_deleted_event_is_noticed_where_it_is_missing(engine, history):
    forge(engine, "DELETE FROM event WHERE case_id = :case AND seq = 3", case=history.case)

    assert found(engine, history.case).seq == 3


def test_a_history_that_was_cut_off_at_the_end_is_noticed(engine, history):
    forge(engine, "DELETE FROM event WHERE case_id = :case AND seq = 7", case=history.case)

    assert found(engine, history.case).seq == 7


def test_a_case_without_any_event_left_is_noticed(engine, history):
    forge(engine, "DELETE FROM event WHERE case_id = :case", case=history.case)

    assert history.case in engine.read(verify.all_cases)
    assert found(engine, history.case).what == "没有这一件的历史记录"


def test_two_swapped_events_are_noticed_at_the_first(engine, history):
    for before, after in ((3, 103), (4, 3), (103, 4)):
        forge(
            engine,
            "UPDATE event SET seq = :after WHERE case_id = :case AND seq = :before",
            case=history.case,
            before=before,
            after=after,
        )

    assert found(engine, history.case).seq == 3


def test_a_changed_hash_is_noticed(engine, history):
    forge(
        engine,
        "UPDATE event SET hash = :hash WHERE case_id = :case AND seq = 5",
        case=history.case,
        hash="0" * 64,
    )

    assert found(engine, history.case).seq == 5


@pytest.mark.parametrize("change", ["type = 'task_claimed'", "at = '2026-01-01 00:00:00'"])
def test_a_changed_column_beside_the_body_is_noticed(engine, history, change):
    forge(engine, f"UPDATE event SET {change} WHERE case_id = :case AND seq = 5", case=history.case)  # noqa: S608

    assert found(engine, history.case).seq == 5


def test_a_changed_answer_is_noticed_although_the_whole_chain_was_forged_anew(engine, history):
    changed = bodies(engine, history.case)
    changed[1]["data"]["title"] = "另一件事"
    rewrite(engine, history.case, changed)

    finding = found(engine, history.case)
    assert (finding.seq, finding.element) == (2, "register_topic")


@pytest.mark.parametrize("kit", [FIRST_KIT, KIT])
def test_what_rules_of_an_earlier_kit_have_executed_is_said_to_be_so(engine, history, kit):
    changed = bodies(engine, history.case)
    changed[1]["environment"]["kit"] = kit
    changed[1]["digest"] = "0" * 64
    rewrite(engine, history.case, changed)

    assert ("请用当时的程序核验" in found(engine, history.case).what) == (kit != KIT)


def test_a_changed_outside_answer_is_noticed_although_the_whole_chain_was_forged_anew(
    engine, walker, history
):
    changed = bodies(engine, history.case)
    asked = next(body for body in changed if body["outside"])
    asked["outside"][0][2] = "XFYZ-1999-0001"
    rewrite(engine, history.case, changed)

    assert found(engine, history.case).seq == asked["seq"]


@pytest.mark.parametrize("part", ["outside", "trace", "digest", "task", "data"])
def test_an_event_that_lost_a_part_is_noticed_although_the_chain_was_forged_anew(engine, history, part):
    changed = bodies(engine, history.case)
    del changed[3][part]
    rewrite(engine, history.case, changed)

    assert found(engine, history.case).seq == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE work_item SET status = 'cancelled' WHERE case_id = :case AND status = 'open'",
        "UPDATE \"case\" SET facts = '{}' WHERE id = :case",
        "INSERT INTO timer (case_id, path, element, name, due_at, rule) "
        "VALUES (:case, 'x', 'x', 'x', '2026-10-01 00:00:00', 'x')",
        'UPDATE "case" SET state = (SELECT content FROM blob LIMIT 1) WHERE id = :case',
    ],
)
def test_what_is_open_must_be_what_the_history_gives(engine, history, statement):
    forge(engine, statement, case=history.case)

    assert found(engine, history.case).seq == 7


def test_an_altered_definition_is_noticed(engine, history, monkeypatch):
    forge(engine, "UPDATE definition_file SET content = :content WHERE path = 'rules.toml'", content=b"x")
    monkeypatch.setattr(definitions, "_BUNDLES", {})
    monkeypatch.setattr(definitions, "_MODELS", {})

    assert "被改动过" in found(engine, history.case).what


def test_later_changes_in_directory_and_calendar_disturb_no_history(engine, history, clock):
    other = engine.read(lambda reader: people.holder(reader.db, "council", "u001", reader.today))
    engine.handle(Appoint(other.person, "u001.secretary", date(2026, 9, 15)), by="o_data.operator")
    clock.at += timedelta(days=1)
    forge(engine, "DELETE FROM calendar_day")

    assert engine.read(verify.verify_case, history.case).sound


def test_whom_a_role_does_not_name_is_found_among_those_who_may_act(engine, history, clock):
    add = "INSERT INTO work_item_candidate (work_item, candidate) VALUES (:item, :who)"
    item = history.items()[0]
    forge(engine, add, item=item.id, who="post:u002.secretary")
    assert "“post:u002.secretary”" in found(engine, history.case).what

    # Who was named then cannot be asked again once there are other posts; who is named himself can.
    clock.at += timedelta(days=1)
    told = directory.Directory(units=[{"id": "new", "name": "新", "kind": "community"}])
    engine.small(founding.import_directory, told, engine.now())
    assert found(engine, history.case) is None
    forge(engine, add, item=item.id, who="person:p1")
    assert f"待办「{item.name}」" in found(engine, history.case).what


def test_events_that_move_nothing_are_part_of_the_chain(engine, history):
    engine.handle(ClaimTask(history.items()[0].id), by=history.who(history.items()[0]))

    verdict = engine.read(verify.verify_case, history.case)
    assert verdict.sound
    assert (verdict.events, verdict.executed) == (8, 7)


def test_the_stream_of_the_district_is_chained_as_well(engine, history):
    assert engine.read(verify.verify_district).sound

    forge(
        engine, "UPDATE event SET body = replace(body, 'roundtable', 'rectangle') WHERE case_id = 'district'"
    )

    assert not engine.read(verify.verify_district).sound


def test_a_case_is_named_by_its_number_or_its_id(engine, history):
    forge(
        engine,
        'UPDATE "case" SET number = :number WHERE id = :case',
        number="XFYZ-2026-0001",
        case=history.case,
    )

    assert engine.read(verify.case_named, "XFYZ-2026-0001") == history.case
    assert engine.read(verify.case_named, history.case) == history.case


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_names_no_case_though_cases_without_a_number_hold_one(engine, history, blank):
    with pytest.raises(NotFound):
        engine.read(verify.case_named, blank)


def test_a_number_that_several_cases_bear_names_none_of_them(engine, history):
    twin = {
        "id": "twin",
        "process": "p",
        "unit_id": "u",
        "title": "t",
        "started_at": MOMENT,
        "changed_at": MOMENT,
    }
    with writing(engine.database) as db:
        release = db.get(Case, history.case).definition_hash
        db.add(Case(**twin, definition_hash=release, number="N-1"))
    forge(engine, 'UPDATE "case" SET number = :number WHERE id = :case', number="N-1", case=history.case)

    with pytest.raises(Refused, match="2件的编号"):
        engine.read(verify.case_named, "N-1")
