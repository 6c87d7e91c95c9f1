"""Months of a timer are those of people in China: begun on the first at 4 in the morning, over on the first at 4."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.bpmn import run, timing
from engine.bpmn.step import Moment
from engine.environment import ENVIRONMENT, FIRST_KIT
from engine.operations import Played
from engine.reexecution import Reexecution
from tests.engine.bpmn.sketch import (
    Case,
    World,
    boundary,
    catch,
    end,
    flows,
    main,
    start,
    timer,
    user,
)

FOUR_IN_THE_MORNING = datetime(2026, 2, 28, 20, tzinfo=UTC)  # 1 March in China


def waiting(rule="P1M"):
    return main(
        start(), catch("wait", timer(rule, "timeDuration")), user("a"), end(), flows("start wait a end")
    )


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("P1M", datetime(2026, 3, 31, 20, tzinfo=UTC)),
        ("P1Y", datetime(2027, 2, 28, 20, tzinfo=UTC)),
        ("P1M1D", datetime(2026, 4, 1, 20, tzinfo=UTC)),
        ("P31D", datetime(2026, 3, 31, 20, tzinfo=UTC)),
    ],
)
def test_a_month_that_begins_on_the_first_ends_on_the_first(rule, due):
    case = Case(waiting(rule), at=FOUR_IN_THE_MORNING)

    assert case.step.timers[0].due == due


def test_a_month_begun_on_the_last_day_ends_on_the_last_day_of_a_shorter_one():
    on_the_31st = datetime(2026, 1, 30, 16, tzinfo=UTC)  # midnight in China

    assert timing.duration("P1M").after(on_the_31st) == datetime(2026, 2, 27, 16, tzinfo=UTC)


def test_a_cycle_of_months_comes_on_the_first_of_each():
    case = Case(
        main(
            start(),
            user("a"),
            boundary("remind", "a", timer("R3/P1M", "timeCycle"), False),
            end("reminded"),
            end(),
            flows("start a end; remind reminded"),
        ),
        at=FOUR_IN_THE_MORNING,
    )
    dues = []

    while case.step.timers:
        dues.append(case.step.timers[0].due)
        case.wait(days=31)

    assert dues == [datetime(2026, month, day, 20, tzinfo=UTC) for month, day in ((3, 31), (4, 30), (5, 31))]


def test_histories_of_the_first_kit_are_executed_as_they_were():
    given = waiting()
    then = replace(Moment("case", 1, FOUR_IN_THE_MORNING), utc_months=True)
    recorded = run.start(Case(given).model, then, World(), {})
    body = {
        "case": "case",
        "seq": 1,
        "at": "2026-02-28T20:00:00.000000Z",
        "type": "case_started",
        "data": {},
        "definition": "of then",
        "environment": {**ENVIRONMENT, "kit": FIRST_KIT},
    }

    again = Reexecution(lambda _: Case(given).model).execute(body, Played([]))
    now = Reexecution(lambda _: Case(given).model).execute({**body, "environment": ENVIRONMENT}, Played([]))

    assert again.digest == recorded.digest
    assert again.timers[0].due == datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert now.timers[0].due == datetime(2026, 3, 31, 20, tzinfo=UTC)
