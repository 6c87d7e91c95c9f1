"""When may a joining gateway go on (BPMN 2.0.2, 13.4.1 and 13.4.3)? Pure questions about flows and tokens."""

from collections.abc import Iterable, Iterator

from tests.engine.bpmn.reference.drawing import Flow, Node, Scope
from tests.engine.bpmn.reference.presence import Action, Instance


def ready(instances: Iterable[Instance], pending: list[Action]) -> Iterator[tuple[Instance, Node]]:
    """Joining gateways that may go on now, each with its process instance."""
    for instance in list(instances):
        for name, waiting in list(instance.joins.items()):
            node = instance.scope.nodes[name]
            if node.kind == "parallelGateway":
                enough = parallel_is_ready(node, waiting)
            else:
                tokens = list(_tokens(instance, node, pending))
                enough = inclusive_is_ready(instance.scope, node, waiting, tokens)
            if enough:
                yield instance, node


def parallel_is_ready(node: Node, waiting: dict[str, list]) -> bool:
    return all(waiting.get(flow.id) for flow in node.incoming)


def inclusive_is_ready(
    scope: Scope, node: Node, waiting: dict[str, list], tokens: Iterable[Flow | Node]
) -> bool:
    """At least one token is here, and none elsewhere can come to an empty flow unless it can to a full one too."""
    full = {flow.id for flow in node.incoming if waiting.get(flow.id)}
    return bool(full) and all(
        not (found := arrivals(scope, node, token)) - full or found & full for token in tokens
    )


def arrivals(scope: Scope, node: Node, token: Flow | Node) -> set[str]:
    """Flows into `node` on which a token that is now on a flow, or at a node, may arrive without visiting it before."""
    todo = [token] if isinstance(token, Flow) else _ways_out(scope, token)
    seen, found = set(), set()
    while todo:
        flow = todo.pop()
        if flow.id in seen:
            continue
        seen.add(flow.id)
        if flow.target == node.id:
            found.add(flow.id)
        else:
            todo += _ways_out(scope, scope.nodes[flow.target])
    return found


def _tokens(instance: Instance, but: Node, pending: list[Action]) -> Iterator[Flow | Node]:
    """Where the other tokens of an instance are."""
    yield from (one.node for one in instance.present if one.node in instance.scope.nodes.values())
    for action in pending:
        if action.within is instance and action.token is not None:
            yield action.token
    for name, queues in instance.joins.items():
        if name != but.id and any(queues.values()):
            yield instance.scope.nodes[name]


def _ways_out(scope: Scope, node: Node) -> list[Flow]:
    """Where a token at a node may go next: also over its boundary events, and from a link to its other end."""
    linked = [
        other
        for other in scope.nodes.values()
        if node.event.kind == other.event.kind == "link"
        and (node.kind, other.kind) == ("intermediateThrowEvent", "intermediateCatchEvent")
        and node.event.name == other.event.name
    ]
    return [flow for one in [node, *node.boundaries, *linked] for flow in one.outgoing]
