"""Several executable participants in one case: each a process of its own, meeting by messages only."""

import pytest

from engine.bpmn import run
from engine.bpmn.check import check
from tests.engine.bpmn.sketch import (
    Case,
    both,
    bundle,
    catch,
    correlation,
    diagram,
    end,
    flows,
    message,
    node,
    on_event,
    participants,
    process,
    simple,
    start,
    throw,
    user,
)


def together(*processes, **declared):
    """The processes are the participants of one collaboration, `main` the first."""
    ids = [one.split('id="')[1].split('"')[0] for one in processes if one.startswith("<bpmn:process")]
    return bundle(diagram(participants(*ids), *processes, **declared))


ASKING = process(
    "main", start(), user("write"), throw("ask", message("ask", "{'text': write.text}")),
    catch("hear", message("answer", variable="heard")), user("read"), end(), flows("start write ask hear read end"),
)  # fmt: skip
ANSWERING = process(
    "office", node("startEvent", "asked", message("ask", variable="question")), user("reply"),
    end("said", message("answer", "reply.text")), flows("asked reply said"),
)  # fmt: skip


def test_a_request_begins_the_process_of_the_other_pool_and_its_reply_comes_back():
    case = Case(together(ASKING, ANSWERING, messages="ask answer"))
    assert case.open == ["write"]

    case.do("write", text="路灯不亮")
    assert case.open == ["office/reply"]
    assert case.trace[-3:] == ["+office/asked", "-office/asked", "+office/reply <asked-reply>"]
    assert case.item("office/reply").diagram == "office"
    case.do("office/reply", text="明天修")

    assert case.open == ["read"]
    assert case.step.data["heard"] == "明天修"
    case.do("read")
    assert case.step.ended == "end"


def test_pools_share_no_data():
    case = Case(together(ASKING, ANSWERING, messages="ask answer"))
    case.do("write", text="路灯不亮")
    assert case.step.data["question"] == {"text": "路灯不亮"}

    case.do("office/reply", text="明天修")

    assert "reply" not in case.step.data
    assert "question" not in case.step.data


def test_a_pool_without_an_event_at_its_start_begins_with_the_case_and_the_case_waits_for_it():
    other = process("other", start("s"), user("b"), end("e"), flows("s b e"))
    case = Case(together(process("main", start(), user("a"), end(), flows("start a end")), other))
    assert case.open == ["a", "other/b"]

    case.do("a")
    assert case.step.ended == ""
    case.do("other/b")
    assert case.step.ended == "end"


def test_a_second_request_begins_a_second_process():
    main_ = process("main", start(), user("a"), throw("one", message("ask")), throw("two", message("ask")), end(),
                    flows("start a one two end"))  # fmt: skip
    case = Case(together(main_, ANSWERING, messages="ask answer"))

    case.do("a")

    assert case.open == ["office#2/reply", "office/reply"]


def test_a_process_that_awaits_a_message_comes_before_one_that_would_begin_with_it():
    office = process("office", node("startEvent", "asked", message("ask")), catch("more", message("ask")),
                     user("reply"), end("e"), flows("asked more reply e"))  # fmt: skip
    main_ = process("main", start(), throw("one", message("ask")), user("a"), throw("two", message("ask")), end(),
                    flows("start one a two end"))  # fmt: skip
    case = Case(together(main_, office, messages="ask"))
    assert [one.path for one in case.step.awaited] == ["office#2", "office/more"]

    case.do("a")

    assert case.open == ["office/reply"]


def test_terminate_and_errors_stay_in_their_own_pool():
    main_ = process("main", start(), both("f"), user("a"), user("b"), end("stop", simple("terminate")), end(),
                    flows("start f; f a stop; f b end"))  # fmt: skip
    other = process("other", start("s"), user("c"), end("e"), flows("s c e"))
    case = Case(together(main_, other))

    case.do("a")
    assert case.open == ["other/c"]
    case.do("other/c")
    assert case.step.ended == "stop"


def test_a_process_that_is_called_is_no_pool():
    main_ = process("main", start(), node("callActivity", "step", calledElement="leaf"), end(),
                    flows("start step end"))  # fmt: skip
    case = Case(together(main_, process("leaf", start("s"), user("a"), end("e"), flows("s a e"))))

    assert case.open == ["step/a"]


def test_a_process_that_is_over_hears_no_event_any_more_while_another_pool_goes_on():
    main = process(
        "main", start(), user("a"), end(), flows("start a end"),
        on_event("late", simple("signal", "bell"), user("never"), end("never_end"),
                 flows("late_start never never_end")),
    )  # fmt: skip
    other = process("office", start("begin"), user("reply"), end("said"), flows("begin reply said"))
    case = Case(together(main, other, signals="bell"))
    assert [one.path for one in case.step.awaited_signals] == ["late"]

    case.do("a")

    assert case.step.awaited_signals == ()
    case.do("office/reply")
    assert case.step.ended == "end"


def test_an_event_sub_process_sees_nothing_of_another_pool():
    main = process(
        "main", start(), user("a"), end(), flows("start a end"),
        on_event("heard", simple("signal", "bell"), user("read"), end("read_end"),
                 flows("heard_start read read_end"), interrupting=False),
    )  # fmt: skip
    case = Case(together(main, ANSWERING, messages="ask answer", signals="bell"))
    case.tell("ask", {"text": "几时修"})

    case.ring("bell")

    running = run.revive(case.model, case.step.frozen)
    assert "question" in run.data(running, "office/reply")
    assert "question" not in run.data(running, "heard/read")


def test_a_message_that_begins_a_pool_begins_a_conversation_of_its_own():
    """It is not held to the keys of the main process, and does not give that process any."""
    main = process(
        "main", start(), catch("hear", message("ask")), user("a"), end(), flows("start hear a end"),
    )  # fmt: skip
    case = Case(together(correlation("number", ask="number"), main, ANSWERING, messages="ask answer"))
    case.tell("ask", {"number": 1})
    assert case.open == ["a"]

    case.tell("ask", {"number": 2})
    case.tell("ask", {"number": 3})

    assert case.open == ["a", "office#2/reply", "office/reply"]
    assert {dict(one.correlation).get("number") for one in case.step.awaited} == {None}


def test_a_terminate_event_leaves_the_other_pool_its_start_while_that_goes_on():
    stop = node("endEvent", "stop", simple("terminate"))
    case = Case(together(process("main", start(), user("a"), stop, flows("start a stop")), ANSWERING,
                         messages="ask answer"))  # fmt: skip
    case.tell("ask", {"text": "几时修"})

    case.do("a")

    assert case.step.ended == ""
    case.tell("ask", {"text": "还没有修"})
    assert case.open == ["office#2/reply", "office/reply"]


def arrows(*ends):
    """The collaboration of main, office and residents, who have no process, with these message flows."""
    pools = '<bpmn:participant id="residents" name="居民群众"/>' + "".join(
        f'<bpmn:messageFlow id="arrow{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(ends)
    )
    return participants("main", "office").replace("</bpmn:collaboration>", pools + "</bpmn:collaboration>")


@pytest.mark.parametrize(
    ("ends", "element", "word"),
    [
        ([("ask", "asked"), ("said", "hear")], "", ""),
        ([("ask", "pool_office"), ("pool_office", "hear")], "", ""),
        ([("ask", "residents")], "asked", "消息流却画给了别处"),
        ([("said", "residents")], "hear", "消息流却画给了别处"),
        ([("ask", "read")], "arrow0", "同一个泳池"),
    ],
)
def test_a_message_flow_leads_where_the_name_of_its_message_leads(ends, element, word):
    drawn = bundle(diagram(arrows(*ends), ASKING, ANSWERING, messages="ask answer"))

    found = [problem for problem in check(drawn) if "消息流" in problem.message]

    assert [problem.element for problem in found] == ([element] if element else [])
    assert all(word in problem.message for problem in found)
