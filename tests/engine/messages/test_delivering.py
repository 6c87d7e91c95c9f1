"""A message finds the one case that it is for, once, whatever happens on the way."""

import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from engine import messages
from engine.audit import verify
from engine.clock import SetClock
from engine.commands import (
    CorrectData,
    DeliverMessage,
    PublishMessage,
    ResumeCase,
    RetryIncident,
    SendMessage,
    SuspendCase,
)
from engine.demo import making
from engine.engine import Engine
from engine.errors import Conflict, Refused, Unavailable
from engine.messages import Message
from engine.reading import running, under_way
from engine.settings import Settings
from engine.subscriptions import Subscription
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.bpmn import sketch
from tests.engine.conftest import MONDAY
from tests.engine.conversing import ORDER, Talking, asked, begun, both_released, heard, hearing
from tests.engine.other_process import killed_or_done, sparse
from tests.engine.restartable import Restartable


def test_three_conversations_at_once_reach_each_the_case_that_asked(engine, conversing):
    asking = asked(conversing, 1, 2, 3)
    engine.tick()
    answering = begun(conversing)

    for number in (3, 1, 2):
        conversing.do(answering[number], "answer_it", text=f"答复{number}")
    engine.tick()

    for number, case in asking.items():
        (received,) = conversing.events(case, "message_received")
        assert received["data"] == {"number": number, "text": f"答复{number}"}
        assert received["correlation"] == {"order": number}
        assert received["source"]["case"] == answering[number]
        assert conversing.open(case) == ["read"]


def test_workers_at_once_deliver_each_message_once(engine, conversing, together):
    asking = asked(conversing, *range(6))

    together(*[engine.tick] * 4)
    engine.tick()

    assert sorted(begun(conversing)) == sorted(asking)
    assert len(conversing.of("answering")) == 6


def test_an_answer_that_comes_before_anybody_waits_is_kept_until_its_case_does(engine, conversing):
    early = PublishMessage("reply", {"number": 5, "text": "早到"}, key="early")
    engine.handle(early, by="o_data.operator")
    engine.tick()
    other, mine = conversing.start("asking"), conversing.start("asking")

    conversing.do(other, "number_it", number=4)
    engine.tick()
    assert [row.status for row in conversing.messages() if row.name == "reply"] == [messages.KEPT]
    conversing.do(mine, "number_it", number=5)
    engine.tick()

    assert heard(conversing, mine) == [{"number": 5, "text": "早到"}]
    assert heard(conversing, other) == []


def test_of_two_who_wait_for_any_the_one_who_has_waited_longer_gets_it(engine, clock, talking):
    talking.release("hearing", hearing(), messages="notice", declared="")
    first = talking.start("hearing")
    clock.at += timedelta(minutes=1)
    second = talking.start("hearing")

    engine.handle(PublishMessage("notice", {"n": 1}, key="n"), by="o_data.operator")
    engine.tick()

    assert (heard(talking, first), heard(talking, second)) == ([{"n": 1}], [])


@pytest.mark.postgres
def test_what_has_become_another_case_s_own_before_it_was_locked_is_not_delivered(
    bundle, postgres_url, clock
):
    making.stage(postgres_url, bundle)
    engine = Engine.open(postgres_url, clock=clock)
    talking = Talking(engine)
    talking.release("hearing", hearing(), messages="notice", declared="")
    first, second = talking.start("hearing"), talking.start("hearing")
    sent = engine.handle(PublishMessage("notice", {"n": 1}, key="n"), by="o_data.operator").detail["message"]
    longest = min(first, second)
    other = second if longest == first else first
    changes = [update(Message).where(Message.id == sent).values(to_case=other)]

    def meanwhile(_connection, _cursor, text, *_told):
        if "FROM message" in text and "FOR UPDATE" in text and changes:
            change = changes.pop()
            engine.small(lambda db: db.execute(change) and None)

    event.listen(engine.database, "before_cursor_execute", meanwhile)

    with pytest.raises(Conflict, match="归另一件"):
        engine.handle(DeliverMessage(sent), by="o_data.operator")
    engine.tick()

    assert (heard(talking, longest), heard(talking, other)) == ([], [{"n": 1}])
    engine.database.dispose()


def test_without_a_key_no_case_of_another_unit_hears_it(engine, talking):
    talking.release("hearing", hearing(), messages="notice")
    mine = talking.start("hearing")

    engine.handle(PublishMessage("notice", {"n": 1}, unit="u002", key="n"), by="o_data.operator")
    engine.tick()

    assert heard(talking, mine) == []
    assert [row.status for row in talking.messages()] == [messages.KEPT]


def test_a_suspended_case_gets_what_came_meanwhile_when_it_goes_on(engine, conversing):
    case = asked(conversing, 1)[1]
    engine.handle(SuspendCase(case, "等材料"), by="u001.secretary")
    engine.handle(PublishMessage("reply", {"number": 1, "text": "一"}, key="r"), by="o_data.operator")
    engine.tick()
    assert heard(conversing, case) == []

    engine.handle(ResumeCase(case, "材料到了"), by="u001.secretary")
    engine.tick()

    assert heard(conversing, case) == [{"number": 1, "text": "一"}]


def test_a_message_of_another_conversation_is_refused_at_once_though_its_case_is_suspended(
    engine, conversing
):
    case = asked(conversing, 1)[1]
    engine.handle(SuspendCase(case, "等材料"), by="u001.secretary")

    with pytest.raises(Refused, match="不属于这一件"):
        engine.handle(SendMessage(case, "reply", {"number": 2}), by="u001.secretary")
    kept = engine.handle(SendMessage(case, "reply", {"number": 1}), by="u001.secretary")

    assert [row.id for row in conversing.messages(messages.KEPT)] == [kept.detail["message"]]


def test_a_message_that_nobody_can_judge_before_others_have_arrived_is_kept_and_what_becomes_of_it_is_told(
    engine, conversing
):
    case = asked(conversing, 1)[1]
    engine.handle(SuspendCase(case, "等材料"), by="u001.secretary")
    engine.handle(SendMessage(case, "reply", {"number": 1}), by="u001.secretary")

    astray = engine.handle(SendMessage(case, "reply", {"number": 2}), by="u001.secretary").detail["message"]
    assert engine.read(under_way.message, astray).words == "暂存，等办件来接收"
    engine.handle(ResumeCase(case, "材料到了"), by="u001.secretary")

    assert heard(conversing, case) == [{"number": 1}]
    told = next(line for line in engine.read(under_way.messages) if line.id == astray)
    assert (told.status, "不属于这一件" in told.error) == (messages.MISSED, True)


def test_who_is_killed_while_delivering_leaves_all_or_nothing_and_the_next_one_delivers(
    engine, conversing, staged_url
):
    def under_way(number):
        asked(conversing, number)
        return next(row.id for row in conversing.messages(messages.UNDER_WAY))

    def killed(number, die_at):
        order = (DeliverMessage("nothing"), DeliverMessage(under_way(number)))
        return killed_or_done(engine, staged_url, order, "o_data.operator", die_at)

    _, own, lines = killed(0, 0)
    died = 0
    for number, die_at in enumerate(sparse(own, lines), start=1):
        died += not killed(number, die_at)
        assert len(conversing.of("answering")) in (number, number + 1)
        engine.tick()
        assert sorted(begun(conversing)) == list(range(number + 1))
        assert len(conversing.of("answering")) == number + 1

    assert died >= 8


@pytest.mark.postgres
def test_a_database_that_dies_before_the_delivery_delivers_when_it_is_back(bundle, tmp_path):
    with ExitStack() as stack:
        server = stack.enter_context(Restartable())
        url = server.database()
        making.stage(url, bundle)
        engine = Engine.open(url, clock=SetClock(MONDAY), settings=Settings(data=tmp_path))
        talking = both_released(Talking(engine))
        case = asked(talking, 1)[1]

        server.stop()
        with pytest.raises(Unavailable):
            engine.tick()
        server.start()
        engine.tick()
        engine.handle(PublishMessage("reply", {"number": 1, "text": "一"}), by="o_data.operator")
        server.stop()
        server.start()
        until_back(engine)

        assert heard(talking, case) == [{"number": 1, "text": "一"}]
        assert list(begun(talking)) == [1]
        invariants.check(engine)
        engine.database.dispose()


def until_back(engine):
    """Connections that the server has dropped are noticed one by one."""
    for _ in range(20):
        try:
            engine.tick()
            return
        except Unavailable:
            time.sleep(0.1)


def test_a_script_that_fails_on_a_message_stops_its_case_and_the_message_is_not_lost(engine, clock, talking):
    counting = sketch.process(
        "counting",
        sketch.start(),
        sketch.catch("hear", sketch.message("notice", variable="heard")),
        sketch.script("divide", "share = 100 // heard.n"),
        sketch.user("read"),
        sketch.end(),
        sketch.flows("start hear divide read end"),
    )
    talking.release("counting", counting, messages="notice")
    stopped = talking.start("counting")
    clock.at += timedelta(minutes=1)
    other = talking.start("counting")

    engine.handle(PublishMessage("notice", {"n": 0}, key="0"), by="o_data.operator")
    engine.handle(PublishMessage("notice", {"n": 5}, key="5"), by="o_data.operator")
    while engine.tick():
        pass

    assert (talking.case(stopped).status, talking.open(other)) == ("incident", ["read"])
    assert talking.events(stopped, "incident_opened")[0]["pending"]["data"] == {"n": 0}
    assert [row.status for row in talking.messages()] == [messages.DELIVERED] * 2

    corrected = CorrectData(stopped, {"notice": {"n": 4}}, "写错了个数")
    engine.handle(corrected, by="o_data.operator")
    engine.handle(RetryIncident(stopped, "已更正"), by="o_data.operator")
    assert talking.open(stopped) == ["read"]
    assert heard(talking, stopped) == [{"n": 4}]


def test_answers_early_and_late_all_arrive_while_several_workers_look(engine, conversing, together):
    numbers = range(12)

    def ask(mine):
        return lambda: asked(conversing, *mine)

    def answer():
        for number in numbers:
            engine.handle(PublishMessage("reply", {"number": number, "text": "答"}), by="o_data.operator")

    def look():
        for _ in range(12):
            engine.tick()

    ended = together(ask(numbers[::2]), ask(numbers[1::2]), answer, look, look)
    while engine.tick():
        pass

    assert [end for end in ended if isinstance(end, Exception)] == []
    asking = {**ended[0], **ended[1]}
    assert {number: heard(conversing, case) for number, case in asking.items()} == {
        number: [{"number": number, "text": "答"}] for number in numbers
    }
    assert sorted(begun(conversing)) == list(numbers)


def test_a_subscription_that_somebody_changed_is_found_by_verification(engine, conversing):
    case = asked(conversing, 1)[1]

    def bend(db, keys):
        row = db.get(Subscription, (case, "hear"))
        before, row.keys = row.keys, keys
        return before

    before = engine.small(bend, {"order": 2})
    verdict = engine.read(verify.verify_case, case)
    engine.small(bend, before)

    assert verdict.finding
    assert "消息和信号" in verdict.finding.what
    assert engine.read(verify.verify_case, case).sound


def test_the_dispatcher_delivers_without_being_told(engine, conversing):
    asked(conversing, 1)

    assert Dispatcher(engine, {}).once() == 1

    assert list(begun(conversing)) == [1]


def test_each_item_of_one_case_has_a_conversation_of_its_own(engine, conversing):
    conversation = sketch.sub(
        "talk",
        sketch.many("numbers", "number"),
        sketch.start("talk_start"),
        sketch.throw("ask", sketch.message("request", "{'number': number, 'text': '请答复'}")),
        sketch.catch("hear", sketch.message("reply", variable="heard")),
        sketch.user("read"),
        sketch.end("talk_end"),
        sketch.flows("talk_start ask hear read talk_end"),
    )
    several = sketch.process(
        "several",
        sketch.start(),
        sketch.user("list_them"),
        conversation,
        sketch.end(),
        sketch.flows("start list_them talk end"),
    )
    conversing.release("several", several, messages="request reply", correlation=ORDER)
    case = conversing.start("several")
    conversing.do(case, "list_them", numbers=[1, 2, 3])
    engine.tick()

    answering = begun(conversing)
    for number in (2, 3):
        conversing.do(answering[number], "answer_it", text=f"答复{number}")
    engine.tick()

    waiting = [wait for wait in engine.read(running.waits, case) if wait.kind == "message"]
    assert [wait.correlation for wait in waiting] == [{"order": 1}]
    assert [item.path for item in engine.read(running.open_items, case)] == ["talk[1]/read", "talk[2]/read"]
    assert sorted(told["text"] for told in heard(conversing, case)) == ["答复2", "答复3"]


def test_an_answer_with_the_right_key_crosses_from_unit_to_unit(engine, conversing):
    case = asked(conversing, 1)[1]

    engine.handle(PublishMessage("reply", {"number": 1, "text": "一"}, unit="u002"), by="o_data.operator")
    engine.tick()

    assert heard(conversing, case) == [{"number": 1, "text": "一"}]


def test_two_cases_of_one_procedure_greet_each_other(engine, clock, talking):
    greeting = sketch.process(
        "greeting",
        sketch.start(),
        sketch.user("name_it"),
        sketch.throw("greet", sketch.message("hello", "{'from': who}")),
        sketch.catch("hear", sketch.message("hello", variable="heard")),
        sketch.user("read"),
        sketch.end(),
        sketch.flows("start name_it greet hear read end"),
    )
    declared = 'hello = { title = "问候", from = "outside" }'
    talking.release("greeting", greeting, messages="hello", declared=declared)
    one, other = talking.start("greeting"), talking.start("greeting")

    talking.do(one, "name_it", who="甲")
    engine.tick()
    assert heard(talking, one) == []
    talking.do(other, "name_it", who="乙")
    engine.tick()

    assert (heard(talking, one), heard(talking, other)) == ([{"from": "乙"}], [{"from": "甲"}])
