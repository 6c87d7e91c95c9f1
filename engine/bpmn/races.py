"""Event-based gateways as drawn: what waits behind one, and that each of it can win. Runs nothing."""

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem


def problems(sheet: Sheet) -> Iterator[Problem]:
    """Behind an event-based gateway stand events that wait, and nothing else leads to them."""
    leading = Counter(flow.target for drawn in sheet.nodes for flow in drawn.flows)
    by_id = {drawn.id: drawn for drawn in sheet.nodes}
    for drawn in sheet.nodes:
        if drawn.kind != "eventBasedGateway":
            continue
        if len(drawn.flows) < 2:
            yield sheet.problem(drawn, f"{sheet.title(drawn)}后面要有至少两个事件", "请画出要等的各个事件")
        for flow in drawn.flows:
            if (
                getattr(by_id.get(flow.target), "kind", "") not in ("intermediateCatchEvent", "receiveTask")
                or leading[flow.target] > 1
            ):
                yield sheet.problem(
                    flow.target,
                    f"{sheet.title(flow.target)}不能放在事件网关后面",
                    "事件网关后面只接定时、消息捕获事件，且只从网关进入",
                )
        yield from _rivals(sheet, [by_id[flow.target] for flow in drawn.flows if flow.target in by_id])


def _rivals(sheet: Sheet, racing: list[Drawn]) -> Iterator[Problem]:
    """What races for one token: BPMN 2.0.2, 10.6.6. One that comes after another for the same message never wins."""
    awaited = [drawn.event for drawn in racing]
    for drawn in racing:
        if drawn.boundary:
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}放在事件网关后面，又贴着边界事件",
                "请把边界事件画成事件网关后面的另一个事件",
            )
        if drawn.kind == "receiveTask" and any(
            other.kind != drawn.kind for other in racing if other.event.kind == "message"
        ):
            yield sheet.problem(
                drawn, f"{sheet.title(drawn)}和消息捕获事件放在同一个事件网关后面", "请都画成消息捕获事件"
            )
        if drawn.event.kind in ("message", "signal", "timer") and awaited.count(drawn.event) > 1:
            what = drawn.event.name or drawn.event.rule
            yield sheet.problem(
                drawn,
                f"{sheet.title(drawn)}和同一个事件网关后面的另一个事件等的是同一个“{what}”",
                "只留一个，在它后面再用排他网关分开",
            )
