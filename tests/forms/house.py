"""The forms of the roundtable with a fixed day, calendar and case, for the tests beside it. Knows no database."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine import calendar, samples
from engine.forms import Form, load
from engine.working_days import WorkingDays

ROOT = Path(__file__).parents[2]
FORMS = ROOT / "forms" / "roundtable"
PROCEDURE = ROOT / "processes" / "roundtable"
TODAY = date(2026, 9, 14)  # a Monday; the following Sunday is a make-up working day
DAYS = WorkingDays("test", calendar.merged({}, calendar.published_years(2026)))

FILES = {
    f"forms/{path.relative_to(FORMS).as_posix()}": path.read_bytes() for path in FORMS.rglob("*.json")
} | {"rules.toml": (PROCEDURE / "rules.toml").read_bytes()}
PATHS = sorted(path for path in FILES if path.endswith("-schema.json"))
PROCESS: Mapping[str, Any] = tomllib.loads((PROCEDURE / "process.toml").read_text())
SAMPLES: Mapping[str, Any] = tomllib.loads((PROCEDURE / "samples.toml").read_text())
STORED = {
    name: f"a{number:03}" for number, name in enumerate(sorted(samples.files_of(SAMPLES)))
}  # as uploads have ids

FACTS: Mapping[str, Any] = {
    "title": "桃苑小区公共设施改造",
    "level": "community",
    "channel": "hotline",
    "mentions": 4,
    "chair_name": "邱建国",
    "unit": "u001",
    "meeting_on": TODAY.isoformat(),
    "committee": [
        {"name": "罗春生", "party": "party_org"},
        {"name": "付金根", "party": "stakeholder"},
        {"name": "邓海涛", "party": "executing"},
    ],
    "inspections": 1,
    "accepted": True,
    "receipt_cloud": "HZ-1",
    "receipt_service": "HZ-2",
}
SELDOM = {"answer_objection"}  # not done unless a test says so


def task_of(path: str) -> str:
    return path.rpartition("/")[2].removesuffix("-schema.json")


def form_of(task: str) -> Form:
    return load(FILES, next(path for path in PATHS if task_of(path) == task))


def sample(task: str) -> dict[str, Any]:
    return filled(SAMPLES[task])


def filled(part: Mapping[str, Any]) -> dict[str, Any]:
    """`@today` and its kin as days around TODAY."""
    found: dict[str, Any] = samples.filled(part, samples.Setting(TODAY, DAYS, FACTS, STORED))
    return found


def context(case: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Facts and earlier answers: the samples of all tasks, changed where a test says so."""
    done = [task for task in SAMPLES if task not in SELDOM or task in earlier]
    answers = {task: {} for task in SELDOM} | {
        task: {**sample(task), **filled(earlier.get(task, {}))} for task in done
    }
    return {**answers, "case": {**FACTS, **filled(case)}}


def functions(council: int = 7, *, vacant: bool = False) -> dict[str, Callable[..., Any]]:
    """What a case asks of the world, answered by the published calendar of 2026."""
    day = date.fromisoformat
    return {
        "today": TODAY.isoformat,
        "now": lambda: f"{TODAY.isoformat()}T09:00:00+08:00",
        "working_days_after": lambda start, n: DAYS.working_days_after(day(start), n).isoformat(),
        "working_days_between": lambda start, end: DAYS.working_days_between(day(start), day(end)),
        "first_saturday": lambda month: DAYS.first_saturday(day(month)).proposed.isoformat(),
        "last_working_day": lambda month: DAYS.last_working_day(day(month)).isoformat(),
        "council_size": lambda _on: council,
        "holder": lambda role, _on: (
            None if vacant else {"person": f"p-{role}", "name": role, "post": f"post-{role}"}
        ),
    }
