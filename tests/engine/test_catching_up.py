"""Much that was kept for a case is executed in stretches: in order, before anybody acts, and whoever dies meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import cases, messages
from engine.commands import CatchUp, MoveCase, PublishMessage, SendSignal
from engine.entitlement import SYSTEM
from engine.errors import Conflict
from engine.handlers import HANDLERS, catching_up
from engine.handlers.catching_up import AT_ONCE
from engine.messages import Message
from engine.waking.dispatcher import Dispatcher
from tests.engine import failing
from tests.engine.bpmn import sketch
from tests.engine.other_process import killed_or_done, sparse

pytestmark = pytest.mark.usefixtures("sound")

MANY = 2 * AT_ONCE + 5


def listening(*parts, line="hear more"):
    """Beside a task `ask`, hears `go` until the last of them says so; then `look`."""
    beside = (
        sketch.start(),
        sketch.both("fork"),
        sketch.user("ask"),
        sketch.end("asked"),
        sketch.catch("hear", sketch.message("go", variable="heard")),
        sketch.xor("more", default="more-hear"),
        sketch.user("look"),
        sketch.end(),
    )
    flows = f"start fork ask asked; fork hear; {line}; more hear; more look: heard.last; look end"
    return failing.drawn(*beside, *parts, sketch.flows(flows))


def stopped(engine, count, bundle=None, goes_on=True):
    """A case that has been suspended while so many messages were sent to it; it goes on after them."""
    case = failing.FailingCase(engine, bundle or listening())
    case.start()
    case.suspend()
    for number in range(1, count + 1):
        case.tell(number=number, last=goes_on and number == count)
    return case


def heard(case):
    return [event.body["data"]["number"] for event in case.events() if event.type == "message_received"]


def to_the_end(engine):
    """How many stretches the dispatcher took."""
    return sum(1 for _ in iter(Dispatcher(engine, {}).once, 0))


def test_much_that_was_kept_is_executed_in_stretches_and_in_order(engine):
    case = stopped(engine, MANY)

    outcome = case.resume()

    assert heard(case) == list(range(1, AT_ONCE + 1))
    assert case.status() == cases.CATCHING_UP
    assert outcome.seq == len(case.events())
    assert to_the_end(engine) == 2
    assert heard(case) == list(range(1, MANY + 1))
    assert case.types().count("catch_up_deferred") == 2
    assert case.status() == cases.ACTIVE
    assert sorted(case.open()) == ["ask", "look"]


def test_what_is_too_late_for_a_case_counts_towards_a_stretch_as_well(engine, monkeypatch):
    monkeypatch.setattr(catching_up, "LOOKS", 10)
    hears_once = sketch.catch("hear", sketch.simple("signal", "bell"))
    case = failing.FailingCase(engine, listening_once(hears_once))
    case.start()
    case.suspend()
    for number in range(15):
        engine.handle(SendSignal("bell", unit="u001", key=f"bell-{number}"), by="o_data.operator")
    to_the_end(engine)

    case.resume()

    assert case.status() == cases.CATCHING_UP
    assert engine.read(still_kept, case.case) == 5
    assert to_the_end(engine) == 1
    assert case.types().count("signal_received") == 1
    assert case.status() == cases.ACTIVE


def listening_once(catch):
    """Beside a task `ask`, hears one thing; then `look`."""
    around = (sketch.start(), sketch.both("fork"), sketch.user("ask"), sketch.user("look"), sketch.end())
    flows = sketch.flows("start fork ask end; fork hear look end")
    return failing.drawn(*around, catch, flows, signals="bell")


def still_kept(reader, case):
    query = select(func.count()).where(Message.to_case == case, Message.status.in_(messages.OPEN))
    return reader.db.scalar(query)


def test_nothing_is_delivered_to_a_case_while_it_catches_up(engine, monkeypatch):
    case = stopped(engine, MANY)
    case.resume()
    said, handle = [], engine.handle
    monkeypatch.setattr(engine, "handle", lambda command, by: said.append(command) or handle(command, by=by))

    to_the_end(engine)

    assert {type(command) for command in said} == {CatchUp}
    assert heard(case) == list(range(1, MANY + 1))


def test_what_arrives_meanwhile_comes_after_what_was_kept(engine):
    case = stopped(engine, MANY, goes_on=False)
    case.resume()

    case.tell(number=MANY + 1, last=False)
    published = PublishMessage("go", {"number": MANY + 2, "last": True}, unit="u001", key="late")
    engine.handle(published, by="o_data.operator")
    to_the_end(engine)

    assert heard(case) == list(range(1, MANY + 3))


def test_nobody_acts_before_a_case_has_caught_up(engine):
    case = stopped(engine, MANY)
    case.resume()

    for act in (
        case.submit,
        case.suspend,
        lambda: engine.handle(MoveCase(case.case, 1, "x"), by=failing.OPERATOR),
    ):
        with pytest.raises(Conflict, match="正在依次补办"):
            act()
    to_the_end(engine)
    case.submit()

    assert case.open() == ["look"]
    assert heard(case) == list(range(1, MANY + 1))


def test_a_timer_that_fell_due_later_waits_until_the_case_has_caught_up(engine, clock):
    remind = sketch.boundary("remind", "ask", sketch.timer("P5D", "timeDuration"), interrupting=False)
    case = stopped(
        engine,
        MANY,
        listening(remind, sketch.end("reminded"), line="remind reminded; hear more"),
        goes_on=False,
    )
    clock.at += timedelta(days=6)
    case.tell(number=MANY + 1, last=False)

    case.resume()
    to_the_end(engine)

    told = [type for type in case.types() if type in ("message_received", "timer_fired")]
    assert told == ["message_received"] * MANY + ["timer_fired", "message_received"]


def test_a_case_for_which_nothing_is_left_goes_on_and_its_history_says_so(engine):
    case = stopped(engine, AT_ONCE)

    case.resume()

    assert case.types()[-1] == "catch_up_deferred"
    assert to_the_end(engine) == 1
    assert case.types()[-1] == "caught_up"
    assert case.status() == cases.ACTIVE
    assert engine.handle(CatchUp(case.case), by=SYSTEM).case == ""
    assert case.status() == cases.ACTIVE


def test_a_message_that_stops_a_case_which_catches_up_leaves_those_after_it_kept(engine):
    fails = sketch.script("fail", "share = 100 // heard.number")
    case = stopped(engine, AT_ONCE + 1, listening(fails, line="hear fail more"), goes_on=False)
    case.tell(number=0, last=False)
    case.tell(number=7, last=False)

    case.resume()
    to_the_end(engine)

    assert case.status() == cases.INCIDENT
    assert case.last()["pending"]["data"]["number"] == 0
    case.put_right(go={"number": 5})
    case.retry()
    assert heard(case) == [*range(1, AT_ONCE + 2), 5, 7]


def test_a_mistake_of_ours_while_catching_up_stops_the_case_and_an_operator_lets_it_go_on(
    engine, monkeypatch
):
    case = stopped(engine, MANY)
    case.resume()
    with monkeypatch.context() as mistaken:
        mistaken.setitem(HANDLERS, CatchUp, lambda work, command: 1 // 0)
        to_the_end(engine)
    assert case.status() == cases.INCIDENT

    case.retry()
    to_the_end(engine)

    assert heard(case) == list(range(1, MANY + 1))


def test_workers_at_once_execute_each_message_once(engine, together):
    case = stopped(engine, MANY)
    case.resume()

    together(*(lambda: to_the_end(engine) for _ in range(3)))

    assert heard(case) == list(range(1, MANY + 1))
    assert case.status() == cases.ACTIVE


def test_who_is_killed_while_catching_up_loses_nothing_and_the_next_one_goes_on(engine, staged_url):
    def killed(die_at):
        case = stopped(engine, AT_ONCE + 2)
        case.resume()
        order = (CatchUp("nothing"), CatchUp(case.case))
        return case, killed_or_done(engine, staged_url, order, failing.OPERATOR, die_at)

    _, (_, own, lines) = killed(0)
    died = 0
    for die_at in sparse(own, lines):
        case, told = killed(die_at)
        died += not told
        assert len(heard(case)) in (AT_ONCE, AT_ONCE + 2)
        to_the_end(engine)
        assert heard(case) == list(range(1, AT_ONCE + 3))
        assert {
            row.status for row in engine.read(lambda reader: reader.db.scalars(select(Message)).all())
        } == {messages.DELIVERED}

    assert died >= 8
