"""Message flows as drawn between pools: who throws, who is meant. Runs nothing.

Messages find their catchers by name (docs/design.md, section 2), not by the arrow. So an arrow must lead where the
name leads, and to no other: a drawing that says otherwise is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def problems(sheet: Sheet) -> Iterator[Problem]:
    pools = {one.get("id"): one.get("processRef") or one.get("id") for one in sheet.all("participant")}
    nodes = {drawn.id: drawn for drawn in sheet.nodes}
    meant: dict[str, set[str]] = {}
    for flow in sheet.all("messageFlow"):
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        if _pool(source, nodes, pools) == _pool(target, nodes, pools):
            yield sheet.problem(flow, "消息流的两头在同一个泳池里", "同一个泳池里请用连线，或用信号")
        elif _thrown(nodes.get(source)):
            meant.setdefault(source, set()).add(pools.get(target, target))
    for source, targets in meant.items():
        yield from _astray(sheet, nodes[source], targets)


def _astray(sheet: Sheet, throwing: Drawn, targets: set[str]) -> Iterator[Problem]:
    """Who would catch the message although no arrow leads to him."""
    for catching in sheet.nodes:
        if (
            _caught(catching) == _thrown(throwing)
            and not {catching.id, catching.scope, catching.diagram} & targets
        ):
            yield sheet.problem(
                catching,
                f"{sheet.title(catching)}也等着{sheet.title(throwing)}发出的消息“{throwing.event.name}”，"
                "消息流却画给了别处",
                "消息按名称送达：请给两处的消息取不同的名称",
            )


def _pool(end: str, nodes: Mapping[str, Drawn], pools: Mapping[str, Any]) -> str:
    return str(nodes[end].diagram if end in nodes else pools.get(end, end))


def _thrown(drawn: Drawn | None) -> str:
    """The name of the message that a node throws, if it does."""
    return "" if drawn is None or drawn.kind in _CATCHING else _message(drawn)


def _caught(drawn: Drawn) -> str:
    return _message(drawn) if drawn.kind in _CATCHING else ""


def _message(drawn: Drawn) -> str:
    return drawn.event.name if drawn.event.kind == "message" else ""
