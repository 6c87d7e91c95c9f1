"""What process.toml, rules.toml and the stories declare, and whether the drawings keep to it."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import timing
from engine.bpmn.doors import constant
from engine.bpmn.drawing import BY_PEOPLE, Drawn, Operation
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Bundle, Problem
from engine.bpmn.tasks import SET_FACTS

# Service operation → its parameters and whether each must be given; None: they are not known.
Operations = Mapping[str, Mapping[str, bool] | None]

ABOUT = "process.toml"
RULES = "rules.toml"
_CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass(frozen=True)
class Vocabulary:
    """The declarations of a procedure; tables that are missing are empty."""

    id: str = ""
    main: str = ""
    flat: bool = False
    lanes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    start_roles: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, Any] = field(default_factory=dict)
    ends: Mapping[str, Any] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    basis: bool = False  # it rests on a document in force, so every task needs its form
    as_drawn: bool = False  # made with other tools: nothing but the drawing says what there is

    @property
    def formless(self) -> str:
        """How severe it is that a user task has no form; as drawn, it takes any plain names."""
        return "error" if self.basis else "" if self.as_drawn else "warning"


def read(bundle: Bundle) -> Vocabulary | list[Problem]:
    """Both files, or what keeps them from being read."""
    if ABOUT not in bundle.files:
        return [Problem(ABOUT, "", "没有 process.toml", "请写明流程编号、名称、主流程、泳道和办件事实")]
    tables, found = {}, []
    for path in (ABOUT, RULES):
        try:
            tables[path] = tomllib.loads(bundle.files.get(path, b"").decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            found.append(Problem(path, "", f"文件读不出来：{cause}", "请按 TOML 的写法改正"))
    return found or _vocabulary(tables[ABOUT], tables[RULES])


def _vocabulary(about: Mapping[str, Any], rules: Mapping[str, Any]) -> Vocabulary | list[Problem]:
    found = [
        Problem(ABOUT, "", f"缺少 {key}", f'请写 {key} = "…"')
        for key in ("id", "title", "main")
        if not isinstance(about.get(key), str)
    ]
    found += [
        Problem(ABOUT, "", f"{key} 应当是一张表", f"请写成 [{key}]")
        for key in ("lanes", "roles", "facts", "messages", "ends", "start")
        if not isinstance(about.get(key, {}), dict)
    ]
    if found:
        return found
    tables = {key: about.get(key, {}) for key in ("lanes", "roles", "facts", "messages", "ends")}
    return Vocabulary(
        about["id"],
        about["main"],
        about.get("answers") == "flat",
        start_roles=about.get("start", {}).get("roles", ()),
        rules=frozenset(rules.get("rule", rules)),
        basis=bool(about.get("basis")),
        as_drawn=about.get("as_drawn") is True,
        **tables,
    )


def problems(words: Vocabulary, sheets: Sequence[Sheet], operations: Operations | None) -> Iterator[Problem]:
    yield from _roles(words)
    yield from _senders(words)
    yield from _ends(words, sheets)
    for sheet in sheets:
        yield from _lanes(words, sheet)
        yield from _messages(words, sheet)
        yield from _start_timers(words, sheet)
        yield from _operations(words, sheet, operations)
    if words.as_drawn and words.basis:
        yield Problem(
            ABOUT, "", "有依据文件（[basis]）的流程不能照图办理（as_drawn）", "请去掉 as_drawn，逐项声明"
        )


def _roles(words: Vocabulary) -> Iterator[Problem]:
    for lane, role in words.lanes.items():
        if role not in words.roles:
            yield Problem(ABOUT, "", f"泳道 {lane} 的岗位“{role}”没有声明", "请在 [roles] 里写明它的名称")
    for role in words.start_roles:
        if role not in words.roles:
            yield Problem(ABOUT, "", f"发起岗位“{role}”没有声明", "请在 [roles] 里写明它的名称")


def _senders(words: Vocabulary) -> Iterator[Problem]:
    for name, told in words.messages.items():
        if not isinstance(told, dict) or not isinstance(told.get("roles", []), list):
            yield Problem(
                ABOUT, "", f"消息“{name}”的声明写错了", '请写成 名称 = { title = "…", roles = ["…"] }'
            )
            continue
        for role in told.get("roles", []):
            if role not in words.roles:
                yield Problem(
                    ABOUT, "", f"发送消息“{name}”的岗位“{role}”没有声明", "请在 [roles] 里写明它的名称"
                )


def _ends(words: Vocabulary, sheets: Sequence[Sheet]) -> Iterator[Problem]:
    for sheet in [] if words.as_drawn else sheets:
        if sheet.process != words.main:
            continue
        ending = {words.main} | {
            node.id
            for node in sheet.nodes
            if node.triggered and node.interrupting and node.scope == words.main
        }
        drawn = {node.id: node for node in sheet.nodes if node.kind == "endEvent" and node.scope in ending}
        for end in words.ends:
            if end not in drawn:
                yield Problem(ABOUT, "", f"主流程没有画结束事件“{end}”", "请画出来，或从 [ends] 去掉")
        for id_, node in drawn.items():
            if id_ not in words.ends:
                yield sheet.problem(
                    node, f"结束事件{sheet.title(node)}没有说明结果", f"请在 process.toml 的 [ends] 写 {id_}"
                )


def _lanes(words: Vocabulary, sheet: Sheet) -> Iterator[Problem]:
    for lane in [] if words.as_drawn else sheet.all("lane"):
        if lane.get("id") not in words.lanes:
            yield sheet.problem(
                lane,
                f"泳道{sheet.title(lane)}没有对应的岗位",
                f'请在 process.toml 的 [lanes] 写 {lane.get("id")} = "岗位"',
            )
    for drawn in sheet.nodes:
        if drawn.kind not in BY_PEOPLE or words.lanes.get(drawn.lane) != "performer":
            continue
        if not drawn.properties.get("performer"):
            yield sheet.problem(
                drawn, f"{sheet.title(drawn)}由办理方办理，却没有写谁是办理方", "请写属性 performer"
            )


def _messages(words: Vocabulary, sheet: Sheet) -> Iterator[Problem]:
    for drawn in () if words.as_drawn else sheet.nodes:
        if drawn.event.kind == "message" and drawn.event.name not in words.messages:
            verb = "等待" if drawn.kind in _CATCHING else "发出"
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}{verb}的消息“{drawn.event.name}”没有声明",
                "请在 process.toml 的 [messages] 里声明，或改消息名称",
            )


def _start_timers(words: Vocabulary, sheet: Sheet) -> Iterator[Problem]:
    """Before a case begins there is nothing to compute its time from."""
    for drawn in sheet.nodes:
        if drawn.kind != "startEvent" or drawn.scope != words.main or drawn.event.kind != "timer":
            continue
        rule = drawn.event.rule
        if rule and not timing.is_literal(rule) and not isinstance(constant(rule), str):
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}的定时要用到办件的内容，可是这时还没有办件",
                "请直接写时间，例如 2026-03-05T09:00:00+08:00、P7D 或 R12/P1M",
            )


def _operations(words: Vocabulary, sheet: Sheet, operations: Operations | None) -> Iterator[Problem]:
    for drawn in sheet.nodes:
        operation = drawn.operation
        if operation is None:
            continue
        if operation.id == SET_FACTS:
            for name, _ in operation.parameters:
                if name not in words.facts:
                    yield sheet.problem(
                        drawn,
                        f"{sheet.title(drawn)}写的办件事实“{name}”没有声明",
                        "请在 process.toml 的 [facts] 里声明",
                    )
        elif operations is not None and operation.id not in operations:
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}的服务操作“{operation.id}”不存在",
                f"可用的操作：{'、'.join(sorted({*operations, SET_FACTS}))}",
            )
        elif operations is not None:
            yield from _parameters(sheet, drawn, operation, operations[operation.id])


def _parameters(
    sheet: Sheet, drawn: Drawn, operation: Operation, known: Mapping[str, bool] | None
) -> Iterator[Problem]:
    """By name: an operation would ignore what it does not know, and fail at run where something is missing."""
    if known is None:
        return
    given = [name for name, _ in operation.parameters]
    takes = f"“{operation.id}”的参数：{'、'.join(known) or '没有'}"
    for name in given:
        if name not in known:
            message = f"{sheet.title(drawn)}的服务操作“{operation.id}”没有参数“{name}”"
            yield sheet.problem(drawn, message, f"请去掉它或改正名称。{takes}")
    for name, needed in known.items():
        if needed and name not in given:
            message = f"{sheet.title(drawn)}的服务操作“{operation.id}”缺少参数“{name}”"
            yield sheet.problem(drawn, message, f"请在属性面板里加上。{takes}")


def stories(bundle: Bundle, words: Vocabulary, sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """Stories speak of existing tasks, rules and facts."""
    tasks = {n.id for s in sheets for n in s.nodes if n.kind in BY_PEOPLE}
    for path, content in sorted(bundle.files.items()):
        if not path.endswith(".story.toml"):
            continue
        try:
            told = tomllib.loads(content.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            yield Problem(path, "", f"文件读不出来：{cause}", "请按 TOML 的写法改正")
            continue
        if told.get("process") != words.id:
            yield Problem(path, "", f"故事讲的不是流程“{words.id}”", f'请写 process = "{words.id}"')
        for number, step in enumerate(told.get("step", []), 1):
            yield from _step(path, number, step, words, tasks)


def _step(
    path: str, number: int, step: Mapping[str, Any], words: Vocabulary, tasks: set[str]
) -> Iterator[Problem]:
    for task in (step.get("task"), *(_element(item) for item in step.get("then", ()))):
        if task and task not in tasks:
            yield Problem(path, str(task), f"第{number}步：图上没有任务“{task}”", "请核对任务编号")
    rule = step.get("refused")
    if isinstance(rule, str) and words.rules and rule not in words.rules:
        yield Problem(path, "", f"第{number}步：rules.toml 里没有规则 {rule}", "请核对规则编号")
    for fact in step.get("fact", {}):
        if str(fact).removeprefix("case.") not in words.facts:
            yield Problem(path, "", f"第{number}步：没有办件事实“{fact}”", "请核对 process.toml 的 [facts]")


def _element(item: object) -> str:
    """The element id of a drawn path such as `call_publicity/give_consent#2[3]`."""
    return str(item).rsplit("/", 1)[-1].split("#")[0].split("[")[0]
