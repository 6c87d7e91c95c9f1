"""A message that a case throws and nobody in it ever takes goes to the others when the case is over."""

import pytest

from engine.commands import SendMessage
from engine.messages import DELIVERED, KEPT
from tests.engine import invariants
from tests.engine.bpmn import sketch
from tests.engine.bpmn.sketch import Case
from tests.engine.conversing import Talking

INSIDE = 'offer = { title = "报价", from = "case" }'


@pytest.fixture
def talking(engine):
    """Whatever a test did, the invariants hold when it is over."""
    yield Talking(engine)
    invariants.check(engine)


def telling_or_hearing():
    """Either tells an offer and works on, or waits for one."""
    return sketch.process(
        "main",
        sketch.start(),
        sketch.user("choose"),
        sketch.xor("way", "way-hear"),
        sketch.throw("tell", sketch.message("offer", "{'price': price}")),
        sketch.catch("hear", sketch.message("offer", variable="heard")),
        sketch.user("work"),
        sketch.end(),
        sketch.flows("start choose way hear work end; way tell: price > 0; tell work"),
    )


def one_hears_and_one_tells(talking, **more):
    talking.release("main", telling_or_hearing(), messages="offer", **more)
    hearing, telling = talking.start("main"), talking.start("main")
    talking.do(hearing, "choose", price=0)
    talking.do(telling, "choose", price=5)
    return hearing, telling


def test_a_message_for_another_case_of_the_same_procedure_leaves_the_case_when_it_ends(engine, talking):
    hearing, telling = one_hears_and_one_tells(talking)

    talking.do(telling, "work")
    engine.tick()

    assert talking.open(hearing) == ["work"]
    (received,) = talking.events(hearing, "message_received")
    assert (received["data"], received["source"]["case"]) == ({"price": 5}, telling)


def test_what_nobody_waits_for_yet_is_kept_for_who_comes_later(engine, talking):
    talking.release("main", telling_or_hearing(), messages="offer")
    telling = talking.start("main")
    talking.do(telling, "choose", price=5)
    talking.do(telling, "work")
    engine.tick()
    assert [row.status for row in talking.messages()] == [KEPT]

    hearing = talking.start("main")
    talking.do(hearing, "choose", price=0)
    engine.tick()

    assert (talking.open(hearing), [row.status for row in talking.messages()]) == (["work"], [DELIVERED])


def test_a_message_that_process_toml_calls_one_of_the_case_itself_never_leaves_it(engine, talking):
    hearing, telling = one_hears_and_one_tells(talking, declared=INSIDE)

    talking.do(telling, "work")
    engine.tick()

    assert (talking.open(hearing), talking.messages()) == ([], [])


def test_a_message_that_was_sent_to_the_case_is_not_sent_on_when_it_ends_without_having_taken_it(
    engine, talking
):
    talking.release("main", telling_or_hearing(), messages="offer")
    hearing, sent_to = talking.start("main"), talking.start("main")
    talking.do(hearing, "choose", price=0)
    engine.handle(SendMessage(sent_to, "offer", {"price": 5}), by=talking.by)
    talking.do(sent_to, "choose", price=7)  # throws one of its own, equal in all but what it says
    talking.do(sent_to, "work")
    engine.tick()

    assert [body["data"] for body in talking.events(hearing, "message_received")] == [{"price": 7}]


def test_a_message_that_somebody_in_the_case_has_taken_goes_nowhere():
    told_and_heard = sketch.main(
        sketch.start(), sketch.throw("tell", sketch.message("offer", "5")), sketch.user("work"),
        sketch.catch("hear", sketch.message("offer", variable="heard")), sketch.end(),
        sketch.flows("start tell work hear end"), messages="offer",
    )  # fmt: skip
    case = Case(told_and_heard)

    case.do("work")

    assert (case.step.ended, case.step.data["heard"], case.step.unclaimed) == ("end", 5, ())
