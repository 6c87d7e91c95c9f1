"""Where the message flows of a collaboration lead (BPMN 2.0.2, 9.4): who throws, and who alone is meant. Runs nothing.

A message that is thrown where an arrow begins goes where the arrow leads, whoever else waits for its name; one copy
along each arrow. Thrown without an arrow, or by a drawing whose arrow leads to all who could catch it, it finds its
catcher by name.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.bpmn import drawing
from engine.bpmn.drawing import BPMN, Drawn

AT, INSIDE = "at", "inside"  # one element that waits; whatever waits in an activity or process
ANEW, BEYOND = "anew", "beyond"  # another case of this procedure begins; somebody of whom nothing is drawn

Place = tuple[str, str]  # scope and element id; ("", process id) for a whole process
Way = tuple[str, str, str]  # how, and the place: ("", "") for what is not in this case
Ways = Mapping[Place, tuple[Way, ...]]

THROWING = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})


def drawn_in(root: Any, main: str) -> dict[Place, list[Way]]:
    """All ways of the arrows in one file that begin where a message is thrown, as drawn."""
    nodes = {node.id: node for node in drawing.read(root)}
    pools = {one.get("id"): one.get("processRef") for one in root.iter(f"{{{BPMN}}}participant")}
    found: dict[Place, list[Way]] = {}
    for flow in root.iter(f"{{{BPMN}}}messageFlow"):
        source, target = nodes.get(flow.get("sourceRef")), flow.get("targetRef")
        if source is None or not throws(source):
            continue
        way = _to(nodes[target], nodes, main) if target in nodes else _to_pool(pools.get(target))
        if way == (INSIDE, "", main) and _only_begins(nodes.values(), main, source.event.name):
            way = (ANEW, "", "")
        found.setdefault((source.scope, source.id), []).append(way)
    return found


def binding(
    drawn: Mapping[Place, Sequence[Way]],
    elements: Mapping[Place, Drawn],
    catching: Collection[Drawn],
    foreign: Collection[str],
) -> Ways:
    """Those that say more than the name does: a single arrow to all who could catch the message does not."""
    found = {}
    for place, ways in drawn.items():
        name = elements[place].event.name
        theirs = [one for one in catching if one.event.name == name]
        if name in foreign or len(ways) > 1 or not _says_the_name(ways[0], theirs, elements):
            found[place] = tuple(ways)
    return found


def throws(drawn: Drawn) -> bool:
    return drawn.kind in THROWING and drawn.event.kind == "message"


def _to(target: Drawn, nodes: Mapping[str, Drawn], main: str) -> Way:
    """What waits at a start event is what it begins: a pool, an event sub-process."""
    if target.kind != "startEvent":
        how = INSIDE if target.kind in ("subProcess", "callActivity") else AT
        return how, target.scope, target.id
    if target.scope != target.diagram:
        return AT, nodes[target.scope].scope, target.scope
    return (ANEW, "", "") if target.scope == main else (AT, main, target.scope)


def _to_pool(process: str | None) -> Way:
    return (INSIDE, "", process) if process else (BEYOND, "", "")


def _only_begins(nodes: Collection[Drawn], process: str, name: str) -> bool:
    """Is a message of this name taken in by a process at its start alone?"""
    waiting = [one for one in nodes if one.diagram == process and one.event.name == name and not throws(one)]
    return bool(waiting) and all(one.kind == "startEvent" and one.scope == process for one in waiting)


def _says_the_name(way: Way, catching: Collection[Drawn], elements: Mapping[Place, Drawn]) -> bool:
    if way[0] in (ANEW, BEYOND):
        return False
    return all(way[1:] in set(_around(one, way[0], elements)) for one in catching)


def _around(drawn: Drawn, how: str, elements: Mapping[Place, Drawn]) -> Iterator[Place]:
    """The places that a waiting element is at or, if asked so, in."""
    yield drawn.scope, drawn.id
    if how == INSIDE:
        yield "", drawn.id if drawn.kind == "participant" else drawn.diagram
        scope = drawn.scope
        outer = {one.id: one for one in elements.values() if one.diagram == drawn.diagram}
        while scope in outer:
            yield outer[scope].scope, scope
            scope = outer[scope].scope
