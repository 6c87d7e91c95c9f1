"""Variables that a data object of their name would hide: written, and never read again. Runs nothing.

Wherever an object is in scope its name reads the object (objects.py). What writes a variable of that name is refused,
unless the arrow of its own leads to the object.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from engine.bpmn.decisions import Decision
from engine.bpmn.drawing import BPMN, BY_PEOPLE, Drawn
from engine.bpmn.fields import FormFields
from engine.bpmn.names import given, scripted
from engine.bpmn.routes import called, reachable
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

Names = Mapping[str, Set[str]]  # task id or decision id → names


def problems(
    sheets: Sequence[Sheet], forms: Mapping[str, FormFields], tables: Mapping[str, Decision], flat: bool
) -> Iterator[Problem]:
    """`forms` are keyed by their task."""
    tasks = [node for sheet in sheets for node in sheet.nodes if node.kind in BY_PEOPLE]
    answers = {node.id: _answers(node, forms, flat) for node in tasks}
    decided = {decision.id: set(decision.outputs) for decision in tables.values()}
    brought = _brought(sheets, answers, decided)
    for sheet in sheets:
        calls = called(sheet)
        for node in sheet.nodes:
            lost = _own(node, answers, decided) | brought.get(calls.get(node.id, ""), set())
            for name in sorted((lost - _kept(node)) & _objects(sheet, node)):
                yield sheet.problem(
                    node,
                    f"{sheet.title(node)}写的“{name}”和数据对象同名，写了也读不到",
                    f"请从{sheet.title(node)}画箭头到数据对象“{name}”，不写转换；或者换一个变量名",
                )


def _brought(sheets: Sequence[Sheet], answers: Names, decided: Names) -> dict[str, set[str]]:
    """Process id → all that comes back from it to who calls it."""
    own: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for sheet in sheets:
        targets = called(sheet)
        for node in sheet.nodes:
            own.setdefault(node.diagram, set()).update(_own(node, answers, decided))
            calls.setdefault(node.diagram, set()).add(targets.get(node.id, ""))
    return {one: set[str]().union(*(own.get(each, ()) for each in reachable(calls, [one]))) for one in own}


def _answers(node: Drawn, forms: Mapping[str, FormFields], flat: bool) -> Set[str]:
    """Merged flat they are named like the fields, else like the task; so are those of many items."""
    if not flat or (node.repetition and node.repetition.kind != "loop"):
        return {node.id}
    return forms[node.id].names if node.id in forms else set()


def _own(node: Drawn, answers: Names, decided: Names) -> set[str]:
    names = {name for name, _ in given(node)} | scripted(node)
    return names | set(answers.get(node.id, ())) | set(decided.get(node.decision, ()))


def _kept(node: Drawn) -> set[str]:
    """What goes into its object: not the items of a list, which are no variables of the whole activity."""
    items = {node.repetition.item, node.repetition.output} if node.repetition else set()
    return {name for name, transformation in node.writes if not transformation} - items


def _objects(sheet: Sheet, node: Drawn) -> set[str]:
    """Data objects that can be read at a node: of its process and of the sub-processes around it."""
    drawn = sheet.by_id[node.id]
    return {
        str(object_.get("id"))
        for scope in (drawn, *drawn.iterancestors())
        for object_ in scope.iterchildren(f"{{{BPMN}}}dataObject")
    }
