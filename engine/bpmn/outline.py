"""What a reader of diagrams needs to know without running them: titles, names of elements, who calls whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from engine.bpmn.drawing import BPMN, NODES
from engine.bpmn.parse import read_xml
from engine.bpmn.step import Bundle

_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"


@dataclass(frozen=True)
class Element:
    """One flow node as drawn; `kind` is the local name of its tag."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True)
class Diagram:
    """One file: `names` maps element id → visible name, `calls` call activity id → diagram it calls.

    `processes` are the ids of what is drawn in it: traces name those, and files of other tools are called otherwise.
    A file without `shapes` (no BPMNDI) can run, and nobody can draw it.
    """

    id: str
    title: str
    names: Mapping[str, str]
    calls: Mapping[str, str]
    processes: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()
    shapes: bool = True


def diagrams(bundle: Bundle, main: str) -> tuple[Diagram, ...]:
    """Every diagram of a bundle, the main one first, the others by name."""
    found = [_read(path, content, main) for path, content in bundle.files.items() if path.endswith(".bpmn")]
    home = homes(found)
    called = [replace(one, calls={by: home.get(it, it) for by, it in one.calls.items()}) for one in found]
    return tuple(sorted(called, key=lambda diagram: (diagram.id != home.get(main, main), diagram.id)))


def homes(drawn: list[Diagram] | tuple[Diagram, ...]) -> dict[str, str]:
    """Process id → id of the diagram in which it is drawn."""
    return {process: diagram.id for diagram in drawn for process in diagram.processes}


@lru_cache(maxsize=256)
def _read(path: str, content: bytes, main: str) -> Diagram:
    root = read_xml(content)
    id = path.removesuffix(".bpmn")
    return Diagram(
        id,
        _title(root, main) or id,
        names={node.get("id"): node.get("name") or "" for node in root.iter() if node.get("id")},
        calls={
            node.get("id"): node.get("calledElement") or "" for node in root.iter(f"{{{BPMN}}}callActivity")
        },
        processes=tuple(node.get("id") for node in root.iterfind(f"{{{BPMN}}}process")),
        elements=tuple(_elements(root)),
        shapes=root.find(f".//{_SHAPE}") is not None,
    )


def _title(root: Any, main: str) -> str:
    """The name of the process in which cases begin, else of the first that can be executed."""
    runs = [node for node in root.iter(f"{{{BPMN}}}process") if node.get("isExecutable") == "true"]
    first = sorted(runs, key=lambda node: node.get("id") != main)[:1]
    return str(first[0].get("name") or "") if first else ""


def _elements(root: Any) -> list[Element]:
    nodes = (node for node in root.iter(f"{{{BPMN}}}*") if node.get("id"))
    kinds = ((node, node.tag.rpartition("}")[2]) for node in nodes)
    return [Element(node.get("id"), node.get("name") or "", kind) for node, kind in kinds if kind in NODES]
