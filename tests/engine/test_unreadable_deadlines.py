"""A deadline that comes with a message and that nobody can read stops the case there: nothing is half recorded."""

import pytest

from engine.commands import ResumeCase, SendMessage, SuspendCase
from engine.incidents import OPENED
from tests.engine.bpmn import sketch
from tests.engine.conversing import Talking

pytestmark = pytest.mark.usefixtures("sound")

UNREADABLE = {"by": "下周二"}


@pytest.fixture
def waiting(engine):
    """A case that waits for the message which says until when the next task is due."""
    talking = Talking(engine)
    process = sketch.process(
        "main", sketch.start(), sketch.user("draft"),
        sketch.catch("hear", sketch.message("notice", variable="heard")), sketch.user("read", due="heard.by"),
        sketch.end(), sketch.flows("start draft hear read end"),
    )  # fmt: skip
    talking.release("main", process, messages="notice")
    case = talking.start("main")
    talking.do(case, "draft")
    return talking, case


def assert_stopped_at_read(talking, case):
    assert (talking.case(case).status, talking.open(case)) == ("incident", [])
    opened = talking.events(case)[-1]
    assert (opened["type"], opened["data"]["element"]) == (OPENED, "read")
    assert "下周二" in opened["data"]["message"]
    assert opened["pending"]["type"] == "message_received"


def test_whoever_sends_it_is_told_that_it_was_taken_and_the_case_stops(engine, waiting):
    talking, case = waiting

    engine.handle(SendMessage(case, "notice", UNREADABLE), by=talking.by)

    assert_stopped_at_read(talking, case)


def test_one_that_was_kept_stops_the_case_when_it_goes_on(engine, waiting):
    talking, case = waiting
    engine.handle(SuspendCase(case, "停一停"), by=talking.by)
    engine.handle(SendMessage(case, "notice", UNREADABLE), by=talking.by)

    engine.handle(ResumeCase(case, "好了"), by=talking.by)

    assert_stopped_at_read(talking, case)
