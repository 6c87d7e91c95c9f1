"""What activities do, once, in a loop, or for many items. Asks `play` to move the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.bpmn.reference import drawing, words
from tests.engine.bpmn.reference.drawing import ACTIVITIES, Scope, text_of
from tests.engine.bpmn.reference.failing import failing_at
from tests.engine.bpmn.reference.presence import Body, Instance, Presence, around

if TYPE_CHECKING:
    from tests.engine.bpmn.reference.play import Play

PEOPLE = ("userTask", "manualTask")


class Activities:
    KINDS = ACTIVITIES

    def __init__(self, play: Play) -> None:
        self.play = play

    def begin(self, activity: Presence) -> None:
        with failing_at(activity.path):
            self._begin(activity)

    def _begin(self, activity: Presence) -> None:
        if activity.node.many is not None:
            self._begin_many(activity)
        elif activity.node.loop is not None and not self._may_begin(activity):
            self._leave_undone(activity)
        else:
            activity.rounds = int(activity.node.loop is not None)
            self._start(Body(activity, activity.path, activity.data))
        self.play.happenings.arm_boundaries(activity)

    def begin_inside(self, activity: Presence, scope: Scope, at_start: str) -> Body:
        """A pool or an event sub-process: a scope of its own that begins where its event happened."""
        body = Body(activity, activity.path, activity.data)
        activity.bodies.append(body)
        self._open(body, scope, at_start, own=activity.instance is self.play.case)
        return body

    def post_leave(self, body: Body) -> None:
        activity = body.activity
        body.leaving = True
        self.play.post(
            lambda: f"-{body.path}", lambda: self._finish(body), activity,
            blocked=lambda: activity.triggered > 0 and activity.node.many is None,
        )  # fmt: skip

    # one execution

    def _start(self, body: Body) -> None:
        activity, node = body.activity, body.activity.node
        activity.bodies.append(body)
        if node.kind in PEOPLE:
            if body.index < 0:
                body.data.clear(node.id)
            body.waits = True
        elif node.kind == "receiveTask":
            self.play.happenings.wait(activity, body)
        elif node.kind == "callActivity":
            called = self.play.drawing.processes[node.element.get("calledElement", "")]
            self._open(body, called, "", own=True)
        elif node.kind == "subProcess":
            self._open(body, node.inner, "", own=body.index >= 0)
        else:
            self.post_leave(body)

    def _open(self, body: Body, scope: Scope, at_start: str, own: bool) -> None:
        around = body.activity.instance
        process = None if own else around.conversation
        body.inner = Instance(scope, body.path + "/", self.play.clock, body, process)
        starts = [one for one in scope.starts if one.id == at_start]
        plain = not starts or starts[0].event.kind == "none"
        self.play.begin(body.inner, body.data, "" if plain else at_start)

    def _finish(self, body: Body) -> None:
        with failing_at(body.path):
            self._complete(body)

    def _complete(self, body: Body) -> None:
        activity = body.activity
        activity.bodies.remove(body)
        self._effect(body)
        self._write_objects(body)
        if body.index >= 0:
            self._item_done(activity, body)
        elif activity.rounds and self._again(activity):
            self._post_round(activity)
        else:
            self._leave(activity)

    def _leave(self, activity: Presence) -> None:
        activity.instance.present.remove(activity)
        self.play.drop(activity)
        if activity.instance is not self.play.case:
            self.play.go_on(activity.instance, activity.node, activity.data)

    def _effect(self, body: Body) -> None:
        node, instance, data = body.activity.node, body.activity.instance, body.data
        if node.kind in PEOPLE:
            self._keep_answers(body)
        elif body.inner:
            data.take([body.inner.ended])
        elif node.kind == "scriptTask":
            known = self.play.variables(instance, data)
            for name, value in words.run(text_of(node.element, "script"), known, self.play.at).items():
                data.write(name, value)
        elif node.kind == "serviceTask":
            self._serve(body)
        elif node.kind == "businessRuleTask":
            called = drawing.extension(node.element, "calledDecisionId")
            table = self.play.drawing.tables[called.text]
            for name, value in words.decide(table, self.play.variables(instance, data), self.play.at):
                data.write(name, value)
        elif node.kind == "sendTask":
            self.play.happenings.throw(instance, node, data)

    def _keep_answers(self, body: Body) -> None:
        """Under the task's name, or flat among the variables; of many items, what is named as their result."""
        node, answers = body.activity.node, body.answers
        if body.index >= 0:
            output = drawing.name_of(node.many, "outputDataItem")
            kept = {name: answers[name] for name in answers if name == output}
        else:
            kept = answers if self.play.flat else {node.id: answers}
        for name, value in kept.items():
            body.data.write(name, value)

    def _serve(self, body: Body) -> None:
        operator = drawing.extension(body.activity.node.element, "serviceTaskOperator")
        given = {
            name: self.play.evaluate(text, body.activity.instance, body.data)
            for name, text in drawing.parameters(operator).items()
        }
        if operator.get("id") == "case/set":
            self.play.facts |= given
            return
        answer = self.play.world.ask(operator.get("id"), given)
        if operator.get("resultVariable"):
            body.data.write(operator.get("resultVariable"), answer)

    def _write_objects(self, body: Body) -> None:
        instance, known = body.activity.instance, body.data.values()
        for shape, transformation in drawing.outputs(body.activity.node):
            owner = next(one for one in around(instance) if shape in one.scope.shapes)
            name = owner.scope.shapes[shape]
            if transformation:
                owner.objects[name] = self.play.evaluate(transformation, instance, body.data)
            else:
                owner.objects[name] = known.get(name, body.answers)

    # a standard loop

    def _may_begin(self, activity: Presence) -> bool:
        first = activity.node.loop.get("testBefore") == "true"
        return not first or self._condition(activity)

    def _again(self, activity: Presence) -> bool:
        most = activity.node.loop.get("loopMaximum")
        with failing_at(activity.instance.coming(activity.node.id)):  # it is the next round that cannot begin
            return (not most or activity.rounds < int(most)) and self._condition(activity)

    def _condition(self, activity: Presence) -> bool:
        text = text_of(activity.node.loop, "loopCondition")
        counted = {"loopCounter": activity.rounds}  # BPMN 2.0.2, table 10.28
        return not text or bool(self.play.evaluate(text, activity.instance, activity.data, **counted))

    def _post_round(self, activity: Presence) -> None:
        instance, name = activity.instance, activity.node.id

        def enter() -> None:
            activity.rounds += 1
            self._start(Body(activity, instance.enter(name), activity.data))

        self.play.post(lambda: f"+{instance.coming(name)}", enter, activity)

    def _leave_undone(self, activity: Presence) -> None:
        self.play.post(lambda: f"-{activity.path}", lambda: self._leave(activity), activity)

    # many items

    def _begin_many(self, activity: Presence) -> None:
        many = activity.node.many
        cardinality, items = text_of(many, "loopCardinality"), text_of(many, "loopDataInputRef")
        value = self.play.evaluate(cardinality or items, activity.instance, activity.data)
        if cardinality and value < 0:
            raise ValueError("fewer than none")
        activity.items = list(range(value)) if cardinality else list(value or [])
        for name in self._results(activity):
            activity.data.clear(name)
        first = activity.items[:1] if many.get("isSequential") == "true" else activity.items
        for index in range(len(first)):
            self._post_item(activity, index)
        if not activity.items:
            self._post_leave_many(activity)

    def _post_item(self, activity: Presence, index: int) -> None:
        path = f"{activity.path}[{index}]"

        def enter() -> None:
            data = activity.data.copy()
            name = drawing.name_of(activity.node.many, "inputDataItem")
            if name:
                data.write(name, activity.items[index])
            self._start(Body(activity, path, data, index))

        self.play.post(lambda: f"+{path}", enter, activity)

    def _item_done(self, activity: Presence, body: Body) -> None:
        activity.done[body.index] = body
        self._merge_item(activity, body)
        sequential = activity.node.many.get("isSequential") == "true"
        if self._enough(activity, body) or len(activity.done) == len(activity.items):
            self._cancel_items(activity)
            self._post_leave_many(activity)
        elif sequential:
            self._post_item(activity, body.index + 1)

    def _enough(self, activity: Presence, body: Body) -> bool:
        text = text_of(activity.node.many, "completionCondition")
        if not text:
            return False
        total, done = len(activity.items), len(activity.done)
        sequential = activity.node.many.get("isSequential") == "true"
        counters = {
            "numberOfInstances": total,
            "numberOfActiveInstances": 0 if sequential else total - done,
            "numberOfCompletedInstances": done,
            "numberOfTerminatedInstances": 0,
        }
        known = body.data.values()
        known |= self._results(activity)
        with failing_at(activity.path):
            known = {**self.play.variables(activity.instance, body.data), **known, **counters}
            return bool(words.evaluate(text, known, self.play.at))

    def _cancel_items(self, activity: Presence) -> None:
        self.play.pending = [one for one in self.play.pending if one.owner is not activity]
        for body in activity.bodies:
            if body.inner:
                self.play.cancel_all(body.inner)
            self.play.show_cancelled(body.path)
        activity.bodies = []

    def _post_leave_many(self, activity: Presence) -> None:
        def leave() -> None:
            for name, value in self._results(activity).items():
                activity.data.write(name, value)
            self._leave(activity)

        self.play.post(lambda: f"-{activity.path}", leave, activity, blocked=lambda: activity.triggered > 0)

    def _results(self, activity: Presence) -> dict[str, Any]:
        many, bodies = activity.node.many, [activity.done[index] for index in sorted(activity.done)]
        output, name = drawing.name_of(many, "outputDataItem"), text_of(many, "loopDataOutputRef")
        found: dict[str, Any] = {}
        if activity.node.kind in PEOPLE:
            found[activity.node.id] = [body.answers for body in bodies]
        if name:
            found[name] = [body.data.values().get(output) for body in bodies]
        return found

    def _merge_item(self, activity: Presence, body: Body) -> None:
        """What an item wrote is seen outside when it is done, without the item itself and what it gives."""
        many, written = activity.node.many, body.data.copy()
        for tag in ("inputDataItem", "outputDataItem"):
            written.forget(drawing.name_of(many, tag))
        activity.data.take([written])
