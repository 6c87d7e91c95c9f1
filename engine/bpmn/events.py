"""Events: what waits, what is thrown, and who catches it. Timers fire only when a command says so.

The library broadcasts errors and escalations to the whole instance, loses messages that come early, arms a
boundary event once and lets a cancelled sub-process run on (docs: spiffworkflow facts 4, 5, 11, 12, 25). Here a
message waits until one catcher takes it, an error or escalation climbs from scope to scope, and what is thrown
is delivered before the next step.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as bpmn
from SpiffWorkflow.spiff.specs import defaults as spiff
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import conversations, timing, variables
from engine.bpmn.arrows import AT, BEYOND, INSIDE, Place, Way
from engine.bpmn.drawing import Event
from engine.bpmn.elements import (
    Element,
    cancel,
    everywhere,
    is_instance,
    is_live,
    is_pool,
    is_watching,
    linked,
    live,
    next_round,
    scope_data,
    task_of,
    trace,
)
from engine.bpmn.expressions import value
from engine.bpmn.places import failing_at
from engine.bpmn.step import JSON
from engine.bpmn.turn import Message, Own, current, parts
from engine.errors import LimitExceeded, NobodyCatches, ScriptFailed

MAX_PENDING = 100


class Catching(Element):
    """Waits for its event. `due` of a timer is computed once, when the wait begins."""

    def begin(self, my_task: Any) -> bool:
        if self.drawn.event.kind == "none":
            return True
        self.wait(my_task)
        my_task._set_state(TaskState.WAITING)
        return False

    def wait(self, my_task: Any) -> None:
        if self.drawn.event.kind == "timer":
            _wind_up(my_task, self.drawn.event)

    def happen(self, my_task: Any, payload: JSON = None) -> None:
        for other in _others_in_race(my_task):
            cancel(other)
        self.keep(my_task, payload)
        my_task._ready()

    def keep(self, my_task: Any, payload: JSON) -> None:
        if self.drawn.event.variable:
            variables.write(my_task.data, self.drawn.event.variable, payload)

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def _on_ready_hook(self, my_task: Any) -> None:
        """The library's event manager is not used."""


class StartEvent(Catching, bpmn.StartEvent):
    """Its event has happened before it is entered: it is what began the process (BPMN 2.0.2, 13.2)."""

    def begin(self, my_task: Any) -> bool:
        return True


class IntermediateCatchEvent(Catching, bpmn.IntermediateCatchEvent):
    def begin(self, my_task: Any) -> bool:
        return self.drawn.event.kind == "link" or super().begin(my_task)


class ReceiveTask(Catching, spiff.ReceiveTask):
    pass


class BoundaryEvent(Catching, bpmn.BoundaryEvent):
    """Waits beside its activity and goes on with the data that the activity had when it was interrupted."""

    def attach(self, host: Any) -> Any:
        task = host.parent._add_child(self, TaskState.WAITING)
        task.internal_data["host"] = host.id.int
        task.internal_data["round"] = next_round(host.workflow, self.drawn.id)
        task.data = host.data
        self.wait(task)
        task.data = {}
        return task

    def happen(self, my_task: Any, payload: JSON = None) -> None:
        host = task_of(my_task.workflow, my_task.internal_data.pop("host"))
        my_task.data = variables.copy(host.data)
        my_task.internal_data["entered"] = True
        trace(my_task, "entered")
        if self.drawn.interrupting:
            cancel(host)
        else:
            watch_again(my_task, host)
        self.keep(my_task, payload)
        my_task._ready()


class Throwing(Element):
    def _run_hook(self, my_task: Any) -> bool:
        throw(my_task, self.drawn.event)
        return True


class IntermediateThrowEvent(Throwing, bpmn.IntermediateThrowEvent):
    def grow(self, my_task: Any) -> None:
        if self.drawn.event.kind != "link":
            super().grow(my_task)
            return
        ahead = linked(my_task.workflow.spec, self.drawn)
        if not ahead:
            raise ScriptFailed(f"链接「{self.drawn.event.name}」没有去处", element=self.drawn.id)
        my_task._add_child(ahead[0], TaskState.FUTURE)


class SendTask(Throwing, spiff.SendTask):
    pass


class EndEvent(Throwing, bpmn.EndEvent):
    def grow(self, my_task: Any) -> None:
        if self.drawn.event.kind != "terminate":
            super().grow(my_task)
            return
        workflow = my_task.workflow
        workflow.ended = self.drawn.id
        for ended in [task for task in live(workflow) if task.task_spec is workflow.spec.end]:
            variables.merge(my_task.data, ended.data)
        going_on = [task for task in live(workflow) if is_pool(task) and not is_watching(task)]
        for task in live(workflow):
            if not (going_on and is_pool(task)):  # another pool may even begin again
                cancel(task)
        if going_on:
            my_task._add_child(workflow.spec.end, TaskState.FUTURE)
        else:
            workflow._mark_complete(my_task)


def watch_again(task: Any, host: Any) -> None:
    """What does not interrupt may happen again: a message always, a timer as often as its cycle says."""
    if task.task_spec.drawn.event.kind != "timer":
        task.task_spec.attach(host)
    elif task.internal_data.get("left"):
        ahead = _next_of_cycle(task)
        if ahead:
            task.task_spec.attach(host).internal_data.update(ahead)


def throw(task: Any, event: Event) -> None:
    payload = value(task, event.payload) if event.payload else None
    match event.kind:
        case "message":
            keys = send(event.name, payload, current().arrows.get(_place(task), ()))
            conversations.thrown(task.workflow, keys)
        case "signal":
            broadcast(task.workflow, event.name, payload)
            current().signals.append((event.name, payload))
        case "error" | "escalation":
            _climb(task, event, payload)


def send(name: str, payload: JSON, ways: Sequence[Way] = ()) -> Mapping[str, JSON]:
    """Along each arrow that leads away, a message of its own; without one, to whoever waits for its name.

    One that nobody here can catch, or that process.toml says comes from outside, is then for another case.
    """
    turn = current()
    keys = conversations.read(turn.correlations, name, payload)
    for way in ways:
        if way[0] in (AT, INSIDE):
            _keep(Own(_message(name, payload, keys, way)))
        else:
            by_name = way[0] == BEYOND and name in turn.foreign
            turn.leaving.append((name, payload, keys, "" if by_name else way[0]))
    if not ways and (name in turn.foreign or name not in turn.catchable):
        turn.leaving.append((name, payload, keys))
    elif not ways:
        _keep(Own(_message(name, payload, keys)))
    return keys


def broadcast(workflow: Any, name: str, payload: JSON) -> bool:
    """A signal reaches all who wait for it now, and nobody who comes later; whether there was anybody."""
    catchers = _ending_last([one for one in everywhere(workflow) if _awaits(one, "signal", name)])
    current().mail.extend((catcher, payload) for catcher in catchers)
    return bool(catchers)


def _message(name: str, payload: JSON, keys: Mapping[str, JSON], way: Way | None = None) -> Message:
    return (name, payload, keys, way) if way else (name, payload, keys) if keys else (name, payload)


def _keep(message: Message) -> None:
    if len(current().pending) >= MAX_PENDING:
        raise LimitExceeded(f"办件里等着的消息超过 {MAX_PENDING} 条")
    current().pending.append(message)


def _ending_last(catchers: list[Any]) -> list[Any]:
    """Of those beside one activity, what interrupts it comes last: it would take the others away unheard."""
    beside = [task.internal_data.get("host", task.id.int) for task in catchers]
    ending = [is_watching(task) and task.task_spec.drawn.interrupting for task in catchers]
    order = sorted(range(len(catchers)), key=lambda one: (beside.index(beside[one]), ending[one]))
    return [catchers[one] for one in order]


def post(name: str, payload: JSON, keys: Mapping[str, JSON] | None = None) -> Mapping[str, JSON]:
    """Put what was sent to the case where catchers look for it; its keys are read from the payload unless given."""
    keys = conversations.read(current().correlations, name, payload) if keys is None else keys
    _keep(_message(name, payload, keys))
    return keys


def deliver(workflow: Any) -> None:
    """Bring what was thrown to who waits for it; a message to the one that has waited longest.

    What runs already comes before a process that the message would begin (BPMN 2.0.2, 8.4.2).
    """
    turn = current()
    while turn.mail:
        catcher, payload = turn.mail.pop(0)
        if is_live(catcher):
            with failing_at(catcher):
                catcher.task_spec.happen(catcher, payload)
            catcher.workflow.go_on()
    for message in list(turn.pending):
        name, payload, keys, way = parts(message)
        awaiting = (task for task in everywhere(workflow) if _awaits(task, "message", name, way))
        waiting = [task for task in awaiting if is_pool(task) or conversations.matches(task.workflow, keys)]
        if waiting:
            turn.pending.remove(message)
            first = min(waiting, key=lambda task: (is_pool(task), task.id.int))
            with failing_at(first):
                first.task_spec.happen(first, payload)
            begun = first.workflow.top_workflow.subprocesses[first.id] if is_pool(first) else first.workflow
            conversations.caught(begun, keys)
            first.workflow.go_on()
    while turn.over:
        ended = turn.over.pop()
        ended.task_spec.stop_watching(ended)


def unclaimed(workflow: Any) -> list[Message]:
    """What the case has thrown, along no arrow, and nobody in it has caught by the time it is over.

    It stays in the state, too: cases that ended before this was asked have it there.
    """
    if not workflow.completed:
        return []
    return [one for one in current().pending if isinstance(one, Own) and parts(one)[3] is None]


def may_begin(workflow: Any, name: str) -> bool:
    """Would a message of this name begin a process of the case? That is a new conversation, whatever its keys."""
    return any(is_pool(task) and _awaits(task, "message", name) for task in everywhere(workflow))


def wind_up_again(task: Any) -> None:
    """Compute the due time of a waiting timer anew, where it follows from an expression for a date."""
    event = task.task_spec.drawn.event
    if event.timer != "timeDate" or timing.is_literal(event.rule):
        return
    own = task.data
    if is_watching(task):
        host = task_of(task.workflow, task.internal_data["host"])
        task.data = scope_data(task.workflow) if host is None else host.data
    _wind_up(task, event)
    task.data = own


def _awaits(task: Any, kind: str, name: str, way: Way | None = None) -> bool:
    if task.state != TaskState.WAITING or not isinstance(task.task_spec, Catching):
        return False
    event = task.task_spec.drawn.event
    if (event.kind, event.name) != (kind, name):
        return False
    return way is None or tuple(way[1:]) in (_places(task) if way[0] == INSIDE else [_place(task)])


def _place(task: Any) -> Place:
    return task.task_spec.drawn.scope, task.task_spec.drawn.id


def _places(task: Any) -> Iterator[Place]:
    """Where a task is, from the inside out: its element, its process, and those of all that runs it."""
    yield _place(task)
    yield "", task.task_spec.drawn.id if is_pool(task) else task.workflow.spec.name
    if task.workflow.caller is not None and not is_pool(task):
        yield from _places(task.workflow.caller)


def _climb(task: Any, event: Event, payload: JSON) -> None:
    """The nearest scope or activity around it that has an event for its code catches an error or escalation.

    Of several there, one that names the code goes before one that takes any (BPMN 2.0.2, 10.5.1), however drawn.
    """
    for near in _watching_outwards(task.workflow):
        fitting = [one for one in near if one.task_spec.drawn.event.kind == event.kind]
        for code in (event.name, ""):
            for watching in fitting:
                if watching.task_spec.drawn.event.name == code:
                    current().mail.append((watching, payload))
                    return
    drawn, kind = task.task_spec.drawn, "错误" if event.kind == "error" else "升级"
    raise NobodyCatches(
        f"「{drawn.name or drawn.id}」抛出的{kind}「{event.name}」没有人接住",
        element=drawn.id,
        help=f"在外面的子流程或调用活动上画一个{kind}边界事件",
    )


def _watching_outwards(workflow: Any, inside: str = "") -> Iterator[list[Any]]:
    """Scope by scope: its event sub-processes, then the boundary events of the activity that it runs in.

    An event sub-process does not hear itself: `inside` is what we come from.
    """
    yield [one for one in _watching(workflow, [workflow.task_tree]) if one.task_spec.drawn.id != inside]
    if workflow.caller is not None and not is_pool(workflow.caller):
        caller = workflow.caller
        yield _watching(caller.workflow, [caller, caller.parent] if is_instance(caller) else [caller])
        yield from _watching_outwards(caller.workflow, caller.task_spec.drawn.id)


def _watching(workflow: Any, hosts: list[Any]) -> list[Any]:
    numbers = {host.id.int for host in hosts}
    return [task for task in live(workflow) if task.internal_data.get("host") in numbers]


def _others_in_race(task: Any) -> list[Any]:
    """The other events behind the same event-based gateway."""
    race = task.internal_data.pop("race", None)
    return (
        [] if race is None else [one for one in live(task.workflow) if one.internal_data.get("race") == race]
    )


def _wind_up(task: Any, event: Event) -> None:
    with failing_at(task):
        _set_due(task, event)


def _set_due(task: Any, event: Event) -> None:
    text = event.rule if timing.is_literal(event.rule) else value(task, event.rule)
    at = current().at
    match event.timer:
        case "timeDuration":
            due = _later(timing.duration(text), at)
        case "timeCycle":
            count, every = timing.cycle(text)
            due = _later(every, at)
            task.internal_data.update(cycle=text, left=count - 1)
        case _:
            due = timing.moment(text)
    task.internal_data["due"] = due.astimezone(UTC).isoformat()


def _later(every: timing.Duration, at: datetime) -> datetime:
    return every.after(at, UTC) if current().utc_months else every.after(at)


def _next_of_cycle(task: Any) -> dict[str, JSON]:
    """The next time that lies ahead, if any; those missed while nobody looked are not made up for."""
    _, every = timing.cycle(task.internal_data["cycle"])
    left = task.internal_data["left"] - 1
    due = _later(every, datetime.fromisoformat(task.internal_data["due"]))
    while due <= current().at:
        due, left = _later(every, due), left - 1
    if left < 0:
        return {}
    return {"cycle": task.internal_data["cycle"], "left": left, "due": due.isoformat()}
