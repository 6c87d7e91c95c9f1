"""退回 undoes work, not what the world has sent meanwhile: that is kept for the case, and arrives again."""

import pytest
from sqlalchemy import select

from engine import cases, journal
from engine.commands import (
    DeliverMessage,
    PublishMessage,
    RecordReceipt,
    ResumeCase,
    ReturnTask,
    SendMessage,
    SendSignal,
    SuspendCase,
)
from engine.messages import DELIVERED, KEPT, MISSED, RECALLED
from engine.outbox import Outgoing
from engine.reading import running, under_way
from tests.engine import invariants
from tests.engine.bpmn import sketch
from tests.engine.conversing import ORDER, Talking, hearing

OPERATOR = "o_data.operator"
BACK = '[returns]\nredo = ["first", "draft"]\n'
ALARM = sketch.simple("signal", "alarm")


@pytest.fixture
def talking(engine):
    """Whatever a test did, the invariants hold when it is over."""
    yield Talking(engine)
    invariants.check(engine)


def two_ways(event):
    """Two branches: on one an event is awaited, on the other a task may be returned to the one before the fork."""
    return sketch.process(
        "main",
        sketch.start(),
        sketch.user("draft"),
        sketch.user("first"),
        sketch.both("fork"),
        sketch.catch("hear", event),
        sketch.user("read"),
        sketch.user("redo"),
        sketch.both("meet"),
        sketch.end(),
        sketch.flows("start draft first fork hear read meet end; fork redo meet"),
    )


def released(talking, event, **more):
    talking.release("main", two_ways(event), declared=BACK, **more)
    case = talking.start("main")
    forward(talking, case, "draft", "first")
    return case


def notice_released(talking):
    return released(talking, sketch.message("notice", variable="heard"), messages="notice")


def forward(talking, case, *tasks):
    for task in tasks:
        talking.do(case, task)


def go_back(talking, case, to="first"):
    item = talking.open_items(case)["redo"]
    return talking.engine.handle(ReturnTask(item, to, "再想想"), by=talking.by)


def send(talking, case, **payload):
    return talking.engine.handle(SendMessage(case, "notice", payload), by=talking.by)


def heard(talking, case):
    return talking.engine.read(running.data, case).get("heard")


def sources(talking, case, type="message_received"):
    return [body.get("source", {}).get("again") for body in talking.events(case, type)]


def test_a_message_that_came_before_a_return_is_caught_again_after_it(talking):
    case = notice_released(talking)
    send(talking, case, n=1)
    assert talking.open(case) == ["read", "redo"]

    go_back(talking, case)
    assert (talking.open(case), heard(talking, case)) == (["first"], None)
    talking.do(case, "first")

    assert (talking.open(case), heard(talking, case)) == (["read", "redo"], {"n": 1})
    first, again = talking.events(case, "message_received")
    assert again["source"]["again"] == first["seq"]
    assert again["actor"] == first["actor"]


def test_what_was_put_back_is_put_back_again_by_a_second_return(talking):
    case = notice_released(talking)
    send(talking, case, n=1)

    for to in ("first", "draft"):
        go_back(talking, case, to)
        forward(talking, case, *(name for name in ("draft", "first") if name in (to, "first")))

    assert (talking.open(case), heard(talking, case)) == (["read", "redo"], {"n": 1})
    first, second, third = (body["seq"] for body in talking.events(case, "message_received"))
    assert sources(talking, case) == [None, first, second]
    assert [row.in_seq for row in talking.messages(DELIVERED)] == [third]


def test_several_messages_arrive_again_in_the_order_in_which_they_came(talking):
    case = notice_released(talking)
    for n in (1, 2):
        send(talking, case, n=n)

    go_back(talking, case)
    talking.do(case, "first")

    assert heard(talking, case) == {"n": 1}
    assert [body["data"] for body in talking.events(case, "message_received")] == [{"n": 1}, {"n": 2}] * 2


def test_a_published_message_stays_the_case_s_own_when_the_case_goes_back(engine, talking):
    case = notice_released(talking)
    sent = engine.handle(PublishMessage("notice", {"n": 1}, unit="u001"), by=OPERATOR).detail["message"]
    engine.tick()
    other = talking.start("main")
    forward(talking, other, "draft", "first")  # waits for the same, and would be next

    go_back(talking, case)
    engine.tick()
    talking.do(case, "first")

    assert (heard(talking, case), heard(talking, other)) == ({"n": 1}, None)
    line = engine.read(under_way.message, sent)
    assert (line.status, line.case, line.seq) == (DELIVERED, case, talking.events(case)[-2]["seq"])


def test_a_message_keeps_the_keys_by_which_it_found_its_case(engine, talking):
    event = sketch.message("reply", variable="heard")
    conversation = sketch.process(
        "main", sketch.start(), sketch.user("first"),
        sketch.throw("ask", sketch.message("request", "{'number': number, 'text': '请答复'}")),
        sketch.both("fork"), sketch.catch("hear", event), sketch.user("read"), sketch.user("redo"),
        sketch.both("meet"), sketch.end(),
        sketch.flows("start first ask fork hear read meet end; fork redo meet"),
    )  # fmt: skip
    talking.release("main", conversation, messages="request reply", correlation=ORDER, declared=BACK)
    case = talking.start("main")
    talking.do(case, "first", number=7)
    sent = PublishMessage("reply", {"number": 7, "text": "好"}, unit="u001")
    engine.handle(sent, by=OPERATOR)
    engine.tick()

    go_back(talking, case)
    talking.do(case, "first", number=8)
    assert heard(talking, case) is None  # the answer is to another question
    go_back(talking, case)
    talking.do(case, "first", number=7)

    assert heard(talking, case) == {"number": 7, "text": "好"}


def test_a_signal_that_was_heard_before_a_return_is_heard_again_when_the_case_waits_for_it(engine, talking):
    case = released(talking, ALARM, signals="alarm")
    engine.handle(SendSignal("alarm", {"n": 1}, unit="u002"), by=OPERATOR)
    engine.tick()
    assert talking.open(case) == ["read", "redo"]

    go_back(talking, case)
    engine.tick()
    assert talking.open(case) == ["first"]
    assert [row.status for row in talking.messages()] == [KEPT]
    talking.do(case, "first")
    engine.tick()

    assert talking.open(case) == ["read", "redo"]
    assert [row.status for row in talking.messages()] == [DELIVERED]


def test_a_signal_is_heard_at_once_where_the_case_goes_back_to_waiting_for_it(engine, talking):
    waiting_all_along = sketch.process(
        "main", sketch.start(), sketch.both("fork"), sketch.catch("hear", ALARM), sketch.user("read"),
        sketch.user("first"), sketch.user("redo"), sketch.both("meet"), sketch.end(),
        sketch.flows("start fork hear read meet end; fork first redo meet"),
    )  # fmt: skip
    talking.release("main", waiting_all_along, signals="alarm", declared=BACK)
    case = talking.start("main")
    talking.do(case, "first")
    engine.handle(SendSignal("alarm", None, unit="u001"), by=OPERATOR)
    engine.tick()

    go_back(talking, case)

    assert talking.open(case) == ["first", "read"]


def test_a_signal_put_back_that_nobody_waits_for_any_more_is_missed_when_the_case_ends(engine, talking):
    choice = sketch.process(
        "main", sketch.start(), sketch.user("first"), sketch.xor("way", "way-short"), sketch.both("fork"),
        sketch.catch("hear", ALARM), sketch.user("redo"), sketch.both("meet"), sketch.end(), sketch.end("short"),
        sketch.flows("start first way; way fork: listen; way short; fork hear meet end; fork redo meet"),
    )  # fmt: skip
    talking.release("main", choice, signals="alarm", declared=BACK)
    case = talking.start("main")
    talking.do(case, "first", listen=True)
    engine.handle(SendSignal("alarm", None, unit="u001"), by=OPERATOR)
    engine.tick()

    go_back(talking, case)
    talking.do(case, "first", listen=False)

    assert talking.case(case).status == cases.COMPLETED
    assert [row.status for row in talking.messages()] == [MISSED]


def test_what_another_case_has_taken_back_meanwhile_does_not_arrive_again(engine, talking):
    throwing = sketch.process(
        "throwing", sketch.start(), sketch.user("first"),
        sketch.throw("say", sketch.message("notice", "{'n': 1}")), sketch.user("redo"), sketch.end(),
        sketch.flows("start first say redo end"),
    )  # fmt: skip
    talking.release("throwing", throwing, messages="notice", declared=BACK)
    case = notice_released(talking)
    sender = talking.start("throwing")
    talking.do(sender, "first")
    engine.tick()
    assert heard(talking, case) == {"n": 1}

    go_back(talking, sender)
    go_back(talking, case)
    talking.do(case, "first")

    assert (talking.open(case), heard(talking, case)) == (["redo"], None)
    assert [row.status for row in talking.messages()] == [RECALLED]


def test_the_receipt_of_an_upload_that_is_undone_is_not_taken_for_that_of_the_next(engine, talking):
    uploading = sketch.process(
        "main", sketch.start(), sketch.user("first"),
        sketch.service("upload", "platform/upload", platform="'party_cloud'"), sketch.both("fork"),
        sketch.catch("hear", sketch.message("receipt_cloud_received", variable="heard")), sketch.user("read"),
        sketch.user("redo"), sketch.both("meet"), sketch.end(),
        sketch.flows("start first upload fork hear read meet end; fork redo meet"),
    )  # fmt: skip
    talking.release("main", uploading, messages="receipt_cloud_received", declared=BACK)
    case = talking.start("main")
    talking.do(case, "first")
    (first,) = engine.read(lambda reader: list(reader.db.scalars(select(Outgoing.id))))
    engine.handle(RecordReceipt(first, "H-0001"), by=OPERATOR)

    go_back(talking, case)
    talking.do(case, "first")

    assert (talking.open(case), heard(talking, case)) == (["redo"], None)
    (lost,) = engine.read(under_way.messages)
    assert (lost.name, lost.status, lost.to) == ("receipt_cloud_received", MISSED, case)
    assert lost.error == "它所针对的上传已经随退回撤销"


def test_the_receipt_of_an_upload_that_stands_arrives_again(engine, talking):
    uploading = sketch.process(
        "main", sketch.start(), sketch.user("begin_it"),
        sketch.service("upload", "platform/upload", platform="'party_cloud'"), sketch.user("first"),
        sketch.both("fork"), sketch.catch("hear", sketch.message("receipt_cloud_received", variable="heard")),
        sketch.user("read"), sketch.user("redo"), sketch.both("meet"), sketch.end(),
        sketch.flows("start begin_it upload first fork hear read meet end; fork redo meet"),
    )  # fmt: skip
    talking.release("main", uploading, messages="receipt_cloud_received", declared=BACK)
    case = talking.start("main")
    talking.do(case, "begin_it")
    (upload,) = engine.read(lambda reader: list(reader.db.scalars(select(Outgoing.id))))
    talking.do(case, "first")
    engine.handle(RecordReceipt(upload, "H-0001"), by=OPERATOR)

    go_back(talking, case)
    talking.do(case, "first")

    assert heard(talking, case)["receipt"] == "H-0001"


def test_what_was_put_back_waits_while_the_case_is_suspended(engine, talking):
    case = released(talking, ALARM, signals="alarm")
    engine.handle(SendSignal("alarm", None, unit="u001"), by=OPERATOR)
    engine.tick()
    go_back(talking, case)
    talking.do(case, "first")
    engine.handle(SuspendCase(case, "等"), by=talking.by)
    engine.tick()
    assert talking.open(case) == ["redo"]

    engine.handle(ResumeCase(case, "好"), by=talking.by)

    assert talking.open(case) == ["read", "redo"]


def test_nothing_is_delivered_twice_by_who_tries_a_row_that_has_arrived_again(engine, talking):
    case = notice_released(talking)
    send(talking, case, n=1)
    go_back(talking, case)
    (row,) = talking.messages(DELIVERED)

    with pytest.raises(Exception, match="已经处理"):
        engine.handle(DeliverMessage(row.id), by=OPERATOR)

    assert len(talking.events(case, "message_received")) == 2


def test_what_anybody_hears_who_does_not_go_back_is_not_sent_again(engine, talking):
    talking.release("hearing", hearing(event=ALARM), signals="alarm")
    case = released(talking, ALARM, signals="alarm")
    other = talking.start("hearing")
    engine.handle(SendSignal("alarm", None, unit="u001"), by=OPERATOR)
    engine.tick()

    go_back(talking, case)
    talking.do(case, "first")
    engine.tick()

    assert sources(talking, other, "signal_received") == [None]
    assert engine.read(lambda reader: len(list(journal.of_case(reader.db, other)))) == 2
