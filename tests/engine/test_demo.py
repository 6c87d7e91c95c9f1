"""The demonstration is made by walking: cases stand where their plots say, and every history verifies."""

import pytest

from engine import cases, worklist
from engine.demo import making
from engine.demo.plots import plots
from engine.demo.walk import RECEIPTS
from engine.engine import Engine
from engine.outbox import Outgoing
from engine.settings import Settings
from tests.engine import invariants

STEPS = [
    "step1_topic",
    "step2_opinions",
    "step3_analysis",
    "step4_meeting",
    "step5_publicity",
    "step6_implementation",
    "step7_supervision",
]


def made(folder, count):
    settings = Settings(data=folder, demo=True)
    making.make(settings, count, lambda _: None)
    return Engine.open(settings.url, settings=settings)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    engine = made(tmp_path_factory.mktemp("small"), 6)
    yield engine
    engine.database.dispose()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    engine = made(tmp_path_factory.mktemp("whole"), len(plots()))
    yield engine
    engine.database.dispose()


def standing(engine):
    """Title → (case, elements that are open)."""

    def read(reader):
        rows = reader.db.query(cases.Case).all()
        return {
            row.title: (row, {item.element for item in worklist.open_items(reader.db, row.id)})
            for row in rows
        }

    return engine.read(read)


def assert_stands_as_told(engine, told):
    found = standing(engine)
    assert set(found) == {plot.title for plot in told}
    for plot in told:
        case, is_open = found[plot.title]
        if plot.stop == RECEIPTS or plot.held:  # waits for a platform, or for the end of its notice
            assert is_open == set()
            assert (
                "step6_implementation" if plot.stop == RECEIPTS else "step5_publicity"
            ) in case.stage.split()
        elif plot.stop:
            assert plot.stop in is_open, f"{plot.title} stands at {is_open}, not at {plot.stop}"
        else:
            assert case.status == cases.COMPLETED, f"{plot.title} stands at {is_open}"


def test_the_first_cases_stand_where_their_plots_say(small):
    assert_stands_as_told(small, plots()[:6])


def test_every_history_of_it_verifies(small):
    invariants.check(small)


def test_nothing_is_overdue_when_it_opens_and_its_clock_shows_the_opening(small):
    assert small.tick() == 0
    assert 0 <= (small.now() - making.OPENED).total_seconds() < 600


@pytest.mark.prove
def test_all_cases_stand_where_their_plots_say_and_together_at_every_step(whole):
    assert_stands_as_told(whole, plots())
    stages = {stage for case, _ in standing(whole).values() for stage in case.stage.split()}
    assert set(STEPS) <= stages
    invariants.check(whole)


@pytest.mark.prove
def test_the_whole_demonstration_has_something_of_everything(whole):
    levels = {case.level for case, _ in standing(whole).values()}
    assert {"community", "street", "district"} <= levels
    uploads = whole.read(lambda reader: {row.status for row in reader.db.query(Outgoing)})
    assert {"waiting", "receipted"} <= uploads
