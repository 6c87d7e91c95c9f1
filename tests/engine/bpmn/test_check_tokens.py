"""Joins that can never come together are pointed out; those that can are left in peace."""

import pytest

from engine.bpmn.drawing import Drawn, Event, Flow
from engine.bpmn.tokens import ALL_JOINS, problems, stuck


class Drawing:
    """Nodes by (id, kind) and arrows by "a>b"; an exclusive gateway's arrows all have conditions."""

    def __init__(self, kinds, *arrows, boundary=(), interrupting=True, terminate=()):
        pairs = [arrow.split(">") for arrow in arrows]
        self.nodes = tuple(
            Drawn(
                id_,
                "",
                kind,
                "p",
                "p",
                flows=tuple(
                    Flow(f"{a}>{b}", a, b, "True" if kind == "exclusiveGateway" else "", False)
                    for a, b in pairs
                    if a == id_
                ),
                boundary=tuple(event for host, event in boundary if host == id_),
                interrupting=interrupting,
                event=Event("terminate" if id_ in terminate else "none"),
            )
            for id_, kind in kinds.items()
        )

    def title(self, node):
        return f"「{node}」"

    def problem(self, node, message, help, severity):
        return (node, severity)


START_END = {"s": "startEvent", "e": "endEvent"}
TASKS = {"a": "userTask", "b": "userTask"}
FORK_JOIN = {"f": "parallelGateway", "j": "parallelGateway"}


def test_a_fork_and_its_join_come_together():
    drawing = Drawing(START_END | TASKS | FORK_JOIN, "s>f", "f>a", "f>b", "a>j", "b>j", "j>e")

    assert list(problems(drawing)) == []


def test_a_join_behind_a_choice_waits_for_ever():
    kinds = START_END | TASKS | {"f": "exclusiveGateway", "j": "parallelGateway"}

    assert list(problems(Drawing(kinds, "s>f", "f>a", "f>b", "a>j", "b>j", "j>e"))) == [("j", "warning")]


def test_a_branch_that_can_end_elsewhere_leaves_the_join_waiting():
    kinds = START_END | TASKS | FORK_JOIN | {"x": "exclusiveGateway", "out": "endEvent"}
    arrows = ("s>f", "f>a", "f>b", "a>x", "x>j", "x>out", "b>j", "j>e")

    assert list(problems(Drawing(kinds, *arrows))) == [("j", "warning")]
    assert list(problems(Drawing(kinds, *arrows, terminate=("out",)))) == []


def test_a_boundary_event_that_interrupts_a_branch_leaves_the_join_waiting():
    kinds = START_END | TASKS | FORK_JOIN | {"late": "boundaryEvent", "out": "endEvent"}
    arrows = ("s>f", "f>a", "f>b", "a>j", "b>j", "j>e", "late>out")

    assert list(problems(Drawing(kinds, *arrows, boundary=[("a", "late")]))) == [("j", "warning")]
    assert list(problems(Drawing(kinds, *arrows, boundary=[("a", "late")], interrupting=False))) == []


def test_a_loop_around_a_fork_comes_together_every_time():
    kinds = START_END | TASKS | FORK_JOIN | {"x": "exclusiveGateway", "m": "exclusiveGateway"}
    arrows = ("s>m", "m>f", "f>a", "f>b", "a>j", "b>j", "j>x", "x>m", "x>e")

    assert list(problems(Drawing(kinds, *arrows))) == []


@pytest.mark.parametrize("width", [14])
def test_a_drawing_too_large_to_be_played_is_left_to_the_stories(width):
    many = {f"t{i}": "userTask" for i in range(width)} | {f"u{i}": "userTask" for i in range(width)}
    arrows = [arrow for i in range(width) for arrow in (f"f>t{i}", f"t{i}>u{i}", f"u{i}>j")]

    assert list(problems(Drawing(START_END | FORK_JOIN | many, "s>f", *arrows, "j>e"))) == []


def test_a_join_behind_two_start_events_waits_for_ever_as_each_begins_a_case_of_its_own():
    kinds = {"s": "startEvent", "t": "startEvent", "e": "endEvent", "j": "parallelGateway"}

    assert list(problems(Drawing(kinds, "s>j", "t>j", "j>e"))) == [("j", "warning")]


def test_two_start_events_that_lead_to_one_fork_and_its_join_come_together():
    kinds = START_END | TASKS | FORK_JOIN | {"t": "startEvent", "x": "exclusiveGateway"}
    arrows = ("s>x", "t>x", "x>f", "f>a", "f>b", "a>j", "b>j", "j>e")

    assert list(problems(Drawing(kinds, *arrows))) == []


CIRCLE = (
    START_END
    | TASKS
    | {
        "f": "parallelGateway",
        "i": "inclusiveGateway",
        "j": "inclusiveGateway",
        "x": "exclusiveGateway",
        "y": "exclusiveGateway",
    }
)
ROUND = ("s>f", "f>i", "f>j", "i>a", "j>b", "a>x", "b>y", "x>j", "x>e", "y>i", "y>e")


def test_two_inclusive_joins_that_wait_for_each_other_wait_for_ever():
    assert list(problems(Drawing(CIRCLE, *ROUND))) == [("i", "warning"), ("j", "warning")]
    assert list(problems(Drawing(CIRCLE | {"j": "exclusiveGateway"}, *ROUND))) == []


def test_an_inclusive_join_and_a_parallel_one_that_wait_for_each_other_wait_for_ever():
    arrows = ("s>f", "f>i", "f>j", "i>x", "x>j", "x>e", "j>y", "y>i", "y>e")

    found = list(problems(Drawing(CIRCLE | {"j": "parallelGateway"}, *arrows)))

    assert found == [("i", "warning"), ("j", "warning")]


def test_an_inclusive_join_behind_a_join_that_is_stuck_is_not_to_blame():
    kinds = CIRCLE | {"f": "inclusiveGateway", "x": "parallelGateway", "j": "parallelGateway"}
    arrows = ("s>x", "x>y", "x>i", "y>a", "y>b", "a>j", "b>j", "j>i", "i>e")

    assert list(problems(Drawing(kinds, *arrows))) == [("j", "warning")]


def test_inclusive_joins_one_behind_another_and_in_a_loop_come_together():
    kinds = CIRCLE | {"c": "userTask", "h": "inclusiveGateway"}
    arrows = ("s>h", "h>f", "f>a", "f>b", "f>c", "a>i", "b>i", "i>j", "c>j", "j>x", "x>h", "x>e")

    assert list(problems(Drawing(kinds, *arrows))) == []


def test_an_inclusive_join_counts_the_ways_over_boundary_events():
    arrows = ("s>f", "f>i", "f>j", "i>a", "j>b", "a>e", "b>e", "late>j", "soon>i")
    kinds = CIRCLE | {"late": "boundaryEvent", "soon": "boundaryEvent"}
    drawing = Drawing(kinds, *arrows, boundary=[("a", "late"), ("b", "soon")])

    assert list(problems(drawing)) == [("i", "warning"), ("j", "warning")]


def test_a_wide_drawing_is_given_up_before_it_takes_the_time_of_the_gate():
    many = {
        f"{kind}{i}": "inclusiveGateway" if kind == "j" else "userTask" for i in range(120) for kind in "tuj"
    }
    arrows = [
        arrow for i in range(120) for arrow in (f"f>t{i}", f"t{i}>j{i}", f"f>u{i}", f"u{i}>j{i}", f"j{i}>e")
    ]
    drawing = Drawing(START_END | {"f": "parallelGateway"} | many, "s>f", *arrows)

    assert stuck(drawing.nodes, joins=ALL_JOINS) is None
    assert list(problems(drawing)) == []
