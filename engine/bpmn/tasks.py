"""Activities: what people do, what scripts and services do, what is called. Knows no storage and no clock."""

import re
from typing import Any

from SpiffWorkflow.spiff.specs import defaults as spiff
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import objects, variables
from engine.bpmn.decisions import Decision
from engine.bpmn.elements import Element, cancel, is_pool, live, next_round, scope_data, trace
from engine.bpmn.events import Catching, watch_again
from engine.bpmn.expressions import run, value
from engine.bpmn.grammar import RESERVED
from engine.bpmn.step import JSON
from engine.bpmn.turn import current
from engine.bpmn.values import copied_in, copied_out
from engine.errors import LimitExceeded, Refused, ScriptFailed

MAX_OPEN_CALLS = 50
SET_FACTS = "case/set"

_SPAN = re.compile(r"\d+ (working )?days?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d.*")


class Form(Element):
    """Waits for a person. What the worklist shows of it is computed once, when it opens."""

    def begin(self, my_task: Any) -> bool:
        if "index" not in my_task.internal_data:
            variables.clear(my_task.data, self.drawn.id)
        shown = {name: self._shown(my_task, name) for name in ("due", "performer", "item_label")}
        my_task.internal_data["shown"] = {name: text for name, text in shown.items() if text}
        return True

    def answer(self, my_task: Any, answers: dict[str, JSON]) -> None:
        """A multi-instance item keeps its answers under the task's id even where answers are merged flat.

        What its diagram names as the result of an item (`outputDataItem`) is one of the answers.
        """
        if not current().flat or "index" in my_task.internal_data:
            variables.write(my_task.data, self.drawn.id, answers)
            output = self.drawn.repetition.output if self.drawn.repetition else ""
            if output in answers:
                variables.write(my_task.data, output, answers[output])
            return
        if self.drawn.writes:
            my_task.internal_data["answers"] = answers  # for the data object, in this very step
        for name, given in answers.items():
            if name in RESERVED or not name.isidentifier() or name.startswith("_"):
                raise Refused(f"字段名「{name}」不能用", help="它是函数名或保留的名字，请在表单里改名")
            if name in objects.visible(my_task.workflow) and (name, "") not in self.drawn.writes:
                raise Refused(
                    f"字段名「{name}」和数据对象同名，写了也读不到",
                    help="请在图上从这个任务画箭头到数据对象，或者把字段改名",
                )
            variables.write(my_task.data, name, given)

    def _shown(self, my_task: Any, name: str) -> str:
        text = self.drawn.properties.get(name, "")
        if not text or (name == "due" and (_SPAN.fullmatch(text) or _DAY.fullmatch(text))):
            return text
        found = value(my_task, text)
        return "" if found is None else str(found)


class UserTask(Form, spiff.UserTask):
    pass


class ManualTask(Form, spiff.ManualTask):
    pass


class NoneTask(Element, spiff.NoneTask):
    """A task without a kind has nothing to do: it is passed (the library waits for a person)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.manual = False


class ScriptTask(Element, spiff.ScriptTask):
    def _run_hook(self, my_task: Any) -> bool:
        run(my_task, self.drawn.script)
        return True


class BusinessRuleTask(Element, spiff.NoneTask):
    """Writes what its decision table gives, one variable per output."""

    decision: Decision  # set when a definition is loaded

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.manual = False

    def _run_hook(self, my_task: Any) -> bool:
        try:
            decided = self.decision.decide(lambda text: value(my_task, text))
        except ScriptFailed as cause:
            raise ScriptFailed(cause.message, element=self.drawn.id, help=cause.help) from cause
        for name, given in decided.items():
            variables.write(my_task.data, name, given)
        return True


class ServiceTask(Element, spiff.ServiceTask):
    """`case/set` writes facts, here; every other operation is asked of the world."""

    def _run_hook(self, my_task: Any) -> bool:
        operation = self.drawn.operation
        if operation is None:
            raise ScriptFailed(f"服务任务「{self.drawn.name}」没有写操作", element=self.drawn.id)
        arguments = {name: value(my_task, text) for name, text in operation.parameters}
        if operation.id == SET_FACTS:
            self._set_facts(arguments)
            return True
        result = copied_out(copied_in(current().outside.ask(operation.id, arguments)))
        if operation.result:
            variables.write(my_task.data, operation.result, result)
        return True

    def _set_facts(self, facts: dict[str, JSON]) -> None:
        turn = current()
        unknown = sorted(facts.keys() - turn.declared) if turn.declared is not None else []
        if unknown:
            raise ScriptFailed(
                f"办件事实「{'、'.join(unknown)}」没有声明",
                element=self.drawn.id,
                help="在 process.toml 的 [facts] 里声明",
            )
        turn.facts.update(facts)


class Calling(Element):
    """Runs a process of its own; all variables go in and come back."""

    spec: str

    def begin(self, my_task: Any) -> bool:
        top = my_task.workflow.top_workflow
        if sum(not called.completed for called in top.subprocesses.values()) >= MAX_OPEN_CALLS:
            raise LimitExceeded(f"同时打开的子流程超过 {MAX_OPEN_CALLS} 个")
        called = top.create_subprocess(my_task, self.spec)
        called.task_tree.data = variables.copy(my_task.data)
        my_task._set_state(TaskState.STARTED)
        return False

    def returned(self, my_task: Any, data: dict[str, Any]) -> None:
        my_task.data = variables.copy(data)
        my_task._set_state(TaskState.READY)


class CallActivity(Calling, spiff.CallActivity):
    pass


class SubProcess(Calling, spiff.SubWorkflowTask):
    pass


class EventSubProcess(Calling, Catching, spiff.EventSubprocess):
    """Watches as long as its scope lives; when its event happens it runs, alone or beside the rest.

    The library does not interrupt, starts at once on errors, and keeps the scope open for an event that never
    comes (docs: spiffworkflow fact 13).
    """

    def _update_hook(self, my_task: Any) -> bool:
        """Only its event opens it, not the start of its scope."""
        return False

    def attach(self, root: Any) -> Any:
        workflow = root.workflow
        task = workflow.task_tree._add_child(self, TaskState.WAITING)
        task.internal_data["host"] = workflow.task_tree.id.int
        task.internal_data["round"] = next_round(workflow, self.drawn.id)
        task.data = root.data or scope_data(workflow)
        self.wait(task)
        task.data = {}
        return task

    def happen(self, my_task: Any, payload: JSON = None) -> None:
        workflow = my_task.workflow
        my_task.internal_data.pop("host")
        my_task.internal_data["entered"] = True
        my_task.data = scope_data(workflow)
        trace(my_task, "entered")
        if self.drawn.interrupting:
            for other in live(workflow):
                if other is not my_task and not is_pool(other):
                    cancel(other)
        else:
            watch_again(my_task, workflow.task_tree)
        self.keep(my_task, payload)
        self.begin(my_task)

    def grow(self, my_task: Any) -> None:
        """Nothing follows. One that has interrupted its scope ends it, with the end event reached inside."""
        workflow = my_task.workflow
        if self.drawn.interrupting:
            workflow.ended = workflow.top_workflow.subprocesses[my_task.id].ended
        my_task._add_child(workflow.spec.end, TaskState.FUTURE)


class Pool(EventSubProcess):
    """Another executable participant of the collaboration (BPMN 2.0.2, 9.3): a process of its own in the same case.

    It begins with the case, or whenever its start event happens. It shares no data with the others: messages and
    signals are how they meet. The case is over when all of its processes are.
    """

    def attach(self, root: Any) -> Any:
        if self.drawn.event.kind != "none":
            return super().attach(root)
        task = root.workflow.task_tree._add_child(self, TaskState.WAITING)
        task.internal_data["round"] = next_round(root.workflow, self.drawn.id)
        self._open(task)
        return task

    def happen(self, my_task: Any, payload: JSON = None) -> None:
        my_task.internal_data.pop("host")
        watch_again(my_task, my_task.workflow.task_tree)
        self.keep(my_task, payload)
        self._open(my_task)

    def returned(self, my_task: Any, data: dict[str, Any]) -> None:
        super().returned(my_task, {})

    def _open(self, my_task: Any) -> None:
        my_task.internal_data["entered"] = True
        trace(my_task, "entered")
        self.begin(my_task)
