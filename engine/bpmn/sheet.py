"""One BPMN file under examination: its XML, its drawn nodes, and how a problem is put on an element."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from engine.bpmn import drawing
from engine.bpmn.drawing import BPMN, NODES, Drawn
from engine.bpmn.step import Problem

_ATOMIC = NODES - {"subProcess", "adHocSubProcess", "transaction"} | {"sequenceFlow"}


@dataclass(frozen=True)
class Sheet:
    """`root` has passed the gate: it is valid BPMN 2.0 XML without anything hidden in it."""

    file: str
    root: Any
    as_drawn: bool = False  # made with other tools, for which names of files and places of shapes say nothing
    main: str = ""  # where cases begin, be it drawn here or in another file
    pictures: tuple[str, ...] = ()  # participants of whom only a picture was drawn; it is no longer in `root`

    @cached_property
    def nodes(self) -> tuple[Drawn, ...]:
        return tuple(drawing.read(self.root))

    @cached_property
    def process(self) -> str:
        """The id of the main process, else of the first; "" when there is none."""
        drawn = [str(node.get("id")) for node in self.all("process")]
        return self.main if self.main in drawn else next(iter(drawn), "")

    @cached_property
    def by_id(self) -> Mapping[str, Any]:
        return {node.get("id"): node for node in self.root.iter(f"{{{BPMN}}}*") if node.get("id")}

    def all(self, *names: str) -> list[Any]:
        """All BPMN elements with one of these local names, in document order."""
        return list(self.root.iter(*(f"{{{BPMN}}}{name}" for name in names)))

    def problem(
        self, node: Any, message: str, help: str, severity: str = "error", line: int = 0, column: int = 0
    ) -> Problem:
        """On the nearest drawn element: `node` is an XML element, a Drawn, or an id."""
        return Problem(self.file, element_id(node), message, help, severity, line, column)

    def title(self, node: Any) -> str:
        """What people read on the canvas, in corner brackets."""
        id_ = element_id(node)
        name = getattr(self.by_id.get(id_), "get", lambda _name: "")("name")
        return f"「{name or id_}」"


def element_id(node: Any) -> str:
    """The id of a node, or of what it is a part of and a reader of the canvas would point at."""
    if isinstance(node, str | Drawn):
        return node if isinstance(node, str) else node.id
    while node is not None:
        if node.get("id") and in_bpmn(node) and not _is_part(node):
            return str(node.get("id"))
        node = node.getparent()
    return ""


def local(node: Any) -> str:
    """The local name of an element; "" for comments and processing instructions."""
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def in_bpmn(node: Any) -> bool:
    return isinstance(node.tag, str) and etree.QName(node).namespace == BPMN


def _is_part(node: Any) -> bool:
    """Inside an atomic node or an arrow nothing has a shape of its own."""
    outer = (local(ancestor) for ancestor in node.iterancestors())
    return (
        local(node) == "definitions"
        or local(node).endswith("Characteristics")
        or any(name in _ATOMIC for name in outer)
    )
