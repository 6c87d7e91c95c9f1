"""The diagrams are the face of the system: nothing overlaps, every flow and every name can be followed by eye."""

import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.processes.bpmn_file import FILES, Drawing, name, read

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return read(request.param)


def test_every_flow_node_stands_inside_its_lane(drawing: Drawing) -> None:
    outside = [
        (node, lane)
        for lane, nodes in drawing.lanes.items()
        for node in nodes
        if not drawing.shapes[lane].holds(drawing.shapes[node])
    ]

    assert outside == []


def test_every_flow_node_belongs_to_exactly_one_lane(drawing: Drawing) -> None:
    members = [node for nodes in drawing.lanes.values() for node in nodes]

    assert sorted(members) == sorted(drawing.node_ids)


def test_every_lane_has_something_to_do(drawing: Drawing) -> None:
    assert [lane for lane, nodes in drawing.lanes.items() if not nodes] == []


def test_lanes_fill_their_pool_without_overlapping(drawing: Drawing) -> None:
    process = drawing.root.find("{*}process").get("id")
    (pool,) = [p.get("id") for p in drawing.root.iter("{*}participant") if p.get("processRef") == process]
    lanes = [drawing.shapes[lane] for lane in drawing.lanes]

    assert all(drawing.shapes[pool].holds(lane) for lane in lanes)
    assert [upper.bottom for upper in lanes[:-1]] == [lower.top for lower in lanes[1:]]
    assert lanes[0].top == drawing.shapes[pool].top
    assert lanes[-1].bottom == drawing.shapes[pool].bottom


def test_no_two_shapes_overlap(drawing: Drawing) -> None:
    hosts = {node: drawing.elements[node].get("attachedToRef") for node in drawing.nodes}
    overlapping = [
        (one, other)
        for (one, box), (other, other_box) in combinations(drawing.nodes.items(), 2)
        if box.overlaps(other_box) and hosts[one] != other and hosts[other] != one
    ]

    assert overlapping == []


def test_every_flow_is_drawn_from_the_edge_of_its_source_to_the_edge_of_its_target(drawing: Drawing) -> None:
    loose = [
        flow.get("id")
        for flow in drawing.flows
        if not drawing.shapes[flow.get("sourceRef")].is_touched_by(drawing.ways[flow.get("id")][0])
        or not drawing.shapes[flow.get("targetRef")].is_touched_by(drawing.ways[flow.get("id")][-1])
    ]

    assert loose == []


def test_flows_run_straight_up_down_left_or_right(drawing: Drawing) -> None:
    slanting = [
        flow for flow, way in drawing.ways.items() for a, b in pairwise(way) if a[0] != b[0] and a[1] != b[1]
    ]

    assert slanting == []


def test_no_flow_runs_through_a_shape(drawing: Drawing) -> None:
    crossed = [
        (flow.get("id"), node)
        for flow in drawing.flows
        for a, b in pairwise(drawing.ways[flow.get("id")])
        for node, box in drawing.nodes.items()
        if box.is_crossed_by(a, b) and not _is_host(drawing, flow, node)
    ]

    assert crossed == []


def test_flows_of_different_origin_and_aim_never_lie_on_each_other(drawing: Drawing) -> None:
    lying = [
        (one.get("id"), other.get("id"))
        for one, other in combinations(drawing.flows, 2)
        if not _related(one, other)
        and any(
            _lie_together(*run, *other_run)
            for run in pairwise(drawing.ways[one.get("id")])
            for other_run in pairwise(drawing.ways[other.get("id")])
        )
    ]

    assert lying == []


def test_no_name_lies_on_a_shape_or_on_another_name(drawing: Drawing) -> None:
    on_shapes = [
        (id, node)
        for id, label in drawing.labels.items()
        for node, box in drawing.nodes.items()
        if label.overlaps(box)
    ]
    on_names = [
        (one, other)
        for (one, label), (other, other_label) in combinations(drawing.labels.items(), 2)
        if label.overlaps(other_label)
    ]

    assert on_shapes == []
    assert on_names == []


def test_no_name_lies_on_a_flow(drawing: Drawing) -> None:
    struck = [
        (id, flow)
        for id, label in drawing.labels.items()
        for flow, way in drawing.ways.items()
        for a, b in pairwise(way)
        if label.is_crossed_by(a, b)
    ]

    assert struck == []


def test_no_name_lies_on_the_border_of_a_lane(drawing: Drawing) -> None:
    borders = [y for lane in drawing.lanes for y in (drawing.shapes[lane].top, drawing.shapes[lane].bottom)]

    assert [
        id for id, label in drawing.labels.items() if any(label.top < y < label.bottom for y in borders)
    ] == []


def test_every_named_event_gateway_and_flow_has_a_place_for_its_name(drawing: Drawing) -> None:
    named = [
        id
        for id, element in drawing.elements.items()
        if element.get("name") and name(element).endswith(("Event", "Gateway", "sequenceFlow", "messageFlow"))
    ]

    assert [id for id in named if id not in drawing.labels] == []


def test_the_script_draws_the_files_as_they_are() -> None:
    script = ROOT / "tools" / "draw_roundtable.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "run python tools/draw_roundtable.py"


def _is_host(drawing: Drawing, flow, node: str) -> bool:
    """A boundary event sits on its activity, so its flow starts there."""
    return drawing.elements[flow.get("sourceRef")].get("attachedToRef") == node


def _related(one, other) -> bool:
    return one.get("sourceRef") == other.get("sourceRef") or one.get("targetRef") == other.get("targetRef")


def _lie_together(a, b, c, d) -> bool:
    for k in (0, 1):
        if a[k] == b[k] == c[k] == d[k]:
            along = 1 - k
            start, end = (
                max(min(a[along], b[along]), min(c[along], d[along])),
                min(max(a[along], b[along]), max(c[along], d[along])),
            )
            return start < end
    return False
