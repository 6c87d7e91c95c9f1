"""What an operator does with a case that has stopped: correct, retry, give back, clear away."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import cases, drafts, entitlement
from engine.commands import (
    AmendCalendar,
    CancelCase,
    CorrectData,
    GiveBackSubmission,
    MoveCase,
    RecordReceipt,
    RetryIncident,
    SendMessage,
    SubmitTask,
    UndoMove,
)
from engine.errors import Conflict, Failed, FormRejected, NotAllowed, Refused
from engine.handlers import progress
from engine.outbox import Outgoing
from tests.engine import failing, invariants
from tests.engine.bpmn import sketch

pytestmark = pytest.mark.usefixtures("sound")

YEAR_2027 = """
title = "2027年部分节假日安排（示例）"
years = [2027]

[[day]]
day = 2027-01-01
kind = "holiday"
name = "元旦"
"""


def divides():
    """Fails while the number of households is 0."""
    return failing.after("submit", sketch.script("fail", "share = 100 // ask.households"))


def test_a_retry_fails_in_the_same_way_until_the_cause_is_mended(engine):
    drawn = failing.after("submit", sketch.script("fail", "share = 100 // case.divisor"))
    case = failing.FailingCase(engine, drawn)
    case.start()
    case.submit()

    assert progress.stopped(case.retry())
    assert case.status() == "incident"
    case.correct(divisor=4)
    assert not progress.stopped(case.retry("除数已补上"))

    assert case.open() == ["look"]
    assert case.last()["type"] == "task_submitted"
    assert case.last()["actor"]["post"] == failing.SECRETARY
    assert case.last()["retry"]["reason"] == "除数已补上"
    case.submit("look")
    assert case.status() == "completed"
    assert case.verdict().sound


def test_a_submission_is_corrected_through_its_form_and_the_retry_goes_on_with_it(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()
    sealed = case.pending()["data"]["phone"]

    case.put_right(ask={"households": 4})
    assert case.status() == "incident"
    case.retry()

    submitted = case.last()
    assert submitted["data"] == {"households": 4, "phone": sealed}
    assert case.types() == ["case_started", "incident_opened", "pending_corrected", "task_submitted"]
    assert case.open() == ["look"]
    assert case.verdict().sound


@pytest.mark.parametrize(
    ("correction", "refusal"),
    [
        ({"households": "many"}, FormRejected),
        ({"colour": "red"}, Refused),
        ({"phone": "13900000000"}, Refused),
    ],
)
def test_what_the_form_would_refuse_and_what_is_personal_is_not_corrected(engine, correction, refusal):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()

    with pytest.raises(refusal):
        case.put_right(ask=correction)

    assert case.pending()["data"]["households"] == 0
    assert case.types()[-1] == "incident_opened"


def test_an_earlier_answer_is_corrected_in_the_state_so_that_what_came_later_can_go_on(engine):
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.catch("wait", sketch.message("go")),
        sketch.script("fail", "share = 100 // ask.households"), sketch.user("look"), sketch.end(),
        sketch.flows("start ask wait fail look end"),
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()
    case.submit(households=0)
    engine.handle(SendMessage(case.case, "go", {}), by=failing.SECRETARY)
    assert case.status() == "incident"

    with pytest.raises(Refused):
        case.put_right(share=1)
    case.put_right(ask={"households": 4})
    case.retry()

    assert case.open() == ["look"]
    assert case.types()[-2:] == ["data_corrected", "message_received"]
    assert case.verdict().sound


def test_a_submission_is_given_back_and_what_was_typed_is_still_there(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()
    item = case.items()[0]

    case.give_back()

    assert (case.status(), case.open()) == ("active", ["ask"])
    person = engine.read(lambda reader: entitlement.actor(reader.db, failing.SECRETARY, reader.today).person)
    typed = engine.read(lambda reader: drafts.find(reader.db, person, item.id).typed)
    assert ["phone", "13800000000"] in typed
    case.submit(households=4)
    assert case.open() == ["look"]
    assert engine.read(lambda reader: drafts.find(reader.db, person, item.id)) is None
    assert case.verdict().sound


def test_only_a_submission_can_be_given_back(engine):
    case = failing.FailingCase(engine, failing.after("timer", sketch.script("fail", "x = 1 // 0")))
    case.trigger("timer")

    with pytest.raises(Refused):
        case.give_back()
    assert case.status() == "incident"


def test_a_service_operation_that_failed_leaves_nothing_behind_and_once_mended_is_done_once(engine):
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.service("number", "case/number", result="number"),
        sketch.service("fail", "platform/upload", platform="case.platform"), sketch.user("look"), sketch.end(),
        sketch.flows("start ask number fail look end"),
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()

    case.submit()
    assert case.last()["data"]["asked"][-1][3]["message"] == case.last()["data"]["message"]
    assert case.last()["data"]["asked"][0][2] == "XFYZ-2026-0001"
    assert engine.read(lambda reader: reader.db.scalars(select(Outgoing.id)).all()) == []
    case.correct(platform="party_cloud")
    case.retry()

    assert case.last()["outside"][0][2] == "XFYZ-2026-0001"
    assert len(engine.read(lambda reader: reader.db.scalars(select(Outgoing.id)).all())) == 1
    case.submit("look")
    assert case.status() == "completed"
    assert case.verdict().sound


def test_a_calendar_that_ends_stops_a_timer_until_the_operator_has_entered_the_year(engine, clock):
    clock.at = datetime(2026, 12, 21, 1, tzinfo=UTC)
    drawn = failing.after("timer", sketch.script("fail", "ends = notice_end(today(), 10)"))
    case = failing.FailingCase(engine, drawn)
    case.trigger("timer")
    assert case.last()["data"]["kind"] == "operation"

    engine.handle(AmendCalendar(YEAR_2027, "国务院办公厅通知"), by=failing.OPERATOR)
    case.retry("2027年的安排已录入")

    assert case.open() == ["look"]
    assert case.verdict().sound


def test_a_timer_that_a_correction_has_moved_ahead_waits_on(engine, clock):
    drawn = failing.drawn(
        sketch.start(), sketch.catch("pause", sketch.timer("add_days('2026-09-14', case.mentions)")),
        sketch.script("fail", "x = 100 // (case.mentions - 3)"),
        sketch.user("look"), sketch.end(), sketch.flows("start pause fail look end"),
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start(mentions=3)
    clock.at += timedelta(days=3)
    assert engine.tick() == 1
    assert case.status() == "incident"

    case.correct(mentions=10)
    case.retry()

    assert (case.status(), case.types()[-1]) == ("active", "incident_closed")
    assert engine.tick() == 0
    clock.at += timedelta(days=7)
    assert engine.tick() == 1
    assert case.open() == ["look"]
    assert case.verdict().sound


def test_who_is_no_operator_neither_retries_nor_corrects_nor_gives_back(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()

    for command in (
        RetryIncident(case.case, "再试"),
        CorrectData(case.case, {"ask": {"households": 1}}, "更正"),
        GiveBackSubmission(case.case, "重填"),
    ):
        with pytest.raises(NotAllowed):
            engine.handle(command, by=failing.SECRETARY)
    assert case.types() == ["case_started", "incident_opened"]


def test_a_stopped_case_is_cancelled_by_whom_the_rule_names(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    case.submit()

    with pytest.raises(NotAllowed):
        engine.handle(CancelCase(case.case, "不办了"), by=failing.OPERATOR)
    engine.handle(CancelCase(case.case, "不办了"), by=failing.SECRETARY)

    assert (case.status(), case.open()) == ("completed", [])
    assert case.pending() is None
    assert case.verdict().sound


def test_a_case_that_failed_before_its_first_task_is_started_by_a_retry_or_cleared_away(engine):
    drawn = failing.after("start", sketch.script("fail", "x = 1 // (case.mentions - 3)"))
    case = failing.FailingCase(engine, drawn)
    case.start(mentions=3)
    assert (case.status(), case.open()) == ("incident", [])

    with pytest.raises(Refused):
        case.correct(mentions=4)
    case.put_right(case={"mentions": 4})
    case.retry()
    assert case.open() == ["look"]
    assert case.types() == ["incident_opened", "pending_corrected", "case_started"]
    assert case.verdict().sound

    case.start(mentions=3)
    engine.handle(CancelCase(case.case, "重复发起"), by=failing.OPERATOR)
    assert case.status() == "completed"
    assert case.verdict().sound


def mended(case, bundle):
    """The hash of a second version."""
    return case.engine.small(failing.release, bundle, case.engine.now())


def test_a_stopped_case_goes_to_a_version_whose_script_is_mended_and_is_retried_there(engine):
    case = failing.FailingCase(engine, failing.after("submit", sketch.script("fail", "x = 1 // 0")))
    case.start()
    case.submit()
    to = mended(case, failing.after("submit", sketch.script("fail", "x = 1")))

    engine.handle(MoveCase(case.case, to, "脚本已改正"), by=failing.OPERATOR)
    assert case.status() == "incident"
    case.retry()

    assert case.open() == ["look"]
    assert case.types()[-2:] == ["case_moved", "task_submitted"]
    assert case.verdict().sound


def test_answers_that_are_retried_under_another_form_must_be_accepted_by_it(engine):
    case = failing.FailingCase(engine, failing.after("submit", sketch.script("fail", "x = 1 // 0")))
    case.start()
    case.submit()
    form = {**failing.FORM, "properties": {**failing.FORM["properties"]}}
    form["properties"]["households"] = {"type": "integer", "title": "户数", "minimum": 1}
    asked = failing.after("submit", sketch.script("fail", "x = 1"), ask=form)
    engine.handle(MoveCase(case.case, mended(case, asked), "新表"), by=failing.OPERATOR)

    with pytest.raises(FormRejected):
        case.retry()
    assert case.status() == "incident"
    case.put_right(ask={"households": 2})
    case.retry()

    assert case.open() == ["look"]
    assert case.verdict().sound


def test_a_move_is_undone_by_executing_the_history_again(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    old = engine.read(lambda reader: cases.load(reader.db, case.case).definition_hash)
    to = mended(case, failing.after("submit", sketch.script("fail", "x = 1")))
    engine.handle(MoveCase(case.case, to, "试试"), by=failing.OPERATOR)

    engine.handle(UndoMove(case.case, "换错了"), by=failing.OPERATOR)

    assert engine.read(lambda reader: cases.load(reader.db, case.case).definition_hash) == old
    assert case.types() == ["case_started", "case_moved", "move_undone"]
    with pytest.raises(Conflict):
        engine.handle(UndoMove(case.case, "再撤"), by=failing.OPERATOR)
    with pytest.raises(NotAllowed):
        engine.handle(UndoMove(case.case, "换错了"), by=failing.SECRETARY)
    case.submit(households=4)
    assert case.verdict().sound


def test_a_move_after_which_somebody_has_acted_is_not_undone(engine):
    case = failing.FailingCase(engine, divides())
    case.start()
    to = mended(case, failing.after("submit", sketch.script("fail", "x = 1")))
    engine.handle(MoveCase(case.case, to, "脚本已改正"), by=failing.OPERATOR)
    case.submit()

    with pytest.raises(Conflict):
        engine.handle(UndoMove(case.case, "换错了"), by=failing.OPERATOR)
    assert case.open() == ["look"]


def test_a_receipt_that_stops_its_case_is_received_once_and_takes_effect_with_the_retry(engine):
    drawn = failing.drawn(
        sketch.start(), sketch.service("upload", "platform/upload", platform="'party_cloud'"),
        sketch.catch("wait", sketch.message("receipt_cloud_received")),
        sketch.script("fail", "x = 1 // case.divisor"), sketch.user("look"), sketch.end(),
        sketch.flows("start upload wait fail look end"), messages="receipt_cloud_received",
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()
    upload = engine.read(lambda reader: reader.db.scalars(select(Outgoing.id)).one())

    engine.handle(RecordReceipt(upload, "DJY-2026-0001", manual=True, key="r"), by=failing.SECRETARY)
    assert case.status() == "incident"
    invariants.check(engine)
    again = engine.handle(RecordReceipt(upload, "DJY-2026-0001", manual=True), by=failing.SECRETARY)
    assert not progress.stopped(again)
    with pytest.raises(Refused):
        case.put_right(receipt_cloud_received={"receipt": "DJY-2026-0002"})
    case.correct(divisor=1)
    case.retry()

    assert case.open() == ["look"]
    assert case.last()["data"]["receipt"] == "DJY-2026-0001"
    assert case.verdict().sound


def test_what_failed_before_somebody_else_acted_is_tried_again_not_recorded(engine):
    """Between the transaction that failed and the one that records it, the case may have gone on."""
    case = failing.FailingCase(engine, divides())
    case.start()
    item = case.items()[0]
    stale = Failed(99, Refused("试验"), [])

    engine._once(SubmitTask(item.id, {**failing.ANSWERS, "households": 4}), failing.SECRETARY, stale)

    assert case.open() == ["look"]
    assert case.types() == ["case_started", "task_submitted"]


def test_where_answers_are_kept_flat_a_variable_is_corrected_but_nothing_personal(engine):
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.catch("wait", sketch.message("go")),
        sketch.script("fail", "share = 100 // households"), sketch.user("look"), sketch.end(),
        sketch.flows("start ask wait fail look end"), head='answers = "flat"\n',
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()
    case.submit()
    case.tell()

    for wrong in ({"phone": "13900000000"}, {"nothing": 1}):
        with pytest.raises(Refused):
            case.put_right(**wrong)
    case.put_right(households=4)
    case.retry()

    assert case.open() == ["look"]
    assert case.verdict().sound
