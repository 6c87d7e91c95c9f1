"""The diagrams of a case with where it stands and where it has been. Knows traces, runs nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine import journal, procedure
from engine.bpmn import outline
from engine.bpmn.step import Bundle
from engine.clock import local_date
from engine.errors import NotFound
from engine.reading.counted import counted
from engine.reading.entries import Entry

DONE, ACTIVE, CANCELLED = "done", "active", "cancelled"
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
    """One diagram: `flows` that were taken, `calls` call activities → the diagrams they call."""

    diagram: str
    title: str
    marks: tuple[Mark, ...]
    flows: tuple[str, ...]
    calls: Mapping[str, str]

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
    standing = counted(bodies)
    states, flows = marks_after(standing), flows_of(standing)
    texts = {
        (each.diagram, each.element): f"{each.who} {local_date(each.at)}"
        for each in entries
        if not each.undone
    }
    return tuple(
        Drawing(
            drawn.id,
            drawn.title,
            tuple(
                Mark(element, drawn.names.get(element, ""), state, texts.get((drawn.id, element), ""))
                for element, state in states.get(drawn.id, {}).items()
            ),
            flows.get(drawn.id, ()),
            drawn.calls,
        )
        for drawn in outline.diagrams(bundle, procedure.of(bundle).main)
    )


def marks_after(bodies: Iterable[journal.Recorded]) -> dict[str, dict[str, str]]:
    """Diagram → element → state. An element with several items is active until the last one is left."""
    paths: dict[tuple[str, str], dict[str, str]] = {}
    for event in bodies:
        for what, path, diagram, _flow in event.body.get("trace", ()):
            states = paths.setdefault((diagram, element_of(path)), {})
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


def flows_of(bodies: Iterable[journal.Recorded]) -> dict[str, tuple[str, ...]]:
    """Diagram → sequence flows that were taken."""
    taken: dict[str, dict[str, None]] = {}
    for event in bodies:
        for _what, _path, diagram, flow in event.body.get("trace", ()):
            if flow:
                taken.setdefault(diagram, {})[flow] = None
    return {diagram: tuple(flows) for diagram, flows in taken.items()}


def element_of(path: str) -> str:
    """`call_publicity/give_consent#2[3]` → `give_consent`."""
    return path.rsplit("/", 1)[-1].split("#")[0].split("[")[0]


def content(bundle: Bundle, diagram: str) -> bytes:
    """The bytes of a diagram exactly as they were deployed. Raises NotFound."""
    found = bundle.files.get(f"{diagram}.bpmn")
    if found is None:
        raise NotFound("没有找到这张流程图", help="请从议题页面重新打开。")
    return found
