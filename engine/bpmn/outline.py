"""What a reader of diagrams needs to know without running them: titles, names of elements, who calls whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.bpmn.drawing import BPMN
from engine.bpmn.parse import read_xml
from engine.bpmn.step import Bundle


@dataclass(frozen=True)
class Diagram:
    """One file: `names` maps element id → visible name, `calls` call activity id → diagram it calls."""

    id: str
    title: str
    names: Mapping[str, str]
    calls: Mapping[str, str]


def diagrams(bundle: Bundle, main: str) -> tuple[Diagram, ...]:
    """Every diagram of a bundle, the main one first, the others by name."""
    found = [_read(path, content) for path, content in bundle.files.items() if path.endswith(".bpmn")]
    return tuple(sorted(found, key=lambda diagram: (diagram.id != main, diagram.id)))


@lru_cache(maxsize=256)
def _read(path: str, content: bytes) -> Diagram:
    root = read_xml(content)
    names = {node.get("id"): node.get("name") or "" for node in root.iter() if node.get("id")}
    calls = {node.get("id"): node.get("calledElement") or "" for node in root.iter(f"{{{BPMN}}}callActivity")}
    id = path.removesuffix(".bpmn")
    process = next(
        (node for node in root.iter(f"{{{BPMN}}}process") if node.get("isExecutable") == "true"), None
    )
    return Diagram(id, (process.get("name") if process is not None else "") or id, names, calls)
