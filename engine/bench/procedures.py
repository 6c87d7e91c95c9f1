"""The bench's own small procedures as bundles. Knows their files; not how they are run.

`bench_line` 30 tasks in a row; `bench_timed` 12 tasks in a row, each with a timer of its own that the next completion
cancels; `bench_loop` three elements going round for ever beside a waiting timer; `bench_crowd` 25 parallel items.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine import definitions
from engine.bpmn.step import Bundle

LINE, TIMED, LOOP, CROWD = NAMES = ("bench_line", "bench_timed", "bench_loop", "bench_crowd")
LINE_TASKS, TIMED_TASKS = 30, 12
_FOLDER = Path(__file__).parent / "procedures"
_FIRST_DAY = date(2025, 1, 1)
_FORM = "record-schema.json"  # one form, as large as that of an inspection, for every task


def bundle(name: str) -> Bundle:
    files = {path.name: path.read_bytes() for path in sorted((_FOLDER / name).iterdir())}
    files[f"forms/{name}/{_FORM}"] = (_FOLDER / _FORM).read_bytes()
    return definitions.bundle_of(files)


def answers(nth: int) -> Mapping[str, Any]:
    """What somebody writes the nth time: about as much as an inspection takes, and never the same twice."""
    return {
        "checked_on": (_FIRST_DAY + timedelta(days=nth % 300)).isoformat(),
        "progress": f"第{nth}次检查：路灯基座已浇筑{nth}处，灯杆到货{nth + 7}根，正在布线，预计月底前通电调试。",
        "quality": f"抽查第{nth}处基座，尺寸和标号符合要求；第{nth + 3}处回填不实，已当场要求返工，三天后复查。",
        "problems": f"施工围挡占用了第{nth + 11}号车位，已与居民商量临时停放的地方。",
        "cost": 1_284_500 + nth,
        "present": [{"name": "甲某"}, {"name": "乙某"}, {"name": "丙某"}],
        "go_on": "yes",
    }


def diagram(name: str) -> bytes:
    """The drawing alone, which the plain library runs too."""
    return (_FOLDER / name / f"{name}.bpmn").read_bytes()
