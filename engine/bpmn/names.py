"""What the texts of drawings and forms speak of: tasks, fields, facts and variables that really exist.

A condition on a misspelt name fails in the middle of a case; a rule that reads a personal field would put into
the history what must stay erasable. Both are found here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

from engine.bpmn.decisions import Decision
from engine.bpmn.doors import doors
from engine.bpmn.drawing import BY_PEOPLE, Drawn
from engine.bpmn.fields import FormFields
from engine.bpmn.grammar import FACTS
from engine.bpmn.script import RESERVED, Expression, Script, compile_expression, compile_script, is_free
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem
from engine.bpmn.vocabulary import Vocabulary
from engine.errors import ScriptRefused

FORM_CONTEXT = frozenset({"submission"})  # what a form may speak of besides the case: where it came from


@dataclass(frozen=True)
class Known:
    """Everything an expression may name. `forms` is keyed by task id; `many` are tasks with several instances."""

    words: Vocabulary
    tasks: Set[str]
    variables: Set[str]
    forms: Mapping[str, FormFields]
    many: Set[str]


def known(
    words: Vocabulary,
    sheets: Sequence[Sheet],
    forms: Mapping[str, FormFields],
    tables: Mapping[str, Decision],
) -> Known:
    nodes = [node for sheet in sheets for node in sheet.nodes]
    tasks = [node for node in nodes if node.kind in BY_PEOPLE]
    many = {node.id for node in tasks if node.repetition and node.repetition.kind != "loop"}
    variables = {name for node in nodes for name in written(node)}
    variables |= {name for decision in tables.values() for name in decision.outputs}
    if words.flat:
        variables |= {name for form in forms.values() for name in form.names}
    return Known(words, {task.id for task in tasks}, variables, forms, many)


def written(node: Drawn) -> set[str]:
    """The variables an element writes; answers, which lie under the task's own id, are not among them."""
    return {name for name, _ in (*given(node), *node.writes)} | scripted(node)


def scripted(node: Drawn) -> set[str]:
    """The variables that a script task assigns; none where it does not compile."""
    with suppress(ScriptRefused):
        return set(compile_script(node.script).assigns if node.kind == "scriptTask" else ())
    return set()


def problems(known: Known, sheets: Sequence[Sheet]) -> Iterator[Problem]:
    yield from _task_names(known, sheets)
    for sheet in sheets:
        for door in doors(sheet):
            try:
                text = door.compiled()
            except ScriptRefused:
                continue
            title = f"{sheet.title(door.element)}的{door.what}"
            for message, help, severity in _complaints(known, text, door.extra):
                yield sheet.problem(door.element, f"{title}：{message}", help, severity)
            for name in sorted(text.assigns & RESERVED if isinstance(text, Script) else ()):
                yield sheet.problem(
                    door.element, f"{title}：变量名“{name}”不能用", "它是引擎给循环和多实例的名字，请换一个"
                )
            for name in sorted(text.assigns & known.tasks if isinstance(text, Script) else ()):
                yield sheet.problem(
                    door.element, f"{title}：改了任务“{name}”填报的内容", "填报的内容不能改，请另起一个变量名"
                )
        yield from _given_names(known, sheet)


def table_problems(known: Known, path: str, decision: Decision) -> Iterator[Problem]:
    """Cells of a decision table speak of what the case knows where it is asked."""
    for where, text in decision.texts():
        for message, help, severity in _complaints(known, compile_expression(text), frozenset()):
            yield Problem(path, decision.id, f"{where}“{text[:40]}”：{message}", help, severity)
    for name in sorted(known.tasks & set(decision.outputs)):
        yield Problem(path, decision.id, f"结果名“{name}”是任务编号", "请换一个名字")


def form_problems(known: Known, form: FormFields) -> Iterator[Problem]:
    """Rules and defaults of a form, which speak of its own fields first."""
    for what, text in form.expressions:
        try:
            expression = compile_expression(text)
        except ScriptRefused:
            continue
        for message, help, severity in _complaints(known, expression, form.names | FORM_CONTEXT):
            yield Problem(form.path, "", f"{what}：{message}", help, severity)


def form_texts(known: Known, form: FormFields) -> Iterator[Problem]:
    """Without a gate for forms: their expressions compile, their rules exist."""
    for what, text in form.expressions:
        try:
            compile_expression(text)
        except ScriptRefused as no:
            yield Problem(form.path, "", f"{what}：{no.message}", no.help, line=no.line, column=no.column)
    for rule in sorted(set(form.rules) - known.words.rules if known.words.rules else ()):
        yield Problem(
            form.path, "", f"rules.toml 里没有规则 {rule}", "请核对规则编号，或在 rules.toml 补上原文"
        )


def _complaints(known: Known, text: Expression | Script, own: Set[str]) -> Iterator[tuple[str, str, str]]:
    """What is wrong, what helps, and whether it forbids. Tasks without a form may be answered with any name."""
    for name in sorted(text.names - known.tasks - known.variables - own - {FACTS}):
        if known.words.as_drawn:
            yield f"图上没有给出“{name}”", "办理时要由填报的内容或消息给出", "warning"
        else:
            yield f"没有“{name}”", "只能写任务编号、脚本变量和 case；请核对拼写", "error"
    for name, field in sorted(text.fields):
        if name not in own:
            yield from ((message, help, "error") for message, help in _field(known, name, field))


def _field(known: Known, name: str, field: str) -> Iterator[tuple[str, str]]:
    if name == FACTS:
        if field not in known.words.facts:
            yield f"没有办件事实 case.{field}", "请在 process.toml 的 [facts] 里声明，或核对拼写"
    elif name in known.many:
        yield f"“{name}”是多人办理的结果，是一个列表", f'请写 {name}[0].{field} 或 pluck({name}, "{field}")'
    elif name in known.forms and field not in known.forms[name].names:
        yield (
            f"任务“{name}”的表单没有字段“{field}”",
            f"有的字段：{'、'.join(sorted(known.forms[name].names))}",
        )
    elif name in known.forms and field in known.forms[name].personal:
        yield f"“{name}.{field}”是个人信息，流程不能读", "请在表单里加一个不含个人信息的字段来判断"


def _task_names(known: Known, sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """Answers are kept under the task's id, in every diagram of the case; merged flat, only those of many items."""
    counted = Counter(node.id for sheet in sheets for node in sheet.nodes if node.kind in BY_PEOPLE)
    for sheet in sheets:
        for node in sheet.nodes:
            if node.kind not in BY_PEOPLE or (known.words.flat and node.id not in known.many):
                continue
            if counted[node.id] > 1:
                yield sheet.problem(node, f"任务编号“{node.id}”在几张图里都有", "任务编号在整个流程里要唯一")
            if not is_free(node.id):
                yield sheet.problem(
                    node,
                    f"任务编号“{node.id}”不能写进条件",
                    "任务编号用字母、数字、下划线，不用函数名和 case",
                )


def _given_names(known: Known, sheet: Sheet) -> Iterator[Problem]:
    for object_ in sheet.all("dataObject"):
        if not is_free(object_.get("id", "")):
            yield sheet.problem(
                object_, f"数据对象的编号“{object_.get('id')}”不能用", "请换一个编号，不用函数名和 case"
            )
    for node in sheet.nodes:
        for name, what in (*given(node), *((name, "数据对象") for name, _ in node.writes)):
            if not is_free(name) or name in known.tasks - {node.id}:
                yield sheet.problem(
                    node,
                    f"{sheet.title(node)}的{what}“{name}”不能用",
                    "请换一个名字，不用函数名、任务编号和 case",
                )


def given(node: Drawn) -> Iterator[tuple[str, str]]:
    """Variables that an element brings in besides scripts: (name, what it is)."""
    if node.operation and node.operation.result:
        yield node.operation.result, "结果变量"
    if node.event.variable:
        yield node.event.variable, "消息变量"
    if node.repetition:
        for name, what in (
            (node.repetition.item, "分项名"),
            (node.repetition.output, "分项结果名"),
            (node.repetition.outputs, "结果列表名"),
        ):
            if name:
                yield name, what
