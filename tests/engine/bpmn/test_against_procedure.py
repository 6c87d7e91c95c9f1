"""The seven steps themselves, walked at random with every decision taken every way, before the reference."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from engine.bpmn.step import Bundle
from engine.errors import Refused
from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.sketch import World
from tests.processes.test_walk import ANSWERS

FOLDER = Path(__file__).parents[3] / "processes" / "roundtable"
OTHERWISE = {
    "screen_topic": [{"affair": a, "handling": h} for a, h in (
        ("individual", "roundtable"), ("mixed", "roundtable"), ("public", "merge"), ("public", "withdraw"),
        ("public", "ordinary"))],
    "confirm_level": [{"level": "street"}, {"level": "community"}],
    "verify_findings": [{"finding": "not_confirmed"}],
    "analyse_topic": [{"feasibility": "not_feasible", "level_opinion": "keep"},
                      {"feasibility": "feasible", "level_opinion": "change"}],
    "form_resolution": [{"outcome": "not_reached"}],
    "receive_filing": [{"decision": "return"}],
    "give_consent": [{"opinion": "disagree"}],
    "draft_roster": [{"roster": [{"name": f"参会人{number}"} for number in range(9)]}],
    "answer_objection": [{"sustained": "yes"}, {"sustained": "no"}],
    "accept_project": [{"accepted": "no"}],
    "approve_roster_size": [{"decision": "return"}],
    **{f"approve_chair_{level}": [{"decision": "return"}] for level in ("district", "secretary", "street")},
    **{f"chair_by_{level}": [{"presides": "substitute"}] for level in ("district", "secretary", "street")},
}  # fmt: skip


def bundle():
    files = {
        path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".bpmn", ".dmn", ".toml")
    }
    return Bundle(files, "procedure")


def world():
    always = lambda **_arguments: True  # noqa: E731
    operations = "case/number filing/number notice/close notice/withdraw objection/reply platform/upload"
    return World(
        people__holder=lambda role, date: {"person": f"p.{role}", "name": "某领导", "post": "post"},
        notice__open=lambda **_arguments: {"number": "GS-2026-0001", "ends": "2026-03-12T00:00:00+08:00"},
        calendar__last_working_day=lambda date: f"{date[:7]}-28",
        committee__register=lambda **_arguments: [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}],
        **{name.replace("/", "__"): always for name in operations.split()},
    )


def walked(seed, steps):
    """What was done in how many steps, and whether the case came to an end. Every step is judged on the way."""
    chance = random.Random(seed)
    case = Watched(bundle(), {"unit": "u001"}, {}, world())
    done = []
    while len(done) < steps and not case.step.ended:
        try:
            done.append(_move(case, chance))
        except Refused:  # an answer that is missing here stops the case: an incident
            break
    return done, bool(case.step.ended)


def _move(case, chance):
    ways = (
        ["do"] * len(case.step.items) * 4
        + ["wait"] * len(case.step.timers)
        + ["tell"] * bool(case.step.awaited)
    )
    way = chance.choice(ways)
    if way == "do":
        item = chance.choice(case.step.items)
        usual = ANSWERS.get(item.element, {})
        otherwise = OTHERWISE.get(item.element, [usual])
        case.do(item.path, **(chance.choice(otherwise) if chance.random() < 0.2 else usual))
        return item.element
    if way == "tell":
        name = chance.choice(sorted({one.name for one in case.step.awaited}))
        case.tell(name, {"receipt": "R-1", "text": "太吵"})
        return name
    timer = case.step.timers[0]
    case.at = max(case.at, timer.due) + timedelta(seconds=1)
    case.fire(timer.path)
    return timer.element


@pytest.mark.parametrize("seed", range(12))
def test_a_topic_goes_through_the_procedure_as_bpmn_says(seed):
    walked(seed, 120)


@pytest.mark.prove
def test_two_hundred_topics_go_through_the_procedure_as_bpmn_says_and_see_all_of_it():
    walks = [walked(seed, 200) for seed in range(100, 300)]

    assert sum(ended for _, ended in walks) > 100
    assert {"close_off", "answer_objection", "hear_appeal"} & {
        element for done, _ in walks for element in done
    }
