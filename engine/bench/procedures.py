"""The bench's own small procedures as bundles. Knows their files; not how they are run.

`bench_line` 30 tasks in a row; `bench_timed` 12 tasks in a row, each with a timer of its own that the next completion
cancels; `bench_loop` three elements going round for ever beside a waiting timer; `bench_crowd` 25 parallel items.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import definitions
from engine.bpmn.step import Bundle

LINE, TIMED, LOOP, CROWD = NAMES = ("bench_line", "bench_timed", "bench_loop", "bench_crowd")
LINE_TASKS, TIMED_TASKS = 30, 12
ANSWERS: Mapping[str, Any] = {
    "checked_on": "2026-03-05",
    "progress": "路灯基座已浇筑完成，灯杆到货，正在布线，预计月底前完成安装并通电调试。" * 2,
    "quality": "抽查三处基座，尺寸和标号符合要求；一处回填不实，已当场要求返工。" * 2,
    "problems": "施工围挡占用了两个车位，已与居民商量临时停放的地方。",
    "cost": 1_284_500,
    "present": [{"name": "甲某"}, {"name": "乙某"}, {"name": "丙某"}],
    "go_on": "yes",
}
_FOLDER = Path(__file__).parent / "procedures"
_FORM = "record-schema.json"  # one form, as large as that of an inspection, for every task


def bundle(name: str) -> Bundle:
    files = {path.name: path.read_bytes() for path in sorted((_FOLDER / name).iterdir())}
    files[f"forms/{name}/{_FORM}"] = (_FOLDER / _FORM).read_bytes()
    return definitions.bundle_of(files)


def diagram(name: str) -> bytes:
    """The drawing alone, which the plain library runs too."""
    return (_FOLDER / name / f"{name}.bpmn").read_bytes()
