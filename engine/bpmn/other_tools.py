"""Settings that other tools have left in a drawing: kept byte for byte, and said to have no effect here.

A listener or an assignee of another engine would change what happens there. Nothing of it does here, so whoever
releases the drawing hears of it.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.bpmn.admitted import DRAWN_ONLY
from engine.bpmn.drawing import BPMN, NODES, SPIFF
from engine.bpmn.sheet import Sheet, local
from engine.bpmn.step import Problem

# what runs, with all that lies in it; a setting on a lane or a note changes nothing anywhere
_HOLDERS = frozenset({"process", "sequenceFlow", "message", "signal", "error", "escalation", *NODES})
_OURS = frozenset({None, BPMN, SPIFF, "http://www.w3.org/2001/XMLSchema-instance"})


def problems(sheet: Sheet) -> Iterator[Problem]:
    yield from _items(sheet) if sheet.as_drawn else ()
    found: dict[Any, set[str]] = {}
    for part in sheet.root.iter(f"{{{BPMN}}}*"):
        holder = next(
            (one for one in (part, *part.iterancestors()) if local(one) in _HOLDERS | DRAWN_ONLY), None
        )
        if holder is not None and local(holder) in _HOLDERS:
            found.setdefault(holder, set()).update(_settings(part))
    for holder, names in found.items():
        if names:
            yield sheet.problem(
                holder,
                f"{sheet.title(holder)}的设置 {'、'.join(sorted(names))} 是给别的软件的",
                "会原样保存，在这里不起作用；要起作用的，请按本系统的写法画出来",
                "warning",
            )


def _items(sheet: Sheet) -> Iterator[Problem]:
    """The Spiff tools know an item by its id, we by its name: where these differ nobody can tell what is meant."""
    for item in sheet.all("inputDataItem", "outputDataItem"):
        name = item.get("name", "")
        if name.isidentifier() and name != item.get("id"):
            yield sheet.problem(
                item,
                f"{sheet.title(item)}的分项编号“{item.get('id')}”和名称“{name}”不同",
                "请写成一样的变量名",
            )


def _settings(node: Any) -> Iterator[str]:
    """Attributes and extension elements, by the prefix that the file gives them."""
    for name in node.attrib:
        yield from _named(node, etree.QName(name))
    for setting in node.iterfind(f"{{{BPMN}}}extensionElements/*"):
        if isinstance(setting.tag, str):
            yield from _named(setting, etree.QName(setting))


def _named(node: Any, name: Any) -> Iterator[str]:
    if name.namespace not in _OURS:
        prefix = next((prefix for prefix, uri in node.nsmap.items() if uri == name.namespace and prefix), "")
        yield f"{prefix}:{name.localname}" if prefix else name.localname
