"""Where a case can go on the drawings: nothing unreachable, no circle without a wait, no diagram calling itself."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

from engine.bpmn.connections import is_link
from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem
from engine.bpmn.timing import is_literal

_WAITING = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "boundaryEvent"})
_WAITING_GATEWAY = "eventBasedGateway"

Graph = Mapping[str, Collection[str]]


def problems(sheets: Sequence[Sheet], main: str) -> Iterator[Problem]:
    """Over all drawings of a procedure, since a call of another diagram may or may not wait."""
    processes = {sheet.process: sheet for sheet in sheets}
    yield from _calls(processes, main)
    waiting = _waiting_processes(processes)
    for sheet in sheets:
        if sheet.process != main and len(sheet.all("process")) > 1:
            yield sheet.problem(
                sheet.process, "只有主流程的图可以有几个执行的泳池", "请画在主流程的图里，或分成几个文件"
            )
        yield from _unreachable(sheet)
        yield from _restless(sheet, waiting)


def called(sheet: Sheet) -> dict[str, str]:
    """Call activity → process id, as drawn."""
    return {node.get("id"): node.get("calledElement", "") for node in sheet.all("callActivity")}


def _calls(processes: Mapping[str, Sheet], main: str) -> Iterator[Problem]:
    graph = {
        id_: [target for target in called(sheet).values() if target in processes]
        for id_, sheet in processes.items()
    }
    for sheet in processes.values():
        for activity, target in called(sheet).items():
            if target not in processes:
                yield sheet.problem(
                    activity,
                    f"调用活动{sheet.title(activity)}调用的“{target}”不存在"
                    if target
                    else f"调用活动{sheet.title(activity)}没有写调用哪个流程",
                    f"可以调用的流程：{'、'.join(sorted(processes))}",
                )
            elif not _can_be_called(processes[target]):
                yield sheet.problem(
                    activity,
                    f"调用活动{sheet.title(activity)}调用的“{target}”没有普通的开始事件",
                    "被调用的流程要有一个没有事件类型的开始事件",
                )
    for circle in circles(graph):
        sheet = processes[circle[0]]
        yield sheet.problem(
            circle[0],
            f"流程互相调用成了圈：{' → '.join([*circle, circle[0]])}",
            "请在一张图里画成循环，或用活动的循环标记",
        )
    if main not in processes:
        yield Problem("process.toml", "", f"主流程“{main}”没有图", "main 要写主流程的编号")
        return
    reached = reachable(graph, [main])
    for id_, sheet in processes.items():
        if id_ not in reached:
            yield sheet.problem(
                id_, f"流程“{id_}”没有被主流程用到", "请用调用活动接上，或删掉文件", "warning"
            )


def _can_be_called(sheet: Sheet) -> bool:
    starts = [node for node in sheet.nodes if node.kind == "startEvent" and node.scope == sheet.process]
    return not starts or any(node.event.kind == "none" for node in starts)


def _unreachable(sheet: Sheet) -> Iterator[Problem]:
    for scope, nodes in by_scope(sheet).items():
        starts = [node.id for node in nodes if node.kind == "startEvent" or node.triggered]
        if not starts:
            continue
        reached = reachable(graph_of(nodes), starts)
        for node in nodes:
            if node.id not in reached and node.kind != "boundaryEvent":
                yield sheet.problem(node, f"{sheet.title(node)}走不到", "请从前面的步骤连线过来，或删掉")
        yield from _endless(sheet, scope, nodes)


def _endless(sheet: Sheet, scope: str, nodes: Sequence[Drawn]) -> Iterator[Problem]:
    backwards: dict[str, list[str]] = {}
    for source, targets in graph_of(nodes).items():
        for target in targets:
            backwards.setdefault(target, []).append(source)
    ends = [node.id for node in nodes if node.kind == "endEvent"]
    if not ends:
        yield sheet.problem(scope, f"{sheet.title(scope)}没有结束事件", "请画出结束事件")
        return
    ending = reachable(backwards, ends)
    for node in nodes:
        if node.id not in ending and node.flows:
            yield sheet.problem(node, f"从{sheet.title(node)}走不到结束", "请画出通向结束事件的路")


def _restless(sheet: Sheet, waiting: frozenset[str]) -> Iterator[Problem]:
    """A circle of automatic nodes runs until a limit stops it."""
    calls = called(sheet)
    for nodes in by_scope(sheet).values():
        moving = {node.id for node in nodes if not _waits(node, sheet, calls, waiting)}
        graph = {
            id_: [to for to in targets if to in moving]
            for id_, targets in graph_of(nodes).items()
            if id_ in moving
        }
        for circle in circles(graph):
            yield sheet.problem(
                circle[0],
                f"{'、'.join(map(sheet.title, circle))}连成了不停的循环，中间没有等待人办的步骤",
                "请在循环里放一个用户任务、按时长的定时或消息事件",
            )


def _waits(node: Drawn, sheet: Sheet, calls: Mapping[str, str], waiting: frozenset[str]) -> bool:
    if node.kind == "subProcess":
        return any(inner.scope == node.id and _waits(inner, sheet, calls, waiting) for inner in sheet.nodes)
    if node.kind == "callActivity":
        return calls.get(node.id, "") in waiting
    return _holds(node) or node.kind == _WAITING_GATEWAY


def _holds(node: Drawn) -> bool:
    """A token stays here in every round. A date that is drawn holds the first one only: then it has passed."""
    passing = node.kind == "intermediateCatchEvent" and (
        node.event.kind == "link" or (node.event.timer == "timeDate" and is_literal(node.event.rule))
    )
    return node.kind in _WAITING and not passing


def _waiting_processes(processes: Mapping[str, Sheet]) -> frozenset[str]:
    """Processes that hold a wait somewhere, themselves or in what they call."""
    waiting = {id_ for id_, sheet in processes.items() if any(_holds(node) for node in sheet.nodes)}
    for _ in processes:
        waiting |= {id_ for id_, sheet in processes.items() if waiting & set(called(sheet).values())}
    return frozenset(waiting)


def by_scope(sheet: Sheet) -> dict[str, list[Drawn]]:
    scopes: dict[str, list[Drawn]] = {}
    for node in sheet.nodes:
        scopes.setdefault(node.scope, []).append(node)
    return scopes


def graph_of(nodes: Sequence[Drawn]) -> dict[str, list[str]]:
    graph = {node.id: [*(flow.target for flow in node.flows), *node.boundary] for node in nodes}
    links = [node for node in nodes if node.event.kind == "link"]
    for throw in links:
        graph[throw.id] += [catch.id for catch in links if is_link(throw, catch)]
    return graph


def reachable(graph: Graph, starts: Collection[str]) -> set[str]:
    reached: set[str] = set()
    ahead = list(starts)
    while ahead:
        id_ = ahead.pop()
        if id_ not in reached:
            reached.add(id_)
            ahead.extend(graph.get(id_, ()))
    return reached


def circles(graph: Graph) -> list[list[str]]:
    """Each group of nodes that lead back to themselves, in drawn order. Quadratic, on drawings of ≤ 400 nodes."""

    @cache
    def ahead(id_: str) -> frozenset[str]:
        return frozenset(reachable(graph, graph.get(id_, ())))

    found: list[list[str]] = []
    for id_ in graph:
        if id_ in ahead(id_) and not any(id_ in circle for circle in found):
            found.append([other for other in graph if other in ahead(id_) and id_ in ahead(other)])
    return found
