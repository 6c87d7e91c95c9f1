"""What an event opens when it occurs: the way out of a boundary event, an event sub-process, a pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.engine.bpmn.reference.data import Data
from tests.engine.bpmn.reference.drawing import Event, Node
from tests.engine.bpmn.reference.presence import Instance, Presence

if TYPE_CHECKING:
    from tests.engine.bpmn.reference.happenings import Happenings


def boundary(happenings: Happenings, activity: Presence, node: Node) -> Callable[[str, Any], None]:
    instance = activity.instance

    def occur(path: str, payload: Any) -> None:
        if activity.doomed or activity not in instance.present:
            return
        activity.triggered += 1
        if node.interrupting:
            activity.doomed = True
            happenings.disarm(activity)
        happenings.play.post(
            lambda: f"+{path}", lambda: enter(path, payload), instance, token=node, within=instance
        )

    def enter(path: str, payload: Any) -> None:
        activity.triggered -= 1
        data = activity.data.copy()
        happenings.keep_payload(node.event, data, payload)
        if node.interrupting:
            happenings.play.cancel(activity)
        presence = Presence(node, instance, path, data)
        instance.present.append(presence)
        happenings.play.post_leave(presence)

    return occur


def handler(happenings: Happenings, instance: Instance, node: Node) -> Callable[[str, Any], None]:
    """An event sub-process begins in the scope that draws it (13.5.4)."""
    start = node.inner.starts[0]

    def occur(path: str, payload: Any) -> None:
        if instance.doomed:
            return
        instance.triggered += 1
        if start.interrupting:
            instance.doomed = True
            happenings.disarm(instance)
        happenings.play.post(lambda: f"+{path}", lambda: enter(path, payload), instance)

    def enter(path: str, payload: Any) -> None:
        instance.triggered -= 1
        data = happenings.play.scope_data(instance)
        happenings.keep_payload(start.event, data, payload)
        if start.interrupting:
            happenings.play.cancel_all(instance)
        presence = Presence(node, instance, path, data)
        instance.present.append(presence)
        happenings.play.activities.begin_inside(presence, node.inner, start.id)

    return occur


def post_pool(happenings: Happenings, node: Node, start: str, path: str, payload: Any) -> None:
    case = happenings.play.case

    def enter() -> None:
        presence = Presence(node, case, path, Data(happenings.play.clock))
        case.present.append(presence)
        event = node.inner.nodes[start].event if start else Event("none")
        happenings.keep_payload(event, presence.data, payload)
        body = happenings.play.activities.begin_inside(presence, node.inner, start)
        happenings.begun_by(body.inner, event, presence.data, payload)

    happenings.play.post(lambda: f"+{path}", enter, case)
