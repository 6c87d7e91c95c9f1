"""Timers, messages, races, boundary events and ends, by diagrams of a few elements."""

from datetime import UTC, datetime

import pytest

from engine.bpmn import run
from engine.bpmn.parse import load
from engine.bpmn.step import Moment
from engine.errors import Conflict, NobodyCatches, Place, Refused, ScriptFailed
from tests.engine.bpmn.sketch import (
    NOON,
    Case,
    World,
    both,
    boundary,
    bundle,
    call,
    catch,
    diagram,
    end,
    flows,
    loop,
    main,
    message,
    node,
    on_event,
    process,
    race,
    service,
    simple,
    some,
    start,
    sub,
    throw,
    timer,
    told,
    user,
    xor,
)


def test_an_intermediate_timer_waits_for_its_date_and_fires_only_when_told():
    case = Case(main(start(), catch("t", timer("2026-03-10")), user("a"), end(), flows("start t a end")))

    waiting = case.step.timers[0]
    assert (waiting.path, waiting.rule) == ("t", "2026-03-10")
    assert waiting.due == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    with pytest.raises(Conflict):
        case.fire("t")

    case.wait(days=5)
    assert case.trace == ["-t", "+a <t-a>"]


def test_a_timer_is_due_at_its_very_moment():
    case = Case(
        main(start(), catch("t", timer("PT1H", "timeDuration")), user("a"), end(), flows("start t a end"))
    )

    case.at = case.step.timers[0].due
    case.fire("t")

    assert case.open == ["a"]


def test_a_timer_may_be_an_expression_that_asks_the_calendar():
    world = World(calendar__notice_end=lambda posted_on, days: "2026-03-12T00:00:00+08:00")
    drawn = main(
        start(), user("publish"), catch("t", timer("notice_end(publish.posted_on, 5)")), end(),
        flows("start publish t end"),
    )  # fmt: skip
    case = Case(drawn, world=world)

    case.do("publish", posted_on="2026-03-04")

    assert case.step.timers[0].due == datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
    assert world.asked == [("calendar/notice_end", {"posted_on": "2026-03-04", "days": 5})]


def test_a_timer_without_a_zone_is_refused():
    case = Case(main(start(), user("a"), catch("t", timer("a.on")), end(), flows("start a t end")))

    with pytest.raises(ScriptFailed):
        case.do("a", on="2026-03-05T09:00:00")


def test_an_amended_fact_moves_the_timers_that_rest_on_it():
    drawn = main(
        start(), both("fork"), catch("t", timer("case.ends")), catch("fixed", timer("2026-03-30")), user("a"),
        boundary("late", "a", timer("case.ends")), end(),
        flows("start fork; fork t end; fork fixed end; fork a end; late end"),
    )  # fmt: skip
    case = Case(drawn, facts={"ends": "2026-03-12"})

    case.amend(ends="2026-03-16")

    assert [(timer.path, timer.due.day) for timer in case.step.timers] == [
        ("late", 15),
        ("t", 15),
        ("fixed", 29),
    ]
    assert case.step.facts == {"ends": "2026-03-16"}


NOTICE = main(
    start(), xor("again"), user("publish"), race("await_notice"),
    catch("ended", timer("publish.until")), catch("objected", message("objection", variable="objection")),
    user("answer"), xor("g", "g-await_notice"), user("close"), end(),
    flows("start again publish await_notice; await_notice ended close end; await_notice objected answer g; "
          "g again: answer.sustained; g await_notice"),
    messages="objection",
)  # fmt: skip


def test_of_two_events_behind_a_gateway_the_first_to_happen_cancels_the_other():
    case = Case(NOTICE)
    case.do("publish", until="2026-03-12")
    assert [timer.path for timer in case.step.timers] == ["ended"]
    assert [(one.path, one.name) for one in case.step.awaited] == [("objected", "objection")]

    case.tell("objection", {"text": "太吵"})
    assert case.trace == ["!ended", "-objected", "+answer <objected-answer>"]
    assert case.step.data["objection"] == {"text": "太吵"}
    assert case.step.timers == ()


def test_a_race_is_run_again_in_every_round():
    case = Case(NOTICE)
    case.do("publish", until="2026-03-12")
    case.tell("objection", {"text": "1"})
    case.do("answer", sustained=True)
    case.do("publish#2", until="2026-03-20")
    assert [(timer.path, timer.due.day) for timer in case.step.timers] == [("ended#2", 19)]

    case.tell("objection", {"text": "2"})
    case.do("answer#2", sustained=False)
    assert [timer.path for timer in case.step.timers] == ["ended#3"]

    case.wait(days=30)
    assert case.open == ["close"]
    assert case.step.awaited == ()


def test_many_rounds_of_a_race_leave_the_state_as_it_was():
    case = Case(NOTICE)
    sizes = []
    for number in range(1, 60):
        suffix = "" if number == 1 else f"#{number}"
        case.do(f"publish{suffix}", until="2026-03-12")
        sizes.append(len(case.step.frozen))
        case.tell("objection", {"text": "same"})
        case.do(f"answer{suffix}", sustained=True)

    assert sizes[-1] <= sizes[5] * 1.2


def test_two_timers_behind_one_gateway_have_each_their_own_due_time():
    drawn = main(
        start(), race("g"), catch("soon", timer("PT1H", "timeDuration")),
        catch("late", timer("P1D", "timeDuration")), user("a"), user("b"), end(),
        flows("start g; g soon a end; g late b end"),
    )  # fmt: skip
    case = Case(drawn)
    assert [(timer.path, timer.due.hour) for timer in case.step.timers] == [("soon", 5), ("late", 4)]

    case.wait(hours=2)
    assert case.open == ["a"]


def test_a_message_thrown_in_one_branch_is_caught_in_another_in_the_same_step():
    drawn = bundle(
        diagram(
            process("main", start(), both("fork"), call("build", "implementation"), call("watch", "supervision"),
                    both("join"), end(),
                    flows("start fork; fork build join; fork watch join; join end")),
        ),
        diagram(process("implementation", start(), user("close_off"),
                        throw("say", message("closed_off", "{'on': close_off.on}")), end(),
                        flows("start close_off say end")), messages="closed_off"),
        diagram(process("supervision", start(), catch("hear", message("closed_off", variable="heard")),
                        user("report"), end(), flows("start hear report end")), messages="closed_off"),
    )  # fmt: skip
    case = Case(drawn)
    assert case.open == ["build/close_off"]

    case.do("build/close_off", on="2026-03-05")
    assert case.open == ["watch/report"]
    assert "-watch/hear" in case.trace

    case.do("watch/report")
    assert case.step.ended == "end"
    assert case.step.data["heard"] == {"on": "2026-03-05"}


def test_an_early_message_is_kept_until_somebody_awaits_it():
    drawn = main(
        start(), user("a"), catch("hear", message("receipt", variable="receipt")), user("b"), end(),
        flows("start a hear b end"),
        messages="receipt",
    )  # fmt: skip
    case = Case(drawn)

    case.tell("receipt", {"number": "7"})
    assert case.trace == []
    case.do("a")
    assert case.open == ["b"]
    assert case.step.data["receipt"] == {"number": "7"}


def test_one_message_is_caught_once_by_the_one_that_waited_longest():
    drawn = main(
        start(), both("fork"), catch("one", message("go")), catch("two", message("go")), user("a"), user("b"),
        end(),
        flows("start fork; fork one a end; fork two b end"),
        messages="go",
    )  # fmt: skip
    case = Case(drawn)

    case.tell("go")
    assert case.open == ["a"]
    case.tell("go")
    assert case.open == ["a", "b"]


def test_a_message_that_the_procedure_does_not_know_is_refused():
    case = Case(main(start(), user("a"), end(), flows("start a end")))

    with pytest.raises(Refused):
        case.tell("hello")


def test_a_message_that_nobody_here_can_catch_leaves_the_case():
    drawn = main(
        start(), user("a"), end("told", message("done", "a.n")), flows("start a told"), messages="done"
    )
    case = Case(drawn)

    case.do("a", n=3)

    assert [(thrown.name, thrown.payload) for thrown in case.step.thrown] == [("done", 3)]
    assert case.step.ended == "told"


SUPERVISION = bundle(
    diagram(
        process(
            "main",
            start(), both("fork"), user("close_off"), service("set", "case/set", closed_off="True"),
            throw("say", message("closed_off")),
            call("supervise", "round", loop("not case.closed_off")),
            boundary("closed", "supervise", message("closed_off")), user("final"), both("join"), end(),
            flows("start fork; fork close_off set say join; fork supervise final join; closed final; join end"),
        ),
        messages="closed_off",
    ),
    diagram(
        process("round", start(), user("inspect"), user("publish"), catch("next", timer("P1M", "timeDuration")),
                end(), flows("start inspect publish next end")),
    ),
    about='main = "main"\n[facts]\nclosed_off = {}',
)  # fmt: skip


def test_supervision_goes_round_until_the_message_cancels_the_open_round():
    case = Case(SUPERVISION)
    assert case.open == ["close_off", "supervise/inspect"]

    case.do("supervise/inspect", problems="")
    case.do("supervise/publish")
    assert [timer.path for timer in case.step.timers] == ["supervise/next"]
    case.wait(days=40)
    assert case.trace == [
        "-supervise/next", "+supervise/end <next-end>", "-supervise/end", "-supervise",
        "+supervise#2", "+supervise#2/start", "-supervise#2/start", "+supervise#2/inspect <start-inspect>",
    ]  # fmt: skip
    case.do("supervise#2/inspect", problems="噪声")

    case.do("close_off")
    assert case.trace == [
        "-close_off", "+set <close_off-set>", "-set", "+say <set-say>", "-say", "+join <say-join>",
        "+closed", "!supervise#2/publish", "!supervise#2", "-closed", "+final <closed-final>",
    ]  # fmt: skip
    assert case.open == ["final"]
    assert case.step.timers == ()
    assert case.step.awaited == ()
    assert case.step.data["inspect"] == {"problems": ""}  # the answers of the cancelled round go with it

    case.do("final")
    assert case.step.ended == "end"


def test_a_round_that_waits_for_its_timer_is_cancelled_too():
    case = Case(SUPERVISION)
    case.do("supervise/inspect")
    case.do("supervise/publish")

    case.do("close_off")

    assert "!supervise/next" in case.trace
    assert case.step.timers == ()
    assert case.open == ["final"]


def test_a_round_that_ends_after_close_off_does_not_begin_again():
    case = Case(SUPERVISION, facts={"closed_off": True})
    case.do("supervise/inspect")
    case.do("supervise/publish")
    case.wait(days=40)

    assert case.open == ["close_off", "final"]
    assert case.step.awaited == ()


def test_a_message_thrown_before_the_activity_opens_interrupts_it_as_soon_as_it_does():
    drawn = main(
        start(), user("a"), user("b"), boundary("off", "b", message("off")), user("c"), end(),
        flows("start a b end; off c end"),
        messages="off",
    )  # fmt: skip
    case = Case(drawn)
    case.tell("off")

    case.do("a")
    assert case.trace == ["-a", "+b <a-b>", "+off", "!b", "-off", "+c <off-c>"]


def test_a_non_interrupting_boundary_message_may_happen_again_and_again():
    drawn = main(
        start(), user("a"), boundary("note", "a", message("note", variable="text"), interrupting=False),
        user("read"), end(), end("read_end"),
        flows("start a end; note read read_end"),
        messages="note",
    )  # fmt: skip
    case = Case(drawn)

    case.tell("note", "1")
    case.tell("note", "2")
    assert case.open == ["a", "read", "read#2"]

    case.do("a")
    assert case.step.awaited == ()
    case.do("read")
    case.do("read#2")
    assert case.step.ended == "read_end"


def test_an_interrupting_boundary_timer_takes_the_work_away():
    drawn = main(
        start(), user("a"), boundary("late", "a", timer("P3D", "timeDuration")), user("urge"), end(),
        flows("start a end; late urge end"),
    )  # fmt: skip
    case = Case(drawn)
    assert [timer.path for timer in case.step.timers] == ["late"]

    case.wait(days=3)
    assert case.trace == ["+late", "!a", "-late", "+urge <late-urge>"]


def test_a_boundary_timer_goes_with_its_activity():
    drawn = main(
        start(), user("a"), boundary("late", "a", timer("P3D", "timeDuration")), user("urge"), user("b"), end(),
        flows("start a b end; late urge end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a")
    assert case.step.timers == ()


def test_a_reminder_cycle_fires_as_often_as_it_says_and_skips_what_was_missed():
    drawn = main(
        start(), user("a"), boundary("remind", "a", timer("R3/P1D", "timeCycle"), interrupting=False),
        service("send", "mail/send"), end(), end("sent"),
        flows("start a end; remind send sent"),
    )  # fmt: skip
    world = World(mail__send=None)
    case = Case(drawn, world=world)

    case.wait(days=10)
    assert len(world.asked) == 3

    late = Case(drawn, world=World(mail__send=None))
    late.at = late.step.timers[0].due.replace(day=20)
    late.fire("remind")
    assert [timer.due for timer in late.step.timers if timer.due <= late.at] == []


def test_a_terminate_event_ends_everything_of_its_process_and_nothing_outside():
    drawn = bundle(
        diagram(process("main", start(), call("inner", "leaf"), user("z"), end(), flows("start inner z end"))),
        diagram(process("leaf", start(), both("fork"), user("a"), user("b"), end("stop", simple("terminate")),
                        end("e"), flows("start fork; fork a stop; fork b e"))),
    )  # fmt: skip
    case = Case(drawn)

    case.do("inner/a", n=1)
    assert case.trace[:4] == ["-inner/a", "+inner/stop <a-stop>", "-inner/stop", "!inner/b"]
    assert case.open == ["z"]
    assert case.step.data["a"] == {"n": 1}


def test_a_terminate_event_at_the_outermost_level_ends_the_case():
    drawn = main(
        start(), both("fork"), user("a"), user("b"), end("stop", simple("terminate")), end(),
        flows("start fork; fork a stop; fork b end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a")
    assert case.step.ended == "stop"
    assert case.open == []


def test_an_embedded_sub_process_is_interrupted_from_inside_before_it_takes_another_step():
    drawn = main(
        start(),
        sub("inner", start("s"), user("a"), throw("say", message("stop")), user("never"), end("e"),
            flows("s a say never e")),
        boundary("stopped", "inner", message("stop")), user("after"), end(),
        flows("start inner end; stopped after end"),
        messages="stop",
    )  # fmt: skip
    case = Case(drawn)

    case.do("inner/a")

    assert case.open == ["after"]
    assert "+inner/never <say-never>" in case.trace
    assert "!inner/never" in case.trace


def test_send_and_receive_tasks_are_messages_too():
    drawn = main(
        start(), both("fork"), node("sendTask", "send", messageRef="message_go"),
        node("receiveTask", "get", messageRef="message_go"), user("a"), end(),
        flows("start fork; fork send end; fork get a end"),
        messages="go",
    )  # fmt: skip
    assert Case(drawn).open == ["a"]


def test_only_the_pool_with_a_process_runs():
    pools = (
        '<bpmn:collaboration id="all"><bpmn:participant id="p" name="社区" processRef="main"/>'
        '<bpmn:participant id="residents" name="居民群众"/>'
        '<bpmn:messageFlow id="m" sourceRef="residents" targetRef="hear"/></bpmn:collaboration>'
    )
    inside = process(
        "main", start(), catch("hear", message("concern")), user("a"), end(), flows("start hear a end")
    )
    case = Case(bundle(diagram(pools, inside, messages="concern")))

    case.tell("concern")
    assert case.open == ["a"]


def test_an_error_is_caught_by_the_nearest_activity_that_knows_its_code():
    inner = process("leaf", start(), user("a"), xor("g", "g-fine"), end("broken", simple("error", "E1")),
                    end("fine"), flows("start a g; g broken: a.bad; g fine"))  # fmt: skip
    drawn = bundle(
        diagram(
            process("main", start(), both("fork"), call("one", "leaf"), call("two", "leaf"),
                    boundary("other", "one", simple("error", "E2")), boundary("caught", "one", simple("error", "E1")),
                    boundary("any", "two", simple("error")), user("repair"), user("wrong"), user("also"), end(),
                    flows("start fork; fork one end; fork two end; caught repair end; other wrong end; any also end")),
            errors="E1 E2",
        ),
        diagram(inner, errors="E1 E2"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("one/a", bad=True)
    assert case.open == ["repair", "two/a"]
    assert case.trace[-4:] == ["+caught", "!one", "-caught", "+repair <caught-repair>"]

    case.do("two/a", bad=True)
    assert case.open == ["also", "repair"]


def test_an_error_that_nobody_catches_stops_the_case_and_names_itself():
    drawn = main(
        start(), user("a"), sub("inner", start("s"), end("broken", simple("error", "E1")), flows("s broken")),
        end(),
        flows("start a inner end"),
        errors="E1",
    )  # fmt: skip
    case = Case(drawn)

    with pytest.raises(ScriptFailed) as refused:
        case.do("a")

    assert refused.value.element == "broken"


def test_an_escalation_leaves_the_inside_running_when_its_event_does_not_interrupt():
    drawn = main(
        start(), sub("inner", start("s"), user("a"), throw("up", simple("escalation", "X")), user("b"), end("e"),
                     flows("s a up b e")),
        boundary("heard", "inner", simple("escalation", "X"), interrupting=False), user("boss"), end(),
        flows("start inner end; heard boss end"),
        escalations="X",
    )  # fmt: skip
    case = Case(drawn)

    case.do("inner/a")
    assert case.open == ["boss", "inner/b"]


def test_an_escalation_that_nobody_catches_fails_at_the_element_that_threw_it():
    """BPMN 2.0.2 leaves it to us (10.5.3); like an uncaught error it becomes an incident."""
    drawn = main(
        start(),
        throw("up", simple("escalation", "X")),
        user("a"),
        end(),
        flows("start up a end"),
        escalations="X",
    )

    with pytest.raises(NobodyCatches) as failure:
        Case(drawn)

    assert failure.value.place == Place("up", "up", "up")


def test_a_signal_reaches_everybody_who_waits_also_from_an_end_event():
    drawn = main(
        start(), both("fork"), catch("one", simple("signal", "S")), catch("two", simple("signal", "S")),
        user("host"), boundary("b", "host", simple("signal", "S")), user("c"), end("sent", simple("signal", "S")),
        user("x"), user("y"), user("z"), end(),
        flows("start fork; fork one x end; fork two y end; fork host end; b z end; fork c sent"),
        signals="S",
    )  # fmt: skip
    case = Case(drawn)

    case.do("c")
    assert case.open == ["x", "y", "z"]


def test_a_link_goes_on_where_the_link_of_its_name_is():
    link = '<bpmn:linkEventDefinition name="next page"/>'
    drawn = main(
        start(), user("a"), throw("to", link), catch("from", link), user("b"), end(),
        flows("start a to; from b end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("a")
    assert case.trace == ["-a", "+to <a-to>", "-to", "+from", "-from", "+b <from-b>"]


def test_an_event_sub_process_interrupts_its_scope_and_only_it():
    handler = on_event("withdrawn", message("withdraw", variable="why"), user("reply"), end("replied"),
                       flows("withdrawn_start reply replied"))  # fmt: skip
    drawn = bundle(
        diagram(process("main", start(), both("fork"), call("one", "leaf"), user("other"), both("join"), user("z"),
                        end(), flows("start fork; fork one join; fork other join; join z end"))),
        diagram(process("leaf", start(), both("f"), user("a"), user("b"), end("e"), handler,
                        flows("start f; f a e; f b e")), messages="withdraw"),
    )  # fmt: skip
    case = Case(drawn)
    case.do("one/a", n=1)

    case.tell("withdraw", "搬走了")
    assert case.open == ["one/withdrawn/reply", "other"]
    assert "!one/b" in case.trace
    case.do("one/withdrawn/reply")
    case.do("other")
    assert case.open == ["z"]
    assert case.step.data["why"] == "搬走了"
    assert case.step.data["a"] == {"n": 1}


def test_an_event_sub_process_that_never_happens_does_not_keep_its_scope_open():
    drawn = main(
        start(), user("a"), end(), on_event("late", timer("P9D", "timeDuration"), user("urge"), end("urged"),
                                            flows("late_start urge urged")),
        flows("start a end"),
    )  # fmt: skip
    case = Case(drawn)
    assert [timer.path for timer in case.step.timers] == ["late"]

    case.do("a")
    assert case.step.ended == "end"
    assert case.step.timers == ()


def test_an_event_sub_process_may_run_beside_the_rest_and_again():
    drawn = main(
        start(), user("a"), end(),
        on_event("asked", message("question", variable="text"), user("reply"), end("replied"),
                 flows("asked_start reply replied"), interrupting=False),
        flows("start a end"),
        messages="question",
    )  # fmt: skip
    case = Case(drawn)
    case.tell("question", "1")
    case.tell("question", "2")
    assert case.open == ["a", "asked#2/reply", "asked/reply"]

    case.do("a")
    case.do("asked/reply")
    assert case.step.ended == ""
    case.do("asked#2/reply")
    assert case.step.ended != ""


def test_an_event_sub_process_catches_the_error_of_its_scope():
    drawn = main(
        start(), sub("inner", start("s"), user("a"), end("broken", simple("error", "E1")), flows("s a broken")),
        user("never"), end(),
        on_event("repair", simple("error", "E1"), user("mend"), end("mended"), flows("repair_start mend mended")),
        flows("start inner never end"),
        errors="E1",
    )  # fmt: skip
    case = Case(drawn)

    case.do("inner/a")
    assert case.open == ["repair/mend"]


def test_a_link_inside_an_inclusive_block_is_waited_for():
    link = '<bpmn:linkEventDefinition name="next page"/>'
    drawn = main(
        start(), some("split"), user("a"), throw("to", link), catch("from", link), user("b"), some("join"),
        user("c"), end(),
        flows("start split; split a: True; split b: True; a to; from join; b join; join c end"),
    )  # fmt: skip
    case = Case(drawn)

    case.do("b")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["c"]


STARTS = main(
    start("plain"), node("startEvent", "reported", message("report", variable="report")),
    node("startEvent", "yearly", timer("R9/P1Y", "timeCycle")), user("a"), user("b"), xor("join"), end(),
    flows("plain a join; reported b join; yearly join; join end"),
    messages="report",
)  # fmt: skip


def test_a_case_begins_at_the_start_event_that_happened():
    model = load(STARTS)
    assert {(one.id, one.event.kind) for one in model.starts} == {
        ("reported", "message"),
        ("yearly", "timer"),
    }

    step = run.start(model, Moment("c", 1, NOON), World(), {}, at="reported", payload={"text": "路灯不亮"})

    assert [item.path for item in step.items] == ["b"]
    assert step.data == {"report": {"text": "路灯不亮"}}
    assert told(step.trace)[:2] == ["+reported", "-reported"]


def test_without_a_start_event_named_a_case_begins_at_the_plain_one():
    assert Case(STARTS).open == ["a"]


def test_a_start_event_that_is_not_drawn_is_refused_and_so_is_a_plain_start_where_none_is():
    with pytest.raises(Refused):
        run.start(load(STARTS), Moment("c", 1, NOON), World(), {}, at="plain")

    only = main(node("startEvent", "reported", message("report")), user("a"), end(),
                flows("reported a end"), messages="report")  # fmt: skip
    with pytest.raises(Refused):
        run.start(load(only), Moment("c", 1, NOON), World(), {})


def test_a_terminate_end_keeps_what_a_branch_that_had_ended_before_gave():
    case = Case(
        main(
            start(),
            sub(
                "inner",
                start("i"),
                both("f"),
                user("a"),
                user("b"),
                end("stop", simple("terminate")),
                end("e"),
                flows("i f a stop; f b e"),
            ),
            user("z"),
            end(),
            flows("start inner z end"),
        )
    )

    case.do("inner/b", n=1)
    case.do("inner/a", n=2)

    assert case.step.data == {"b": {"n": 1}, "a": {"n": 2}}


@pytest.mark.parametrize("kind", ["signal", "message", "escalation"])
def test_what_the_last_end_throws_may_begin_an_event_sub_process_and_the_case_goes_on(kind):
    event = message("m") if kind == "message" else simple(kind, "s")
    case = Case(
        main(
            start(),
            user("a"),
            end("end", event),
            on_event(
                "on",
                event,
                user("read"),
                end("read_end"),
                flows("on_start read read_end"),
                interrupting=False,
            ),
            flows("start a end"),
            messages="m",
            signals="s",
            escalations="s",
        )
    )

    case.do("a")
    assert case.open == ["on/read"]
    assert case.step.ended == ""

    case.do("on/read")
    assert case.step.ended == "end"


@pytest.mark.parametrize("kind", ["error", "escalation"])
@pytest.mark.parametrize("order", [("any", "named"), ("named", "any")])
def test_who_names_the_code_goes_before_who_takes_any_in_whichever_order_they_are_drawn(kind, order):
    codes = {"any": "", "named": "x"}
    caught = [boundary(one, "work", simple(kind, codes[one])) for one in order]
    case = Case(main(
        start(), sub("work", start("s"), user("try"), end("fail", simple(kind, "x")), flows("s try fail")), *caught,
        user("a"), user("b"), end(), flows("start work end; named a end; any b end"), **{f"{kind}s": "x"},
    ))  # fmt: skip

    case.do("work/try")

    assert case.open == ["a"]


def test_who_takes_any_close_by_goes_before_who_names_the_code_farther_out():
    inner = sub("inner", start("t"), user("try"), end("fail", simple("error", "x")), flows("t try fail"))
    case = Case(main(
        start(), sub("work", start("s"), inner, boundary("any", "inner", simple("error")), user("b"), end("e"),
                     flows("s inner e; any b e")),
        boundary("named", "work", simple("error", "x")), user("a"), end(), flows("start work end; named a end"),
        errors="x",
    ))  # fmt: skip

    case.do("work/inner/try")

    assert case.open == ["work/b"]


def test_an_event_sub_process_does_not_hear_the_escalation_that_it_throws_itself():
    late = simple("escalation", "late")
    case = Case(main(
        start(), sub("work", start("s"), user("wait"), throw("urge", late), user("rest"), end("e"),
                     on_event("hear", late, user("report"), throw("again", late), end("he"),
                              flows("hear_start report again he"), interrupting=False),
                     flows("s wait urge rest e")),
        boundary("outside", "work", late, interrupting=False), user("shrug"), end("told"), end(),
        flows("start work end; outside shrug told"), escalations="late",
    ))  # fmt: skip
    case.do("work/wait")

    case.do("work/hear/report")

    assert case.open == ["shrug", "work/rest"]
