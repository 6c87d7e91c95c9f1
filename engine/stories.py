"""Plays *.story.toml: a case told step by step on the real engine, with a clock that jumps. Knows no diagram.

A story names who fills what, what must be open next, what must be refused and by which rule. What it does not
say is taken from the samples beside it (samples.toml), so that a story tells only what it is about.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from engine import calendar, cases, incidents, people, samples, worklist
from engine.bpmn.step import Bundle
from engine.clock import SHANGHAI, SetClock, local_date
from engine.commands import RaiseObjection, RecordReceipt, StartCase, SubmitTask
from engine.demo import making
from engine.demo.walk import attach
from engine.engine import Engine
from engine.entitlement import PUBLIC
from engine.errors import Refused, RoundtableError
from engine.outbox import WAITING, Outgoing
from engine.procedure import Procedure
from engine.procedure import of as procedure_of
from engine.records.notices import OPEN, Notice
from engine.settings import Settings
from engine.work import Reader

TOLD = frozenset(
    "by task item fill sample then refused wait until fact objection receipt ended on_behalf_of".split()
)


class StoryFailed(Exception):
    """A story does not hold, in words a designer can act on."""


@dataclass(frozen=True)
class Played:
    """How one story ended. `why` is empty when it held."""

    file: str
    title: str
    steps: int
    why: str = ""

    @property
    def passed(self) -> bool:
        return not self.why


@dataclass
class Scene:
    """A running story: its engine, its case and its clock."""

    engine: Engine
    clock: SetClock
    procedure: Procedure
    samples: Mapping[str, Any]
    unit: str
    files: Mapping[str, str]
    case: str = ""


def play_all(bundle: Bundle, only: str = "") -> list[Played]:
    """Play every story of a bundle whose name contains `only`, each on a district of its own."""
    names = [path for path in sorted(bundle.files) if path.endswith(".story.toml") and only in path]
    with TemporaryDirectory() as folder:
        stage = _stage(Path(folder), bundle)
        return [play(stage, bundle, name) for name in names]


def play(stage: Path, bundle: Bundle, name: str) -> Played:
    """Play one story on a copy of the stage (a database with the district and the release)."""
    told = tomllib.loads(bundle.files[name].decode())
    title = str(told.get("story", name))
    steps = told.get("step", [])
    at = 0
    try:
        with _scene(stage, bundle, told) as scene:
            for step in steps:
                at += 1
                take(scene, step)
    except (StoryFailed, RoundtableError) as failure:
        return Played(name, title, len(steps), f"第{at}步：{_said(failure)}")
    return Played(name, title, len(steps))


def begin(engine: Engine, clock: SetClock, bundle: Bundle, told: Mapping[str, Any]) -> Scene:
    """A story's case, started where the district and the release are; `clock` is the engine's."""
    clock.at = told["now"].astimezone(UTC)
    unit = engine.read(_unit_named, told.get("unit", "示范社区"))
    sampled = samples.read(bundle)
    scene = Scene(engine, clock, procedure_of(bundle), sampled, unit, attach(engine, unit, sampled))
    _start(scene, told)
    return scene


def _stage(folder: Path, bundle: Bundle) -> Path:
    """The district and the release are made once and copied for every story."""
    stage = folder / "stage.db"
    making.stage(f"sqlite:///{stage}", bundle)
    return stage


@contextmanager
def _scene(stage: Path, bundle: Bundle, told: Mapping[str, Any]) -> Iterator[Scene]:
    """A story's own copy of the stage, with its case started."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "story.db"
        copyfile(stage, copy)
        clock = SetClock(told["now"].astimezone(UTC))
        engine = Engine.open(f"sqlite:///{copy}", clock=clock, settings=Settings(data=Path(folder)))
        try:
            yield begin(engine, clock, bundle, told)
        finally:
            engine.database.dispose()


def _start(scene: Scene, told: Mapping[str, Any]) -> None:
    start = told.get("start", {})
    command = StartCase(
        process=told["process"],
        unit=scene.unit,
        title=start.get("title", told["story"]),
        channel=start.get("channel", "hotline"),
        mentions=start.get("mentions", 1),
    )
    by = _role_holder(scene, start.get("by", "社区(村)党组织书记"))
    scene.case = scene.engine.handle(command, by=by).case


def take(scene: Scene, step: Mapping[str, Any]) -> None:
    """One step. Raises StoryFailed, or what the engine refuses."""
    unknown = set(step) - TOLD
    if unknown:
        raise StoryFailed(f"看不懂“{'、'.join(sorted(unknown))}”")
    if "wait" in step or "until" in step:
        _wait(scene, step)
    if "objection" in step:
        _object(scene, step["objection"])
    if "receipt" in step:
        _receive(scene, step["receipt"])
    if "task" in step:
        _submit(scene, step)
    _check(scene, step)


def _wait(scene: Scene, step: Mapping[str, Any]) -> None:
    """Let time pass; whatever falls due on the way fires at its own time, in order."""
    until = step["until"] if "until" in step else scene.engine.read(_after, str(step["wait"]))
    target = until.astimezone(UTC)
    while (due := scene.engine.next_due()) is not None and due <= target:
        scene.clock.at = max(scene.clock.at, due)
        if not scene.engine.tick():
            break
    scene.clock.at = max(scene.clock.at, target)


def _submit(scene: Scene, step: Mapping[str, Any]) -> None:
    item = scene.engine.read(_open_item, scene.case, step["task"], step.get("item"))
    answers = scene.engine.read(_answers, scene, step, item)
    by = _role_holder(scene, step["by"]) if "by" in step else scene.engine.read(_who, item.id)
    command = SubmitTask(item.id, answers, on_behalf_of=step.get("on_behalf_of", ""))
    try:
        scene.engine.handle(command, by=by)
    except Refused as refusal:
        _refused(step, refusal)
    else:
        if "refused" in step:
            raise StoryFailed(f"“{item.name}”应当按{step['refused']}被拒绝，却通过了")


def _refused(step: Mapping[str, Any], refusal: Refused) -> None:
    expected = step.get("refused")
    if expected is None:
        raise refusal
    rules = {refusal.rule, *(problem.rule for problem in getattr(refusal, "problems", ()))}
    if expected not in rules:
        raise StoryFailed(f"应当按{expected}被拒绝，实际是：{_said(refusal)}")


def _object(scene: Scene, told: Any) -> None:
    notice = scene.engine.read(_running_notice, scene.case)
    answers = {
        **scene.samples.get("objection", {}),
        **(told if isinstance(told, dict) else {"content": told}),
    }
    scene.engine.handle(RaiseObjection(notice, answers), by=PUBLIC)


def _receive(scene: Scene, platform: str) -> None:
    outgoing = scene.engine.read(_waiting_upload, scene.case, platform)
    command = RecordReceipt(outgoing, f"HZ-{platform}-0001", manual=True)
    scene.engine.handle(command, by=_role_holder(scene, "社区(村)党组织书记"))


def _check(scene: Scene, step: Mapping[str, Any]) -> None:
    standing = scene.engine.read(_standing, scene.case)
    if standing.stopped:
        raise StoryFailed(f"议题停了下来：{standing.stopped}")
    if "then" in step and sorted(set(step["then"])) != sorted(standing.open):
        raise StoryFailed(
            f"此时应当待办：{'、'.join(sorted(step['then'])) or '无'}；实际待办：{'、'.join(standing.open) or '无'}"
        )
    for name, value in step.get("fact", {}).items():
        actual = standing.facts.get(name.removeprefix("case."))
        if actual != value:
            raise StoryFailed(f"{name}应当是{value}，实际是{actual}")
    if "ended" in step and standing.ended != step["ended"]:
        raise StoryFailed(f"应当结束于{step['ended']}，实际是{standing.ended or '还在办理'}")


@dataclass(frozen=True)
class Standing:
    open: list[str]
    facts: Mapping[str, Any]
    ended: str
    stopped: str  # why the case cannot go on


def _standing(reader: Reader, case: str) -> Standing:
    row = cases.load(reader.db, case)
    items = worklist.open_items(reader.db, case)
    stopped = incidents.why(reader.db, case) if row.status == cases.INCIDENT else ""
    return Standing(sorted({item.element for item in items}), row.facts, row.ended, stopped)


def _open_item(reader: Reader, case: str, task: str, item: Any) -> worklist.WorkItem:
    found = [row for row in worklist.open_items(reader.db, case) if row.element == task]
    if item is not None:
        found = [row for row in found if row.label == item]
    if not found:
        now_open = "、".join(sorted({row.element for row in worklist.open_items(reader.db, case)}))
        raise StoryFailed(f"“{task}”现在没有待办；现在待办的是：{now_open or '无'}")
    return found[0]


def _answers(
    reader: Reader, scene: Scene, step: Mapping[str, Any], item: worklist.WorkItem
) -> dict[str, Any]:
    """What the story says, over the sample of the task unless the story says everything (`sample = false`)."""
    fill = step.get("fill", {})
    base = scene.samples.get(item.element, {}) if step.get("sample", True) else {}
    merged = {**base, **(fill if isinstance(fill, dict) else {})}
    facts = cases.load(reader.db, item.case_id).facts
    setting = samples.Setting(reader.today, calendar.current(reader.db), facts, scene.files)
    filled: dict[str, Any] = samples.filled(merged, setting)
    return filled


def _who(reader: Reader, work_item: str) -> str:
    """The first who may act: the story does not say who."""
    for candidate in worklist.candidates(reader.db, work_item):
        kind, _, id = candidate.partition(":")
        if kind == "person" or people.holder_of_post(reader.db, id, reader.today):
            return id
    raise StoryFailed("没有人可以办理这项任务")


def _role_holder(scene: Scene, by: str) -> str:
    """A role in words of the procedure, or an id as it stands."""
    role = next((role for role, name in scene.procedure.roles.items() if name == by), None)
    if role is None:
        return by
    if role in ("chair", "committee", "performer"):
        raise StoryFailed(f"“{by}”因案而异，请写岗位或人员编号")
    holder = scene.engine.read(_holder, role, scene.unit)
    if holder is None:
        raise StoryFailed(f"没有“{by}”在任")
    return holder


def _holder(reader: Reader, role: str, unit: str) -> str | None:
    found = people.holder(reader.db, role, unit, reader.today)
    return found.post if found else None


def _unit_named(reader: Reader, name: str) -> str:
    found = people.unit_named(reader.db, name)
    if found is None:
        raise StoryFailed(f"没有“{name}”这个单位")
    return found


def _running_notice(reader: Reader, case: str) -> str:
    found = reader.db.scalars(
        select(Notice.number).where(Notice.case_id == case, Notice.status == OPEN)
    ).first()
    if found is None:
        raise StoryFailed("现在没有正在公示的项目")
    return found


def _waiting_upload(reader: Reader, case: str, platform: str) -> str:
    query = select(Outgoing.id).where(
        Outgoing.case_id == case, Outgoing.target == platform, Outgoing.status == WAITING
    )
    found = reader.db.scalars(query).first()
    if found is None:
        raise StoryFailed(f"没有等待回执的上传：{platform}")
    return found


def _after(reader: Reader, text: str) -> datetime:
    """`5 working days`: 00:00 of the day after the fifth; `3 days`: the same hour three days later."""
    count, _, unit = text.partition(" ")
    if unit.startswith("working"):
        last = calendar.current(reader.db).working_days_after(reader.today, int(count))
        return datetime.combine(last + timedelta(days=1), time(0), SHANGHAI)
    if unit.startswith("month"):
        return datetime.combine(_months_on(local_date(reader.now), int(count)), time(9), SHANGHAI)
    return reader.now + timedelta(days=int(count))


def _months_on(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


def _said(failure: Exception) -> str:
    problems = getattr(failure, "problems", ())
    told = "；".join(f"{problem.field}：{problem.message}" for problem in problems)
    return told or str(failure) or json.dumps(type(failure).__name__)
