"""Drawings that go round for years, each with what happens in one round. Knows what may be drawn, and no engine.

`{}` in a path stands for the round, written as paths do: nothing for the first, `#n` from then on.
"""

from dataclasses import dataclass

from engine.bpmn.step import Bundle
from tests.engine.bpmn.sketch import (
    both,
    boundary,
    bundle,
    call,
    catch,
    data_object,
    diagram,
    end,
    flows,
    keep,
    loop,
    main,
    many,
    message,
    node,
    on_event,
    participants,
    process,
    race,
    script,
    simple,
    some,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)


@dataclass(frozen=True)
class Enduring:
    """`every` round: what is done (a path), fired (`~path`) or told (`!message`); and what is done at last."""

    drawn: Bundle
    every: tuple[str, ...]
    at_last: tuple[str, ...] = ()


MARKER = main(
    start(), sub("round", loop("more.go"), start("s"), user("inspect"), user("more"), end("e"),
                 flows("s inspect more e")), end(), flows("start round end"),
)  # fmt: skip
GATEWAYS = main(
    start(), xor("again"), both("fork"), user("inspect"), user("urge"), both("join"),
    script("note", "rounds = rounds + 1"),
    user("more"), xor("g", "g-end"), end(),
    flows("start again fork; fork inspect join; fork urge join; join note more g; g again: more.go; g end"),
)  # fmt: skip
CALLED = bundle(
    diagram(process("main", start(), call("round", "supervision", loop("more.go")), end(), flows("start round end"))),
    diagram(process("supervision", start(), user("inspect"), user("more"), end(), flows("start inspect more end"))),
)  # fmt: skip
INCLUSIVE = main(
    start(), xor("again"), user("inspect"), some("split"), user("write"), user("urge"), some("meet"),
    user("more"), xor("g", "g-end"), end(),
    flows("start again inspect split; write meet; split urge: inspect.text == '进度正常'; split write; urge meet; "
          "meet more g; g again: more.go; g end"),
)  # fmt: skip
MANY = main(
    start(), xor("again"), user("vote", many(cardinality="3", completion="numberOfCompletedInstances >= 2")),
    user("sign", many("names", "name", sequential=True)), user("more"), xor("g", "g-end"), end(),
    flows("start again vote sign more g; g again: more.go; g end"),
)  # fmt: skip
ARMED_INSIDE = main(
    start(),
    sub("round", loop("more.go"), start("s"), user("inspect"), user("more"), end("e"), flows("s inspect more e"),
        on_event("heard", message("note", variable="note"), user("read"), end("read_end"),
                 flows("heard_start read read_end"), interrupting=False),
        on_event("late", timer("P9D", "timeDuration"), user("never"), end("never_end"),
                 flows("late_start never never_end"))),
    end(), flows("start round end"),
    messages="note",
)  # fmt: skip
ARMED_OUTSIDE = main(
    start(), user("work"), end(), flows("start work end"),
    on_event("heard", message("note", variable="note"), user("read"), end("read_end"),
             flows("heard_start read read_end"), interrupting=False),
    messages="note",
)  # fmt: skip
REMINDERS = main(
    start(), user("work"), boundary("remind", "work", timer("R9999/P1D", "timeCycle"), interrupting=False),
    script("note", "reminded = True"), user("read"), end("sent"), end(),
    flows("start work end; remind note read sent"),
)  # fmt: skip
TOLD = main(
    start(), user("work"), boundary("heard", "work", message("note", variable="note"), interrupting=False),
    user("read"), end("noted"), end(), flows("start work end; heard read noted"),
    messages="note",
)  # fmt: skip
EARLY = main(
    start(), xor("again"), throw("say", message("done", payload="rounds")), user("inspect"), catch("hear",
          message("done", variable="heard")), user("more"), xor("g", "g-end"), end(),
    flows("start again say inspect hear more g; g again: more.go; g end"),
    messages="done",
)  # fmt: skip
RACE = main(
    start(), xor("again"), race("wait"), catch("soon", timer("P5D", "timeDuration")), catch("heard", message("note")),
    user("more"), xor("m"), xor("g", "g-end"), end(),
    flows("start again wait; wait soon m; wait heard m; m more g; g again: more.go; g end"),
    messages="note",
)  # fmt: skip
BELLS = main(
    start(), both("fork"), user("work"), boundary("heard", "work", simple("signal", "bell"), interrupting=False),
    end("noted"), xor("again"), user("more"), throw("ring", simple("signal", "bell")), xor("g", "g-end"), end("rung"),
    end(),
    flows("start fork; fork work end; fork again more ring g; g again: more.go; g rung; heard noted"),
    signals="bell",
)  # fmt: skip
REPAIRS = main(
    start(), xor("again"),
    sub("round", start("s"), data_object("found"), user("inspect", keep("found")), xor("x", "x-e"), end("e"),
        end("broken", simple("error", "E1")), flows("s inspect x; x broken: found.text == '进度正常'; x e")),
    boundary("bad", "round", simple("error", "E1")), user("more"), xor("m"), xor("g", "g-end"), end(),
    flows("start again round m; bad more m; m g; g again: more.go; g end"),
    errors="E1",
)  # fmt: skip
POOLS = bundle(
    diagram(
        participants("main", "office"),
        process("main", start(), xor("again"), throw("ask", message("ask", payload="1")), catch("hear",
                message("answer", variable="heard")), user("more"), xor("g", "g-end"), end(),
                flows("start again ask hear more g; g again: more.go; g end")),
        process("office", node("startEvent", "asked", message("ask", variable="question")), user("reply"),
                end("said", message("answer", payload="reply.text")), flows("asked reply said")),
        messages="ask answer",
    ),
)  # fmt: skip

THE_THREE = {
    "loop marker": Enduring(MARKER, ("round{}/inspect", "round{}/more")),
    "gateways": Enduring(GATEWAYS, ("urge{}", "inspect{}", "more{}")),
    "looped call activity": Enduring(CALLED, ("round{}/inspect", "round{}/more")),
}
OTHERS = {
    "inclusive gateways": Enduring(INCLUSIVE, ("inspect{}", "urge{}", "write{}", "more{}")),
    "many items": Enduring(MANY, ("vote{}[2]", "vote{}[0]", "sign{}[0]", "sign{}[1]", "more{}")),
    "event sub-processes of a round": Enduring(
        ARMED_INSIDE, ("round{}/inspect", "!note", "round{}/heard/read", "round{}/more")
    ),
    "an event sub-process again and again": Enduring(ARMED_OUTSIDE, ("!note", "heard{}/read"), ("work",)),
    "a boundary timer again and again": Enduring(REMINDERS, ("~remind{}", "read{}"), ("work",)),
    "a boundary message again and again": Enduring(TOLD, ("!note", "read{}"), ("work",)),
    "a boundary signal again and again": Enduring(BELLS, ("more{}",), ("work",)),
    "messages that come early": Enduring(EARLY, ("inspect{}", "more{}")),
    "a race in every round": Enduring(RACE, ("~soon{}", "more{}")),
    "an error in every round": Enduring(REPAIRS, ("round{}/inspect", "more{}")),
    "another pool in every round": Enduring(POOLS, ("office{}/reply", "more{}")),
}
