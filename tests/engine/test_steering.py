"""Return, withdraw, suspend, resume, correct, cancel: events of the history, executed again by verification."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import cases, journal
from engine.audit import verify
from engine.commands import (
    CancelCase,
    CorrectFacts,
    Deploy,
    ResumeCase,
    ReturnTask,
    SendMessage,
    SubmitTask,
    SuspendCase,
    WithdrawTask,
)
from engine.errors import Conflict, NotAllowed, Refused
from engine.records.notices import Notice


def types(engine, case):
    return [event.type for event in engine.read(lambda reader: list(journal.of_case(reader.db, case)))]


def is_sound(engine, case):
    verdict = engine.read(verify.verify_case, case)
    assert verdict.sound, verdict.finding


def test_a_task_is_returned_to_an_earlier_one_and_done_again(engine, walker):
    walker.start()
    walker.to("confirm_level")
    first = walker.item("confirm_level")

    engine.handle(ReturnTask(first.id, "propose_level", "层级依据不足"), by=walker.who(first))

    assert walker.open() == ["propose_level"]
    with pytest.raises(Conflict):
        engine.handle(SubmitTask(first.id, walker.answers("confirm_level")), by=walker.who(first))
    walker.do("propose_level")
    assert walker.open() == ["confirm_level"]
    assert walker.item("confirm_level").id != first.id
    walker.to("decide_topic")
    assert types(engine, walker.case).count("task_submitted") == 5
    is_sound(engine, walker.case)


def test_a_return_takes_facts_back_and_a_second_return_goes_over_the_first(engine, walker):
    walker.start()
    walker.to("decide_topic", propose_level={"proposed_level": "street"}, confirm_level={"level": "street"})
    assert walker.facts()["level"] == "street"

    engine.handle(ReturnTask(walker.item("decide_topic").id, "confirm_level", "再核"), by="u001.secretary")
    assert walker.facts()["level"] is None
    engine.handle(
        ReturnTask(walker.item("confirm_level").id, "propose_level", "再提"),
        by=walker.who(walker.item("confirm_level")),
    )

    assert walker.open() == ["propose_level"]
    walker.to("decide_topic")
    is_sound(engine, walker.case)


def test_only_targets_that_the_procedure_allows(engine, walker):
    walker.start()
    walker.to("assign_visits")

    with pytest.raises(NotAllowed):
        engine.handle(
            ReturnTask(walker.item("assign_visits").id, "register_topic", "想改"), by="u001.secretary"
        )
    assert walker.open() == ["assign_visits"]


def test_a_reason_is_needed(engine, walker):
    walker.start()
    walker.do("register_topic")

    with pytest.raises(Refused):
        engine.handle(ReturnTask(walker.item("screen_topic").id, "register_topic", "  "), by="u001.secretary")


def test_ones_own_last_step_is_withdrawn_while_nobody_has_acted(engine, walker):
    walker.start()
    walker.do("register_topic", by="u001.secretary")

    engine.handle(WithdrawTask(walker.case, "写错了"), by="u001.secretary")
    assert walker.open() == ["register_topic"]

    walker.do("register_topic", by="u001.secretary")
    walker.do("screen_topic", by="u001.cadre1")
    with pytest.raises(Conflict):
        engine.handle(WithdrawTask(walker.case, "写错了"), by="u001.secretary")
    is_sound(engine, walker.case)


def test_withdrawing_the_posting_takes_the_notice_from_the_board_and_its_timer_away(engine, walker):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice", by="u001.secretary")

    engine.handle(WithdrawTask(walker.case, "张贴日期写错"), by="u001.secretary")

    assert walker.open() == ["publish_notice"]
    assert engine.next_due() is None
    assert engine.read(lambda reader: reader.db.scalars(select(Notice.status)).all()) == ["withdrawn"]
    walker.do("publish_notice")
    assert engine.next_due() is not None
    is_sound(engine, walker.case)


def test_a_suspended_case_neither_moves_nor_fires(engine, walker, clock):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    engine.handle(SuspendCase(walker.case, "等上级意见"), by="u001.secretary")
    clock.at += timedelta(days=20)

    assert engine.tick() == 0
    engine.handle(ResumeCase(walker.case, "意见已到"), by="u001.secretary")
    assert engine.tick() == 1
    assert walker.open() == ["close_notice"]
    is_sound(engine, walker.case)


def test_a_fact_is_corrected_by_the_operator_only_and_verified(engine, walker):
    walker.start()
    walker.to("decide_topic")
    correction = CorrectFacts(walker.case, {"level": "district"}, "街道核定有误，已来函")

    with pytest.raises(NotAllowed):
        engine.handle(correction, by="u001.secretary")
    engine.handle(correction, by="o_data.operator")

    assert walker.facts()["level"] == "district"
    with pytest.raises(Refused):
        engine.handle(CorrectFacts(walker.case, {"colour": "red"}, "无此项"), by="o_data.operator")
    is_sound(engine, walker.case)


def test_before_a_resolution_the_secretary_cancels_after_it_the_level_above(engine, walker):
    walker.start()
    walker.to("file_resolution")

    with pytest.raises(NotAllowed) as refusal:
        engine.handle(CancelCase(walker.case, "不办了"), by="u001.secretary")
    assert refusal.value.rule == "R124"
    engine.handle(CancelCase(walker.case, "政策调整，项目并入全区工程"), by="u001.street_leader")

    standing = engine.read(lambda reader: cases.load(reader.db, walker.case))
    assert (standing.status, standing.ended) == (cases.COMPLETED, cases.CANCELLED)
    assert walker.open() == []
    is_sound(engine, walker.case)


def test_the_secretary_cancels_a_young_case(engine, walker):
    walker.start()

    engine.handle(CancelCase(walker.case, "重复登记"), by="u001.secretary")

    assert walker.open() == []
    assert types(engine, walker.case) == ["case_started", "case_cancelled"]


def test_a_gate_is_not_passed_by_a_correction(engine, walker):
    walker.start()
    walker.to("decide_topic")

    for facts in ({"closed_off": True}, {"accepted": True}, {"receipt_cloud": "x"}, {"level": "nonsense"}):
        with pytest.raises(Refused):
            engine.handle(CorrectFacts(walker.case, facts, "试试"), by="o_data.operator")
    is_sound(engine, walker.case)


def test_receipts_objections_and_close_off_cannot_be_sent_as_messages(engine, walker):
    walker.start()

    for name in ("receipt_cloud_received", "objection_received", "closed_off", "nothing"):
        for by in ("u001.secretary", "u002.council1", "o_data.operator"):
            with pytest.raises(NotAllowed):
                engine.handle(SendMessage(walker.case, name, {"receipt": "FAKE"}), by=by)
    assert types(engine, walker.case) == ["case_started"]


def test_who_is_no_designer_deploys_nothing(engine, bundle):
    with pytest.raises(NotAllowed):
        engine.handle(Deploy(bundle.files), by="u001.secretary")
