"""Supervision that goes round for years: as large and as quick in the last round as in the tenth.

1,000 rounds of each drawing on every run, 10,000 with `make prove`. Every round is cold: revived, run, compacted,
frozen. Size is asserted; cost is measured and printed, because a busy machine says nothing about the engine.
"""

import statistics
import time

import pytest

from engine.bpmn import run
from engine.bpmn.parse import load
from engine.bpmn.step import Moment
from tests.engine.bpmn.sketch import (
    NOON,
    World,
    both,
    bundle,
    call,
    diagram,
    end,
    flows,
    loop,
    main,
    process,
    script,
    start,
    sub,
    user,
    xor,
)

MARKER = main(
    start(),
    sub(
        "round",
        loop("more.go"),
        start("s"),
        user("inspect"),
        user("more"),
        end("e"),
        flows("s inspect more e"),
    ),
    end(),
    flows("start round end"),
)
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
DRAWN = {
    "loop marker": (MARKER, ("round{}/inspect", "round{}/more")),
    "gateways": (GATEWAYS, ("urge{}", "inspect{}", "more{}")),
    "looped call activity": (CALLED, ("round{}/inspect", "round{}/more")),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_thousand_rounds_leave_a_case_as_it_was(name):
    _go_round(name, 1_000)


@pytest.mark.prove
@pytest.mark.parametrize("name", DRAWN)
def test_ten_thousand_rounds_leave_a_case_as_it_was(name):
    _go_round(name, 10_000)


def _go_round(name, rounds):
    given, paths = DRAWN[name]
    model, world, sizes, costs, seq = load(given), World(), {}, {}, 1
    step = run.start(model, Moment("case", 1, NOON), world, {}, {"rounds": 0})
    for number in range(1, rounds + 1):
        began = time.perf_counter()
        for path in paths:
            seq += 1
            running = run.revive(model, step.frozen)
            path = path.format(f"#{number}" if number > 1 else "")
            answers = {"go": number < rounds, "text": "进度正常"}
            step = run.complete(running, path, answers, Moment("case", seq, NOON), world)
            sizes.setdefault(number, len(step.frozen))
        costs[number] = (time.perf_counter() - began) / len(paths)

    assert step.ended == "end"
    assert max(sizes.values()) <= sizes[10] * 1.2
    print(f"\n{name}: " + ", ".join(_told(number, sizes, costs) for number in (10, 100, rounds)))


def _told(number, sizes, costs):
    near = [cost for other, cost in costs.items() if number - 9 <= other <= number + 9]
    return f"round {number} {sizes[number]} bytes {statistics.median(near) * 1000:.2f} ms per completion"
