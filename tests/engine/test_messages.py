"""Messages, signals and time: they find the cases that wait, begin others, are kept; once each, whatever happens."""

import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from engine import entitlement, journal, messages, routing
from engine.audit import verify
from engine.bpmn.check import check
from engine.bpmn.parse import load
from engine.clock import SetClock
from engine.commands import (
    CorrectData,
    DeliverMessage,
    Deploy,
    PublishMessage,
    ResumeCase,
    RetryIncident,
    SendMessage,
    SendSignal,
    SuspendCase,
    WithdrawTask,
)
from engine.demo import making
from engine.engine import Engine
from engine.errors import NotAllowed, NotFound, Refused, ScriptFailed, Unavailable
from engine.reading import history, running, under_way
from engine.settings import Settings
from engine.subscriptions import Subscription
from engine.waking.dispatcher import Dispatcher
from tests.engine import invariants
from tests.engine.bpmn import constructs, sketch
from tests.engine.conftest import MONDAY
from tests.engine.conversing import ABOUT, ORDER, Talking, begun_by, both_released, hearing
from tests.engine.other_process import killed_or_done, sparse
from tests.engine.restartable import Restartable


@pytest.fixture(autouse=True)
def sound(request):
    """Whatever a test did, the invariants hold when it is over: every case re-executes to the same end."""
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else None
    yield
    if engine:
        invariants.check(engine)


@pytest.fixture
def talking(engine):
    return Talking(engine)


@pytest.fixture
def conversing(talking):
    return both_released(talking)


def asked(conversing, *numbers):
    """A case that asks for each number; number → case."""
    cases = {number: conversing.start("asking") for number in numbers}
    for number, case in cases.items():
        conversing.do(case, "number_it", number=number)
    return cases


def begun(conversing):
    """The cases that a request has begun; number → case."""
    ids = conversing.of("answering")
    return {conversing.events(id)[0]["start"]["payload"]["number"]: id for id in ids}


def heard(talking, case):
    return [event.get("data") for event in talking.events(case) if event["type"].endswith("_received")]


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


def test_a_message_begins_one_case_however_often_the_house_looks(engine, conversing):
    case = asked(conversing, 7)[7]

    for _ in range(3):
        engine.tick()

    (begun,) = conversing.of("answering")
    first = conversing.events(begun)[0]
    assert first["start"] == {
        "event": "begin",
        "payload": {"number": 7, "text": "请答复"},
        "correlation": {"order": 7},
    }
    assert first["source"]["case"] == case
    assert conversing.case(begun).unit_id == "u001"


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


def test_what_nobody_ever_waits_for_is_given_up_and_stays_to_be_seen(engine, clock, conversing):
    engine.handle(PublishMessage("reply", {"number": 5}, key="lost"), by="o_data.operator")
    engine.tick()

    clock.at += messages.KEPT_FOR
    engine.tick()
    conversing.do(conversing.start("asking"), "number_it", number=5)
    engine.tick()

    (lost,) = [line for line in engine.read(under_way.messages) if line.name == "reply"]
    assert (lost.status, lost.words) == (messages.EXPIRED, "过期，没有办件接收")


def test_a_message_sent_twice_with_the_same_key_is_one(engine, conversing):
    case = asked(conversing, 1)[1]
    reply = PublishMessage("reply", {"number": 1, "text": "一"}, key="same")

    assert engine.handle(reply, by="o_data.operator") == engine.handle(reply, by="o_data.operator")
    engine.tick()
    assert engine.handle(reply, by="o_data.operator").detail == {"message": "sent-same"}
    engine.tick()

    assert heard(conversing, case) == [{"number": 1, "text": "一"}]


def test_of_two_who_wait_for_any_the_one_who_has_waited_longer_gets_it(engine, clock, talking):
    talking.release("hearing", hearing(), messages="notice", declared="")
    first = talking.start("hearing")
    clock.at += timedelta(minutes=1)
    second = talking.start("hearing")

    engine.handle(PublishMessage("notice", {"n": 1}, key="n"), by="o_data.operator")
    engine.tick()

    assert (heard(talking, first), heard(talking, second)) == ([{"n": 1}], [])


def test_without_a_key_no_case_of_another_unit_hears_it(engine, talking):
    talking.release("hearing", hearing(), messages="notice")
    mine = talking.start("hearing")

    engine.handle(PublishMessage("notice", {"n": 1}, unit="u002", key="n"), by="o_data.operator")
    engine.tick()

    assert heard(talking, mine) == []
    assert [row.status for row in talking.messages()] == [messages.KEPT]


def test_a_signal_reaches_all_who_wait_and_begins_those_that_begin_by_it(engine, talking):
    alarm = sketch.simple("signal", "alarm")
    talking.release("hearing", hearing(event=alarm), signals="alarm")
    talking.release("begun", begun_by("begun", alarm), signals="alarm")
    waiting = [talking.start("hearing") for _ in range(3)]

    engine.handle(SendSignal("alarm", key="a"), by="o_data.operator")
    late = talking.start("hearing")
    assert [wait.kind for wait in engine.read(running.waits, late)] == ["signal"]
    engine.tick()

    assert [talking.open(case) for case in waiting] == [["read"]] * 3
    assert talking.open(late) == []
    assert [talking.open(case) for case in talking.of("begun")] == [["look"]]
    assert talking.events(waiting[0])[1]["signal"] == "alarm"


def test_a_signal_thrown_by_a_case_reaches_the_others_once_and_itself_inside(engine, talking):
    alarm = sketch.simple("signal", "alarm")
    talking.release("hearing", hearing(event=alarm), signals="alarm")
    crying = sketch.process(
        "crying", sketch.start(), sketch.user("cry"), sketch.end(event=alarm), sketch.flows("start cry end")
    )
    talking.release("crying", crying, signals="alarm")
    waiting = [talking.start("hearing") for _ in range(2)]

    talking.do(talking.start("crying"), "cry")
    engine.tick()
    engine.tick()

    assert [talking.open(case) for case in waiting] == [["read"]] * 2
    assert [len(talking.events(case, "signal_received")) for case in waiting] == [1, 1]


def test_a_suspended_case_gets_what_came_meanwhile_when_it_goes_on(engine, conversing):
    case = asked(conversing, 1)[1]
    engine.handle(SuspendCase(case, "等材料"), by="u001.secretary")
    engine.handle(PublishMessage("reply", {"number": 1, "text": "一"}, key="r"), by="o_data.operator")
    engine.tick()
    assert heard(conversing, case) == []

    engine.handle(ResumeCase(case, "材料到了"), by="u001.secretary")
    engine.tick()

    assert heard(conversing, case) == [{"number": 1, "text": "一"}]


def test_what_an_undone_step_has_thrown_is_taken_back_unless_it_arrived(engine, conversing):
    case = asked(conversing, 1)[1]

    engine.handle(WithdrawTask(case, "写错了号码"), by="u001.secretary")
    engine.tick()

    assert conversing.of("answering") == []
    assert [row.status for row in conversing.messages()] == [messages.RECALLED]
    conversing.do(case, "number_it", number=2)
    engine.tick()
    assert list(begun(conversing)) == [2]


def test_deliveries_that_only_cause_each_other_come_to_an_end(engine, talking):
    talking.release("ping", echoing("ping", "pong"), messages="ping pong")
    talking.release("pong", echoing("pong", "ping"), messages="ping pong")

    engine.handle(PublishMessage("ping", {}, unit="u001", key="p"), by="o_data.operator")
    while engine.tick():
        pass

    assert len(talking.of("ping")) + len(talking.of("pong")) == messages.LONGEST_CHAIN
    assert [row.status for row in talking.messages()].count(messages.STOPPED) == 1


def echoing(name, other):
    return sketch.process(
        name,
        sketch.node("startEvent", "begin", sketch.message(name)),
        sketch.end(event=sketch.message(other, "{}")),
        sketch.flows("begin end"),
    )


def test_a_case_begins_by_hand_at_a_start_event_only_and_says_what_it_brought(engine, conversing):
    with pytest.raises(Refused, match="没有普通的开始事件"):
        conversing.start("answering")

    case = conversing.start("answering", at="begin", payload={"number": 3})

    assert conversing.open(case) == ["answer_it"]
    assert conversing.events(case)[0]["start"] == {"event": "begin", "payload": {"number": 3}}


def test_a_cycle_begins_its_cases_in_order_also_those_missed(engine, clock, talking):
    talking.release("hourly", begun_by("hourly", sketch.timer("R3/PT1H", "timeCycle")))
    released = clock.at

    clock.at += timedelta(minutes=90)
    assert engine.tick() == 1
    clock.at += timedelta(days=1)
    engine.tick()

    due = [talking.events(case)[0]["source"]["due"] for case in talking.of("hourly")]
    assert sorted(due) == [journal.written(released + timedelta(hours=hours)) for hours in (1, 2, 3)]
    assert engine.tick() == 0
    assert engine.next_due() is None


def test_a_newer_release_takes_the_place_of_what_the_older_would_begin(engine, clock, talking):
    talking.release("timed", begun_by("timed", sketch.timer("P1D", "timeDuration")))
    clock.at += timedelta(hours=12)
    newer = talking.release("timed", begun_by("timed", sketch.timer("P2D", "timeDuration")))
    assert [start.rule for start in engine.read(under_way.starts)] == ["P2D"]

    clock.at += timedelta(days=1)
    assert engine.tick() == 0
    clock.at += timedelta(days=1)
    engine.tick()

    (case,) = talking.of("timed")
    assert talking.case(case).definition_hash == newer


def test_a_date_that_has_passed_at_the_release_begins_nothing(engine, clock, talking):
    at = "2026-09-15T09:00:00+08:00"
    talking.release("dated", begun_by("dated", sketch.timer(at)))
    clock.at += timedelta(days=2)
    engine.tick()
    talking.release("dated", begun_by("dated", sketch.timer(at)))
    engine.tick()

    (case,) = talking.of("dated")
    assert talking.case(case).title == "dated"


def test_who_is_not_named_sends_nothing_and_who_is_sends_for_his_unit(engine, talking):
    declared = 'notice = { title = "通知", from = "outside", roles = ["community_secretary"] }'
    talking.release("hearing", hearing(), messages="notice", declared=declared)
    talking.release("alarmed", hearing("alarmed", sketch.simple("signal", "alarm")), signals="alarm")
    case = talking.start("hearing")

    with pytest.raises(NotAllowed, match="您不能发送消息“notice”"):
        engine.handle(PublishMessage("notice", {}), by="u001.council1")
    with pytest.raises(NotFound, match="没有找到这个单位"):
        engine.handle(PublishMessage("notice", {}, unit="u002"), by="u001.secretary")
    with pytest.raises(NotFound, match="没有流程等待"):
        engine.handle(PublishMessage("nothing", {}), by="o_data.operator")
    with pytest.raises(NotAllowed, match="不能直接发送"):
        engine.handle(PublishMessage("objection_received", {}), by="o_data.operator")
    with pytest.raises(NotAllowed, match="您不能发送信号"):
        engine.handle(SendSignal("alarm"), by="u001.secretary")
    sent = engine.handle(PublishMessage("notice", {"n": 1}), by="u001.secretary").detail["message"]
    with pytest.raises(NotAllowed, match="您不能送达消息"):
        engine.handle(DeliverMessage(sent), by="u001.secretary")
    engine.handle(DeliverMessage(sent), by="o_data.operator")

    (received,) = talking.events(case, "message_received")
    assert received["actor"]["post"] == "u001.secretary"


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


def test_a_start_that_fails_begins_a_case_that_says_so(engine, talking):
    counting = sketch.process(
        "counting",
        sketch.node("startEvent", "begin", sketch.message("notice", variable="heard")),
        sketch.script("divide", "share = 100 // heard.n"),
        sketch.end(),
        sketch.flows("begin divide end"),
    )
    talking.release("counting", counting, messages="notice")

    engine.handle(PublishMessage("notice", {"n": 0}, unit="u001", key="0"), by="o_data.operator")
    engine.tick()
    engine.tick()

    (case,) = talking.of("counting")
    assert talking.case(case).status == "incident"


def test_a_task_that_neither_throws_nor_waits_anew_asks_nothing_more_of_the_database(engine, talking):
    two = sketch.process(
        "two",
        sketch.start(),
        sketch.both("split"),
        sketch.catch("hear", sketch.message("notice")),
        sketch.user("a"),
        sketch.user("b"),
        sketch.both("join"),
        sketch.end(),
        sketch.flows("start split hear join; split a b join end"),
    )
    talking.release("two", two, messages="notice")
    talking.release("one", sketch.process(
        "one", sketch.start(), sketch.user("a"), sketch.user("b"), sketch.end(), sketch.flows("start a b end")
    ))  # fmt: skip
    waiting, plain = talking.start("two"), talking.start("one")

    with statements(engine) as those_of_the_waiting:
        talking.do(waiting, "a")
    with statements(engine) as those_of_the_plain:
        talking.do(plain, "a")

    assert those_of_the_waiting == those_of_the_plain
    assert not any("subscription" in text or "message" in text for text in those_of_the_plain)


@contextmanager
def statements(engine):
    """The SQL that is executed meanwhile."""
    texts = []

    def note(_connection, _cursor, statement, *_more):
        texts.append(statement)

    event.listen(engine.database, "before_cursor_execute", note)
    yield texts
    event.remove(engine.database, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("rule", "kind", "refused"),
    [("P7D", "timeDuration", False), ("'R3/P1D'", "timeCycle", False), ("case.meeting_on", "timeDate", True)],
)
def test_a_start_time_says_itself_when_it_is(rule, kind, refused):
    drawn = sketch.diagram(begun_by("timed", sketch.timer(rule, kind)))
    given = sketch.bundle(drawn, about=ABOUT.format(name="timed", messages=""))

    told = [problem.message for problem in check(given) if "还没有办件" in problem.message]

    assert bool(told) is refused


def test_a_start_time_quoted_as_other_tools_do_is_understood(engine, clock, talking):
    talking.release("timed", begun_by("timed", sketch.timer("'P7D'", "timeDuration")))

    clock.at += timedelta(days=7)

    assert engine.tick() == 1


@pytest.mark.parametrize(
    "declared", ['notice = "x"', 'notice = { roles = ["nobody"] }', "notice = { roles = 1 }"]
)
def test_who_may_send_is_a_role_that_is_declared(declared):
    drawn = sketch.diagram(hearing(), messages="notice")
    given = sketch.bundle(drawn, about=ABOUT.format(name="hearing", messages=declared))

    assert [one for one in check(given) if one.file == "process.toml" and "notice" in one.message]


@pytest.mark.parametrize("payload", [None, "一段话", [1, 2], 7, {}])
def test_a_message_brings_any_json(engine, talking, payload):
    talking.release("hearing", hearing(), messages="notice")
    addressed, published = talking.start("hearing"), talking.start("hearing")

    engine.handle(SendMessage(addressed, "notice", payload), by="u001.secretary")
    engine.handle(PublishMessage("notice", payload), by="o_data.operator")
    engine.tick()

    assert [engine.read(running.data, case)["heard"] for case in (addressed, published)] == [payload] * 2
    auditor = engine.read(lambda reader: entitlement.actor(reader.db, "o_audit.auditor", reader.today))
    assert "收到notice" in engine.read(history.journal_csv, auditor, addressed)


def test_what_no_case_could_take_in_is_refused_to_who_sends_it(engine, talking):
    talking.release("hearing", hearing(), messages="notice")

    with pytest.raises(ScriptFailed, match="不能使用的值"):
        engine.handle(PublishMessage("notice", {"n": 0.5}), by="o_data.operator")
    with pytest.raises(NotFound, match="没有找到单位"):
        engine.handle(PublishMessage("notice", unit="nowhere"), by="o_data.operator")

    assert talking.messages() == []


def test_a_message_whose_keys_nobody_can_read_is_refused_to_who_sends_it(engine, conversing):
    with pytest.raises(ScriptFailed, match="内容里读不出关联值“order”（number）") as refused:
        engine.handle(PublishMessage("request", {"text": "没有编号"}), by="o_data.operator")

    assert "直接写明关联值" in refused.value.help
    assert conversing.messages() == []


def test_keys_that_are_given_need_not_be_in_the_message(engine, conversing):
    engine.handle(
        PublishMessage("request", {"text": "没有编号"}, correlation={"order": 7}), by="o_data.operator"
    )
    engine.tick()

    assert [conversing.events(case)[0]["start"]["correlation"] for case in conversing.of("answering")] == [
        {"order": 7}
    ]


def test_a_message_is_sent_when_one_of_those_who_take_it_in_can_read_its_keys(engine, conversing):
    conversing.release("listening", begun_by("listening", sketch.message("request")), messages="request")

    engine.handle(PublishMessage("request", {"text": "没有编号"}), by="o_data.operator")
    engine.tick()

    assert (len(conversing.of("listening")), conversing.of("answering")) == (1, [])


@pytest.mark.parametrize("name", ["message_start", "signal_start", "timer_start"])
def test_a_procedure_that_passed_the_gate_begins_by_its_event(engine, clock, talking, name):
    given, _ = constructs.read(name)
    about = given.files["process.toml"].replace(b"title", b"as_drawn = true\ntitle", 1)
    engine.handle(Deploy({**given.files, "process.toml": about}), by="o_data.operator")
    (event,) = [one.event for one in load(given).starts]

    if event.kind == "message":
        engine.handle(PublishMessage(event.name, {"text": "路灯不亮"}, unit="u001"), by="o_data.operator")
    elif event.kind == "signal":
        engine.handle(SendSignal(event.name, unit="u001"), by="o_data.operator")
    else:
        clock.at = engine.next_due()
    engine.tick()

    (case,) = talking.of(name)
    assert talking.open(case) == ["a"]
    assert talking.case(case).unit_id == ("d01" if event.kind == "timer" else "u001")


def test_a_procedure_says_for_which_unit_its_cases_begin_by_themselves(engine, clock, talking):
    timed = begun_by("timed", sketch.timer("P1D", "timeDuration"))
    talking.release("timed", timed, declared='[start]\nunit = "u002"')

    clock.at += timedelta(days=1)
    engine.tick()

    (case,) = talking.of("timed")
    assert talking.case(case).unit_id == "u002"
    assert talking.events(case)[0]["source"] == {"due": journal.written(clock.at)}


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


def test_who_waits_already_comes_before_a_case_that_would_begin(engine, talking):
    talking.release("hearing", hearing(), messages="notice")
    talking.release("begun", begun_by("begun", sketch.message("notice")), messages="notice")
    case = talking.start("hearing")

    for number in (1, 2):
        engine.handle(PublishMessage("notice", {"n": number}, unit="u001"), by="o_data.operator")
        engine.tick()

    assert heard(talking, case) == [{"n": 1}]
    assert [talking.events(id)[0]["start"]["payload"] for id in talking.of("begun")] == [{"n": 2}]


def test_a_message_begins_a_case_of_each_procedure_that_begins_by_it(engine, talking):
    for name in ("one", "two"):
        talking.release(name, begun_by(name, sketch.message("notice")), messages="notice")

    engine.handle(PublishMessage("notice", {"n": 1}, unit="u001"), by="o_data.operator")
    engine.tick()
    engine.tick()

    assert [len(talking.of(name)) for name in ("one", "two")] == [1, 1]


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


def test_the_command_lists_what_has_not_arrived_and_what_will_begin(engine, staged_url, conversing, tmp_path):
    conversing.release("timed", begun_by("timed", sketch.timer("P1D", "timeDuration")))
    asked(conversing, 7)
    engine.handle(PublishMessage("reply", {"number": 8}, {"order": 8}, key="early"), by="o_data.operator")
    engine.small(lambda db: routing.wake(db, engine.now()))
    engine.handle(DeliverMessage("sent-early"), by="o_data.operator")

    command = [Path(sys.executable).with_name("roundtable"), "messages", "--database", staged_url]
    told = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", cwd=tmp_path).stdout

    assert '消息 request {"order": 7} 等待送达 2026-09-14 09:00:00' in told
    assert '消息 reply {"order": 8} 暂存，等办件来接收 2026-09-14 09:00:00 sent-early' in told
    assert "发起 timed begin P1D 2026-09-15 09:00:00" in told
    assert "共2条没有送达，1个开始时间。" in told


def test_another_unit_learns_of_a_signal_but_not_what_it_said(engine, talking):
    alarm = sketch.simple("signal", "alarm")
    talking.release("hearing", hearing(event=alarm), signals="alarm")
    ours = talking.start("hearing")
    theirs = Talking(engine, "u002", "u002.secretary").start("hearing")

    engine.handle(SendSignal("alarm", {"who": "张三"}, unit="u001"), by="o_data.operator")
    engine.tick()

    assert (heard(talking, ours), heard(talking, theirs)) == ([{"who": "张三"}], [None])


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
