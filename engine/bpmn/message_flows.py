"""Message flows as drawn between pools: from where a message is sent to where one can be taken in. Runs nothing.

Messages go where the arrow leads (`engine/bpmn/arrows.py`). What no message could go along is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.bpmn.arrows import THROWING, throws
from engine.bpmn.drawing import Drawn
from engine.bpmn.routes import called
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_SILENT = frozenset({"task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask"})


def problems(sheets: Sequence[Sheet]) -> Iterator[Problem]:
    processes = {sheet.process: sheet for sheet in sheets}
    for sheet in sheets:
        pools = {one.get("id"): one.get("processRef") or one.get("id") for one in sheet.all("participant")}
        nodes = {drawn.id: drawn for drawn in sheet.nodes}
        for flow in sheet.all("messageFlow"):
            source, target = flow.get("sourceRef"), flow.get("targetRef")
            if _pool(source, nodes, pools) == _pool(target, nodes, pools):
                yield sheet.problem(flow, "消息流的两头在同一个泳池里", "同一个泳池里请用连线，或用信号")
                continue
            wrong = [*_source(sheet, flow, nodes.get(source)), *_target(sheet, flow, nodes.get(target))]
            yield from wrong
            if not wrong and source in nodes and (target in nodes or pools.get(target, target) != target):
                yield from _between(sheet, flow, nodes, pools, processes)
        yield from _several(sheet, nodes)


def _source(sheet: Sheet, flow: Any, source: Drawn | None) -> Iterator[Problem]:
    if source and (source.kind.endswith("Gateway") or source.kind in _CATCHING or _is_mute(source, THROWING)):
        yield sheet.problem(
            flow,
            f"消息流从{sheet.title(source)}画起，它不发出消息",
            "请从发送任务、消息抛出事件或消息结束事件画起，或从泳池的边框画起",
        )


def _target(sheet: Sheet, flow: Any, target: Drawn | None) -> Iterator[Problem]:
    if target and (target.kind.endswith("Gateway") or target.kind in THROWING or _is_mute(target, _CATCHING)):
        yield sheet.problem(
            flow,
            f"消息流画到{sheet.title(target)}，它不接收消息",
            "请画到接收任务、消息捕获事件、消息开始事件或消息边界事件，或画到泳池的边框",
        )


def _is_mute(drawn: Drawn, kinds: frozenset[str]) -> bool:
    return drawn.kind in kinds and drawn.event.kind != "message"


def _between(
    sheet: Sheet,
    flow: Any,
    nodes: Mapping[str, Drawn],
    pools: Mapping[str, str],
    processes: Mapping[str, Sheet],
) -> Iterator[Problem]:
    """Both ends run here: the one must send what the other waits for."""
    source, end = nodes[flow.get("sourceRef")], flow.get("targetRef")
    target = nodes.get(end)
    if throws(source):
        inside = _inside(sheet, end, pools.get(end, ""))
        if source.event.name not in _taken_in(sheet, inside, processes, frozenset()):
            yield sheet.problem(
                flow,
                f"{sheet.title(source)}发出消息“{source.event.name}”，"
                f"消息流那一头的{sheet.title(end)}不接收它",
                "请让两头用同一条消息",
            )
    elif target and target.kind in _CATCHING and source.kind in _SILENT:
        yield sheet.problem(
            flow,
            f"{sheet.title(source)}不会发出消息，{sheet.title(target)}会一直等下去",
            "请在它后面画一个发送任务，消息流从发送任务画起",
        )


def _inside(sheet: Sheet, end: str, process: str) -> list[Drawn]:
    """A node and what lies in it, or all nodes of a process."""
    ids = {end}
    for node in sheet.nodes:
        if node.scope in ids or node.diagram == process:
            ids.add(node.id)
    return [node for node in sheet.nodes if node.id in ids]


def _taken_in(
    sheet: Sheet, nodes: Sequence[Drawn], processes: Mapping[str, Sheet], seen: frozenset[str]
) -> set[str]:
    """Names of the messages that these nodes, and what they call, can take in."""
    names = {node.event.name for node in nodes if node.event.kind == "message" and node.kind in _CATCHING}
    calls = called(sheet)
    for process in {calls[node.id] for node in nodes if node.kind == "callActivity"} - seen:
        if process in processes:
            below = processes[process]
            names |= _taken_in(below, below.nodes, processes, seen | {process})
    return names


def _several(sheet: Sheet, nodes: Mapping[str, Drawn]) -> Iterator[Problem]:
    """Of an intermediate event there is one at most (BPMN 2.0.2, 10.5.4); a task or an end may send several."""
    counted = Counter(flow.get("sourceRef") for flow in sheet.all("messageFlow"))
    for id_, times in counted.items():
        if times > 1 and id_ in nodes and nodes[id_].kind == "intermediateThrowEvent":
            yield sheet.problem(
                id_,
                f"从{sheet.title(id_)}画出了 {times} 条消息流，一个抛出事件只发一处",
                "请改用发送任务，或给每一处画一个抛出事件",
            )


def _pool(end: str, nodes: Mapping[str, Drawn], pools: Mapping[str, str]) -> str:
    return nodes[end].diagram if end in nodes else pools.get(end, end)
