"""The stories beside the diagrams, taken together: what they must have told of the procedure. Plays none of them."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from engine import calendar
from engine.forms import load_rules

PROCEDURE = Path(__file__).parents[2] / "processes" / "roundtable"
STORIES = {path.name: tomllib.loads(path.read_text()) for path in sorted(PROCEDURE.glob("*.story.toml"))}
ENDS = tomllib.loads((PROCEDURE / "process.toml").read_text())["ends"]


def _steps() -> Iterator[dict[str, Any]]:
    for story in STORIES.values():
        yield from story["step"]


def _facts(name: str) -> set[Any]:
    return {step["fact"][name] for step in _steps() if name in step.get("fact", {})}


def test_there_are_at_least_fifteen_stories_each_with_a_title_of_its_own() -> None:
    titles = [story["story"] for story in STORIES.values()]

    assert len(titles) >= 15
    assert len(set(titles)) == len(titles)


def test_all_levels_and_all_categories_are_told() -> None:
    assert _facts("case.level") == {"community", "street", "district"}
    assert _facts("case.category") == {"safety", "environment", "culture", "care", "public_good", "other"}


def test_every_end_of_the_procedure_is_reached() -> None:
    assert {step["ended"] for step in _steps() if "ended" in step} == set(ENDS)


def test_every_task_of_the_seven_steps_is_done_in_some_story() -> None:
    forms = PROCEDURE.parents[1] / "forms" / "roundtable"
    tasks = {
        path.name.removesuffix("-schema.json")
        for path in forms.rglob("*-schema.json")
        if path.parent.name != "registers"
    }

    done = {step["task"] for step in _steps() if "task" in step and "refused" not in step}

    assert tasks - done == set()


def test_the_hard_gates_refuse_in_stories() -> None:
    refused = {step["refused"] for step in _steps() if "refused" in step}

    assert refused <= set(load_rules({"rules.toml": (PROCEDURE / "rules.toml").read_bytes()}))
    assert refused >= set(
        "R064 R065 R096 R099 R103 R104 R109 R113 R118 R119 R120 R127 R129 R130 R131 R132".split()
    )


def test_notices_run_across_holidays_with_make_up_days() -> None:
    """The last day of a notice lies right after days off and make-up days of the State Council's arrangement."""
    made_up = {day for day, what in calendar.published_years(2026).days.items() if what.kind == "makeup"}
    ends = {date.fromisoformat(end[:10]) for end in _facts("case.notice_ends")}

    assert {date(2026, 2, 14), date(2026, 5, 9), date(2026, 10, 10)} <= made_up
    assert ends >= {date(2026, 2, 27), date(2026, 5, 10), date(2026, 10, 11)}
