"""Plays all tokens through a drawing to find joins that wait for ever. Knows flows and gateways, no data.

Every choice is taken both ways, so this errs towards warning; a drawing too large to be played to the end is
left to the stories. What is found is shown as a warning, because data may rule a way out that is drawn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.bpmn.connections import is_link
from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

MAX_MARKINGS = 5_000

Marking = frozenset[str]  # flows that hold a token; a second token on one flow adds nothing here


def problems(sheet: Sheet) -> Iterator[Problem]:
    """One warning for each parallel gateway at which tokens can be stuck."""
    scopes: dict[str, list[Drawn]] = {}
    for node in sheet.nodes:
        scopes.setdefault(node.scope, []).append(node)
    for nodes in scopes.values():
        for id_ in sorted(stuck(nodes) or ()):
            yield sheet.problem(
                id_,
                f"{sheet.title(id_)}可能永远等不齐：有的走法不会经过它的每一条来路",
                _remedy(nodes),
                "warning",
            )


def _remedy(nodes: Sequence[Drawn]) -> str:
    remedy = "并行分开的支路要全部汇合到同一个并行网关；只走其中一条的，用排他网关汇合"
    several = sum(node.kind == "startEvent" for node in nodes) > 1
    return f"{remedy}；每个开始事件各发起一件，几个开始事件的来路不会等到一起" if several else remedy


def stuck(nodes: Sequence[Drawn], standing: Iterable[str] = ()) -> set[str] | None:
    """Parallel gateways that hold tokens in a marking where nothing can move any more; None when it is too large.

    Played from the start, or from where the tokens of a case stand: flow ids, or `*id` for one in an element.
    """
    net = _Net(nodes)
    seen: set[Marking] = set()
    ahead = [net.marked(standing)] if standing else net.first()
    found: set[str] = set()
    while ahead and len(seen) < MAX_MARKINGS:
        marking = ahead.pop()
        if marking in seen:
            continue
        seen.add(marking)
        following = list(net.moves(marking))
        if not following:
            found |= {net.target[flow] for flow in marking if net.is_join(net.target[flow])}
        ahead.extend(following)
    return found if len(seen) < MAX_MARKINGS else None


class _Net:
    def __init__(self, nodes: Sequence[Drawn]) -> None:
        self.nodes: Mapping[str, Drawn] = {node.id: node for node in nodes}
        self.target = {flow.id: flow.target for node in nodes for flow in node.flows}
        self.incoming: dict[str, set[str]] = {}
        for flow, target in self.target.items():
            self.incoming.setdefault(target, set()).add(flow)

    def first(self) -> list[Marking]:
        """Each start event begins a process of its own (BPMN 2.0.2, 13.2): no token waits for that of another."""
        starts = [node for node in self.nodes.values() if node.kind == "startEvent"]
        return [frozenset(flow.id for flow in start.flows) for start in starts]

    def marked(self, standing: Iterable[str]) -> Marking:
        """A token in an element stands as one on a flow of its own that leads there."""
        inside = {place: place[1:] for place in standing if place.startswith("*")}
        self.target.update(inside)
        for place, element in inside.items():
            self.incoming.setdefault(element, set()).add(place)
        return frozenset(place for place in standing if place in self.target)

    def moves(self, marking: Marking) -> Iterator[Marking]:
        for id_ in sorted({self.target[flow] for flow in marking}):
            node = self.nodes[id_]
            arrived = marking & self.incoming[id_]
            if node.event.kind == "terminate":
                yield frozenset()
            elif not self.is_join(id_):
                for flow in arrived:
                    yield from (marking - {flow} | way for way in self._ways(node))
            elif arrived == self.incoming[id_]:
                yield from (marking - arrived | way for way in self._ways(node))

    def is_join(self, id_: str) -> bool:
        return self.nodes[id_].kind == "parallelGateway"

    def _ways(self, node: Drawn) -> Iterator[Marking]:
        """The sets of flows on which tokens may leave a node; an interrupting event leaves instead of its host."""
        flows = self._after(node).flows
        leaving = frozenset(flow.id for flow in flows)
        if node.kind not in ("exclusiveGateway", "eventBasedGateway"):
            yield leaving
        if any(flow.condition or flow.default for flow in flows) or node.kind == "eventBasedGateway":
            yield from (frozenset({flow}) for flow in leaving)
        elif node.kind == "exclusiveGateway":
            yield leaving
        for id_ in node.boundary:
            event = self.nodes[id_]
            aside = frozenset(flow.id for flow in event.flows)
            yield aside if event.interrupting else aside | leaving

    def _after(self, node: Drawn) -> Drawn:
        return next((other for other in self.nodes.values() if is_link(node, other)), node)
