"""The gate of decision tables: one whole table in a file, every cell in our language, every name known.

Judges *.dmn and the business rule tasks that ask them. Runs nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from engine.bpmn import columns, decisions
from engine.bpmn.decisions import POLICIES, Decision
from engine.bpmn.doors import LANGUAGES
from engine.bpmn.gate import readable
from engine.bpmn.operators import DECIMAL
from engine.bpmn.parse import read_xml
from engine.bpmn.script import compile_expression, is_free
from engine.bpmn.sheet import Sheet, local
from engine.bpmn.step import Bundle, Problem
from engine.errors import ScriptRefused

MAX_RULES = 500
_FEEL = re.compile(r"feel|https?://www\.omg\.org/spec/(dmn/\d{8}/feel|feel/\d{8})/?")  # of every DMN so far
# what stands in a table and would change what it gives elsewhere: why it does not here, what to draw instead
_UNHEARD = {
    "defaultOutputEntry": ("默认结果不会执行", "请删掉它，用 FIRST，在最后加一行，每个输入都写 -"),
    "inputValues": ("输入的允许值不会检查", "请删掉它，在各行的条件里写明，其余的值另加一行"),
    "outputValues": ("结果的允许值不会检查，也不排先后", "请删掉它，各行的结果照着写对"),
    "allowedValues": ("类型的允许值不会检查", "请删掉它，在各行的条件里写明，其余的值另加一行"),
    "importedValues": ("引用的别处的值读不到", "请删掉它，把值写在格子里"),
    "requiredDecision": ("别的决策不会先算", "请删掉这条线，在前面用业务规则任务办那张表，它的结果就是变量"),
    "requiredKnowledge": ("业务知识模型不会执行", "请删掉这条线，把式子写在格子里，或在前面用脚本任务算好"),
}
_POINTING = frozenset(
    {"importedValues", "requiredDecision", "requiredKnowledge"}
)  # they say something without any text


def read(bundle: Bundle) -> tuple[dict[str, Decision], list[Problem]]:
    """File → its table, for those that are sound; and everything that stands against the others."""
    tables: dict[str, Decision] = {}
    problems: list[Problem] = []
    for path, content in sorted(bundle.files.items()):
        if path.endswith(".dmn"):
            found = list(_file(path, content, tables))
            problems += found
    return tables, problems


def problems(bundle: Bundle, tables: Mapping[str, Decision], sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """Every business rule task asks a table that exists, be it refused for something else; every table is asked."""
    asked = {node.decision for sheet in sheets for node in sheet.nodes if node.kind == "businessRuleTask"}
    known = {decision.id for decision in tables.values()}
    refused = set().union(*(_ids(content) for path, content in bundle.files.items() if path.endswith(".dmn")))
    for sheet in sheets:
        for node in sheet.nodes:
            if node.kind == "businessRuleTask" and node.decision not in known | refused:
                yield sheet.problem(
                    node,
                    f"业务规则任务{sheet.title(node)}用的决策表“{node.decision}”不存在",
                    f"可用的决策表：{'、'.join(sorted(known)) or '没有，请先画一张'}",
                )
    for path, decision in tables.items():
        yield from _decimals(path, decision)
        if decision.id not in asked:
            yield Problem(
                path, decision.id, f"决策表“{decision.id}”没有用到", "请用业务规则任务接上，或删掉", "warning"
            )


def _ids(content: bytes) -> set[str]:
    """Of everything that is drawn as a decision in a file, as far as it can be read."""
    try:
        return {one.get("id", "") for one in read_xml(content).iter("{*}decision")}
    except etree.XMLSyntaxError:
        return set()


def _decimals(path: str, decision: Decision) -> Iterator[Problem]:
    given = {decisions.word(text) for rule in decision.rules for text in rule.gives}
    kept = sorted(text for text in given if DECIMAL.fullmatch(text))
    if kept:
        yield Problem(
            path,
            decision.id,
            f"结果里有小数 {'、'.join(kept[:5])}，会存成文字",
            "再算的时候请写 decimal(结果名)，或者改成整数，例如以分为单位",
            "warning",
        )


def _file(path: str, content: bytes, tables: dict[str, Decision]) -> Iterator[Problem]:
    unreadable = list(readable(path, content))
    if unreadable:
        yield from unreadable
        return
    try:
        root = read_xml(content)
    except etree.XMLSyntaxError as cause:
        yield Problem(path, "", f"第{cause.position[0]}行：XML 不完整", "请用决策表编辑器重新保存")
        return
    found = list(decisions.read(root))
    if len(found) != 1 or len(list(root.iter("{*}decision"))) != 1:
        yield Problem(path, "", "一个文件里要有一张决策表", "请把各张表分成几个文件")
        return
    complaints = [*_drawn(path, root, found[0]), *_unheard(path, root, found[0]), *_texts(path, found[0])]
    if any(other.id == found[0].id for other in tables.values()):
        complaints.append(
            Problem(path, found[0].id, f"决策表编号“{found[0].id}”用了两次", "请改成不同的编号")
        )
    complaints = complaints or list(_contradictory(path, root, found[0]))
    yield from complaints
    if not complaints:
        tables[path] = found[0]


def _drawn(path: str, root: Any, decision: Decision) -> Iterator[Problem]:
    table = next(root.iter("{*}decisionTable"))
    if decision.policy not in POLICIES or table.get("aggregation"):
        yield Problem(
            path,
            decision.id,
            f"命中策略 {decision.policy} {table.get('aggregation', '')}不能执行",
            f"可以用 {'、'.join(POLICIES)}，不带汇总",
        )
    if not decision.inputs or not decision.outputs or len(decision.rules) > MAX_RULES:
        yield Problem(path, decision.id, "决策表要有输入、结果和不太多的行", f"最多 {MAX_RULES} 行")
    for number, rule in enumerate(decision.rules, start=1):
        if (len(rule.tests), len(rule.gives)) != (len(decision.inputs), len(decision.outputs)):
            yield Problem(path, rule.id, f"第{number}行缺少单元格", "每一列都要有一格，任意值写 -")
    if len(set(decision.outputs)) != len(decision.outputs):
        yield Problem(path, decision.id, "有两列结果同名", "请改成不同的名字")
    for name in decision.outputs:
        if not is_free(name) or name in decision.inputs:
            yield Problem(path, decision.id, f"结果名“{name}”不能用", "用一个新的变量名，不同于各列输入")


def _unheard(path: str, root: Any, decision: Decision) -> Iterator[Problem]:
    """What would be read past: parts of a table that have no effect here, other languages, half a text."""
    title = f"决策表「{decision.name or decision.id}」"
    for node in root.iter(etree.Element):
        name, language = local(node), node.get("expressionLanguage", "").strip()
        if name in _UNHEARD and (name in _POINTING or "".join(node.itertext()).strip()):
            why, help = _UNHEARD[name]
            yield _at(path, decision, node, f"{title}写了 {name}：{why}", help)
        if language.lower() not in LANGUAGES and not _FEEL.fullmatch(language.lower()):
            help = "请删掉 expressionLanguage，或写 FEEL，格子按本系统的写法填"
            yield _at(path, decision, node, f"{title}不能用表达式语言“{language}”", help)
        if name == "inputExpression" and any(local(other) == name for other in node.itersiblings()):
            help = "请删掉多余的，或分成几列输入"
            yield _at(path, decision, node, f"{title}的一列输入写了几个表达式，只会算第一个", help)
        if name == "text" and (len(node) or any(local(other) == "text" for other in node.itersiblings())):
            yield _at(path, decision, node, f"{title}的一格里夹着注释或别的元素", "请删掉，只留一段文字")


def _contradictory(path: str, root: Any, decision: Decision) -> Iterator[Problem]:
    for one in columns.contradictions(root, decision):
        yield Problem(
            path,
            decision.id,
            f"{one.where}“{one.cell[:40]}”里写的是{one.kind}，这一列的类型（typeRef）是 {one.type}",
            "请改成同一种：文字加引号，数和 true、false 不加；或改这一列的类型，不写也可以",
        )


def _at(path: str, decision: Decision, node: Any, message: str, help: str) -> Problem:
    return Problem(path, decision.id, message, help, line=node.sourceline or 0)


def _texts(path: str, decision: Decision) -> Iterator[Problem]:
    for where, text in decision.texts():
        try:
            compile_expression(text)
        except ScriptRefused as no:
            yield Problem(path, decision.id, f"{where}“{text[:40]}”：{no.message}", no.help)
