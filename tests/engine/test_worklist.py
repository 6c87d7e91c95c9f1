"""Work items: offered to whom the lane says, done by one, gone when the flow no longer needs them."""

from datetime import date

import pytest

from engine import people, worklist
from engine.commands import ClaimTask, DelegateTask, ReleaseTask, SubmitTask
from engine.errors import AlreadyDone, Conflict, NotAllowed, NotFound
from tests.engine import invariants


@pytest.fixture
def item(engine, walker):
    walker.start()
    yield walker.item("register_topic")
    invariants.check(engine)


def test_an_item_is_offered_with_its_unit_lane_and_form(engine, item):
    offered = engine.read(lambda reader: worklist.candidates(reader.db, item.id))

    assert (item.unit_id, item.diagram, item.status) == ("u001", "step1_topic", "open")
    assert item.form.endswith("register_topic-schema.json")
    assert all(text.startswith("post:u001.") for text in offered)
    assert item.due_on is None or item.due_on > date(2026, 9, 14)


def test_what_is_done_says_by_whom_and_when(engine, walker, item):
    walker.do("register_topic")

    with pytest.raises(AlreadyDone) as refusal:
        engine.handle(SubmitTask(item.id, {}), by="u001.secretary")
    assert refusal.value.by in refusal.value.message
    assert refusal.value.at.startswith("2026-09-14")


def test_an_item_that_does_not_exist_is_not_found(engine, item):
    with pytest.raises(NotFound):
        engine.handle(SubmitTask("0" * 20, {}), by="u001.secretary")


def test_two_who_claim_at_once_are_one_claimer(engine, item, together):
    ends = together(
        lambda: engine.handle(ClaimTask(item.id), by="u001.secretary"),
        lambda: engine.handle(ClaimTask(item.id), by="u001.cadre1"),
    )

    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Outcome"]


def test_only_the_claimer_gives_back(engine, item):
    engine.handle(ClaimTask(item.id), by="u001.secretary")

    with pytest.raises(Conflict):
        engine.handle(ReleaseTask(item.id), by="u001.cadre1")


def test_a_task_is_handed_on_within_the_unit_only(engine, walker, item):
    def person(post):
        return engine.read(lambda reader: worklist_holder(reader, post))

    with pytest.raises(NotAllowed):
        engine.handle(DelegateTask(item.id, person("u002.secretary"), "出差"), by="u001.secretary")
    engine.handle(DelegateTask(item.id, person("u001.council1"), "出差"), by="u001.secretary")
    walker.do("register_topic", by=person("u001.council1"))

    assert "register_topic" not in walker.open()


def worklist_holder(reader, post):
    return people.holder_of_post(reader.db, post, reader.today).person


def test_a_stranger_may_not_claim(engine, item):
    with pytest.raises(NotAllowed):
        engine.handle(ClaimTask(item.id), by="u002.secretary")
