"""Going to another version: what stands stays where it stood, or the case stays where it is and is told why."""

import random
import re

import pytest

from engine.bpmn import move, run
from engine.bpmn.parse import load
from engine.bpmn.step import Bundle
from engine.errors import Conflict, Refused
from tests.engine.bpmn import scenarios
from tests.engine.bpmn.blocks import Drawing, grown
from tests.engine.bpmn.sketch import (
    Case,
    both,
    boundary,
    bundle,
    call,
    catch,
    correlation,
    data_object,
    diagram,
    end,
    flows,
    keep,
    lanes,
    loop,
    main,
    many,
    message,
    on_event,
    process,
    race,
    script,
    start,
    sub,
    timer,
    user,
)

FLOW = rb'(<bpmn:sequenceFlow id="[^"]*" sourceRef="[^"]*" targetRef=")([^"]*)(".*?</bpmn:sequenceFlow>)'


def two(name="", **properties):
    return main(start(), user("a", name=name, **properties), user("b"), end(), flows("start a b end"))


def refused(case, new):
    """What stands against going, in one text; going is refused for it too."""
    running = run.revive(case.model, case.step.frozen)
    found = move.plan(running, load(new)).refusals
    assert found
    with pytest.raises(Refused) as no:
        move.move(running, load(new))
    assert found[0].message in no.value.message
    assert no.value.help
    return "".join(one.message for one in found)


def moved(case, new):
    """The case goes on under the new version."""
    before, model = case.step, load(new)
    running = run.revive(case.model, before.frozen)
    plan = move.plan(running, model)
    assert plan.refusals == ()
    assert sorted(one.path for one in plan.moves if one.kind == move.ITEM) == case.open
    step = move.move(running, model)
    case.model = model
    case._took(step)
    assert case.open == sorted(item.path for item in before.items)
    assert [(t.path, t.due) for t in step.timers] == [(t.path, t.due) for t in before.timers]
    assert step.awaited == before.awaited
    assert step.data == before.data
    assert (step.trace, step.thrown) == ((), ())
    return case


def test_a_task_added_later_is_met():
    case = Case(main(start(), user("a"), end(), flows("start a end")))

    moved(case, two())
    case.do("a", n=1)

    assert case.open == ["b"]
    case.do("b")
    assert case.step.ended == "end"


def test_a_task_that_is_open_and_gone_is_named():
    case = Case(two(name="核对现场"))

    assert "核对现场" in refused(case, main(start(), user("b"), end(), flows("start b end")))


def test_a_task_behind_may_go_and_its_answers_stay():
    case = Case(two())
    case.do("a", n=1)

    moved(case, main(start(), user("b"), end(), flows("start b end")))

    assert case.step.data["a"] == {"n": 1}


def test_an_open_task_that_became_something_else_or_somebody_elses_is_refused():
    case = Case(two())

    other = main(start(), script("a", "x = 1"), user("b"), end(), flows("start a b end"))
    theirs = two(performer="'post:x'")
    laned = main(lanes(l="a"), start(), user("a"), user("b"), end(), flows("start a b end"))

    assert "另一种图形" in refused(case, other)
    assert "由谁办理" in refused(case, theirs)
    assert "由谁办理" in refused(case, laned)


def test_an_open_task_that_was_drawn_into_a_sub_process_is_refused():
    case = Case(two())
    inside = sub("inner", start("s"), user("a"), end("e"), flows("s a e"))

    words = refused(case, main(start(), inside, user("b"), end(), flows("start inner b end")))

    assert "换到了别的流程图或子流程" in words


def timed(text="P5D", kind="timeDuration"):
    return main(
        start(), user("a"), boundary("late", "a", timer(text, kind)), user("b"), end(), flows("start a b end; late b")
    )  # fmt: skip


def test_a_timer_that_is_drawn_as_before_keeps_its_due_time():
    case = Case(timed())
    due = case.step.timers[0].due
    case.wait(days=3)

    moved(case, timed())

    assert case.step.timers[0].due == due
    case.wait(days=3)
    assert case.open == ["b"]


def test_a_timer_with_another_rule_is_refused():
    assert "计时的规则" in refused(Case(timed()), timed("P9D"))


def test_an_event_that_came_to_stand_beside_an_open_task_is_refused():
    assert "边上的事件" in refused(Case(two()), timed())
    assert "边上的事件" in refused(Case(timed()), two())


def several(marker):
    return main(
        start(),
        script("list", "parties = ['x', 'y', 'z']"),
        user("ask", many("parties", "party", **marker)),
        end(),
        flows("start list ask end"),
    )


def test_items_half_answered_go_over_with_their_answers():
    case = Case(several({}))
    case.do("ask[1]", n=2)

    moved(case, several({}))
    case.do("ask[0]", n=1)
    case.do("ask[2]", n=3)

    assert case.step.data["ask"] == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_another_list_or_another_quorum_of_what_is_being_asked_is_refused():
    case = Case(several({}))

    assert "逐项" in refused(case, several({"completion": "numberOfCompletedInstances > 1"}))
    assert "逐项" in refused(case, several({"sequential": True}))


def forked(*branches):
    drawn = [user(name) for name in branches]
    ways = "; ".join(f"fork {name} join" for name in branches)
    return main(
        start(),
        both("fork"),
        *drawn,
        both("join"),
        user("z"),
        end(),
        flows(f"start fork; {ways}; join z end"),
    )


def test_a_join_that_has_got_some_of_its_branches_keeps_its_ways_in():
    case = Case(forked("a", "b"))
    case.do("a")

    assert "等齐" in refused(case, forked("a", "b", "c"))
    moved(case, forked("a", "b"))
    case.do("b")
    assert case.open == ["z"]


def test_a_branch_added_to_a_fork_that_was_passed_is_refused_though_nothing_waits_at_the_join():
    assert "一直等不齐" in refused(Case(forked("a", "b")), forked("a", "b", "c"))


def test_one_open_task_is_not_drawn_into_a_join_that_waits_for_another():
    assert "一直等不齐" in refused(
        Case(main(start(), user("a"), end(), flows("start a end"))), forked("a", "b")
    )


def test_what_is_open_at_once_is_not_put_in_a_row():
    row = main(start(), user("a"), user("b"), user("z"), end(), flows("start a b z end"))

    assert "先后办理" in refused(Case(forked("a", "b")), row)


def test_a_task_is_put_into_a_branch_that_is_under_way():
    new = main(
        start(), both("fork"), user("a"), user("b"), user("c"), both("join"), user("z"), end(),
        flows("start fork; fork a join; fork b c join; join z end"),
    )  # fmt: skip
    case = moved(Case(forked("a", "b")), new)

    case.do("b")
    case.do("a")
    case.do("c")

    assert case.open == ["z"]


def calling(called="round"):
    outer = process(
        "main", start(), call("sup", called, loop("n < 3")), user("z"), end(), flows("start sup z end")
    )
    inside = [process(name, start(), user("look"), user("tell"), end(), flows("start look tell end"))
              for name in {"round", called}]  # fmt: skip
    return bundle(diagram(outer), *(diagram(one) for one in inside))


def test_inside_a_called_diagram_a_case_goes_over_and_meets_what_was_added():
    case = Case(calling(), data={"n": 1})
    new = bundle(
        diagram(process("main", start(), call("sup", "round", loop("n < 3")), user("z"), end(),
                        flows("start sup z end"))),
        diagram(process("round", start(), user("look"), user("note"), user("tell"), end(),
                        flows("start look note tell end"))),
    )  # fmt: skip

    moved(case, new)
    case.do("sup/look")

    assert case.open == ["sup/note"]


def test_another_called_diagram_is_refused_while_somebody_is_inside():
    words = refused(Case(calling(), data={"n": 1}), calling("other"))

    assert "sup" in words
    assert "调用的流程" in words


def listening(*events, name="note", more=""):
    ways = "; ".join(f"race {id_} end" for id_ in ("one", *(f"more{n}" for n, _ in enumerate(events))))
    drawn = [catch(f"more{n}", event) for n, event in enumerate(events)]
    return main(
        start(), user("a"), race("race"), catch("one", message(name)), *drawn, end(),
        flows(f"start a race; {ways}"), messages=f"{name} {more}",
    )  # fmt: skip


def test_events_that_race_stay_the_same_events():
    case = Case(listening(timer("P5D", "timeDuration")))
    case.do("a")

    assert "一起等待的事件" in refused(
        case, listening(timer("P5D", "timeDuration"), message("other"), more="other")
    )
    moved(case, listening(timer("P5D", "timeDuration")))
    case.tell("note")
    assert case.step.ended == "end"


def test_a_message_that_came_early_needs_somebody_to_catch_it():
    case = Case(listening())
    case.tell("note", {"n": 1})

    assert "note" in refused(case, listening(name="other"))
    moved(case, listening())
    case.do("a")
    assert case.step.ended == "end"


def test_an_event_that_watches_the_whole_is_neither_added_nor_taken_away():
    watched = main(
        start(), user("a"), user("b"), end(), flows("start a b end"),
        on_event("stop", message("note"), end("stopped"), flows("stop_start stopped")), messages="note",
    )  # fmt: skip

    assert "事件子流程" in refused(Case(two()), watched)
    assert "事件子流程" in refused(Case(watched), two())
    moved(Case(watched), watched)


def keeping(*objects):
    return main(
        *map(data_object, objects), start(), user("a", keep(objects[0])), user("b"), end(), flows("start a b end")
    )  # fmt: skip


def test_data_objects_that_are_new_are_none_and_those_that_are_written_may_not_go():
    case = Case(keeping("plan"))
    case.do("a", n=1)

    assert "plan" in refused(case, keeping("other"))
    running = run.revive(case.model, case.step.frozen)
    step = move.move(running, load(keeping("plan", "other")))

    assert (step.data["plan"], step.data["other"]) == ({"n": 1}, None)


def conversing(expression):
    return bundle(
        diagram(
            process("main", start(), catch("wait", message("note")), end(), flows("start wait end")),
            correlation("number", note=expression),
            messages="note",
        )
    )


def test_a_message_that_is_awaited_is_recognised_as_before():
    case = Case(conversing("n"))

    assert "note" in refused(case, conversing("other"))
    moved(case, conversing("n"))


def with_facts(told):
    return main(start(), user("a"), end(), flows("start a end"), about=f'main = "main"\n{told}')


def test_facts_that_are_new_are_none_and_those_that_are_set_may_not_go():
    case = Case(with_facts("[facts]\nlevel = {}\nspare = {}"), facts={"level": "street"})

    assert "level" in refused(case, with_facts("[facts]\nspare = {}"))
    moved(case, with_facts("[facts]\nlevel = {}\ncolour = {}"))
    assert case.step.facts == {"level": "street", "colour": None}


def test_another_way_of_keeping_answers_or_another_main_process_is_refused():
    case = Case(with_facts(""))
    other = bundle(
        diagram(process("else", start(), user("a"), end(), flows("start a end"))), about='main = "else"'
    )

    assert "答案" in refused(case, with_facts('answers = "flat"'))
    assert "主流程" in refused(case, other)


def test_a_case_that_has_ended_stays_where_it_ended():
    case = Case(main(start(), user("a"), end(), flows("start a end")))
    case.do("a")

    with pytest.raises(Conflict):
        move.move(run.revive(case.model, case.step.frozen), load(two()))


def grown_model(seed):
    """A random model, as diagrams."""
    drawing = Drawing()
    drawing.process("main", grown(random.Random(seed)))
    return bundle(*map(diagram, drawing.called))


def relabelled(given):
    """The same drawing with other words in every label."""
    task = re.compile(rb'(<bpmn:userTask id="[^"]*" name=")')
    files = {path: task.sub(rb"\g<1>" + "新版".encode(), data) for path, data in given.files.items()}
    return Bundle(files, "relabelled")


def play_on(case, chance, steps):
    """Any open task, again and again; true when the case has ended."""
    for _ in range(steps):
        if case.step.ended:
            return True
        case.do(chance.choice(case.open), n=chance.randrange(10))
    return bool(case.step.ended)


@pytest.mark.parametrize("seed", range(60))
def test_a_version_that_only_reads_otherwise_changes_nothing_that_is_open(seed):
    chance, old = random.Random(seed), grown_model(seed)
    case = Case(old)
    if play_on(case, chance, chance.randrange(12)):
        return
    before = case.step

    moved(case, relabelled(old))

    assert case.step.digest == before.digest
    assert all(item.name.startswith("新版") for item in case.step.items)


@pytest.mark.parametrize("name", scenarios.ALL)
@pytest.mark.parametrize("seed", range(8))
def test_timers_messages_and_loops_go_over_as_they_stand(name, seed):
    case = scenarios.play(scenarios.ALL[name], seed, steps=seed * 4)
    if case.step.ended:
        return
    before = case.step

    moved(case, relabelled(scenarios.ALL[name]))

    assert case.step.digest == before.digest
    case.do(case.open[0], n=1) if case.open else case.wait(days=30)


def with_more_tasks(given, chance):
    """The same drawing with a task more on one to four of its flows."""
    files = dict(given.files)
    for number in range(chance.randint(1, 4)):
        path = chance.choice([path for path in sorted(files) if path.endswith(".bpmn")])
        found = chance.choice(list(re.finditer(FLOW, files[path])))
        more = f"more{number}".encode()
        task = b'<bpmn:userTask id="%s"/><bpmn:sequenceFlow id="on_%s" sourceRef="%s" targetRef="%s"/>'
        new = found[1] + more + found[3] + task % (more, more, more, found[2])
        files[path] = files[path].replace(found[0], new, 1)
    return Bundle(files, "more")


@pytest.mark.parametrize("seed", range(50))
def test_a_case_that_may_go_where_tasks_were_added_can_be_finished_there(seed):
    chance, old = random.Random(seed), grown_model(seed)
    case = Case(old)
    if not play_on(case, chance, chance.randrange(12)):
        finished_if_it_may_go(case, load(with_more_tasks(old, chance)), chance)


@pytest.mark.parametrize("seed", range(50))
def test_a_case_that_may_go_to_any_other_drawing_can_be_finished_there(seed):
    chance = random.Random(seed)
    case = Case(grown_model(seed))
    if not play_on(case, chance, chance.randrange(12)):
        finished_if_it_may_go(case, load(grown_model(1_000 + seed)), chance)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(50, 1_050))
def test_a_thousand_cases_that_may_go_can_be_finished(seed):
    chance, old = random.Random(seed), grown_model(seed)
    case = Case(old)
    if not play_on(case, chance, chance.randrange(12)):
        other = with_more_tasks(old, chance) if seed % 2 else grown_model(10_000 + seed)
        finished_if_it_may_go(case, load(other), chance)


def finished_if_it_may_go(case, model, chance):
    running = run.revive(case.model, case.step.frozen)
    if move.plan(running, model).refusals:
        with pytest.raises(Refused):
            move.move(running, model)
        return

    case._took(move.move(running, model))
    case.model = model

    assert play_on(case, chance, 2_000)
