"""Plays all tokens through a drawing to find joins that wait for ever. Knows flows and gateways, no data.

Every choice is taken both ways, so this errs towards warning; a drawing too large to be played to the end is
left to the stories. What is found is shown as a warning, because data may rule a way out that is drawn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.bpmn.connections import is_link
from engine.bpmn.drawing import Drawn
from engine.bpmn.routes import by_scope, graph_of, reachable
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

MAX_MARKINGS = 5_000
MAX_TOKENS = 150_000  # in all markings of a drawing together: a wide one must not use up the time of the gate
PARALLEL = frozenset({"parallelGateway"})
ALL_JOINS = PARALLEL | {"inclusiveGateway"}

_CIRCULAR = (
    "它要等的一路停在另一个汇合处，那里又在等它",
    "请让几条支路先汇合到一处再绕回去；不必等齐的，用排他网关汇合",
)

Marking = frozenset[str]  # flows that hold a token; a second token on one flow adds nothing here


def problems(sheet: Sheet) -> Iterator[Problem]:
    """One warning for each gateway at which tokens can be stuck."""
    for nodes in by_scope(sheet).values():
        for id_ in sorted(stuck(nodes, joins=ALL_JOINS) or ()):
            parallel = any(node.id == id_ and node.kind in PARALLEL for node in nodes)
            why, help = _unmet(nodes) if parallel else _CIRCULAR
            yield sheet.problem(id_, f"{sheet.title(id_)}可能永远等不齐：{why}", help, "warning")


def _unmet(nodes: Sequence[Drawn]) -> tuple[str, str]:
    why = "有的走法不会经过它的每一条来路"
    remedy = "并行分开的支路要全部汇合到同一个并行网关；只走其中一条的，用排他网关汇合"
    several = sum(node.kind == "startEvent" for node in nodes) > 1
    return why, f"{remedy}；每个开始事件各发起一件，几个开始事件的来路不会等到一起" if several else remedy


def stuck(
    nodes: Sequence[Drawn], standing: Iterable[str] = (), joins: frozenset[str] = PARALLEL
) -> set[str] | None:
    """Gateways that hold tokens in a marking where nothing can move any more; None when it is too large.

    Played from the start, or from where the tokens of a case stand: flow ids, or `*id` for one in an element.
    What is no join is passed by each token alone. Recorded moves to other versions were judged by parallel joins.
    """
    net = _Net(nodes, joins)
    seen: set[Marking] = set()
    ahead = [net.marked(standing)] if standing else net.first()
    found: set[str] = set()
    tokens = 0
    while ahead and len(seen) < MAX_MARKINGS and tokens < MAX_TOKENS:
        marking = ahead.pop()
        if marking in seen:
            continue
        seen.add(marking)
        tokens += 0 if standing else len(marking)
        following = list(net.moves(marking))
        if not following:
            found |= net.stuck(marking)
        ahead.extend(following)
    return found if len(seen) < MAX_MARKINGS and tokens < MAX_TOKENS else None


class _Net:
    def __init__(self, nodes: Sequence[Drawn], joins: frozenset[str]) -> None:
        self.nodes: Mapping[str, Drawn] = {node.id: node for node in nodes}
        self.joins = joins
        self.target = {flow.id: flow.target for node in nodes for flow in node.flows}
        self.incoming: dict[str, set[str]] = {}
        for flow, target in self.target.items():
            self.incoming.setdefault(target, set()).add(flow)
        self.backwards: dict[str, list[str]] = {}
        for id_, following in graph_of(nodes).items():
            for target in following:
                self.backwards.setdefault(target, []).append(id_)
        self.coming: dict[str, Mapping[str, frozenset[str]]] = {}  # what `_coming` has found so far

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
            elif node.kind not in self.joins:
                for flow in arrived:
                    yield from (marking - {flow} | way for way in self._ways(node))
            elif not self._awaited(id_, marking):
                yield from (marking - arrived | way for way in self._ways(node))

    def stuck(self, marking: Marking) -> set[str]:
        """Inclusive gateways are stuck where one waits for what waits for it; else one that is stuck before it is."""
        joins = {self.target[flow] for flow in marking if self.nodes[self.target[flow]].kind in self.joins}
        return {id_ for id_ in joins if self.nodes[id_].kind in PARALLEL or self._in_a_circle(id_, marking)}

    def _in_a_circle(self, id_: str, marking: Marking) -> bool:
        here = marking & self.incoming[id_]
        return any(here & self._coming(self.target[flow]).keys() for flow in self._awaited(id_, marking))

    def _awaited(self, id_: str, marking: Marking) -> set[str]:
        """What a join waits for: flows without a token, or for an inclusive one the tokens that can come to these.

        Not those that can come to a flow with one, too (BPMN 2.0.2, 13.4.3).
        """
        arrived = marking & self.incoming[id_]
        if self.nodes[id_].kind in PARALLEL:
            return self.incoming[id_] - arrived
        coming = self._coming(id_)
        others = (marking & coming.keys()) - arrived
        return {flow for flow in others if coming[flow] - arrived and not coming[flow] & arrived}

    def _coming(self, join: str) -> Mapping[str, frozenset[str]]:
        """Place of a token → flows into a join on which it can still come before it has passed there."""
        if join not in self.coming:
            before = {
                flow.id: reachable({**self.backwards, join: ()}, [node.id]) - {join}
                for node in self.nodes.values()
                for flow in node.flows
                if flow.target == join
            }
            reached = {
                place: frozenset(flow for flow, elements in before.items() if element in elements)
                for place, element in self.target.items()
            }
            self.coming[join] = {place: flows for place, flows in reached.items() if flows}
        return self.coming[join]

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
