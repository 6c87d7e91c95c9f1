"""The diagrams of a case with where it stands and where it has been. Knows traces, runs nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import journal, procedure
from engine.bpmn import outline
from engine.bpmn.step import Bundle
from engine.clock import local_date
from engine.errors import NotFound
from engine.reading.counted import counted
from engine.reading.elements import title_of
from engine.reading.entries import Entry

DONE, ACTIVE, CANCELLED = "done", "active", "cancelled"
TODO = "todo"
STATES = {"entered": ACTIVE, "left": DONE, "cancelled": CANCELLED, "skipped": CANCELLED}


@dataclass(frozen=True)
class Mark:
    """How an element is to be marked; `text` says who did it and when, if somebody did."""

    element: str
    name: str
    state: str
    text: str = ""


@dataclass(frozen=True)
class Drawing:
    """One diagram: `flows` that were taken, `calls` call activities → the diagrams they call.

    `elements` are all flow nodes in the order of the file, each called by its name or what it is: what can be read
    of a file without `shapes`, which nobody can draw.
    """

    diagram: str
    title: str
    marks: tuple[Mark, ...]
    flows: tuple[str, ...]
    calls: Mapping[str, str]
    elements: tuple[Mark, ...] = ()
    shapes: bool = True

    @property
    def entered(self) -> bool:
        return bool(self.marks)

    @property
    def active(self) -> bool:
        return any(mark.state == ACTIVE for mark in self.marks)


def drawings(
    bundle: Bundle, bodies: Sequence[journal.Recorded], entries: Iterable[Entry] = ()
) -> tuple[Drawing, ...]:
    """Every diagram of the definition, the main one first, marked as these events left it.

    What a return went back over is not marked: the diagram shows where the case stands, the log what happened.
    """
    drawn = outline.diagrams(bundle, procedure.of(bundle).main)
    home, standing = outline.homes(drawn), counted(bodies)
    states, flows = marks_after(standing, home), flows_of(standing, home)
    texts = {
        (each.diagram, each.element): f"{each.who} {local_date(each.at)}"
        for each in entries
        if not each.undone
    }
    return tuple(_drawing(one, states.get(one.id, {}), flows.get(one.id, ()), texts) for one in drawn)


def _drawing(
    drawn: outline.Diagram,
    states: Mapping[str, str],
    flows: tuple[str, ...],
    texts: Mapping[tuple[str, str], str],
) -> Drawing:
    def mark(element: str, name: str, state: str) -> Mark:
        return Mark(element, name, state, texts.get((drawn.id, element), ""))

    return Drawing(
        drawn.id,
        drawn.title,
        tuple(mark(element, drawn.names.get(element, ""), state) for element, state in states.items()),
        flows,
        drawn.calls,
        tuple(mark(each.id, title_of(each), states.get(each.id, TODO)) for each in drawn.elements),
        drawn.shapes,
    )


def marks_after(bodies: Iterable[journal.Recorded], home: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Diagram → element → state. An element with several items is active until the last one is left.

    `home` says in which diagram a process is drawn.
    """
    paths: dict[tuple[str, str], dict[str, str]] = {}
    for event in bodies:
        for what, path, process, _flow in event.body.get("trace", ()):
            states = paths.setdefault((home.get(process, process), element_of(path)), {})
            states.pop(path, None)  # the latest state last
            states[path] = STATES[what]
        if event.type == "case_cancelled":
            _nothing_goes_on(paths)
    marks: dict[str, dict[str, str]] = {}
    for (diagram, element), states in paths.items():
        last = list(states.values())[-1]
        marks.setdefault(diagram, {})[element] = ACTIVE if ACTIVE in states.values() else last
    return marks


def _nothing_goes_on(paths: Mapping[tuple[str, str], dict[str, str]]) -> None:
    for states in paths.values():
        states.update({path: CANCELLED for path, state in states.items() if state == ACTIVE})


def flows_of(bodies: Iterable[journal.Recorded], home: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Diagram → sequence flows that were taken."""
    taken: dict[str, dict[str, None]] = {}
    for event in bodies:
        for _what, _path, process, flow in event.body.get("trace", ()):
            if flow:
                taken.setdefault(home.get(process, process), {})[flow] = None
    return {diagram: tuple(flows) for diagram, flows in taken.items()}


def element_of(path: str) -> str:
    """`call_publicity/give_consent#2[3]` → `give_consent`."""
    return path.rsplit("/", 1)[-1].split("#")[0].split("[")[0]


def content(bundle: Bundle, diagram: str) -> bytes:
    """The bytes of a diagram exactly as they were deployed. Raises NotFound."""
    found = bundle.files.get(f"{diagram}.bpmn")
    if found is None:
        raise NotFound("没有找到这张流程图", help="请从办理的页面重新打开。")
    return found
