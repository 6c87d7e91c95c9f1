"""Parallel branches that write the same name: where they meet, only the later value stays. A warning."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from engine.bpmn.drawing import Drawn
from engine.bpmn.names import written
from engine.bpmn.routes import by_scope, called, graph_of, reachable
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

Writes = Mapping[str, frozenset[str]]  # process id → names written in it and in what it calls


def problems(sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """The call graph must be closed and without circles."""
    processes = {sheet.process: sheet for sheet in sheets}
    writes: dict[str, frozenset[str]] = {}
    for sheet in sheets:
        _collect(sheet, processes, writes)
    for sheet in sheets:
        for nodes in by_scope(sheet).values():
            for node in nodes:
                if node.kind in ("parallelGateway", "inclusiveGateway") and len(node.flows) > 1:
                    yield from _clashes(sheet, node, nodes, writes)


def _clashes(sheet: Sheet, fork: Drawn, nodes: Sequence[Drawn], writes: Writes) -> Iterator[Problem]:
    graph = graph_of(nodes)
    branches = {flow.target: reachable(graph, [flow.target]) for flow in fork.flows}
    for one, other in combinations(branches, 2):
        both = branches[one] & branches[other]
        names = _names(sheet, branches[one] - both, writes) & _names(sheet, branches[other] - both, writes)
        for name in sorted(names):
            yield sheet.problem(
                fork,
                f"{sheet.title(fork)}分开的两条支路都写“{name}”，汇合后只留下后写的",
                "请让每条支路写自己的名字，或写成办件事实",
                "warning",
            )


def _names(sheet: Sheet, ids: set[str], writes: Writes) -> set[str]:
    calls = called(sheet)
    names: set[str] = set()
    for node in sheet.nodes:
        if node.id in ids or node.scope in ids:
            own = {node.repetition.item, node.repetition.output} if node.repetition else set()
            names |= (written(node) - own) | writes.get(calls.get(node.id, ""), frozenset())
    return names


def _collect(sheet: Sheet, processes: Mapping[str, Sheet], writes: dict[str, frozenset[str]]) -> None:
    """Each process once, what it calls before it: walked anew for every call, twenty diagrams are a million."""
    if sheet.process in writes:
        return
    names = {name for node in sheet.nodes for name in written(node)}
    for target in called(sheet).values():
        _collect(processes[target], processes, writes)
        names |= writes[target]
    writes[sheet.process] = frozenset(names)
