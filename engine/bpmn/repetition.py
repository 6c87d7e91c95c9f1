"""Activities that are done several times: loops, and one instance per item of a list.

A container task stands for the drawn element; its instances are its children. What is needed of finished
instances (results, how many) is kept in the container, so that they need not stay in the tree. The library
merges instances into the container's data as they end, fails on a second visit and keeps only the last answer
(docs: spiffworkflow facts 3 and 27).
"""

from typing import Any

from SpiffWorkflow.spiff.specs import defaults as spiff
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import variables
from engine.bpmn.drawing import BY_PEOPLE
from engine.bpmn.elements import Element, cancel, disarm, is_live, next_round, record, take_over
from engine.bpmn.expressions import holds, value
from engine.bpmn.step import JSON
from engine.errors import LimitExceeded, ScriptFailed

MAX_INSTANCES = 500


class Loop(Element, spiff.StandardLoopTask):
    """Goes on while its condition is true (BPMN 2.0.2, 13.3.6).

    The container itself leaves no trace: its passes are the rounds of the drawn element.
    """

    traced = False

    def begin(self, my_task: Any) -> bool:
        my_task._set_state(TaskState.STARTED)
        if self._repetition.before and not self._goes_on(my_task):
            self._pass_by(my_task)
            return True
        self._begin(my_task)
        return False

    def enter(self, my_task: Any) -> None:
        if "entered" in my_task.internal_data:
            return
        my_task.internal_data["entered"] = True
        my_task.internal_data["done"] = 0
        take_over(my_task)
        self.arm(my_task)

    def gather(self, my_task: Any, instance: Any) -> None:
        my_task.data = variables.copy(instance.data)
        my_task.internal_data["done"] += 1
        if self._goes_on(my_task):
            self._begin(my_task)
        else:
            disarm(
                my_task
            )  # it is over with its last round, also for what is thrown before its token goes on
            my_task._set_state(TaskState.READY)

    @property
    def _repetition(self) -> Any:
        return self.drawn.repetition

    def _goes_on(self, my_task: Any) -> bool:
        done = my_task.internal_data["done"]
        if self._repetition.maximum is not None and done >= self._repetition.maximum:
            return False
        return not self._repetition.condition or holds(
            my_task, self._repetition.condition, {"loopCounter": done}
        )

    def _pass_by(self, my_task: Any) -> None:
        my_task.internal_data["round"] = next_round(my_task.workflow, self.drawn.id)
        record(my_task, "entered")
        record(my_task, "left")

    def _begin(self, my_task: Any) -> None:
        if self.drawn.kind in BY_PEOPLE:
            # also for its boundary events, which go on with the data of the whole
            variables.clear(my_task.data, self.drawn.id)
        instance = my_task._add_child(my_task.workflow.spec.task_specs[self.task_spec], TaskState.FUTURE)
        instance.internal_data["flow"] = my_task.internal_data.pop("flow", "")
        instance.task_spec._update(instance)


class MultiInstance(Element):
    """One instance per item; the results are a list in the order of the items."""

    task_spec: str

    def begin(self, my_task: Any) -> bool:
        items = self._items(my_task)
        for name in self._keys():
            variables.clear(my_task.data, name)
        my_task.internal_data["items"] = items
        my_task.internal_data["results"] = [None] * len(items)
        my_task._set_state(TaskState.STARTED)
        for index in range(len(items) if self._repetition.kind == "parallel" else min(1, len(items))):
            self._begin(my_task, index)
        return not items and self._finish(my_task)

    def gather(self, my_task: Any, instance: Any) -> None:
        index = instance.internal_data["index"]
        my_task.internal_data["results"][index] = self._result(instance)
        own = {self._repetition.item, self._repetition.output, *self._keys()}
        variables.merge(my_task.data, instance.data, but=own)
        if self._is_enough(my_task):
            self._finish(my_task)
            my_task._set_state(TaskState.READY)
        elif self._repetition.kind == "sequential":
            self._begin(my_task, index + 1)

    @property
    def _repetition(self) -> Any:
        return self.drawn.repetition

    @property
    def _is_answered(self) -> bool:
        return self.drawn.kind in BY_PEOPLE

    def _keys(self) -> list[str]:
        """Where the results go: the list named in the diagram, and for answers the task's own id."""
        named = [self._repetition.outputs] if self._repetition.outputs else []
        return [*named, self.drawn.id] if self._is_answered else named

    def _items(self, my_task: Any) -> list[JSON]:
        if self._repetition.count:
            return list(range(self._count(my_task)))
        items = value(my_task, self._repetition.items)
        if not isinstance(items, list):
            raise ScriptFailed(
                f"「{self.drawn.name or self.drawn.id}」要逐项办理的不是一个列表",
                element=self.drawn.id,
                help="loopDataInputRef 要写一个装着列表的变量名",
            )
        self._check_number(len(items))
        return items

    def _count(self, my_task: Any) -> int:
        count = value(my_task, self._repetition.count)
        if type(count) is not int or count < 0:
            raise ScriptFailed(
                f"「{self.drawn.name or self.drawn.id}」的多实例个数算出来是 {count}，办不成",
                element=self.drawn.id,
                help=f"个数（loopCardinality）要写成 0 到 {MAX_INSTANCES} 的整数",
            )
        self._check_number(count)
        return count

    def _check_number(self, number: int) -> None:
        if number > MAX_INSTANCES:
            raise LimitExceeded(f"「{self.drawn.name}」要办 {number} 项，最多 {MAX_INSTANCES} 项")

    def _begin(self, my_task: Any, index: int) -> None:
        instance = my_task._add_child(my_task.workflow.spec.task_specs[self.task_spec], TaskState.FUTURE)
        instance.internal_data.update(round=my_task.internal_data["round"], index=index)
        take_over(instance)
        if self._repetition.item:
            variables.write(instance.data, self._repetition.item, my_task.internal_data["items"][index])
        instance.task_spec._update(instance)

    def _result(self, instance: Any) -> list[JSON]:
        """What an item gives: its answers first, last what the diagram names as its result; often the same."""
        names = [self.drawn.id] if self._is_answered else []
        names += [self._repetition.output] if self._repetition.output else []
        return [instance.data.get(name) for name in names or [self.drawn.id]]

    def _is_enough(self, my_task: Any) -> bool:
        if None not in my_task.internal_data["results"]:
            return True
        completion = self._repetition.completion
        return bool(completion) and holds(my_task, completion, self._counters(my_task))

    def _counters(self, my_task: Any) -> dict[str, JSON]:
        """The instance attributes of BPMN 2.0.2 (table 10.30), and the results so far under their names."""
        results = my_task.internal_data["results"]
        active = sum(is_live(instance) for instance in my_task.children)
        counters = {
            "numberOfInstances": len(results),
            "numberOfCompletedInstances": sum(result is not None for result in results),
            "numberOfActiveInstances": active,
            "numberOfTerminatedInstances": 0,
        }
        return {**counters, **{name: self._done(my_task, name) for name in self._keys()}}

    def _done(self, my_task: Any, name: str) -> list[JSON]:
        """The list of that name: answers under the task's own id, else what the diagram names as a result."""
        place = 0 if name == self.drawn.id else -1
        return [result[place] for result in my_task.internal_data["results"] if result is not None]

    def _finish(self, my_task: Any) -> bool:
        for instance in my_task.children:
            cancel(instance)
        for name in self._keys():
            variables.write(my_task.data, name, self._done(my_task, name))
        for name in ("items", "results"):
            my_task.internal_data.pop(name)
        return True


class ParallelMultiInstance(MultiInstance, spiff.ParallelMultiInstanceTask):
    pass


class SequentialMultiInstance(MultiInstance, spiff.SequentialMultiInstanceTask):
    pass
