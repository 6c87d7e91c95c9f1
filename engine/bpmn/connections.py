"""Ids, references and flows of one drawing: every arrow has two ends, every reference something at its end."""

import re
from collections import Counter
from collections.abc import Iterator, Set
from typing import Any

from engine.bpmn import admitted
from engine.bpmn.drawing import BPMN, BY_PEOPLE, NODES, Drawn
from engine.bpmn.sheet import Sheet, local
from engine.bpmn.step import Problem

_ID = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff-]*")
_TAKEN = frozenset(
    {"Start", "End", "Root"}
)  # names of SpiffWorkflow's own specs, in one dictionary with ours
_REFERENCES = {
    "sequenceFlow": (("sourceRef", NODES), ("targetRef", NODES)),
    "boundaryEvent": (("attachedToRef", NODES),),
    "messageEventDefinition": (("messageRef", {"message"}),),
    "signalEventDefinition": (("signalRef", {"signal"}),),
    "errorEventDefinition": (("errorRef", {"error"}),),
    "escalationEventDefinition": (("escalationRef", {"escalation"}),),
    "sendTask": (("messageRef", {"message"}),),
    "receiveTask": (("messageRef", {"message"}),),
    "participant": (("processRef", {"process"}),),
    "dataObjectReference": (("dataObjectRef", {"dataObject"}),),
    "correlationPropertyRetrievalExpression": (("messageRef", {"message"}),),
    "messageFlow": (("sourceRef", NODES | {"participant"}), ("targetRef", NODES | {"participant"})),
}
# what must be named, and by which attribute people and the engine know it; a boundary event or
# the start of an event sub-process may catch all
_NAMED = {
    "messageEventDefinition": ("消息", "name"),
    "sendTask": ("消息", "name"),
    "receiveTask": ("消息", "name"),
    "signalEventDefinition": ("信号", "name"),
    "errorEventDefinition": ("错误", "errorCode"),
    "escalationEventDefinition": ("升级", "escalationCode"),
}
_CATCH_ALL = frozenset({"errorEventDefinition", "escalationEventDefinition"})
_COMPUTED: dict[str, frozenset[str]] = {
    "dataInputAssociation": frozenset(),
    "dataOutputAssociation": frozenset({"transformation"}),
}
_SCOPED = frozenset({"error", "escalation"})  # thrown inside, caught on the border
_DIVERGING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_STARTS = frozenset({"startEvent", "boundaryEvent"})


def problems(sheet: Sheet) -> Iterator[Problem]:
    yield from _process(sheet)
    for find in (_ids, _references, _lanes, _data, _scopes, _links, _outgoing, _blank, _mentions):
        yield from find(sheet)


def _process(sheet: Sheet) -> Iterator[Problem]:
    processes = sheet.all("process")
    taking_part = {participant.get("processRef") for participant in sheet.all("participant")}
    apart = [process for process in processes if process.get("id") not in taking_part]
    if not processes or (len(processes) > 1 and apart):
        yield Problem(
            sheet.file,
            "",
            f"一个文件里要有一个流程，这里有 {len(processes)} 个",
            "请分成几个文件，或画成同一个协作图里的几个泳池",
        )
        return
    for process in processes:
        if process.get("isExecutable") != "true":
            yield sheet.problem(
                process,
                "流程没有设为可执行",
                "要执行的，请在属性面板里勾选“可执行”；只作说明的泳池，请写明 isExecutable=false",
            )
    for pool in sheet.pictures:
        yield sheet.problem(
            pool,
            f"泳池{sheet.title(pool)}没有设为可执行，只作说明，里面画的步骤不会执行",
            "它的消息从外面来、往外面去；要由办件执行的，请勾选“可执行”",
            "warning",
        )
    yield from _participants(sheet)
    process = processes[0]
    if sheet.file.removesuffix(".bpmn") != process.get("id") and not sheet.as_drawn:
        yield sheet.problem(
            process, f"流程编号“{process.get('id')}”和文件名不同", "请改成一样，表单按它找文件夹"
        )


def _participants(sheet: Sheet) -> Iterator[Problem]:
    """Beside the first process others may take part, each once and each with one way to begin."""
    counted = Counter(participant.get("processRef") for participant in sheet.all("participant"))
    for process in sheet.all("process"):
        id_ = process.get("id")
        if counted[id_] > 1:
            yield sheet.problem(process, f"流程“{id_}”在 {counted[id_]} 个泳池里", "一个流程只放在一个泳池里")
        starts = [child for child in process if local(child) == "startEvent"]
        if id_ != sheet.process and len(starts) > 1:
            yield sheet.problem(
                process, f"泳池里的流程“{id_}”有 {len(starts)} 个开始事件", "要有一个，也只能有一个"
            )


def _ids(sheet: Sheet) -> Iterator[Problem]:
    counted = Counter(node.get("id") for node in sheet.root.iter(f"{{{BPMN}}}*") if node.get("id"))
    for id_, times in counted.items():
        if times > 1:
            yield sheet.problem(id_, f"编号“{id_}”用了 {times} 次", "请在属性面板里改成不同的编号")
    for node in sheet.all("process", "lane", "participant", *NODES, "sequenceFlow"):
        id_ = node.get("id", "")
        if not _ID.fullmatch(id_) or id_ in _TAKEN:
            yield sheet.problem(
                node, f"编号“{id_}”不能用", "编号由字母、数字、下划线和汉字组成，不用 Start、End、Root"
            )


def _references(sheet: Sheet) -> Iterator[Problem]:
    for name, references in _REFERENCES.items():
        for node in sheet.all(name):
            for attribute, kinds in references:
                yield from _reference(sheet, node, attribute, kinds)


def _reference(sheet: Sheet, node: Any, attribute: str, kinds: Set[str]) -> Iterator[Problem]:
    wanted = node.get(attribute)
    what, key = _NAMED.get(local(node), ("", ""))
    if wanted is None:
        if what and not (local(node) in _CATCH_ALL and local(node.getparent()) in _STARTS):
            yield sheet.problem(node, f"{sheet.title(node)}没有选{what}", f"请在属性面板里选一个{what}")
        return
    found = sheet.by_id.get(wanted)
    if key and found is not None and not found.get(key):
        yield sheet.problem(node, f"{sheet.title(node)}用的{what}没有 {key}", "请在属性面板里写上")
    if found is None or local(found) not in kinds:
        yield sheet.problem(node, f"{sheet.title(node)}连着不存在的“{wanted}”", "请删掉它重画")


def _lanes(sheet: Sheet) -> Iterator[Problem]:
    placed: Counter[str] = Counter()
    for lane in sheet.all("lane"):
        for reference in lane.iterchildren("{*}flowNodeRef"):
            id_ = (reference.text or "").strip()
            if local(sheet.by_id.get(id_, lane)) not in NODES:
                yield sheet.problem(lane, f"泳道{sheet.title(lane)}里有不存在的“{id_}”", "请在画布上重新摆放")
            if not any(local(child) == "childLaneSet" for child in lane):
                placed[id_] += 1
    for id_, times in placed.items():
        if times > 1:
            yield sheet.problem(id_, f"{sheet.title(id_)}同时在 {times} 条泳道里", "请只放在一条泳道里")
    if not placed:
        return
    for drawn in sheet.nodes:
        if drawn.kind in BY_PEOPLE and not drawn.lane:
            yield sheet.problem(drawn, f"{sheet.title(drawn)}不在任何泳道里，没有人办", "请放进一条泳道")


def _data(sheet: Sheet) -> Iterator[Problem]:
    """One end of a data arrow is a data object; the other is the activity that holds it."""
    for name, end in (("dataInputAssociation", "sourceRef"), ("dataOutputAssociation", "targetRef")):
        for arrow in sheet.all(name):
            ends = [sheet.by_id.get((one.text or "").strip()) for one in arrow.iterchildren(f"{{*}}{end}")]
            if len(ends) != 1 or ends[0] is None or local(ends[0]) != "dataObjectReference":
                yield sheet.problem(
                    arrow.getparent(),
                    f"{sheet.title(arrow.getparent())}的数据箭头没有连着一个数据对象",
                    "请删掉它重画",
                )
            for child in arrow:
                if local(child) not in {"sourceRef", "targetRef"} | _COMPUTED[name]:
                    yield sheet.problem(
                        arrow.getparent(),
                        f"{sheet.title(arrow.getparent())}的数据箭头上的 {local(child)} 不起作用",
                        "箭头从任务连到数据对象时，可以写一个 transformation",
                    )
    ends_of_arrows = {
        (one.text or "").strip() for one in sheet.root.iter(f"{{{BPMN}}}targetRef", f"{{{BPMN}}}sourceRef")
    }
    for end_ in sheet.all("property"):
        if end_.get("id") not in ends_of_arrows:
            yield sheet.problem(
                end_.getparent(), f"{sheet.title(end_.getparent())}的数据属性不起作用", "请去掉"
            )
    if len(sheet.all("correlationKey")) > 1:
        yield Problem(sheet.file, "", "消息有几组关联键", "请合成一组，一条消息的关联值要全部相同才算同一件")


def _scopes(sheet: Sheet) -> Iterator[Problem]:
    """Flows stay within their process or sub-process, which has one start; boundary events sit on an activity."""
    for flow in sheet.all("sequenceFlow"):
        ends = [sheet.by_id.get(flow.get(end)) for end in ("sourceRef", "targetRef")]
        if any(end is not None and end.getparent() is not flow.getparent() for end in ends):
            yield sheet.problem(flow, "连线跨出了子流程或流程", "跨流程请用消息，跨子流程请连到子流程的边框")
        yield from _direction(sheet, flow, ends)
    for drawn in sheet.nodes:
        if drawn.kind == "boundaryEvent":
            yield from _host(sheet, drawn)
    for scope in sheet.all("process", "subProcess"):
        starts = [
            drawn for drawn in sheet.nodes if drawn.scope == scope.get("id") and drawn.kind == "startEvent"
        ]
        plain = [drawn for drawn in starts if drawn.event.kind == "none"]
        if not starts or len(plain) > 1 or (local(scope) == "subProcess" and len(starts) > 1):
            yield sheet.problem(
                scope,
                f"{sheet.title(scope)}有 {len(starts)} 个开始事件",
                "要有一个，没有事件类型的也只能有一个",
            )
        if scope.get("triggeredByEvent") == "true":
            yield from _aside(sheet, scope)
        elif scope.get("id") == sheet.process:
            yield from _begun(sheet, starts)


def _begun(sheet: Sheet, starts: list[Drawn]) -> Iterator[Problem]:
    for drawn in starts:
        if drawn.event.kind != "none":
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}由事件发起：事件发生时，要由系统从它发起办件",
                "请和系统管理员确认谁来发起；由人发起的，用普通的开始事件",
                "warning",
            )


def _aside(sheet: Sheet, scope: Any) -> Iterator[Problem]:
    """An event sub-process is entered by its event alone, and nothing follows it."""
    id_ = scope.get("id")
    if any(id_ in (flow.get("sourceRef"), flow.get("targetRef")) for flow in sheet.all("sequenceFlow")):
        yield sheet.problem(
            scope, f"事件子流程{sheet.title(scope)}不能连线", "它由自己的开始事件触发，请去掉连线"
        )
    if any(local(child).endswith("LoopCharacteristics") for child in scope):
        yield sheet.problem(scope, f"事件子流程{sheet.title(scope)}不能重复办理", "请去掉循环或多实例标记")


def _direction(sheet: Sheet, flow: Any, ends: list[Any]) -> Iterator[Problem]:
    source, target = ends
    if source is not None and local(source) == "endEvent":
        yield sheet.problem(flow, f"结束事件{sheet.title(source)}后面还有连线", "请改成中间事件或去掉连线")
    if target is not None and local(target) in _STARTS:
        yield sheet.problem(flow, f"有连线指向{sheet.title(target)}", "开始事件和边界事件前面不能有连线")


def _host(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    event = sheet.by_id[drawn.id]
    host = sheet.by_id.get(event.get("attachedToRef"))
    if host is None or host.getparent() is not event.getparent() or local(host) not in admitted.HOSTS:
        yield sheet.problem(
            drawn,
            f"边界事件{sheet.title(drawn)}没有贴在等人办的活动上",
            "请贴在用户任务、接收任务、调用活动或子流程上",
        )
    elif host.get("triggeredByEvent") == "true":
        yield sheet.problem(
            drawn,
            f"边界事件{sheet.title(drawn)}贴在事件子流程上，等不到",
            "请贴在里面的任务上，或在旁边另画一个事件子流程",
        )
    elif drawn.event.kind in _SCOPED and local(host) not in ("callActivity", "subProcess"):
        yield sheet.problem(
            drawn,
            f"{sheet.title(drawn)}等不到：{sheet.title(host)}里面不会抛出错误或升级",
            "请贴在抛出它的调用活动或子流程上",
        )


def _links(sheet: Sheet) -> Iterator[Problem]:
    """Links meet by name within their scope: one to go on at, any number to leave from."""
    entered = {flow.target for drawn in sheet.nodes for flow in drawn.flows}
    for drawn in sheet.nodes:
        if drawn.event.kind != "link":
            continue
        if drawn.kind == "intermediateCatchEvent":
            if not drawn.flows or drawn.id in entered:
                yield sheet.problem(
                    drawn, f"链接{sheet.title(drawn)}接着走的一头画得不对", "它前面没有连线，后面要有连线"
                )
            continue
        if drawn.flows:
            yield sheet.problem(drawn, f"链接{sheet.title(drawn)}后面不能有连线", "它从同名的链接接着走")
        if len([catch for catch in sheet.nodes if is_link(drawn, catch)]) != 1:
            yield sheet.problem(
                drawn, f"链接{sheet.title(drawn)}要接到一个同名的链接", "请在同一层画一个同名的链接捕获事件"
            )


def is_link(throw: Drawn, catch: Drawn) -> bool:
    """Whether a token goes on from one link event at the other."""
    if throw.event.kind != "link" or throw.event != catch.event or throw.scope != catch.scope:
        return False
    return (throw.kind, catch.kind) == ("intermediateThrowEvent", "intermediateCatchEvent")


def _outgoing(sheet: Sheet) -> Iterator[Problem]:
    for drawn in sheet.nodes:
        if (
            not drawn.flows
            and drawn.kind != "endEvent"
            and drawn.event.kind != "link"
            and not drawn.triggered
        ):
            yield sheet.problem(drawn, f"{sheet.title(drawn)}后面没有连线", "请连到下一步或结束事件")
        if drawn.kind in admitted.CONDITIONAL_FLOWS_FROM:
            yield from _choice(sheet, drawn)
        elif any(flow.condition or flow.default for flow in drawn.flows):
            yield sheet.problem(
                drawn, f"{sheet.title(drawn)}后面的连线不能有条件或默认流向", "请在后面加一个排他网关"
            )
        default = sheet.by_id[drawn.id].get("default")
        if default and default not in {flow.id for flow in drawn.flows}:
            yield sheet.problem(
                drawn, f"{sheet.title(drawn)}的默认流向“{default}”不是它的连线", "请重新选默认流向"
            )


def _choice(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    for flow in drawn.flows:
        if flow.default and flow.condition:
            yield sheet.problem(flow.id, f"{sheet.title(drawn)}的默认流向又写了条件", "默认流向不写条件")
    if drawn.kind not in _DIVERGING:
        yield from _never_taken(sheet, drawn)
        return
    if len(drawn.flows) == 1 and drawn.flows[0].condition:
        yield sheet.problem(drawn, f"{sheet.title(drawn)}只有一条出线却有条件", "请去掉条件或画出另一条线")
    if len(drawn.flows) < 2:
        return
    for flow in drawn.flows:
        if not flow.condition and not flow.default:
            yield sheet.problem(
                flow.id,
                f"{sheet.title(drawn)}到{sheet.title(flow.target)}的连线没有条件",
                "请写条件，或设为默认流向",
            )
    if not any(flow.default for flow in drawn.flows):
        yield sheet.problem(
            drawn,
            f"{sheet.title(drawn)}没有默认流向，条件都不成立时会停住",
            "请把其中一条设为默认流向",
            "warning",
        )


def _never_taken(sheet: Sheet, drawn: Drawn) -> Iterator[Problem]:
    """Engines differ in whether a default is taken beside a flow that always is."""
    always = [flow for flow in drawn.flows if not flow.condition and not flow.default]
    for flow in drawn.flows:
        if flow.default and always:
            yield sheet.problem(
                flow.id,
                f"{sheet.title(drawn)}到{sheet.title(always[0].target)}的连线没有条件，默认流向永远走不到",
                "请给那条连线写上条件，或去掉默认流向",
            )


def _blank(sheet: Sheet) -> Iterator[Problem]:
    """A condition that says nothing would be taken for none."""
    for condition in sheet.all("conditionExpression", "loopCondition", "completionCondition"):
        if not (condition.text or "").strip():
            node = condition.getparent()
            yield sheet.problem(node, f"{sheet.title(node)}的条件是空白的", "请写上条件，或把这个条件删掉")


def _mentions(sheet: Sheet) -> Iterator[Problem]:
    """Some tools follow the flows that a node lists, others the ends that a flow names: they must agree."""
    for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for mention in sheet.all(name):
            node, flow = mention.getparent(), sheet.by_id.get((mention.text or "").strip())
            if flow is None or flow.get(end) != node.get("id"):
                yield sheet.problem(node, f"{sheet.title(node)}记着不是它的连线", "请删掉连线重画")
