"""Walks cases of the demonstration through the procedure, day by day, as its people would. Knows the engine's door.

Nothing is inserted: every step is a command of the person in whose post the task lies, with the simulated clock.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import attachments, calendar, cases, people, samples, worklist
from engine.clock import SHANGHAI, SetClock
from engine.commands import RaiseObjection, RecordReceipt, RegisterSubmission, StartCase, SubmitTask
from engine.demo.picture import picture
from engine.engine import Engine
from engine.entitlement import PUBLIC
from engine.errors import Conflict, FormRejected
from engine.outbox import WAITING, Outgoing
from engine.records.notices import OPEN, Notice
from engine.work import Reader

OPENING = time(9)
RECEIPTS = "receipts"  # a plot that stops here waits for the receipts of both platforms
log = logging.getLogger(__name__)


@dataclass
class Plot:
    """One case of the demonstration: where it comes from, what is special, where it stands at the end."""

    unit: str
    title: str
    start: date
    stop: str  # element that stays open; "" lets the case run to its end
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    submission: Mapping[str, Any] = field(default_factory=dict)
    objection: str = ""
    held: Mapping[str, date] = field(default_factory=dict)  # tasks that wait for a day of their own
    case: str = ""
    objected: bool = False


class Walk:
    """All plots side by side on one clock. `told` are the samples of the released procedure."""

    def __init__(self, engine: Engine, clock: SetClock, told: Mapping[str, Any], process: str) -> None:
        self._engine, self._clock, self._told, self._process = engine, clock, told, process
        self._files: dict[str, Mapping[str, str]] = {}

    def until(self, plots: list[Plot], until: datetime) -> None:
        """Work through every working day up to `until`; weekends pass, timers fire at their time."""
        day = min(plot.start for plot in plots)
        while day <= until.astimezone(SHANGHAI).date():
            self._set(day, OPENING, until)
            self._engine.tick()
            if self._engine.read(_is_working_day, day):
                self._work(plots, day, until)
            day += timedelta(days=1)
        self._clock.at = until
        self._engine.tick()

    def _work(self, plots: Iterable[Plot], day: date, until: datetime) -> None:
        for number, plot in enumerate(plots):
            if plot.start <= day:
                self._set(day, time(9 + number % 8, 7 * number % 60), until)
                self._advance(plot, day)

    def _set(self, day: date, at: time, until: datetime) -> None:
        """The clock never runs backwards, and never past the end."""
        self._clock.at = min(until, max(self._clock.at, datetime.combine(day, at, SHANGHAI)))

    def _advance(self, plot: Plot, day: date) -> None:
        """One day's work on one case: what is open is done, unless it is where the case shall stand."""
        if not plot.case:
            self._start(plot)
            return
        if plot.objection and not plot.objected:
            self._object(plot)
        for outgoing in self._engine.read(_uploads, plot.case):
            if plot.stop != RECEIPTS:
                self._receive(plot, outgoing)
        for item in self._engine.read(_doable, plot.case):
            if item.element != plot.stop and plot.held.get(item.element, plot.start) <= day:
                self._submit(plot, item)

    def _start(self, plot: Plot) -> None:
        secretary = f"{plot.unit}.secretary"
        answers = {**self._told.get("submission", {}), "original_wording": plot.title, **plot.submission}
        answers = self._fill(plot, answers, {})
        registered = self._engine.handle(RegisterSubmission(plot.unit, answers), by=secretary)
        command = StartCase(self._process, plot.unit, plot.title, (registered.detail["submission"],))
        plot.case = self._engine.handle(command, by=secretary).case

    def _submit(self, plot: Plot, item: "Doable") -> None:
        answers = {**self._told.get(item.element, {}), **plot.changes.get(item.element, {})}
        if item.element in ("register_topic", "decide_topic"):
            answers["title"] = plot.title
        answers = self._fill(plot, answers, item.facts)
        try:
            self._engine.handle(SubmitTask(item.id, answers), by=item.by)
        except FormRejected as refusal:  # its day has not come: tried again tomorrow
            log.info("%s waits: %s", item.element, refusal.problems)
        except Conflict:  # what was done before it today has taken it away
            log.info("%s is gone", item.element)

    def _fill(self, plot: Plot, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
        """Answers with dates and attachments put in; the unit's sample files are stored at their first use."""
        if plot.unit not in self._files:
            self._files[plot.unit] = attach(self._engine, plot.unit, self._told)
        return self._engine.read(_filled, answers, facts, self._files[plot.unit])

    def _object(self, plot: Plot) -> None:
        notice = self._engine.read(_notice, plot.case)
        if notice:
            answers = {**self._told.get("objection", {}), "content": plot.objection}
            self._engine.handle(RaiseObjection(notice, self._fill(plot, answers, {})), by=PUBLIC)
            plot.objected = True

    def _receive(self, plot: Plot, outgoing: "Upload") -> None:
        command = RecordReceipt(outgoing.id, outgoing.receipt, manual=True)
        self._engine.handle(command, by=f"{plot.unit}.secretary")


def attach(engine: Engine, unit: str, told: Mapping[str, Any]) -> dict[str, str]:
    """Store a picture for every file that samples name; name → id."""
    return {name: engine.small(_store, unit, name, engine.now()) for name in sorted(samples.files_of(told))}


@dataclass(frozen=True)
class Doable:
    """An open work item and somebody who may do it today."""

    id: str
    element: str
    by: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Upload:
    id: str
    receipt: str


def _doable(reader: Reader, case: str) -> list[Doable]:
    facts = cases.load(reader.db, case).facts
    items = worklist.open_items(reader.db, case)
    return [Doable(item.id, item.element, _by(reader, item.id), facts) for item in items]


def _by(reader: Reader, work_item: str) -> str:
    for candidate in worklist.candidates(reader.db, work_item):
        kind, _, id = candidate.partition(":")
        if kind == "person" or people.holder_of_post(reader.db, id, reader.today):
            return id
    raise LookupError(f"nobody may do {work_item}")


def _filled(
    reader: Reader, answers: Mapping[str, Any], facts: Mapping[str, Any], files: Mapping[str, str]
) -> dict[str, Any]:
    setting = samples.Setting(reader.today, calendar.current(reader.db), facts, files)
    found: dict[str, Any] = samples.filled(answers, setting)
    return found


def _store(db: Session, unit: str, name: str, at: datetime) -> str:
    return attachments.store(db, unit, name, picture(name), by=f"{unit}.secretary", at=at).id


def _is_working_day(reader: Reader, day: date) -> bool:
    return calendar.current(reader.db).is_working_day(day, provisional=True)


def _notice(reader: Reader, case: str) -> str | None:
    running = select(Notice.number).where(Notice.case_id == case, Notice.status == OPEN)
    return reader.db.scalars(running.where(Notice.ends_at > reader.now)).first()


def _uploads(reader: Reader, case: str) -> list[Upload]:
    rows = reader.db.scalars(select(Outgoing).where(Outgoing.case_id == case, Outgoing.status == WAITING))
    return [Upload(row.id, f"HZ{row.created_at:%Y%m%d}{row.id[:4].upper()}") for row in rows]
