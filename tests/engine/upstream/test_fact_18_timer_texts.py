"""Fact 18: texts are Python, a malformed one is found only when a case comes to it, and due means later than due."""

from datetime import UTC, datetime, timedelta

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions import timer as timers
from SpiffWorkflow.exceptions import SpiffWorkflowException

from tests.engine.upstream.plain import begin, diagram, do, flows, nodes, opened, script, specs, timer


def waiting_for(text):
    return diagram(
        nodes(startEvent="s", manualTask="a", endEvent="e"),
        f'<intermediateCatchEvent id="t">{timer("timeDuration", text)}</intermediateCatchEvent>',
        flows("s a t e"),
    )


def test_a_plain_iso_duration_is_deployed_and_fails_when_reached():
    workflow = begin(waiting_for("PT1H"))

    with pytest.raises(SpiffWorkflowException):
        do(workflow, "a")


def test_so_does_a_duration_that_is_none():
    workflow = begin(waiting_for("'soon'"))

    with pytest.raises(Exception, match="duration"):
        do(workflow, "a")


def test_a_script_that_is_no_python_is_deployed():
    specs(diagram(nodes(startEvent="s", endEvent="e"), script("a", "this is (not python"), flows("s a e")))


def test_a_condition_that_is_no_python_is_deployed():
    gateway = '<exclusiveGateway id="g" default="g-e"/>'
    drawn = (
        nodes(startEvent="s", manualTask="a", endEvent="e"),
        gateway,
        flows("s g e; g a: this is (not; a e"),
    )

    assert specs(diagram(*drawn))[0].name == "main"


def test_at_its_very_moment_a_timer_is_not_due(monkeypatch):
    class Clock(datetime):
        at = datetime(2026, 1, 1, tzinfo=UTC)

        @classmethod
        def now(cls, tz=None):
            return cls.at

    monkeypatch.setattr(timers, "datetime", Clock)
    midnight = timer("timeDate", "'2026-01-01T00:00:00+00:00'")
    wait = f'<intermediateCatchEvent id="t">{midnight}</intermediateCatchEvent>'
    workflow = begin(diagram(nodes(startEvent="s", manualTask="a", endEvent="e"), wait, flows("s t a e")))

    assert polled(workflow) == []  # right would be: a
    Clock.at += timedelta(microseconds=1)
    assert polled(workflow) == ["a"]


def polled(workflow):
    workflow.refresh_timers()
    workflow.do_engine_steps()
    return opened(workflow)
