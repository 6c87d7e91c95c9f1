"""The one door: exactly one wins, the same key the same answer, all or nothing, rights on the day of acting."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from engine import journal, people, timers
from engine.audit import verify
from engine.commands import (
    AmendCalendar,
    Appoint,
    ClaimTask,
    RaiseObjection,
    RecordReceipt,
    RegisterSubmission,
    ReleaseTask,
    StartCase,
    SubmitTask,
)
from engine.database import writing
from engine.engine import Engine
from engine.entitlement import PUBLIC
from engine.errors import (
    AlreadyDone,
    CalendarUnknown,
    Conflict,
    FormRejected,
    NotAllowed,
    NotFound,
    Refused,
    Unavailable,
)
from engine.journal import Event
from engine.outbox import Outgoing
from engine.records.notices import Notice
from engine.records.submissions import Submission


def events(engine, case):
    return engine.read(lambda reader: list(journal.of_case(reader.db, case)))


def test_a_case_starts_with_its_first_task(walker):
    outcome = walker.start("楼道照明损坏")

    assert walker.open() == ["register_topic"]
    assert outcome.seq == 1
    assert walker.facts()["title"] == "楼道照明损坏"


def test_only_the_party_organisation_of_the_unit_starts_a_case(engine):
    for by in ("u001.council1", "s01.office1", "u001.street_leader"):
        with pytest.raises(NotAllowed) as refusal:
            engine.handle(StartCase("roundtable", "u001", "题目"), by=by)
        assert refusal.value.rule == "R011"


def test_the_secretary_of_another_unit_does_not_even_find_this_one(engine):
    with pytest.raises(NotFound):
        engine.handle(StartCase("roundtable", "u001", "题目"), by="u002.secretary")


def test_of_two_people_submitting_at_once_exactly_one_wins(engine, walker, together):
    walker.start()
    item = walker.item("register_topic")
    answers = walker.answers("register_topic")

    ends = together(
        lambda: engine.handle(SubmitTask(item.id, answers, key="a"), by="u001.secretary"),
        lambda: engine.handle(SubmitTask(item.id, answers, key="b"), by="u001.cadre1"),
    )

    assert sorted(type(end).__name__ for end in ends) == ["AlreadyDone", "Outcome"]
    late = next(end for end in ends if isinstance(end, AlreadyDone))
    assert late.by
    assert late.at
    assert len(events(engine, walker.case)) == 2


def test_the_same_key_sent_ten_times_is_one_event_and_one_answer(engine, walker, together):
    walker.start()
    item = walker.item("register_topic")
    command = SubmitTask(item.id, walker.answers("register_topic"), key="once")

    ends = together(*[lambda: engine.handle(command, by="u001.secretary")] * 10)
    again = engine.handle(command, by="u001.secretary")

    assert {(end.case, end.seq, end.opened) for end in [*ends, again]} == {(again.case, 2, again.opened)}
    assert len(events(engine, walker.case)) == 2


def test_a_key_used_for_another_command_is_refused(engine, walker):
    walker.start(key="k")
    item = walker.item("register_topic")

    with pytest.raises(Conflict):
        engine.handle(SubmitTask(item.id, walker.answers("register_topic"), key="k"), by="u001.secretary")


def test_a_wrong_form_changes_nothing(engine, walker):
    walker.start()
    item = walker.item("register_topic")

    with pytest.raises(FormRejected) as refusal:
        engine.handle(SubmitTask(item.id, {"title": ""}), by="u001.secretary")

    assert {problem.field for problem in refusal.value.problems} >= {"title", "category"}
    assert len(events(engine, walker.case)) == 1
    assert walker.open() == ["register_topic"]


def test_a_key_that_the_form_does_not_know_is_refused(engine, walker):
    walker.start()
    item = walker.item("register_topic")
    answers = {**walker.answers("register_topic"), "level": "district"}

    with pytest.raises(FormRejected):
        engine.handle(SubmitTask(item.id, answers), by="u001.secretary")


def test_who_does_not_hold_the_post_may_not_act(engine, walker):
    walker.start()
    item = walker.item("register_topic")

    with pytest.raises(NotAllowed) as refusal:
        engine.handle(SubmitTask(item.id, walker.answers("register_topic")), by="u002.secretary")

    assert "书记" in refusal.value.help


def test_the_holder_on_the_day_acts_not_the_one_before(engine, walker, clock):
    walker.start()
    item = walker.item("register_topic")
    successor = engine.read(lambda reader: people.holder(reader.db, "council", "u001", reader.today))
    before = engine.read(lambda reader: people.holder(reader.db, "community_secretary", "u001", reader.today))
    engine.handle(Appoint(successor.person, "u001.secretary", date(2026, 9, 15)), by="o_data.operator")
    clock.at += timedelta(days=1)

    with pytest.raises(NotAllowed):
        engine.handle(SubmitTask(item.id, walker.answers("register_topic")), by=before.person)
    engine.handle(SubmitTask(item.id, walker.answers("register_topic")), by=successor.person)

    assert events(engine, walker.case)[-1].body["actor"]["id"] == successor.person


def test_a_claimed_task_is_done_by_its_claimer_only(engine, walker):
    walker.start()
    item = walker.item("register_topic")
    engine.handle(ClaimTask(item.id), by="u001.cadre1")

    with pytest.raises(Conflict):
        engine.handle(SubmitTask(item.id, walker.answers("register_topic")), by="u001.secretary")
    engine.handle(ReleaseTask(item.id), by="u001.cadre1")
    engine.handle(SubmitTask(item.id, walker.answers("register_topic")), by="u001.secretary")

    assert [event.type for event in events(engine, walker.case)] == [
        "case_started",
        "task_claimed",
        "task_released",
        "task_submitted",
    ]


def test_history_is_append_only_in_the_database_itself(engine, walker):
    walker.start()

    for change in ("UPDATE event SET type = 'forged'", "DELETE FROM event"):
        with pytest.raises(DBAPIError, match="append-only"), writing(engine.database) as db:
            db.execute(text(change))

    assert events(engine, walker.case)[0].type == "case_started"


def test_personal_values_are_not_in_the_history(engine, walker):
    walker.start()
    walker.do("register_topic")

    told = engine.read(lambda reader: "".join(reader.db.scalars(select(Event.body))))
    assert walker.told["register_topic"]["proposer_phone"] not in told
    assert walker.told["register_topic"]["proposer_name"] not in told
    assert "$personal" in told


def test_a_failure_between_rooms_leaves_nothing_behind(engine, walker, monkeypatch):
    walker.start()

    def broken(*_args, **_named):
        raise RuntimeError("power cut")

    monkeypatch.setattr(timers, "sync", broken)
    with pytest.raises(RuntimeError):
        walker.do("register_topic")
    monkeypatch.undo()

    assert walker.open() == ["register_topic"]
    assert len(events(engine, walker.case)) == 1
    walker.do("register_topic")
    assert walker.open() == ["screen_topic"]


@pytest.mark.parametrize(
    ("level", "chair"),
    [
        ("community", "chair_by_secretary"),
        ("street", "chair_by_street"),
        ("district", "chair_by_district"),
    ],
)
def test_the_level_decides_the_chair(walker, level, chair):
    walker.start()
    walker.to(
        chair,
        propose_level={"proposed_level": level, "reason": "按事项涉及范围提出。"},
        confirm_level={"level": level, "reason": "按事项涉及范围核定。"},
    )
    walker.do(chair)

    assert walker.facts()["level"] == level
    assert walker.facts()["chair"] == walker.facts()["chair_planned"]
    assert walker.open() == ["record_attendance"]


def test_a_notice_stands_at_least_five_working_days(engine, walker, clock):
    walker.start()
    walker.to("publish_notice")
    posted = engine.now()
    walker.do("publish_notice")
    notice = engine.read(lambda reader: reader.db.scalars(select(Notice)).one())

    assert notice.ends_at > posted + timedelta(days=5)
    assert engine.tick() == 0
    clock.at = notice.ends_at - timedelta(seconds=1)
    assert engine.tick() == 0
    clock.at = notice.ends_at
    assert engine.tick() == 1
    assert walker.open() == ["close_notice"]


def test_a_window_into_a_year_without_calendar_is_refused_not_guessed(walker, clock, engine):
    walker.start()
    walker.to("publish_notice")
    clock.at = clock.at.replace(year=2026, month=12, day=29)

    with pytest.raises(CalendarUnknown) as refusal:
        walker.do("publish_notice")

    assert refusal.value.rule == "R120"
    assert walker.open() == ["publish_notice"]


def test_four_working_days_are_not_enough(walker):
    walker.start()
    walker.to("publish_notice")

    with pytest.raises(FormRejected) as refusal:
        walker.do("publish_notice", working_days=4)

    assert refusal.value.rule == "R120" or "5" in refusal.value.problems[0].message


def test_a_sustained_objection_restarts_consent_and_notice(engine, walker):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    first = engine.read(lambda reader: reader.db.scalars(select(Notice)).one())

    engine.handle(RaiseObjection(first.number, walker.answers("objection")), by=PUBLIC)
    walker.do("answer_objection", sustained="yes")

    assert walker.open() == ["draft_plan_book"]
    assert engine.next_due() is None
    assert engine.read(lambda reader: reader.db.scalars(select(Notice.status)).one()) == "withdrawn"
    walker.to("publish_notice")
    walker.do("publish_notice")
    assert engine.read(lambda reader: reader.db.scalar(select(func.count()).select_from(Notice))) == 2


def test_one_refusal_of_consent_sends_the_plan_back_and_old_consents_do_not_count(walker):
    walker.start()
    walker.to("give_consent")
    parties = len(walker.items())
    for n in range(parties):
        opinion = "disagree" if n == 0 else "agree"
        walker.do("give_consent", opinion=opinion, comment="施工时间需要调整。")

    assert walker.open() == ["draft_plan_book"]
    walker.to("give_consent")
    assert len(walker.items()) == parties
    assert all("#2" in item.path for item in walker.items())


def test_receipts_by_hand_end_the_wait_and_the_same_number_twice_does_no_harm(engine, walker):
    walker.start()
    walker.to("accept_project")
    while "inspect_project" in walker.open():
        walker.do("inspect_project")
    walker.do("accept_project")
    uploads = engine.read(lambda reader: list(reader.db.scalars(select(Outgoing).order_by(Outgoing.id))))

    for upload in uploads:
        command = RecordReceipt(upload.id, f"HZ-{upload.target}", manual=True, key=f"r-{upload.id}")
        first = engine.handle(command, by="u001.secretary")
        assert engine.handle(command, by="u001.secretary") == replace(first)

    assert sorted(upload.target for upload in uploads) == ["party_cloud", "service_365"]
    assert "close_off" in walker.open()
    with pytest.raises(Conflict):
        engine.handle(RecordReceipt(uploads[0].id, "HZ-other", manual=True), by="u001.secretary")


def test_a_database_that_is_away_says_so_and_nothing_is_done():
    away = Engine.open("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")

    with pytest.raises(Unavailable):
        away.handle(StartCase("roundtable", "u001", "题目"), by="u001.secretary")


def test_refusals_say_what_helps(engine):
    with pytest.raises(Refused) as refusal:
        engine.handle(StartCase("nothing", "u001", "题目"), by="u001.secretary")

    assert refusal.value.message
    assert refusal.value.help


def test_an_amended_calendar_moves_a_running_notice_with_an_event(engine, walker, clock):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    before = engine.read(lambda reader: reader.db.scalars(select(Notice)).one())
    first = clock.at.date() + timedelta(days=1)
    while first.weekday() >= 5:
        first += timedelta(days=1)
    text_ = f'title = "临时放假"\n[[day]]\nday = "{first}"\nkind = "holiday"\nname = "临时放假"\n'

    engine.handle(AmendCalendar(text_, "临时放假一天"), by="o_data.operator")
    engine.tick()

    after = engine.read(lambda reader: reader.db.scalars(select(Notice)).one())
    assert after.ends_at > before.ends_at
    assert engine.next_due() == after.ends_at
    assert events(engine, walker.case)[-1].type == "calendar_applied"
    assert engine.read(verify.verify_case, walker.case).sound


def test_who_raised_it_is_told_how_the_case_ended(engine, walker):
    registered = engine.handle(RegisterSubmission("u001", walker.filled("submission")), by="u001.secretary")
    walker.start("楼上漏水要求赔偿", submissions=(registered.detail["submission"],))
    walker.to("screen_topic")
    walker.do("screen_topic", affair="individual")
    walker.do("redirect_claim")

    told = engine.read(lambda reader: reader.db.scalars(select(Submission)).one())
    assert told.status == "replied"
    assert "转办" in told.reply
