"""What anybody sends to a case that stands still is kept, and arrives in order as soon as the case goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import cases, incidents, journal, messages
from engine.commands import (
    CancelCase,
    RaiseObjection,
    RecordReceipt,
    ResumeCase,
    RetryIncident,
    SuspendCase,
)
from engine.entitlement import PUBLIC, SYSTEM
from engine.errors import Conflict, Refused
from engine.messages import Message
from engine.outbox import Outgoing
from engine.reading import under_way
from engine.records.notices import Notice, Objection
from tests.engine import failing, invariants
from tests.engine.bpmn import sketch
from tests.engine.waiting import start_uploading

pytestmark = pytest.mark.usefixtures("sound")

OPERATOR = "o_data.operator"


@pytest.fixture
def published(walker):
    """A case whose notice runs, and the notice's number."""
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    return walker.engine.read(lambda reader: reader.db.scalars(select(Notice.number)).one())


def suspend(engine, case):
    engine.handle(SuspendCase(case, "等上级意见"), by="u001.secretary")


def resume(engine, case):
    return engine.handle(ResumeCase(case, "意见已到"), by="u001.secretary")


def rows(engine, of):
    return engine.read(lambda reader: list(reader.db.scalars(select(of).order_by(of.id))))


def events(engine, case, type):
    history = engine.read(lambda reader: list(journal.of_case(reader.db, case)))
    return [event.body for event in history if event.type == type]


def test_an_objection_to_a_suspended_case_gets_a_receipt_and_an_answer_once_it_goes_on(
    engine, walker, published
):
    suspend(engine, walker.case)
    command = RaiseObjection(published, walker.answers("objection"), key="mine")

    outcome = engine.handle(command, by=PUBLIC)

    assert [row.id for row in rows(engine, Objection)] == [outcome.detail["objection"]]
    assert engine.handle(command, by=PUBLIC) == outcome
    assert engine.tick() == 0
    resume(engine, walker.case)
    assert walker.open() == ["answer_objection"]
    (told,) = events(engine, walker.case, "message_received")
    assert told["data"]["objection"] == outcome.detail["objection"]
    assert told["actor"]["id"] == PUBLIC.person
    assert told["source"]["message"] == outcome.detail["message"]


def test_an_objection_made_in_time_is_heard_before_the_notice_ends_however_long_the_case_stood_still(
    engine, walker, clock, published
):
    suspend(engine, walker.case)
    engine.handle(RaiseObjection(published, walker.answers("objection")), by=PUBLIC)
    clock.at += timedelta(days=60)
    assert engine.tick() == 0

    resume(engine, walker.case)

    assert walker.open() == ["answer_objection"]
    walker.do("answer_objection", sustained="no")
    assert engine.tick() == 1
    assert walker.open() == ["close_notice"]


def test_an_objection_to_a_case_that_a_mistake_of_ours_has_stopped_is_heard_after_the_retry(
    engine, walker, published
):
    def stop(db, now):
        incidents.open_incident(db, cases.load_for_update(db, walker.case), "x", Refused("试验"), SYSTEM, now)

    engine.small(stop, engine.now())
    for _ in range(2):
        engine.handle(RaiseObjection(published, walker.answers("objection")), by=PUBLIC)
    raised = [row.id for row in rows(engine, Message)]

    engine.handle(RetryIncident(walker.case, "已查明"), by=OPERATOR)

    assert [told["source"]["message"] for told in events(engine, walker.case, "message_received")] == raised
    assert walker.open() == ["answer_objection"]  # the second waits inside the case for its turn
    walker.do("answer_objection", sustained="no")
    assert walker.open() == ["answer_objection"]
    assert {row.status for row in rows(engine, Message)} == {messages.DELIVERED}


def test_an_objection_after_the_notice_has_ended_is_refused_though_the_case_stands_still(
    engine, walker, clock, published
):
    suspend(engine, walker.case)
    clock.at += timedelta(days=60)

    with pytest.raises(Conflict) as refusal:
        engine.handle(RaiseObjection(published, walker.answers("objection")), by=PUBLIC)

    assert refusal.value.rule == "R121"
    assert rows(engine, Objection) == rows(engine, Message) == []


def hearing(*after):
    """Hears three messages `go` one after the other, then does what a test wants to go wrong."""
    names = ("first", "second", "third")
    heard = [sketch.catch(name, sketch.message("go", variable=name)) for name in names]
    parts = [sketch.start(), sketch.user("ask"), *heard, *after, sketch.user("look"), sketch.end()]
    line = sketch.flows(f"start ask {' '.join(names)} {'fail ' if after else ''}look end")
    return failing.drawn(*parts, line)


def numbers(case):
    return [event.body["data"]["number"] for event in case.events() if event.type == "message_received"]


def test_messages_arrive_in_the_order_in_which_they_were_sent(engine):
    case = failing.FailingCase(engine, hearing())
    case.start()
    case.suspend()
    for number in (1, 2, 3):
        case.tell(number=number, key=f"go-{number}")
    case.tell(number=1, key="go-1")

    outcome = case.resume()

    assert numbers(case) == [1, 2, 3]
    assert outcome.seq == len(case.events())
    case.submit(households=3)
    assert case.open() == ["look"]


def test_a_message_that_stops_the_case_again_leaves_those_after_it_kept(engine):
    fails = sketch.script("fail", "share = 100 // first.number")
    names = ("first", "second")
    heard = [sketch.catch(name, sketch.message("go", variable=name)) for name in names]
    line = sketch.flows("start first fail second look end")
    case = failing.FailingCase(
        engine, failing.drawn(sketch.start(), *heard, fails, sketch.user("look"), sketch.end(), line)
    )
    case.start()
    case.suspend()
    case.tell(number=0)
    case.tell(number=7)

    outcome = case.resume()

    assert "除数为零" in outcome.detail["incident"]
    assert case.types() == ["case_started", "case_suspended", "case_resumed", "incident_opened"]
    assert case.last()["pending"]["data"] == {"number": 0}
    assert [row.status for row in rows(engine, Message)] == [messages.DELIVERED, messages.KEPT]
    case.put_right(go={"number": 5})
    case.retry()
    assert numbers(case) == [5, 7]
    assert case.open() == ["look"]


def test_a_timer_that_fell_due_before_a_message_was_sent_fires_before_it(engine, clock):
    pause, heard = sketch.timer("P5D", "timeDuration"), sketch.message("go", variable="heard")
    parts = [
        sketch.start(), sketch.race("which"), sketch.catch("pause", pause),
        sketch.catch("hear", heard), sketch.user("ask"), sketch.user("look"), sketch.end(),
        sketch.flows("start which pause ask end"), sketch.flows("which hear look end"),
    ]  # fmt: skip
    late, in_time = (failing.FailingCase(engine, failing.drawn(*parts)) for _ in range(2))
    for case in (late, in_time):
        case.start()
        case.suspend()
    in_time.tell()
    clock.at += timedelta(days=6)
    late.tell()

    late.resume()
    in_time.resume()

    assert late.open() == ["ask"]
    assert in_time.open() == ["look"]
    assert late.types()[2:] == ["case_resumed", "timer_fired", "message_received"]
    assert engine.tick() == 0


def test_what_was_sent_is_kept_as_long_as_the_case_stands_still(engine, clock):
    case = failing.FailingCase(engine, hearing())
    case.start()
    case.suspend()
    case.tell(number=1)
    clock.at += messages.KEPT_FOR * 3
    engine.tick()

    case.resume()

    assert numbers(case) == [1]


def test_a_message_given_back_with_a_submission_still_arrives(engine):
    fails = sketch.script("fail", "share = 100 // ask.households")
    hear = sketch.catch("hear", sketch.message("go", variable="heard"))
    parts = [sketch.start(), sketch.user("ask"), fails, hear, sketch.user("look"), sketch.end()]
    case = failing.FailingCase(engine, failing.drawn(*parts, sketch.flows("start ask fail hear look end")))
    case.start()
    case.submit(households=0)
    case.tell(number=1)

    case.give_back()

    assert case.types()[-2:] == ["submission_given_back", "message_received"]
    case.submit(households=4)
    assert case.open() == ["look"]


def test_a_receipt_that_comes_while_its_case_stands_still_is_kept_with_it(engine):
    case = start_uploading(engine)
    first, second = sorted(row.id for row in rows(engine, Outgoing))
    suspend(engine, case)

    engine.handle(RecordReceipt(first, "回执-0001", manual=True, key="r1"), by=OPERATOR)
    engine.handle(RecordReceipt(second, "回执-0002", key="r2"), by=SYSTEM)

    assert {row.status for row in rows(engine, Outgoing)} == {"receipted"}
    invariants.check(engine)
    resume(engine, case)
    assert [told["data"]["receipt"] for told in events(engine, case, "message_received")] == [
        "回执-0001",
        "回执-0002",
    ]


def test_what_was_kept_for_a_case_that_is_cancelled_is_given_up(engine, walker, published):
    suspend(engine, walker.case)
    engine.handle(RaiseObjection(published, walker.answers("objection")), by=PUBLIC)

    engine.handle(CancelCase(walker.case, "上级另行安排"), by="u001.street_leader")

    assert [row.status for row in rows(engine, Message)] == [messages.MISSED]
    assert ["已经结束" in line.error for line in engine.read(under_way.messages)] == [True]
    assert len(rows(engine, Objection)) == 1


def test_a_message_that_the_case_cannot_hear_is_refused_at_once_though_it_stands_still(engine):
    case = failing.FailingCase(engine, failing.after("submit", sketch.script("fail", "share = 1")))
    case.start()
    case.suspend()

    with pytest.raises(Refused, match="不接收消息"):
        case.tell(number=1)

    assert rows(engine, Message) == []


def test_what_is_sent_to_a_case_that_failed_in_its_first_event_waits_until_it_begins(engine):
    fails, hear = (
        sketch.script("fail", "share = 100 // case.mentions"),
        sketch.message("go", variable="heard"),
    )
    parts = [sketch.start(), fails, sketch.catch("hear", hear), sketch.user("look"), sketch.end()]
    case = failing.FailingCase(engine, failing.drawn(*parts, sketch.flows("start fail hear look end")))
    case.start(mentions=0)
    case.tell(number=1)

    case.put_right(case={"mentions": 4})
    case.retry()

    assert case.types()[-2:] == ["case_started", "message_received"]
    assert case.open() == ["look"]
