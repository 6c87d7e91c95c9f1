"""The working-day calendar: versions that never change, imported and overridden. Knows no case, counts nothing.

Source: the yearly arrangement of public holidays of the State Council, with its make-up working days. A
version holds every day of the years it knows. Counting is in `working_days`.
"""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import StringIO
from typing import Any

from chinese_calendar import constants as published
from sqlalchemy import ForeignKey, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, dumps
from engine.errors import CalendarUnknown, NotFound, Refused
from engine.statements import ask, table
from engine.working_days import KINDS, Day, WorkingDays, days_of, ordinary

IN_FORCE = "calendar in force"  # where a transaction keeps it: WorkingDays
_FIRST_YEAR = 2020  # the governing document is of 2021


class CalendarVersion(Base):
    """One adopted calendar. `id` hashes its days and the version before: an old one adopted again is new."""

    __tablename__ = "calendar_version"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str]
    made_at: Mapped[datetime]
    note: Mapped[str]


class CalendarDay(Base):
    __tablename__ = "calendar_day"

    version: Mapped[str] = mapped_column(ForeignKey("calendar_version.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]


@dataclass(frozen=True)
class Arrangement:
    """What an import or an override page brings: single days, and the years that they make complete."""

    title: str
    days: Mapping[date, Day]
    years: tuple[int, ...] = ()


def current(db: Session) -> WorkingDays:
    """The version in force, looked up once per transaction. Raises `CalendarUnknown` when none was adopted yet."""
    if IN_FORCE not in db.info:
        version = version_in_force(db)
        if not version:
            raise CalendarUnknown("还没有导入工作日历", help="请先导入国务院办公厅公布的节假日安排。")
        db.info[IN_FORCE] = load(db, version)
    days: WorkingDays = db.info[IN_FORCE]
    return days


def is_in_force(db: Session, version: str | None) -> None:
    """Whoever has read it along with something else spares `current` the question."""
    if version:
        db.info[IN_FORCE] = load(db, version)


def version_in_force(db: Session) -> str:
    """Its id; "" when none was adopted yet."""
    return next((str(row.id) for row in ask(db, IN_FORCE_NOW)), "")


def load(db: Session, version: str) -> WorkingDays:
    """Any version by its id; kept in memory, because a version never changes. Raises `NotFound`."""
    if version not in _loaded:
        rows = db.execute(
            select(CalendarDay.day, CalendarDay.kind, CalendarDay.name).where(CalendarDay.version == version)
        )
        days = {day: Day(kind, name) for day, kind, name in rows}
        if not days:
            raise NotFound(f"没有编号为{version}的工作日历")
        _loaded[version] = WorkingDays(version, days)
    return _loaded[version]


def adopt(db: Session, arrangement: Arrangement, *, note: str, at: datetime) -> dict[str, Any] | None:
    """Put an arrangement on top of the calendar in force as a new version.

    Returns the event body for the district's stream, or None when nothing would change.
    """
    db.info.pop(IN_FORCE, None)
    newest = _newest(db)
    before = dict(load(db, newest.id).items()) if newest else {}
    days = merged(before, arrangement)
    if days == before:
        return None
    version = CalendarVersion(
        id=_hash(days, newest.id if newest else ""),
        number=newest.number + 1 if newest else 1,
        title=arrangement.title,
        made_at=at,
        note=note,
    )
    db.add(version)
    db.flush()
    db.execute(insert(CalendarDay), [_row(version.id, day, what) for day, what in sorted(days.items())])
    return _adopted(version, newest, before, days)


def published_years(since: int = _FIRST_YEAR) -> Arrangement:
    """All years that the installed `chinesecalendar` knows, up to the last arrangement it carries."""
    years = range(since, max(published.holidays).year + 1)
    exceptions = {
        **{day: Day("holiday", _chinese(name)) for day, name in published.holidays.items()},
        **{day: Day("makeup", _chinese(name)) for day, name in published.workdays.items()},
    }
    return Arrangement(
        title=f"国务院办公厅节假日安排（{years[0]}至{years[-1]}年）",
        days={day: what for day, what in exceptions.items() if day.year in years},
        years=tuple(years),
    )


def read_toml(text: str) -> Arrangement:
    """`title`, `years = [2027]` (those the days make complete) and `[[day]]` with `day`, `kind`, `name`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        raise Refused(f"节假日安排文件无法读取：{mistake}", help="请按样例填写。") from mistake
    rows = [(row.get("day"), row.get("kind"), row.get("name", "")) for row in table.get("day", [])]
    return Arrangement(str(table.get("title", "")), _read_rows(rows), tuple(table.get("years", ())))


def read_csv(text: str, *, title: str, years: tuple[int, ...] = ()) -> Arrangement:
    """Columns `day,kind,name` with a heading line, or 日期,类别,名称 in the words of `KINDS`."""
    rows = [[*row, "", "", ""] for row in csv.reader(StringIO(text.removeprefix("\ufeff"))) if any(row)]
    return Arrangement(title, _read_rows([(row[0], row[1], row[2]) for row in rows[1:]]), years)


def write_toml(arrangement: Arrangement) -> str:
    """What `read_toml` reads: a table from a spreadsheet travels on as one text."""
    head = [f"title = {dumps(arrangement.title)}", f"years = {list(arrangement.years)}"]
    days = [
        f'[[day]]\nday = "{on}"\nkind = "{what.kind}"\nname = {dumps(what.name)}'
        for on, what in sorted(arrangement.days.items())
    ]
    return "\n".join([*head, *days]) + "\n"


_loaded: dict[str, WorkingDays] = {}
_VERSION = table(CalendarVersion)
IN_FORCE_NOW = select(_VERSION.c.id).order_by(_VERSION.c.number.desc()).limit(1)


def _newest(db: Session) -> CalendarVersion | None:
    return db.scalar(select(CalendarVersion).order_by(CalendarVersion.number.desc()).limit(1))


def merged(before: Mapping[date, Day], arrangement: Arrangement) -> dict[date, Day]:
    days = dict(before)
    for year in arrangement.years:
        days.update((on, ordinary(on)) for on in days_of(date(year, 1, 1), date(year, 12, 31)))
    stray = sorted(on.year for on in arrangement.days if on not in days)
    if stray:
        raise Refused(
            f"{stray[0]}年的安排不完整，不能单独修改其中的日子",
            help=f"请在 years 中写明 {stray[0]}，并一次录入该年全部节假日和调休上班日。",
        )
    return days | dict(arrangement.days)


def _adopted(
    version: CalendarVersion,
    newest: CalendarVersion | None,
    before: Mapping[date, Day],
    days: Mapping[date, Day],
) -> dict[str, Any]:
    known = {day.year for day in before}
    changed = {
        day.isoformat(): [what.kind, what.name]
        for day, what in sorted(days.items())
        if before.get(day) != what and (day.year in known or what.kind in ("holiday", "makeup"))
    }
    return {
        "type": "calendar_adopted",
        "version": version.id,
        "before": newest.id if newest else "",
        "title": version.title,
        "note": version.note,
        "years": sorted({day.year for day in days}),
        "changed": changed,
    }


def _hash(days: Mapping[date, Day], before: str) -> str:
    listed = [[day.isoformat(), what.kind, what.name] for day, what in sorted(days.items())]
    return sha256(dumps({"before": before, "days": listed}).encode()).hexdigest()


def _row(version: str, day: date, what: Day) -> dict[str, Any]:
    return {"version": version, "day": day, "kind": what.kind, "name": what.name}


def _read_rows(rows: Iterable[tuple[Any, Any, Any]]) -> dict[date, Day]:
    return dict(_read_row(number, *row) for number, row in enumerate(rows, start=1))


def _read_row(number: int, day: Any, kind: Any, name: Any) -> tuple[date, Day]:
    kinds = {chinese: english for english, chinese in KINDS.items()} | {english: english for english in KINDS}
    try:
        return date.fromisoformat(str(day).strip()), Day(kinds[str(kind).strip()], str(name).strip())
    except (ValueError, KeyError) as mistake:
        words = "、".join(KINDS.values())
        raise Refused(
            f"节假日安排第{number}行无法识别：{day}，{kind}",
            help=f"日期写作2027-01-01，类别写{words}之一。",
        ) from mistake


def _chinese(name: str) -> str:
    chinese = str(published.Holiday(name).chinese)
    return f"{chinese}节" if chinese in ("清明", "端午", "中秋") else chinese
