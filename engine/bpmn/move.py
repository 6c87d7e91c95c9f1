"""Takes a running case to another version of its procedure, as it stands, or says why not. Moves no token.

The new drawing may differ wherever the case is not. Where it stands (open, waiting, or with something open inside)
the element must be drawn as before, because what a task remembers of it would otherwise be read wrongly: that is
what unguarded migration does (docs: spiffworkflow fact 6). Due times are kept, never counted again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.bpmn import codec, run, tokens, waiting
from engine.bpmn.arrows import Way
from engine.bpmn.drawing import Drawn
from engine.bpmn.elements import Element, everywhere, is_instance, is_watching, live
from engine.bpmn.gateways import Join
from engine.bpmn.parse import Model
from engine.bpmn.places import path
from engine.bpmn.routes import graph_of, reachable
from engine.bpmn.run import Running
from engine.bpmn.step import JSON, Step
from engine.bpmn.tasks import Calling, Form
from engine.bpmn.turn import parts
from engine.errors import Conflict, Refused

ITEM, TIMER, MESSAGE = "item", "timer", "message"
_WAIT = "请等它办完以后再换版本，或者在新版里照原样保留它"


@dataclass(frozen=True)
class Move:
    """Something that waits, and the element of the new version where it will wait."""

    path: str
    element: str
    name: str  # as the new version calls it
    kind: str  # ITEM, TIMER or MESSAGE


@dataclass(frozen=True)
class Refusal:
    """Why a case cannot go. `element` is "" for what concerns the case as a whole."""

    element: str
    name: str
    message: str
    help: str


@dataclass(frozen=True)
class MovePlan:
    """A case may go when nothing is refused; then `moves` are all things that wait."""

    moves: tuple[Move, ...]
    refusals: tuple[Refusal, ...]


def plan(running: Running, new: Model) -> MovePlan:
    """What would become of the case under `new`; changes nothing."""
    refusals = tuple(dict.fromkeys(_refusals(running, new)))
    return MovePlan(tuple(_moves(running, new)), refusals)


def move(running: Running, new: Model) -> Step:
    """The case under `new`, where it was. Needs no clock and asks nobody.

    Raises Refused with what stands against it, Conflict when the case has ended.
    """
    if running.state.workflow.completed:
        raise Conflict("办件已经结束，不能换版本")
    refusals = plan(running, new).refusals
    if refusals:
        more = f"（另有{len(refusals) - 1}处）" if len(refusals) > 1 else ""
        raise Refused(f"不能换到这个版本：{refusals[0].message}{more}", help=refusals[0].help)
    facts = _facts(running, new)
    moved = run.revive(new, codec.freeze(replace(running.state, facts=facts)))
    step = run.standing(moved)
    _check_is_as_before(run.standing(running), step, new)
    return step


def _check_is_as_before(before: Step, after: Step, new: Model) -> None:
    """A state that cannot be read again, or reads otherwise, must not leave this room."""
    again = run.standing(run.revive(new, after.frozen))
    if not _waits(before) == _waits(after) == _waits(again) or again.digest != after.digest:
        raise Refused("不能换到这个版本：换过去以后的待办和原来不一样", help="请联系系统维护人员")


def _waits(step: Step) -> JSON:
    items = sorted((item.path, item.due, item.performer, item.label) for item in step.items)
    timers = [(timer.path, timer.due) for timer in step.timers]
    awaited = sorted((one.path, one.name, one.correlation) for one in step.awaited)
    written = {name: value for name, value in step.data.items() if value is not None}
    return items, timers, awaited, written  # a data object that is new is there, and None


def _moves(running: Running, new: Model) -> Iterator[Move]:
    found = [(ITEM, task) for task in waiting.forms(running.state)]
    found += [(kind, task) for kind in (TIMER, MESSAGE) for task in waiting.waiting(running.state, kind)]
    for kind, task in found:
        drawn = _drawn_in(new, task)
        if drawn is not None:
            yield Move(path(task), drawn.id, drawn.name, kind)


def _refusals(running: Running, new: Model) -> Iterator[Refusal]:
    yield from _of_the_whole(running, new)
    for task in everywhere(running.state.workflow):
        if isinstance(task.task_spec, Element):
            yield from _of_element(running.model, new, task)
    workflow = running.state.workflow
    for instance in (workflow, *workflow.subprocesses.values()):
        if not instance.completed and instance.spec.name in _scopes(new):
            yield from _of_scope(running.model, new, instance)


def _of_the_whole(running: Running, new: Model) -> Iterator[Refusal]:
    old = running.model
    if old.main != new.main:
        yield Refusal(
            "", "", f"新版的主流程是「{new.main}」，不是「{old.main}」", "请在新版里保留主流程的编号"
        )
    if old.flat != new.flat:
        yield Refusal("", "", "新版存放表单答案的办法改了", "请在 process.toml 里保留 answers 的写法")
    for name, value in running.state.facts.items():
        if new.facts and name not in new.facts and value is not None:
            title = str(old.facts.get(name, {}).get("title", name))
            yield Refusal(
                name, title, f"新版取消了办件事实「{title}」，这件已经写了", "请在新版的 [facts] 里保留它"
            )
    yield from _of_messages(running, new)


def _of_messages(running: Running, new: Model) -> Iterator[Refusal]:
    pending = {message[0] for message in running.state.pending}
    for name in sorted(pending - new.catchable):
        yield Refusal(
            "", name, f"消息「{name}」还没有接收，新版里没有地方接收它", "请在新版里保留接收它的事件"
        )
    for name, _, _, way in map(parts, running.state.pending):
        if way and not _is_there(new, way):
            yield Refusal(
                "", name, f"消息「{name}」正沿着消息流去往「{way[2]}」，新版里没有它了", "请在新版里保留它"
            )
    for name in sorted(pending | {one.name for one in run.awaited(running)}):
        if running.model.correlations.get(name) != new.correlations.get(name):
            yield Refusal("", name, f"消息「{name}」正等着接收，新版改了它认办件的办法", _WAIT)


def _is_there(new: Model, way: Way) -> bool:
    """Does the new version draw what a message is on its way to? Without a scope it is a whole process."""
    _, scope, id_ = way
    scopes = _scopes(new)
    return scope in scopes and id_ in scopes[scope].task_specs if scope else id_ in scopes


def _of_element(old: Model, new: Model, task: Any) -> Iterator[Refusal]:
    drawn, other = task.task_spec.drawn, _drawn_in(new, task)
    name = drawn.name or drawn.id
    if other is None:
        elsewhere = any(id_ == drawn.id for _, id_ in new.elements)
        why = "在新版里换到了别的流程图或子流程" if elsewhere else "在新版里没有了"
        yield Refusal(drawn.id, name, f"「{name}」正等着办理，{why}", _WAIT)
        return
    for what in _differences(drawn, other, task):
        yield Refusal(drawn.id, name, f"「{name}」正等着办理，{what}", _WAIT)
    if isinstance(task.task_spec, Calling) and task.task_spec.spec != _called(new, task):
        yield Refusal(drawn.id, name, f"「{name}」里面还没有办完，新版改了它调用的流程", _WAIT)
    if "race" in task.internal_data and _rivals(old, drawn) != _rivals(new, drawn):
        yield Refusal(drawn.id, name, f"和「{name}」一起等待的事件在新版里不一样了", _WAIT)


def _differences(drawn: Drawn, other: Drawn, task: Any) -> Iterator[str]:
    """What the task remembers, or what watches it, and the new version draws otherwise."""
    if drawn.kind != other.kind or drawn.triggered != other.triggered:
        yield "在新版里换成了另一种图形"
    if drawn.diagram != other.diagram:
        yield "在新版里画到了别的流程图"
    if drawn.event != other.event:
        yield "新版改了计时的规则" if drawn.event.kind == "timer" else "新版改了它等待的事件"
    if drawn.interrupting != other.interrupting:
        yield "新版改了它是否中断办理"
    if drawn.repetition != other.repetition:
        yield "新版改了逐项或循环办理的设置"
    if set(drawn.boundary) != set(other.boundary):
        yield "新版改了它边上的事件"
    if isinstance(task.task_spec, Form) and _performer(drawn) != _performer(other):
        yield "新版改了由谁办理"


def _performer(drawn: Drawn) -> tuple[str, str]:
    return drawn.lane, drawn.properties.get("performer", "")


def _of_scope(old: Model, new: Model, instance: Any) -> Iterator[Refusal]:
    """Of one running process or sub-process: its joins, what watches it as a whole, and its branches together."""
    scope, spec = instance.spec, _scopes(new)[instance.spec.name]
    if set(scope.start.triggered) != set(spec.start.triggered):
        yield Refusal(scope.name, scope.name, f"「{scope.name}」正在办理，新版改了其中的事件子流程", _WAIT)
    for name, value in instance.objects.items():
        if value is not None and name not in spec.data_objects:
            yield Refusal(name, name, f"新版取消了数据对象「{name}」，这件已经写了", "请在新版里保留它")
    for task in live(instance):
        join = task.task_spec
        if isinstance(join, Join) and task.internal_data["entered"] and join.name in spec.task_specs:
            other = getattr(spec.task_specs[join.name], "incoming", ())
            if set(join.incoming) != set(other):
                name = join.drawn.name or join.drawn.id
                yield Refusal(join.name, name, f"「{name}」还没有等齐各条支路，新版改了它的来路", _WAIT)
    before, after = _nodes(old, scope.name), _nodes(new, scope.name)
    if _routes(before) != _routes(after):
        yield from _of_branches(before, after, live(instance))


def _of_branches(before: list[Drawn], after: list[Drawn], tasks: list[Any]) -> Iterator[Refusal]:
    """Branches that are under way must still meet, and none may come to run ahead of another."""
    standing = sorted(set(_standing(before, tasks)))
    names = {node.id: node.name or node.id for node in after}
    if not standing or any(place[0] == "*" and place[1:] not in names for place in standing):
        return  # what is gone is refused by its name
    stuck, stuck_before = tokens.stuck(after, standing), tokens.stuck(before, standing)
    if stuck is None:
        yield Refusal("", "", "新版改动太大，判断不了各条支路还能不能等齐", "请等并行的支路汇合以后再换版本")
    for id_ in sorted((stuck or set()) - (stuck_before or set())):
        yield Refusal(
            id_, names[id_], f"按新版的画法，「{names[id_]}」会一直等不齐", "请等并行的支路汇合以后再换版本"
        )
    for one, other in _run_ahead(before, after, standing):
        yield Refusal(
            other,
            names[other],
            f"「{names[one]}」和「{names[other]}」正同时办理，新版改成了先后办理",
            "请等并行的支路汇合以后再换版本",
        )


def _run_ahead(before: list[Drawn], after: list[Drawn], standing: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs that are open at once, of which only the new drawing leads from the one to the other."""
    elements = [id_.removeprefix("*") for id_ in standing if id_.startswith("*")]
    for one in elements:
        old, new = (_ahead(nodes, one) for nodes in (before, after))
        yield from ((one, other) for other in elements if other != one and other in new - old)


def _ahead(nodes: list[Drawn], element: str) -> set[str]:
    graph = graph_of(nodes)
    return set(reachable(graph, graph.get(element, ())))


def _standing(nodes: list[Drawn], tasks: list[Any]) -> Iterator[str]:
    """The tokens of one scope as `tokens.stuck` wants them. Events that race hold one token together."""
    for task in tasks:
        if not isinstance(task.task_spec, Element) or is_instance(task) or is_watching(task):
            continue
        drawn = task.task_spec.drawn
        if isinstance(task.task_spec, Join):
            yield task.internal_data["entered"]
        elif "race" in task.internal_data:
            yield from (f"*{gate.id}" for gate in _gates(nodes, drawn))
        else:
            yield f"*{drawn.id}"


def _rivals(model: Model, drawn: Drawn) -> set[str]:
    gates = _gates(_nodes(model, drawn.scope), drawn)
    return {flow.target for gate in gates for flow in gate.flows}


def _gates(nodes: list[Drawn], drawn: Drawn) -> list[Drawn]:
    """The event-based gateways that lead to an event."""
    racing = [node for node in nodes if node.kind == "eventBasedGateway"]
    return [node for node in racing if drawn.id in {flow.target for flow in node.flows}]


def _nodes(model: Model, scope: str) -> list[Drawn]:
    return [drawn for (within, _), drawn in model.elements.items() if within == scope]


def _routes(nodes: list[Drawn]) -> JSON:
    """What decides where tokens can go."""
    return sorted((node.id, node.kind, node.boundary, node.event.kind, node.flows) for node in nodes)


def _drawn_in(new: Model, task: Any) -> Drawn | None:
    """The same element in the same scope of the new version."""
    drawn = task.task_spec.drawn
    scope = _scopes(new).get(drawn.scope)
    return getattr(scope.task_specs.get(drawn.id), "drawn", None) if scope else None


def _called(new: Model, task: Any) -> str:
    spec = _scopes(new)[task.workflow.spec.name].task_specs.get(task.task_spec.name)
    return str(getattr(spec, "spec", ""))


def _scopes(model: Model) -> Mapping[str, Any]:
    return {model.spec.name: model.spec, **model.specs}


def _facts(running: Running, new: Model) -> dict[str, JSON]:
    """Newly declared facts are None; those no longer declared were never set, which the plan has seen to."""
    known = running.state.facts
    if not new.facts:
        return dict(known)
    return {**dict.fromkeys(new.facts), **{name: value for name, value in known.items() if name in new.facts}}
