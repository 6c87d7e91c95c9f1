"""Every place of a drawing where a text is run: all of them pass through the script language, none is hidden.

A plain engine evaluates eleven kinds of texts as Python; a gate that looks at script tasks only is open. What
compiles here is exactly what runs: one text per place, without comments or other elements inside it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import timing
from engine.bpmn.drawing import BPMN, BY_PEOPLE, Drawn, Repetition, correlations
from engine.bpmn.grammar import COUNTERS, LOOP_NAMES
from engine.bpmn.script import Expression, Script, compile_expression, compile_script, evaluate
from engine.bpmn.sheet import Sheet, local
from engine.bpmn.step import Problem
from engine.errors import Refused, ScriptFailed, ScriptRefused

MAX_INSTANCES = 500
_DUE = re.compile(r"\d+ (working )?days?|\d{4}-\d\d-\d\d.*")  # as drawn; anything else is an expression
LANGUAGES = frozenset({"", "python", "text/x-python", "text/python"})  # in small letters
_BY_HABIT = "http://www.w3.org/1999/xpath"  # BPMN's own default, which editors write for any language
_CONDITIONS = frozenset({"条件", "循环条件", "提前完成的条件"})
_ELSEWHERE = {"true": "True", "false": "False", "null": "None"}  # as names here nobody gives them
_TEXTS = frozenset(
    "conditionExpression script timeDate timeDuration timeCycle loopCondition loopCardinality "
    "completionCondition loopDataInputRef loopDataOutputRef transformation messagePath".split()
)


@dataclass(frozen=True)
class Door:
    """One text of one element. `extra` are names that only this text can read."""

    element: str
    what: str  # Chinese: which text of the element
    text: str
    is_script: bool = False
    extra: frozenset[str] = frozenset()

    def compiled(self) -> Expression | Script:
        """Raises ScriptRefused."""
        return compile_script(self.text) if self.is_script else compile_expression(self.text)


def doors(sheet: Sheet) -> Iterator[Door]:
    """All texts that run, in the order of the drawing."""
    for drawn in sheet.nodes:
        if drawn.kind == "scriptTask":
            yield Door(drawn.id, "脚本", drawn.script, is_script=True)
        for flow in drawn.flows:
            if flow.condition:
                yield Door(flow.id, "条件", flow.condition)
        yield from _event_doors(drawn)
        yield from _task_doors(drawn)
        yield from _repetition_doors(drawn)
    yield from _correlation_doors(sheet)


def problems(sheet: Sheet) -> Iterator[Problem]:
    """Texts that hide something, do not compile, or can never work."""
    yield from _language(sheet)
    for node in sheet.root.iter(*(f"{{{BPMN}}}{name}" for name in _TEXTS)):
        yield from _plain(sheet, node)
    for door in doors(sheet):
        yield from _compiling(sheet, door)
    for drawn in sheet.nodes:
        yield from _operation(sheet, drawn)
        yield from _timer(sheet, drawn)
        yield from _repetition(sheet, drawn)


def _event_doors(drawn: Drawn) -> Iterator[Door]:
    if drawn.event.payload:
        yield Door(drawn.id, "消息内容", drawn.event.payload)
    rule = drawn.event.rule
    if rule and not timing.is_literal(rule) and not timing.is_misspelt(rule):
        yield Door(drawn.id, "定时", rule)


def _task_doors(drawn: Drawn) -> Iterator[Door]:
    for name, text in drawn.operation.parameters if drawn.operation else ():
        yield Door(drawn.id, f"参数 {name}", text)
    for name, text in drawn.writes:
        if text:
            yield Door(drawn.id, f"数据对象 {name}", text)
    for name, what in (("due", "办理期限"), ("performer", "办理人"), ("item_label", "分项名称")):
        text = drawn.properties.get(name, "")
        if text and not (name == "due" and _DUE.fullmatch(text)):
            yield Door(drawn.id, what, text)


def _repetition_doors(drawn: Drawn) -> Iterator[Door]:
    repetition = drawn.repetition
    if repetition is None:
        return
    for what, text, extra in (
        ("循环条件", repetition.condition, LOOP_NAMES),
        ("多实例名单", repetition.items, frozenset()),
        ("多实例个数", repetition.count, frozenset()),
        ("提前完成的条件", repetition.completion, COUNTERS),
    ):
        if text:
            yield Door(drawn.id, what, text, extra=frozenset(extra))


def _correlation_doors(sheet: Sheet) -> Iterator[Door]:
    """They read a payload, which may come from anywhere: any name may stand in them."""
    for keys in correlations(sheet.root).values():
        for property_, text in keys:
            yield Door(property_, "关联值", text, extra=_names(text))


def _names(text: str) -> frozenset[str]:
    try:
        return frozenset(compile_expression(text).names)
    except ScriptRefused:
        return frozenset()


def _plain(sheet: Sheet, node: Any) -> Iterator[Problem]:
    """Editors show the whole text, engines often only what stands before a comment."""
    if len(node):
        yield sheet.problem(
            node,
            f"{sheet.title(node.getparent())}的{local(node)}里夹着注释或别的元素",
            "请删掉，只留一段文字",
        )
    for attribute in ("language", "scriptFormat"):
        holder = node.getparent() if attribute == "scriptFormat" else node
        if holder.get(attribute, "").lower() not in LANGUAGES:
            yield sheet.problem(node, f"不能用脚本语言“{holder.get(attribute)}”", "请把语言留空，或写 python")


def _language(sheet: Sheet) -> Iterator[Problem]:
    """Of the whole file: it holds for every text that names none of its own."""
    stated = sheet.root.get("expressionLanguage", "").strip()
    if stated.lower() == _BY_HABIT:
        if any(not door.is_script for door in doors(sheet)):
            yield sheet.problem(
                sheet.process,
                "图上写着表达式语言是 XPath，这里的条件等文字一律按本系统的表达式办",
                "请删掉 expressionLanguage，并核对各处条件",
                "warning",
            )
    elif stated.lower() not in LANGUAGES:
        yield sheet.problem(
            sheet.process,
            f"图上写着表达式语言是“{stated}”，这里不能执行",
            "请删掉 definitions 上的 expressionLanguage，或写 python，条件等文字按本系统的表达式写",
        )


def _compiling(sheet: Sheet, door: Door) -> Iterator[Problem]:
    place = f"{sheet.title(door.element)}的{door.what}"
    try:
        compiled = door.compiled()
    except ScriptRefused as no:
        yield sheet.problem(door.element, f"{place}：{no.message}", no.help, line=no.line, column=no.column)
        return
    for name in sorted(compiled.names & _ELSEWHERE.keys()):
        yield sheet.problem(door.element, f"{place}写了 {name}", f"在这里写成 {_ELSEWHERE[name]}")
    value = constant(door.text) if door.what in _CONDITIONS else None
    if value is not None and not isinstance(value, bool):
        yield sheet.problem(
            door.element, f"{place}“{door.text.strip()[:40]}”不是成立与否的式子", "例如 draft.total > 3"
        )


def _operation(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    if drawn.kind != "serviceTask":
        return
    if drawn.operation is None or not drawn.operation.id:
        yield sheet.problem(drawn, f"服务任务{sheet.title(drawn)}没有选服务操作", "请在属性面板里选一项操作")
        return
    names = [name for name, _ in drawn.operation.parameters]
    if len(set(names)) != len(names):
        yield sheet.problem(drawn, f"{sheet.title(drawn)}有同名的参数", "每个参数只写一次")


def _timer(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    if drawn.event.kind != "timer" or not drawn.event.timer:
        return
    if not drawn.event.rule:
        yield sheet.problem(
            drawn, f"{sheet.title(drawn)}的定时是空的", "请写一个日期、时长，或给出日期的表达式"
        )
        return
    if timing.is_misspelt(drawn.event.rule):
        message = f"{sheet.title(drawn)}的定时「{drawn.event.rule[:40]}」写法不成立"
        yield sheet.problem(drawn, message, _EXAMPLES[drawn.event.timer])
        return
    try:
        text = drawn.event.rule if timing.is_literal(drawn.event.rule) else constant(drawn.event.rule)
        if text is not None:
            _READERS[drawn.event.timer](text)
    except ScriptFailed as no:
        yield sheet.problem(drawn, f"{sheet.title(drawn)}：{no.message}", no.help)


def _repetition(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    repetition = drawn.repetition
    if repetition is None:
        return
    if repetition.kind == "loop":
        if repetition.maximum is None and constant(repetition.condition or "True"):
            yield sheet.problem(
                drawn, f"{sheet.title(drawn)}会永远循环", "循环条件要随办件变化，或写明最多几次"
            )
        return
    if bool(repetition.items) == bool(repetition.count):
        yield sheet.problem(
            drawn, f"{sheet.title(drawn)}的多实例要写名单或个数，二者取一", "请写装着名单的变量名"
        )
    if repetition.items and not repetition.item:
        yield sheet.problem(drawn, f"{sheet.title(drawn)}的多实例没有给分项起名字", "请写 inputDataItem")
    count = constant(repetition.count) if repetition.count else 0
    if count is not None and (type(count) is not int or not 0 <= count <= MAX_INSTANCES):
        yield sheet.problem(drawn, f"{sheet.title(drawn)}的个数不对", f"个数在 0 到 {MAX_INSTANCES} 之间")
    yield from _results(sheet, drawn, repetition)


def _results(sheet: Sheet, drawn: Drawn, repetition: Repetition) -> Iterator[Problem]:
    """What each item gives and where it goes belong together; what people answer is gathered without a name."""
    by_people = drawn.kind in BY_PEOPLE
    if repetition.output and not repetition.outputs:
        kept = "只收在任务自己的名下" if by_people else "办完就没有了"
        yield sheet.problem(
            drawn,
            f"{sheet.title(drawn)}的分项结果“{repetition.output}”没有写收进哪个列表，{kept}",
            "请写 loopDataOutputRef，或去掉 outputDataItem",
            "warning" if by_people else "error",
        )
    if repetition.outputs and not repetition.output and not by_people:
        yield sheet.problem(
            drawn,
            f"{sheet.title(drawn)}的结果列表“{repetition.outputs}”没有写收每一项的什么，会是空的",
            "请写 outputDataItem：每一项里给出的变量名",
        )


def constant(text: str) -> Any:
    """The value of an expression that reads and asks nothing; None for any other, and for one that fails."""
    try:
        expression = compile_expression(text)
        return None if expression.names or expression.calls else evaluate(expression, {}, {})
    except Refused:
        return None


_EXAMPLES = {
    "timeDate": "例如 2026-03-05 或 2026-03-05T09:00:00+08:00",
    "timeDuration": "例如 P5D（5天）、PT36H（36小时），字母大写",
    "timeCycle": "例如 R3/P1D（每天一次，共3次），从开始等的时候算起",
}
_READERS: Mapping[str, Callable[[object], object]] = {
    "timeDate": timing.moment,
    "timeDuration": timing.duration,
    "timeCycle": timing.cycle,
}
