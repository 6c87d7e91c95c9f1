"""From a description to the bytes of a BPMN file: places, routes, labels, writes. Knows no procedure."""

from __future__ import annotations

from drawing import bpmn, labels, routes
from drawing.diagram import Diagram
from drawing.grid import Placed, place
from drawing.routes import Field, Point, Wish


def drawn(diagram: Diagram) -> bytes:
    """Raises ValueError where a flow finds no way or a name no room."""
    placed = place(diagram)
    fixed = {
        flow.id: _upright(flow.source, flow.target, flow.shift, placed) for flow in diagram.message_flows
    }
    ways = fixed | routes.route(_field(diagram, placed), _wishes(diagram), fixed)
    ways = {flow.id: ways[flow.id] for flow in (*diagram.flows, *diagram.message_flows)}
    names = {flow.id: flow.name for flow in (*diagram.flows, *diagram.message_flows) if flow.name}
    taken = [*placed.nodes.values(), *placed.labels.values(), *placed.outer.values()]
    borders = (placed.pool.y, *(box.bottom for box in placed.lanes.values()))
    return bpmn.written(diagram, placed, ways, labels.beside(ways, names, taken, borders))


def _field(diagram: Diagram, placed: Placed) -> Field:
    boxes = list(placed.lanes.values())
    fences = tuple(box.y for box in boxes[1:])
    hosts = {node.id: node.attached_to for node in diagram.nodes.values() if node.attached_to}
    return Field(placed.nodes, placed.labels, _inside(placed), fences, hosts)


def _inside(placed: Placed) -> routes.Box:
    first = next(iter(placed.lanes.values()))
    return routes.Box(first.x + 30, placed.pool.y, first.w - 30, placed.pool.h)


def _wishes(diagram: Diagram) -> list[Wish]:
    return [Wish(flow.id, flow.source, flow.target, flow.leave, flow.enter) for flow in diagram.flows]


def _upright(source: str, target: str, shift: int, placed: Placed) -> list[Point]:
    """A message flow runs straight up or down between a pool and an activity."""
    boxes = placed.nodes | placed.outer
    inner = placed.nodes.get(source) or placed.nodes[target]
    x = inner.middle[0] + shift
    one, other = boxes[source], boxes[target]
    down = one.y < other.y
    return [(x, one.bottom if down else one.y), (x, other.y if down else other.bottom)]
