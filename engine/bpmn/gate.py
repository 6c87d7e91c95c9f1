"""The gate a BPMN file passes before anything else looks at it: plain, small, honest XML, valid BPMN 2.0.

What an auditor sees in an editor and what the engine parses must come from the same bytes in the same way; so
nothing may stand in a file that tools read differently: document types, entities, processing instructions,
other encodings, letters that do not show. Knows no procedure.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import SpiffWorkflow
from lxml import etree

from engine.bpmn import pictures
from engine.bpmn.drawing import BPMN, NODES
from engine.bpmn.parse import read_whole
from engine.bpmn.sheet import Sheet, element_id, in_bpmn, local
from engine.bpmn.step import Problem

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 5_000
MAX_NODES = 400
MAX_ATTRIBUTES = 60
MAX_NESTING = 5  # sub-processes in sub-processes
MAX_EQUALS = 4_000  # in one tag and the text behind it

_WITH_ID = NODES | {
    "process",
    "sequenceFlow",
    "lane",
    "participant",
    "message",
    "signal",
    "error",
    "escalation",
}
_XINCLUDE = "http://www.w3.org/2001/XInclude"
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_REDRAW = "请用流程图编辑器打开并重新保存这个文件"
_LIBRARY = Path(SpiffWorkflow.__file__).parent


def sheet(file: str, content: bytes) -> Sheet | list[Problem]:
    """The file as a Sheet, or the problems that keep it from being one."""
    unreadable = list(readable(file, content))
    if unreadable:
        return unreadable
    try:
        root = read_whole(content)
    except etree.XMLSyntaxError as cause:
        line, column = cause.position
        return [Problem(file, "", f"第{line}行：XML 不完整", _REDRAW, line=line, column=column)]
    found = [*_hidden(file, root), *_limits(file, root)]
    found = found or list(_validity(file, root))
    if found:
        return found
    closed = tuple(pictures.of(root))
    pictures.close(root)
    return Sheet(file, root, pictures=closed)


def readable(file: str, content: bytes) -> Iterator[Problem]:
    """What keeps the bytes of an XML file from being read in one way only."""
    if len(content) > MAX_BYTES:
        yield Problem(file, "", "文件超过 1 MB", "请把流程拆成几张图，用调用活动连接")
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        yield Problem(file, "", "文件不是 UTF-8 编码", "请用 UTF-8 编码保存")
        return
    if any(tag.count(b"=") > MAX_EQUALS for tag in content.split(b"<")):  # lxml compares each with each
        yield Problem(file, "", "一个元素的属性太多", _REDRAW)
    declared = _ENCODING.match(content.removeprefix(codecs.BOM_UTF8))
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        yield Problem(file, "", "文件声明了 UTF-8 以外的编码", "请用 UTF-8 编码保存")
    for mark, name in (("<!DOCTYPE", "文档类型声明（DOCTYPE）"), ("<!ENTITY", "实体声明")):
        if mark in text:
            yield Problem(file, "", f"文件里有{name}", "它会使画面和执行不一致。" + _REDRAW)


def _hidden(file: str, root: Any) -> Iterator[Problem]:
    """What a file may hide: instructions, entities, inclusions, letters without a shape."""
    for node in _around(root):
        if isinstance(node, etree._ProcessingInstruction | etree._Entity):
            yield _at(file, node, "文件里有处理指令或实体引用", "它会使画面和执行不一致。" + _REDRAW)
        elif isinstance(node.tag, str) and etree.QName(node).namespace == _XINCLUDE:
            yield _at(file, node, "文件里引用了别的文件（XInclude）", "请去掉")
        else:
            yield from _invisible(file, node)


def _around(root: Any) -> Iterator[Any]:
    yield from root.itersiblings(preceding=True)
    yield from root.iter()
    yield from root.itersiblings()


def _invisible(file: str, node: Any) -> Iterator[Problem]:
    for text in (node.text, node.tail, *node.attrib.values()):
        for letter in text or "":
            if unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs") and letter not in "\t\n\r":
                yield _at(file, node, f"有看不见的字符 U+{ord(letter):04X}", "请删掉它，重新输入这段文字")
                return


def _limits(file: str, root: Any) -> Iterator[Problem]:
    if root.tag != f"{{{BPMN}}}definitions":
        yield Problem(file, "", "这不是 BPMN 2.0 文件", "最外层应当是 definitions，请用流程图编辑器新建")
        return
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        yield Problem(file, "", f"文件里的元素超过 {MAX_ELEMENTS} 个", "请把流程拆成几张图")
    if sum(1 for node in root.iter() if local(node) in NODES) > MAX_NODES:
        yield Problem(file, "", f"画了超过 {MAX_NODES} 个节点", "请把流程拆成几张图，用调用活动连接")
    for node in root.iter(etree.Element):
        if len(node.attrib) > MAX_ATTRIBUTES:
            yield _at(file, node, f"一个元素有超过 {MAX_ATTRIBUTES} 个属性", _REDRAW)
        if in_bpmn(node) and local(node) in _WITH_ID and not node.get("id"):
            yield _at(file, node, f"有一个 {local(node)} 没有编号", "请在属性面板里写编号（id）")
        if local(node) == "subProcess" and _depth(node) > MAX_NESTING:
            yield _at(file, node, f"子流程套了超过 {MAX_NESTING} 层", "请改用调用活动")


def _depth(node: Any) -> int:
    return 1 + sum(1 for outer in node.iterancestors() if local(outer) == "subProcess")


def _validity(file: str, root: Any) -> Iterator[Problem]:
    """The first complaint of the XML schema of BPMN 2.0, in words."""
    schema = _schema()
    if schema.validate(root):
        return
    complaint = schema.error_log[0]
    shown = re.sub(r"\{[^}]*\}", "", complaint.message)
    found = re.match(r"Element '([^']*)'(?:, attribute '([^']*)')?", shown)
    name = found[1] if found else ""
    what = f"元素 {name} " + (f"的属性 {found[2]} " if found and found[2] else "") if name else ""
    at = [node for node in root.iter() if node.sourceline == complaint.line and local(node) in (name, "")]
    message = f"第{complaint.line}行：{what}不合 BPMN 2.0 的格式"
    yield _at(file, at[-1] if at else root, message, _hint(shown), complaint.line)


def _hint(shown: str) -> str:
    if "key-sequence" in shown or "xs:ID" in shown:
        return "编号（id）要唯一，以字母或下划线开头，不含空格和标点；请在属性面板里改编号"
    if "not expected" in shown:
        return "这个元素不该出现在这里，或出现了两次；请在流程图编辑器里重画"
    return _REDRAW


@lru_cache(maxsize=1)
def _schema() -> Any:
    """The schema files that SpiffWorkflow ships, with its extension elements known to it."""
    document = etree.parse(_LIBRARY / "bpmn" / "parser" / "schema" / "BPMN20.xsd")
    spiff = etree.Element(
        "{http://www.w3.org/2001/XMLSchema}import",
        namespace="http://spiffworkflow.org/bpmn/schema/1.0/core",
        schemaLocation=str(_LIBRARY / "spiff" / "parser" / "schema" / "spiffworkflow.xsd"),
    )
    document.getroot().insert(0, spiff)
    return etree.XMLSchema(document)


def _at(file: str, node: Any, message: str, help: str, line: int = 0) -> Problem:
    return Problem(file, element_id(node), message, help, line=line or node.sourceline or 0)
