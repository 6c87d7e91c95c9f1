"""Events that wait in one place for one thing, of which only one can have it. Runs nothing.

What waits on the border of an activity, or as an event sub-process in a scope, catches a message, an error or an
escalation instead of the others there, not besides them; so does a receive task itself. A signal reaches all (BPMN
2.0.2, 10.5.1), and so does a moment that several have drawn alike, as far as what interrupts leaves anything.
"""

from collections.abc import Iterator

from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Problem

_ONE_HAS_IT = frozenset({"message", "error", "escalation"})
_WHAT = {"message": "消息", "signal": "信号", "error": "错误", "escalation": "升级", "timer": "时间"}


def problems(sheet: Sheet) -> Iterator[Problem]:
    led_to = {flow.get("targetRef") for flow in sheet.all("messageFlow")}
    by_id = {drawn.id: drawn for drawn in sheet.nodes}
    for host in sheet.nodes:
        attached = [by_id[id_] for id_ in host.boundary if id_ in by_id]
        if host.kind == "receiveTask":
            attached.insert(0, host)
        yield from _rivals(sheet, [one for one in attached if one.id not in led_to])
    for scope in dict.fromkeys(drawn.scope for drawn in sheet.nodes):
        within = [drawn for drawn in sheet.nodes if drawn.triggered and drawn.scope == scope]
        yield from _rivals(sheet, [one for one in within if _begin(sheet, one) not in led_to])


def _rivals(sheet: Sheet, waiting: list[Drawn]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Drawn] = {}
    for drawn in waiting:
        kind, name = drawn.event.kind, drawn.event.name or drawn.event.rule
        other = seen.setdefault((kind, name), drawn)
        if other is not drawn and _excludes(other, drawn):
            what = f"{sheet.title(drawn)}和{sheet.title(other)}在同一处等同一个{_WHAT[kind]}“{name}”"
            help = "只留一个，在它后面再用网关分开；或者写得不一样"
            if kind == "timer" and not (drawn.interrupting and other.interrupting):
                # BPMN leaves their order open; here it is that of their ids.
                yield sheet.problem(drawn, f"{what}，按编号的次序先后，打断的以后不再有别的", help, "warning")
            else:
                yield sheet.problem(drawn, f"{what}，只有一个接得到", help)
        if drawn.interrupting:
            seen[kind, name] = drawn


def _excludes(one: Drawn, other: Drawn) -> bool:
    """Of signals: two that interrupt one activity, or one that interrupts the scope in which another begins.

    Of timers: also one that interrupts the activity of another, as one after the other is fired.
    """
    kind = one.event.kind
    if kind == "timer" or (kind == "signal" and one.triggered):
        return one.interrupting or other.interrupting
    if kind == "signal":
        return one.interrupting and other.interrupting
    return kind in _ONE_HAS_IT


def _begin(sheet: Sheet, handler: Drawn) -> str:
    """Message flows lead to the start of an event sub-process."""
    return next((one.id for one in sheet.nodes if (one.scope, one.kind) == (handler.id, "startEvent")), "")
