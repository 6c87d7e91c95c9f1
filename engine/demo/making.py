"""Makes the demonstration: schema, calendar, directory, release, then about 30 cases walked on a simulated clock.

`stage` stops after the release: what stories and tests start from.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import accounts, calendar, clock, definitions, directory, journal, migrate, samples
from engine.bpmn.step import Bundle
from engine.commands import Deploy, RegisterSubmission
from engine.demo import district
from engine.demo.plots import plots
from engine.demo.walk import Walk
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.settings import Settings
from engine.work import signature

FOUNDED = datetime(2026, 1, 4, 1, 0, tzinfo=UTC)
OPENED = datetime(
    2026, 9, 16, 1, 0, tzinfo=UTC
)  # Wednesday 09:00, ten days before Mid-Autumn and National Day
WAITING = (  # raised, and not yet made a case: a visitor may start one
    ("u001", "菜场门口早晚高峰电动车乱停，婴儿车推不过去，希望划出停车位。"),
    ("u001", "3栋和5栋之间的晾衣绳拉到了消防通道上，大家晾衣服确实没地方，能不能商量个办法？"),
    ("u002", "小广场的健身器材坏了两件，老人锻炼不安全。"),
)
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Made:
    units: int
    people: int
    cases: int


def make(settings: Settings, count: int, say: Callable[[str], object]) -> Made:
    """A whole demonstration in a new data folder; its clock starts at `OPENED`."""
    settings.data.mkdir(parents=True, exist_ok=True)
    bundle = definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")
    say("建立数据库、工作日历、名录，发布流程……")
    told = stage(settings.url, bundle)
    say("办理演示议题……")
    moving = clock.SetClock(FOUNDED)
    engine = Engine.open(settings.url, clock=moving, settings=settings)
    chosen = plots()[:count]
    Walk(engine, moving, samples.read(bundle), "roundtable").until(chosen, OPENED)
    for unit, wording in WAITING:
        answers = {
            **samples.read(bundle)["submission"],
            "original_wording": wording,
            "received_on": "2026-09-15",
        }
        engine.handle(RegisterSubmission(unit, answers), by=f"{unit}.secretary")
    engine.small(clock.shift_to, OPENED)
    engine.database.dispose()
    return Made(152, len(told.people), len(chosen))


def stage(
    url: str, bundle: Bundle, *, founded: datetime = FOUNDED, in_office_from: date = date(2021, 1, 1)
) -> directory.Directory:
    """Schema, calendar, directory, accounts and the first release; no case."""
    engine = Engine.open(url, clock=clock.SetClock(founded), settings=Settings())
    migrate.upgrade(engine.database)
    told = district.directory(in_office_from)
    engine.small(_furnish, told, founded)
    engine.handle(Deploy(bundle.files, "首次发布"), by=SYSTEM)
    engine.database.dispose()
    return told


def _furnish(db: Session, told: directory.Directory, at: datetime) -> None:
    """Directory and calendar, each with its event; accounts for the roles that visitors may step into."""
    events: Iterable[dict[str, Any] | None] = (
        directory.import_all(db, told),
        calendar.adopt(db, calendar.published_years(), note="首次导入", at=at),
    )
    for event in events:
        if event:
            data = dict(event)
            journal.append_to_district(db, at, data.pop("type"), signature(SYSTEM), data=data)
            db.flush()
    accounts.add_without_password(db, district.logins(told), at)
