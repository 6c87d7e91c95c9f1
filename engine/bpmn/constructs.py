"""Which constructs a drawing may use: what is not in `admitted.py` is refused, with what to draw instead.

There is no third outcome between running right and being refused; so the children and attributes of a node are
on lists as well, and nothing that an engine might take differently passes in silence.
"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import admitted
from engine.bpmn.drawing import BPMN, NODES, SPIFF
from engine.bpmn.sheet import Sheet, in_bpmn, local
from engine.bpmn.step import Problem

_REASONS = {
    "complexGateway": ("复杂网关没有确定的执行方式", "请用排他网关和并行网关组合"),
    "adHocSubProcess": ("临时子流程没有确定的先后", "请画成普通子流程，或并行网关加几个任务"),
    "transaction": ("事务子流程的回退不能执行", "请画成普通子流程，并画出撤销的任务"),
    "dataStoreReference": ("数据存储会丢失同时写入的内容", "请用服务任务读写台账"),
    "dataStore": ("数据存储会丢失同时写入的内容", "请用服务任务读写台账"),
    "ioSpecification": ("数据输入输出不起作用", "请在表达式里直接写任务编号.字段"),
    "dataInputAssociation": ("数据箭头要连着活动", "请从数据对象连到任务，或在表达式里直接写它的编号"),
    "dataOutputAssociation": ("数据箭头要连着活动", "请从任务连到数据对象"),
    "property": ("数据属性不起作用", "请写成办件事实或脚本变量"),
    "correlationSubscription": ("消息关联不起作用", "消息按名称送达本办件，去掉关联即可"),
    "potentialOwner": ("办理人由泳道决定", "请把任务画在对应的泳道里"),
    "performer": ("办理人由泳道决定", "请把任务画在对应的泳道里"),
    "humanPerformer": ("办理人由泳道决定", "请把任务画在对应的泳道里"),
    "resourceRole": ("办理人由泳道决定", "请把任务画在对应的泳道里"),
    "import": ("不能引用别的文件", "请把需要的内容放进同一个流程的文件夹"),
}
_EVENTS = {
    "signal": ("信号不能放在这里", "请用中间事件、边界事件或结束事件，或改用消息"),
    "error": ("错误不能放在这里", "抛出用结束事件，接住用子流程或调用活动上的边界事件"),
    "escalation": ("升级不能放在这里", "抛出用中间或结束事件，接住用子流程或调用活动上的边界事件"),
    "conditional": ("条件事件会在每一步重算", "请用消息，或在流程走到时用排他网关判断"),
    "link": ("链接不能放在这里", "请直接连线"),
    "compensate": ("补偿事件不能执行", "请画出撤销的任务"),
    "cancel": ("取消事件不能执行", "请用消息边界事件"),
    "timer": ("定时不能放在这里", "请用中间捕获事件或边界事件"),
    "message": ("消息不能放在这里", "请用中间事件、边界事件或结束事件"),
    "terminate": ("终止只能用在结束事件", "请改用结束事件"),
    "none": ("这里要有事件类型", "请选择定时或消息"),
}
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ACTIVITIES = frozenset(name for name in NODES if name.endswith("Task") or name == "task") | {"callActivity"}
_TEXTS = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
_MARKERS = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})
_LEVELS = frozenset({"message", "signal", "error", "escalation", "itemDefinition", "interface", "process"})
_IN_SCOPE = frozenset(
    {"sequenceFlow", "laneSet", "documentation", "extensionElements", "incoming", "outgoing"}
)
_EXTENSIONS = frozenset(
    "serviceTaskOperator properties instructionsForEndUser messagePayload messageVariable payloadExpression "
    "variableName calledDecisionId unitTests taskMetadataValues".split()
)
# attribute → what it is when it says nothing, why it may not say more, and what to draw instead
_PLAIN = {
    "isForCompensation": ("false", "补偿不能执行", "请画出撤销的任务，用连线走到它"),
    "startQuantity": ("1", "这里不会等几个令牌", "请用并行网关汇合几条支路"),
    "completionQuantity": ("1", "办完只往下走一次", "请用并行网关分出几条支路，或画成多实例"),
    "instantiate": ("false", "办件不从这里发起", "请改画带消息的开始事件"),
    "parallelMultiple": ("false", "一个事件只等一件事", "请用并行网关分开等几个事件"),
    "eventGatewayType": ("Exclusive", "事件网关只等最先发生的一个", "请用并行网关分开等几个事件"),
}


def problems(sheet: Sheet) -> Iterator[Problem]:
    """Everything drawn that does not run here."""
    yield from _top(sheet)
    yield from _other_types(sheet)
    yield from _several(sheet)
    yield from _hidden_scripts(sheet)
    for node in sheet.root.iter():
        if in_bpmn(node):
            if local(node) in NODES:
                yield from _node(sheet, node)
            elif local(node) in ("process", "subProcess"):
                yield from _scope(sheet, node)
            yield from _extensions(sheet, node)
    for drawn in sheet.nodes:
        if not drawn.interrupting and drawn.event.kind not in admitted.NON_INTERRUPTING:
            yield sheet.problem(drawn, f"{sheet.title(drawn)}不能画成不中断的", "请画成中断的")


def _top(sheet: Sheet) -> Iterator[Problem]:
    for node in sheet.root:
        name = local(node)
        if in_bpmn(node) and name not in _LEVELS | admitted.DRAWN_ONLY | admitted.CORRELATION | {
            "extensionElements"
        }:
            yield _refused(sheet, node)


def _other_types(sheet: Sheet) -> Iterator[Problem]:
    """What XML Schema lets a file say of an element besides its name; tools differ in which of the two they follow."""
    for node in sheet.root.iter(f"{{{BPMN}}}*"):
        type_ = node.get(_TYPE, "").strip()
        plain = type_.rpartition(":")[2]
        if plain and not plain.endswith("Expression") and plain[1:].lower() != local(node).lower():
            yield sheet.problem(
                node,
                f"{sheet.title(node)}画成了 {local(node)}，xsi:type 写着 {type_}",
                "请用流程图编辑器画成要的那一种，去掉 xsi:type",
            )


def _several(sheet: Sheet) -> Iterator[Problem]:
    for pool in sheet.all("participant"):
        many = pool.find(f"{{{BPMN}}}participantMultiplicity")
        if many is None or not pool.get("processRef"):
            continue
        if {many.get("minimum", "0"), many.get("maximum", "1")} - {"0", "1"}:
            yield sheet.problem(
                pool,
                f"泳池{sheet.title(pool)}写着有几份（participantMultiplicity），这里只有一份",
                "请去掉；要办几份的，画成多实例的调用活动",
            )


def _scope(sheet: Sheet, scope: Any) -> Iterator[Problem]:
    for node in scope:
        name = local(node)
        if in_bpmn(node) and name not in NODES | _IN_SCOPE | _MARKERS | _data(scope) | admitted.DRAWN_ONLY:
            yield _refused(sheet, node)


def _data(scope: Any) -> frozenset[str]:
    return admitted.DATA | (admitted.ARROWS if local(scope) == "subProcess" else frozenset())


def _node(sheet: Sheet, node: Any) -> Iterator[Problem]:
    name = local(node)
    if name not in admitted.NODES:
        yield _refused(sheet, node)
        return
    for attribute, (plain, reason, instead) in _PLAIN.items():
        if node.get(attribute, plain) != plain:
            message = f"{sheet.title(node)}的设置 {attribute} 不能执行：{reason}"
            yield sheet.problem(node, message, f"请去掉这个设置。{instead}")
    if name == "subProcess":
        yield from _scope(sheet, node)
    else:
        yield from _children(sheet, node, name)
    yield from _event(sheet, node, name)
    yield from _marker(sheet, node, name)


def _children(sheet: Sheet, node: Any, name: str) -> Iterator[Problem]:
    allowed = _TEXTS | _MARKERS | ({"script"} if name == "scriptTask" else frozenset())
    allowed |= admitted.ARROWS if name in _ACTIVITIES else frozenset()
    for child in node:
        if in_bpmn(child) and local(child) not in allowed and not local(child).endswith("EventDefinition"):
            yield _refused(sheet, child)


def _event(sheet: Sheet, node: Any, name: str) -> Iterator[Problem]:
    if name not in admitted.EVENTS:
        return
    kinds = [
        local(child).removesuffix("EventDefinition")
        for child in node
        if local(child).endswith("EventDefinition")
    ]
    if len(kinds) > 1 or any(local(child) == "eventDefinitionRef" for child in node):
        yield sheet.problem(node, f"{sheet.title(node)}有几个事件类型", "一个事件只能有一种类型，请分开画")
        return
    kind = kinds[0] if kinds else "none"
    if kind not in _kinds(node, name):
        reason, instead = _EVENTS.get(kind, ("这种事件不能执行", "请用定时或消息事件"))
        yield sheet.problem(node, f"{sheet.title(node)}不能执行：{reason}", instead)
    yield from _timer(sheet, node, name)


def _kinds(node: Any, name: str) -> frozenset[str]:
    """What may begin a process is not what may begin a sub-process, or one that waits for its event."""
    scope = node.getparent()
    if name != "startEvent" or local(scope) != "subProcess":
        return admitted.EVENTS[name]
    return admitted.TRIGGERS if scope.get("triggeredByEvent") == "true" else frozenset({"none"})


def _timer(sheet: Sheet, node: Any, name: str) -> Iterator[Problem]:
    for definition in node.iterchildren("{*}timerEventDefinition"):
        kinds = [local(child) for child in definition if local(child).startswith("time")]
        if len(kinds) != 1 or kinds[0] not in admitted.TIMERS.get(name, frozenset()):
            yield sheet.problem(
                node,
                f"{sheet.title(node)}的定时没有写，或写法不能用在这里",
                "写一个时刻或时长；重复的周期只能用在边界事件上",
            )


def _marker(sheet: Sheet, node: Any, name: str) -> Iterator[Problem]:
    for marker in node:
        many = local(marker) == "multiInstanceLoopCharacteristics"
        if local(marker) not in _MARKERS:
            continue
        if name not in (admitted.MULTIPLE if many else admitted.LOOPING):
            yield sheet.problem(node, f"{sheet.title(node)}不能重复办理", "请放进子流程，让子流程重复")
        if many and marker.get("behavior", "All") != "All":
            yield sheet.problem(node, f"{sheet.title(node)}的 behavior 设置不起作用", "请去掉")
        if many and any(_is_many(outer) for outer in node.iterancestors()):
            yield sheet.problem(
                node, f"{sheet.title(node)}在多实例里又画了多实例", "请先把名单展开成一个列表"
            )
        for child in marker:
            if local(child) == "complexBehaviorDefinition":
                yield _refused(sheet, child)


def _is_many(node: Any) -> bool:
    return any(local(child) == "multiInstanceLoopCharacteristics" for child in node)


def _extensions(sheet: Sheet, node: Any) -> Iterator[Problem]:
    """Each setting at most once, and only those that take effect."""
    seen: set[str] = set()
    for extension in node.iterfind(f"{{*}}extensionElements/{{{SPIFF}}}*"):
        name = local(extension)
        if name in seen and name in _EXTENSIONS:
            yield sheet.problem(node, f"{sheet.title(node)}的设置 {name} 写了两次", "请只留一个")
        seen.add(name)
        if name not in _EXTENSIONS and name not in ("preScript", "postScript"):
            yield sheet.problem(node, f"{sheet.title(node)}的设置 {name} 不起作用", "可以去掉", "warning")


def _hidden_scripts(sheet: Sheet) -> Iterator[Problem]:
    for name, place in (("preScript", "前"), ("postScript", "后")):
        for script in sheet.root.iter(f"{{{SPIFF}}}{name}"):
            if (script.text or "").strip():
                yield sheet.problem(
                    script.getparent(),
                    f"{sheet.title(script.getparent())}{place}面藏着脚本（{name}），画面上看不见",
                    f"请在{place}面画一个脚本任务，把内容移过去",
                )


def _refused(sheet: Sheet, node: Any) -> Problem:
    name = local(node)
    reason, instead = _REASONS.get(name, ("这里不能执行它", "请查阅流程设计手册里可以画的图形"))
    return sheet.problem(node, f"{sheet.title(node)}用了不能执行的 {name}：{reason}", instead)
