"""Who may send what, what becomes of what nobody takes in, and what a signal tells to whom."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from engine import entitlement, messages, routing
from engine.bpmn.check import check
from engine.commands import (
    DeliverMessage,
    PublishMessage,
    ResumeCase,
    SendMessage,
    SendSignal,
    SuspendCase,
    WithdrawTask,
)
from engine.errors import NotAllowed, NotFound, ScriptFailed
from engine.reading import history, running, under_way
from tests.engine.bpmn import sketch
from tests.engine.conversing import (
    ABOUT,
    ORDER,
    Talking,
    asked,
    asking,
    begun,
    begun_by,
    both_released,
    heard,
    hearing,
)


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


def test_a_message_sent_twice_with_the_same_key_is_one(engine, conversing):
    case = asked(conversing, 1)[1]
    reply = PublishMessage("reply", {"number": 1, "text": "一"}, key="same")

    assert engine.handle(reply, by="o_data.operator") == engine.handle(reply, by="o_data.operator")
    engine.tick()
    assert engine.handle(reply, by="o_data.operator").detail == {"message": "sent-same"}
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


def test_another_unit_learns_of_a_signal_but_not_what_it_said(engine, talking):
    alarm = sketch.simple("signal", "alarm")
    talking.release("hearing", hearing(event=alarm), signals="alarm")
    ours = talking.start("hearing")
    theirs = Talking(engine, "u002", "u002.secretary").start("hearing")

    engine.handle(SendSignal("alarm", {"who": "张三"}, unit="u001"), by="o_data.operator")
    engine.tick()

    assert (heard(talking, ours), heard(talking, theirs)) == ([{"who": "张三"}], [None])


def test_what_nobody_ever_waits_for_is_given_up_and_stays_to_be_seen(engine, clock, conversing):
    engine.handle(PublishMessage("reply", {"number": 5}, key="lost"), by="o_data.operator")
    engine.tick()

    clock.at += messages.KEPT_FOR
    engine.tick()
    conversing.do(conversing.start("asking"), "number_it", number=5)
    engine.tick()

    (lost,) = [line for line in engine.read(under_way.messages) if line.name == "reply"]
    assert (lost.status, lost.words) == (messages.EXPIRED, "过期，没有办件接收")


def test_what_no_release_takes_in_is_shown_to_operators_as_such(engine, talking):
    talking.release("asking", asking(), messages="request reply", correlation=ORDER)
    asked(talking, 7)
    engine.tick()

    (line,) = engine.read(under_way.messages)

    assert (line.name, line.words) == ("request", "暂存，现行的流程都不接收它")
    both_released(talking)
    assert engine.read(under_way.message, line.id).words == "暂存，等办件来接收"


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


def test_what_is_thrown_in_one_moment_arrives_in_the_order_in_which_it_was_thrown(engine, talking):
    """Also the tenth event's after the ninth's: numbers are no texts."""
    for name, begin, inside, message_in, flows in (
        ("source", "ask", "say", "go", "start ask m hear say x; x m; x end: heard.n > 90"),
        ("taker", "", "", "said", "start m hear x; x m; x end: heard.n > 90"),
    ):
        parts = [sketch.start(), sketch.xor("m"), sketch.xor("x", "x-m"), sketch.end()]
        parts += [sketch.catch("hear", sketch.message(message_in, variable="heard")), sketch.flows(flows)]
        parts += [sketch.user(begin)] if begin else []
        parts += [sketch.throw(inside, sketch.message("said", "{'n': heard.n}"))] if inside else []
        talking.release(
            name, sketch.process(name, *parts), messages=" ".join(dict.fromkeys((message_in, "said")))
        )
    source, taker = talking.start("source"), talking.start("taker")
    talking.do(source, "ask")
    engine.handle(SuspendCase(source, "停一停"), by=talking.by)
    for number in range(12):
        engine.handle(SendMessage(source, "go", {"n": number}), by=talking.by)
    engine.handle(ResumeCase(source, "好了"), by=talking.by)

    while engine.tick():
        """Until nothing is under way."""

    told = [body["data"]["n"] for body in talking.events(taker, "message_received")]
    assert told == list(range(12))
