"""What the forms of a definition ask, as far as drawings need to know it: fields, personal ones, expressions.

Whether a form is a lawful form is judged in the room of forms; here it only has to be readable.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn.drawing import BY_PEOPLE, Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Bundle, Problem

PROPERTY = "formJsonSchemaFilename"
# More names may come of them:
_BRANCHES = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties"})


@dataclass(frozen=True)
class FormFields:
    """`expressions`: (what, text) of x-rules and x-prefill; `rules`: ids that the form rests on."""

    path: str
    names: frozenset[str]
    closed: bool  # nothing but these names is taken, under no condition
    personal: frozenset[str]
    expressions: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]


def path_of(drawn: Drawn, files: Mapping[str, bytes]) -> str:
    """The bundle path of a task's form, "" for a task without one."""
    name = drawn.properties.get(PROPERTY, "")
    file = name or f"{drawn.id}-schema.json"
    path = f"forms/{drawn.diagram}/{file}"
    beside = f"forms/{file}"  # a folder of few drawings may keep all its forms together
    if path not in files and beside in files:
        return beside
    return path if name or path in files else ""


def used(bundle: Bundle, sheets: Sequence[Sheet]) -> set[str]:
    """The paths of the forms that some task has, however they are called."""
    tasks = (drawn for sheet in sheets for drawn in sheet.nodes if drawn.kind in BY_PEOPLE)
    return {path for drawn in tasks if (path := path_of(drawn, bundle.files)) in bundle.files}


def read(path: str, content: bytes) -> FormFields | Problem:
    try:
        schema = json.loads(content.decode(), object_pairs_hook=_once)
        properties = schema.get("properties", {})
        personal = [name for name, part in properties.items() if "x-personal" in part]
        rules = list(schema.get("x-rules", ()))
        texts = [
            (f"字段 {name} 的预填", part["x-prefill"])
            for name, part in properties.items()
            if part.get("x-prefill")
        ]
        texts += [("规则的 check", rule.get("check", "")) for rule in rules]
        cited = [*schema.get("x-basis", ()), *(rule.get("rule", "") for rule in rules)]
    except (ValueError, RecursionError, AttributeError, TypeError) as cause:
        return Problem(path, "", f"表单读不出来：{cause}", "请在表单设计里改正，同一个键不能写两次")
    return FormFields(
        path,
        frozenset(properties),
        schema.get("additionalProperties") is False and not _BRANCHES & schema.keys(),
        frozenset(personal),
        tuple(texts),
        tuple(rule for rule in cited if rule),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("同一个键写了两次")
    return record


def problems(bundle: Bundle, sheets: Sequence[Sheet], formless: str = "warning") -> Iterator[Problem]:
    """Forms and tasks find each other. `formless`: how severe a user task without a form is; "" for not at all."""
    wanted: set[str] = set()
    for sheet in sheets:
        for drawn in sheet.nodes:
            if drawn.kind in BY_PEOPLE:
                wanted.add(path_of(drawn, bundle.files))
                yield from _named(sheet, drawn, bundle)
                if formless and drawn.kind == "userTask" and not path_of(drawn, bundle.files):
                    yield sheet.problem(
                        drawn, f"{sheet.title(drawn)}没有表单", "请建一张同名的表单", formless
                    )
    folders = {"forms/", *(f"forms/{sheet.process}/" for sheet in sheets)}
    for path in sorted(bundle.files):
        folder = path[: path.rfind("/") + 1]
        if folder in folders and path.endswith("-schema.json") and path not in wanted:
            yield Problem(path, "", "这张表单没有任务使用", "请在任务上选它，或删掉文件", "warning")


def unanswered(sheets: Sequence[Sheet], by_task: Mapping[str, FormFields]) -> Iterator[Problem]:
    """Results of items that no field gives: a variable of that name from before would pass as one."""
    for sheet in sheets:
        for drawn in sheet.nodes:
            output = drawn.repetition.output if drawn.repetition else ""
            if output and drawn.id in by_task and output not in by_task[drawn.id].names:
                yield sheet.problem(
                    drawn,
                    f"{sheet.title(drawn)}的分项结果“{output}”在表单里没有这个字段",
                    "outputDataItem 要写一个字段的名字，或在表单里加上它",
                    "error" if by_task[drawn.id].closed else "warning",
                )


def _named(sheet: Sheet, drawn: Drawn, bundle: Bundle) -> Iterator[Problem]:
    name = drawn.properties.get(PROPERTY, "")
    if "/" in name or "\\" in name or name.startswith("."):
        yield sheet.problem(drawn, f"{sheet.title(drawn)}的表单“{name}”带了文件夹", "只写文件名")
        return
    path = path_of(drawn, bundle.files)
    if path and path not in bundle.files:
        yield sheet.problem(drawn, f"{sheet.title(drawn)}的表单“{path}”不存在", "请建这张表单，或改文件名")
