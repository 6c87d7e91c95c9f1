"""Cases in motion: start, revive, complete, fire, message. Pure: no database, no clock, no randomness.

Every function that moves a case returns a `Step`; the same calls give the same steps anywhere and at any time.
When one raises, the `Running` that it was given is spoilt and refuses to go on: revive the state before.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec, compact, conversations, events, objects, variables, waiting
from engine.bpmn.determinism import Ticker
from engine.bpmn.drawing import Drawn
from engine.bpmn.elements import everywhere
from engine.bpmn.parse import Model
from engine.bpmn.places import failing_at, path, place
from engine.bpmn.questions import questions
from engine.bpmn.step import (
    JSON,
    AwaitedMessage,
    AwaitedSignal,
    Moment,
    OpenItem,
    Outside,
    Step,
    Thrown,
    ThrownSignal,
    TraceEntry,
    WaitingTimer,
)
from engine.bpmn.turn import Message, Turn, taking
from engine.bpmn.values import received
from engine.bpmn.workflow import CaseWorkflow
from engine.errors import Conflict, LimitExceeded, Refused

MAX_STEPS = 300


@dataclass
class Running:
    """A revived case. Changed in place by the functions of this module."""

    model: Model
    state: codec.State
    spoilt: bool = False


def start(
    model: Model,
    moment: Moment,
    outside: Outside,
    facts: Mapping[str, JSON],
    data: Mapping[str, JSON] | None = None,
    at: str = "",
    payload: JSON = None,
    correlation: Mapping[str, JSON] | None = None,
) -> Step:
    """A new case. Declared facts that are not given are None.

    `at` is one of `model.starts`, whose event has happened with this payload; "" begins at the plain start event.
    A message that begins a case begins its conversation too, with these keys; None: they are read from the payload.
    """
    drawn, payload = _starting(model, at), received(payload)
    known = {**dict.fromkeys(model.facts), **_plain(facts)}
    with _turn(model, known, [], moment, outside, ticker := Ticker()) as turn:
        workflow = CaseWorkflow(model.spec, dict(model.specs))
        for name, value in _plain(data or {}).items():
            if name in objects.visible(workflow):
                raise Refused(f"变量「{name}」和数据对象同名，写了也读不到", help="请换一个变量名")
            variables.write(workflow.task_tree.data, name, value)
        workflow.begins_at = at
        if drawn and drawn.event.variable:
            variables.write(workflow.task_tree.data, drawn.event.variable, payload)
        if drawn and drawn.event.kind == "message":
            workflow.keys.update(
                keys(model, drawn.event.name, payload) if correlation is None else correlation
            )
        running = Running(model, codec.State(workflow, turn.facts, turn.pending, 0))
        return _advance(running, turn, ticker)


def revive(model: Model, frozen: bytes) -> Running:
    """Raises Conflict when the state was not made by this definition."""
    try:
        return Running(model, codec.thaw(frozen, model.spec, dict(model.specs)))
    except KeyError as cause:
        raise Conflict("办件的状态和这个版本的流程图对不上", help="请用办件自己的版本打开") from cause


def complete(
    running: Running, path: str, answers: Mapping[str, JSON], moment: Moment, outside: Outside
) -> Step:
    """Complete the open item at `path`. Raises Conflict when it is not open."""
    task = _at(waiting.forms(running.state), path, "待办")
    with _moving(running, moment, outside) as (turn, ticker):
        task.task_spec.answer(task, _plain(answers))
        with failing_at(task):
            task.run()
            return _advance(running, turn, ticker)


def skip(running: Running, path: str, moment: Moment, outside: Outside) -> Step:
    """Leave the open item at `path` without answers: all its fields read as None. Raises Conflict as `complete`."""
    task = _at(waiting.forms(running.state), path, "待办")
    with _moving(running, moment, outside) as (turn, ticker):
        task.internal_data["leaving"] = "skipped"
        task.task_spec.answer(task, {})
        with failing_at(task):
            task.run()
            return _advance(running, turn, ticker)


def fire(running: Running, path: str, moment: Moment, outside: Outside) -> Step:
    """Let the timer at `path` happen. Raises Conflict when it does not wait or is not due yet."""
    task = _at(waiting.waiting(running.state, "timer"), path, "定时")
    due = next(timer.due for timer in waiting.timers(running.state) if timer.path == path)
    if due > moment.at:
        raise Conflict(f"「{path}」的时间还没有到", help=f"到期时间：{due.isoformat()}")
    with _moving(running, moment, outside) as (turn, ticker), failing_at(task):
        task.task_spec.happen(task)
        return _advance(running, turn, ticker)


def message(
    running: Running,
    name: str,
    payload: JSON,
    moment: Moment,
    outside: Outside,
    correlation: Mapping[str, JSON] | None = None,
) -> Step:
    """A message from outside the case. One that nobody awaits yet is kept until somebody does.

    `correlation` are its keys, as another case threw them; None: they are read from the payload.
    """
    check_catches(running.model, name)
    if running.state.workflow.completed:
        raise Conflict("办件已经结束，不再接收消息")
    with _moving(running, moment, outside) as (turn, ticker):
        told = None if correlation is None else _plain(correlation)
        check_belongs(running, name, events.post(name, received(payload), told))
        return _advance(running, turn, ticker)


def signal(running: Running, name: str, payload: JSON, moment: Moment, outside: Outside) -> Step:
    """A signal from outside the case, for all in it who wait for it now. Raises Conflict when nobody does."""
    with _moving(running, moment, outside) as (turn, ticker):
        if not events.broadcast(running.state.workflow, name, received(payload)):
            raise Conflict(f"办件现在没有等待信号「{name}」", help="信号只送给正在等待它的办件")
        return _advance(running, turn, ticker)


def check_catches(model: Model, name: str) -> None:
    """Raises Refused when no element of this definition can take in a message of that name."""
    if name not in model.catchable:
        raise Refused(f"这个流程不接收消息「{name}」", help="请核对消息名称")


def check_belongs(running: Running, name: str, correlation: Mapping[str, JSON]) -> None:
    """Raises Refused when a message with these keys is of another conversation than the case, as it stands now."""
    if not (correlates(running, correlation) or events.may_begin(running.state.workflow, name)):
        told = "，".join(f"{key}={'无' if value is None else value}" for key, value in correlation.items())
        raise Refused(f"消息「{name}」不属于这一件", help=f"消息带的关联值：{told or '没有'}")


def keys(model: Model, name: str, payload: JSON, given: Collection[str] = ()) -> Mapping[str, JSON]:
    """The correlation keys that this definition reads from a message, beside those given. Raises ScriptFailed."""
    return conversations.read(model.correlations, name, payload, given)


def correlates(running: Running, correlation: Mapping[str, JSON]) -> bool:
    """May a message with these keys belong to this case? Tells cases apart that await the same message."""
    top = running.state.workflow
    parts = [top, *(part for part in top.subprocesses.values() if not part.completed)]
    return any(conversations.matches(part, correlation) for part in parts)


def amend(running: Running, facts: Mapping[str, JSON], moment: Moment, outside: Outside) -> Step:
    """Correct facts, as when the calendar is amended, and compute again when the waiting timers are due.

    Timers with a literal time, durations and cycles keep their due time: nothing they rest on has changed.
    """
    with _moving(running, moment, outside) as (turn, ticker):
        turn.facts.update(_plain(facts))
        return _wound_up_again(running, turn, ticker)


def correct(running: Running, values: Mapping[str, JSON], moment: Moment, outside: Outside) -> Step:
    """Replace variables by corrected values wherever they are known; timers as in `amend`.

    Raises Refused for a name that no branch knows.
    """
    branches = [*everywhere(running.state.workflow)]
    with _moving(running, moment, outside) as (turn, ticker):
        for name, new in _plain(values).items():
            knowing = [task for task in branches if name in task.data and name != variables.WRITES]
            if not knowing:
                raise Refused(
                    f"办件里没有「{name}」",
                    help="只能更正已经有的数据：按任务填报的写任务编号和其中的字段，平铺的写变量名",
                )
            for task in knowing:
                variables.write(task.data, name, new)
        return _wound_up_again(running, turn, ticker)


def standing(running: Running) -> Step:
    """The case as it stands, as a step that moved nothing."""
    return _step(running, [])


def items(running: Running) -> tuple[OpenItem, ...]:
    return waiting.items(running.model, running.state)


def timers(running: Running) -> tuple[WaitingTimer, ...]:
    return waiting.timers(running.state)


def awaited(running: Running) -> tuple[AwaitedMessage, ...]:
    return waiting.awaited(running.state)


def awaited_signals(running: Running) -> tuple[AwaitedSignal, ...]:
    return waiting.awaited_signals(running.state)


def data(running: Running, path: str = "") -> Mapping[str, JSON]:
    """What the open item at `path` can see; without a path, the latest value of every variable."""
    if not path:
        return waiting.data(running.state)
    task = _at(waiting.forms(running.state), path, "待办")
    return {**variables.visible(task.data), **objects.visible(task.workflow)}


def facts(running: Running) -> Mapping[str, JSON]:
    return running.state.facts


@contextmanager
def _moving(running: Running, moment: Moment, outside: Outside) -> Iterator[tuple[Turn, Ticker]]:
    state = running.state
    ticker = Ticker(state.ticks)
    if running.spoilt:
        raise RuntimeError("an earlier command on this case raised: revive it again")
    running.spoilt = True
    with _turn(running.model, state.facts, state.pending, moment, outside, ticker) as turn:
        yield turn, ticker
    running.spoilt = False


@contextmanager
def _turn(
    model: Model,
    facts: dict[str, JSON],
    pending: list[Message],
    moment: Moment,
    outside: Outside,
    ticker: Ticker,
) -> Iterator[Turn]:
    turn = Turn(
        at=moment.at,
        outside=outside,
        facts=facts,
        declared=frozenset(model.facts) if model.facts else None,
        flat=model.flat,
        functions=questions(moment.at, outside),
        pending=pending,
        correlations=model.correlations,
        arrows=model.arrows,
        foreign=model.foreign,
        utc_months=moment.utc_months,
        catchable=model.catchable,
    )
    with taking(turn, ticker):
        yield turn


def _starting(model: Model, at: str) -> Drawn | None:
    drawn = {start.id: start for start in model.starts}
    if at and at not in drawn:
        raise Refused(f"流程没有可以触发的开始事件「{at}」", help=f"可以触发的：{'、'.join(drawn) or '没有'}")
    plain = any(start.drawn.event.kind == "none" for start in model.spec.start.begins)
    if not at and not plain:
        raise Refused("流程没有普通的开始事件，不能直接发起", help=f"请用开始事件发起：{'、'.join(drawn)}")
    return drawn.get(at)


def _advance(running: Running, turn: Turn, ticker: Ticker) -> Step:
    """Take automatic steps until only people, time and messages can move the case."""
    workflow = running.state.workflow
    last = _run_on(workflow)
    thrown = tuple(Thrown(*message) for message in turn.leaving)
    signals = tuple(ThrownSignal(*one) for one in turn.signals)
    unclaimed = tuple(Thrown(*one) for one in events.unclaimed(workflow))
    compact.compact(workflow)
    running.state.ticks = ticker.last
    with failing_at(last):
        return _step(running, turn.trace, thrown, signals, unclaimed)


def _wound_up_again(running: Running, turn: Turn, ticker: Ticker) -> Step:
    for task in waiting.waiting(running.state, "timer"):
        events.wind_up_again(task)
    return _advance(running, turn, ticker)


def _run_on(workflow: Any) -> Any:
    """The last drawn task that ran by itself, None when nothing did."""
    last = None
    for _ in range(MAX_STEPS):
        events.deliver(workflow)
        task = _next(workflow)
        if task is None:
            return last
        with failing_at(task):
            task.run()
        last = task if place(task) else last
    with failing_at(last):
        raise LimitExceeded(f"一次办理引出的自动步骤超过 {MAX_STEPS} 步", help="请检查流程图里的循环")


def _next(workflow: Any) -> Any:
    """The automatic task that has been ready longest."""
    ready = [
        task for task in everywhere(workflow) if task.state == TaskState.READY and not task.task_spec.manual
    ]
    return min(ready, key=lambda task: task.last_state_change, default=None)


def _step(
    running: Running,
    trace: list[TraceEntry],
    thrown: tuple[Thrown, ...] = (),
    signals: tuple[ThrownSignal, ...] = (),
    unclaimed: tuple[Thrown, ...] = (),
) -> Step:
    state = running.state
    return Step(
        frozen=codec.freeze(state),
        items=waiting.items(running.model, state),
        timers=waiting.timers(state),
        awaited=waiting.awaited(state),
        trace=tuple(trace),
        data=waiting.data(state),
        facts=dict(state.facts),
        digest=waiting.digest(state),
        ended=state.workflow.ended if state.workflow.completed else "",
        thrown=thrown,
        awaited_signals=waiting.awaited_signals(state),
        signals=signals,
        unclaimed=unclaimed,
    )


def _at(found: Iterator[Any], wanted: str, what: str) -> Any:
    for task in found:
        if path(task) == wanted:
            return task
    raise Conflict(f"{what}「{wanted}」现在没有打开", help="办件可能已经往前走了，请刷新后再看")


def _plain(values: Mapping[str, JSON]) -> dict[str, JSON]:
    """A copy of our own, and JSON for sure."""
    return dict(received(dict(values)))
