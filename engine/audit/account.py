"""What the rows of a case must say by its history: told event by event, as its commands told it. Reads no row.

An event that was executed again brings the step it made; any other changes what its type says.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine import cases, incidents, journal, reexecution, subscriptions
from engine.bpmn.parse import Model
from engine.bpmn.step import OpenItem, Step, WaitingTimer
from engine.clock import local_date
from engine.database import dumps
from engine.environment import FIRST_KIT
from engine.reexecution import Reached
from engine.worklist import CANCELLED, DONE, OPEN, item_id

Body = Mapping[str, Any]
Row = dict[str, Any]
# What operators set right while a case may stand still: it goes on standing.
STANDING_STILL = ("facts_corrected", reexecution.CORRECTED, reexecution.MOVED, reexecution.MOVE_UNDONE)
STATUS = {
    "case_suspended": cases.SUSPENDED,
    "case_resumed": cases.ACTIVE,
    incidents.OPENED: cases.INCIDENT,
    incidents.CLOSED: cases.ACTIVE,
    incidents.GIVEN_BACK: cases.ACTIVE,
    "catch_up_deferred": cases.CATCHING_UP,
    "caught_up": cases.ACTIVE,
}


@dataclass
class Offered:
    """What an item was offered by: with it the offer can be made again, as far as directory and calendar allow."""

    item: OpenItem
    definition: str
    facts: Mapping[str, Any]
    at: datetime
    calendar: str  # version in force, "" where the event does not say
    handed: set[str] = field(default_factory=set)  # candidates by delegation since

    @property
    def day(self) -> date:
        return local_date(self.at)


@dataclass
class Account:
    """Rows as columns: of the case, of its items by id, of timers and what it waits for by path."""

    case: Row
    reached: Reached | None = None
    items: dict[str, Row] = field(default_factory=dict)
    offers: dict[str, Offered] = field(default_factory=dict)
    timers: dict[str, Row] = field(default_factory=dict)
    waits: dict[str, Row] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)  # path → id
    unmarked: bool = False  # its last step is of a release that may not have noted what it waits for

    def tell(self, body: Body, reached: Reached | None, model: Model | None) -> None:
        at = journal.read_time(body["at"])
        self.case["changed_at"] = at
        if reached is not None and model is not None:
            self.reached, self.unmarked = reached, of_first_kit(body)
            self._step(body, reached, model, at)
        elif body["type"] == "case_cancelled":
            self._nothing_goes_on()
            self._end(cases.CANCELLED, at)
        else:
            self.case["status"] = STATUS.get(body["type"], self.case["status"])
            self._one_item(body)

    def _step(self, body: Body, reached: Reached, model: Model, at: datetime) -> None:
        step = reached.step
        for name in ("title", "number", "level"):
            self.case[name] = str(step.facts.get(name) or self.case[name])
        if body["type"] not in STANDING_STILL:
            self.case["status"] = cases.ACTIVE
        self.case["definition_hash"] = reached.definition
        self.case["stage"] = cases.stage(model, step)
        self._wait(body, step, at)
        self._offer(body, reached, at)
        if step.ended:
            self._end(step.ended, at)

    def _end(self, ended: str, at: datetime) -> None:
        self.case.update(status=cases.COMPLETED, ended=ended, ended_at=at, stage="")

    def _wait(self, body: Body, step: Step, at: datetime) -> None:
        """What waits as it did keeps its row."""
        self.timers = {timer.path: self._timer(timer) for timer in step.timers}
        due = {path: row["due_at"].isoformat() for path, row in self.timers.items()}
        self.case["timed"] = dumps(due) if due else ""
        wanted = subscriptions.awaited(step)
        self.case["awaits"] = subscriptions.mark_of(wanted)
        self.waits = {path: self._wait_row(path, told, body, at) for path, told in wanted.items()}

    def _timer(self, timer: WaitingTimer) -> Row:
        known = self.timers.get(timer.path)
        if known and known["due_at"] == timer.due:
            return known
        return {"element": timer.element, "name": timer.name, "due_at": timer.due, "rule": timer.rule}

    def _wait_row(self, path: str, told: list[Any], body: Body, at: datetime) -> Row:
        kind, name, keys = told
        known = self.waits.get(path)
        if known and [known["kind"], known["name"], known["keys"]] == told:
            return known
        row = {"kind": kind, "name": name, "keys": keys}
        return row if of_first_kit(body) else {**row, "since": at}

    def _offer(self, body: Body, reached: Reached, at: datetime) -> None:
        if body["type"] == "task_submitted":
            self._done(body, at)
        wanted = {item.path: item for item in reached.step.items}
        for path in [path for path in self.open if path not in wanted]:
            self.items[self.open.pop(path)]["status"] = CANCELLED
        for path, item in wanted.items():
            if path in self.open:
                shown = {"name": item.name, "form": item.form, "lane_name": item.lane_name}
                self.items[self.open[path]].update(shown)
            else:
                self._fresh(body, reached, item, at)

    def _done(self, body: Body, at: datetime) -> None:
        id, actor = self.open.pop(body["task"]["path"], ""), body["actor"]
        if id:
            told = {"done_by": actor["id"], "done_by_name": actor["name"], "done_at": at}
            self.items[id].update(status=DONE, done_seq=body["seq"], **told)

    def _fresh(self, body: Body, reached: Reached, item: OpenItem, at: datetime) -> None:
        id = item_id(body["case"], item.path, body["seq"])
        self.open[item.path] = id
        version = body.get("environment", {}).get("calendar", "")
        self.offers[id] = Offered(item, reached.definition, reached.step.facts, at, version)
        self.items[id] = {
            **{name: getattr(item, name) for name in SHOWN},
            "unit_id": self.case["unit_id"],
            "status": OPEN,
            "claimed_by": "",
            "created_at": at,
            **NOT_DONE,
        }

    def _one_item(self, body: Body) -> None:
        id = self.open.get((body.get("task") or {}).get("path", ""))
        if id is None:
            return
        if body["type"] in CLAIMS:
            self.items[id]["claimed_by"] = CLAIMS[body["type"]](body)
        if body["type"] == "task_delegated":
            self.offers[id].handed.add(f"person:{body['data']['to']}")

    def _nothing_goes_on(self) -> None:
        for id in self.open.values():
            self.items[id]["status"] = CANCELLED
        self.case.update(timed="", awaits="")
        self.open, self.timers, self.waits = {}, {}, {}


SHOWN = ("path", "element", "name", "diagram", "lane", "lane_name", "form", "label")
NOT_DONE: Row = {"done_by": "", "done_by_name": "", "done_at": None, "done_seq": None}
CLAIMS: Mapping[str, Callable[[Body], str]] = {
    "task_claimed": lambda body: str(body["actor"]["id"]),
    "task_released": lambda body: "",
    "task_delegated": lambda body: str(body["data"]["to"]),
}


def account(
    bodies: Iterable[Body], reached: Mapping[int, Reached], models: Callable[[str], Model]
) -> Account:
    """Of all events of a case, in order; `reached` is what those that move it have made of it, by their number."""
    told: Account | None = None
    for body in bodies:
        told = told or _begun(body)
        now = reached.get(body["seq"])
        told.tell(body, now, models(now.definition) if now else None)
    if told is None:
        raise ValueError("a case without events")
    return told


def of_first_kit(body: Body) -> bool:
    """Then a case may have waited since before there were rows for it: they came later."""
    return bool(body.get("environment", {}).get("kit") == FIRST_KIT)


def _begun(first: Body) -> Account:
    """As a case is before its first event, which may tell of a start that failed."""
    at, facts = journal.read_time(first["at"]), first.get("pending", first)["data"]
    row = {
        "unit_id": facts["unit"],
        "title": facts["title"],
        "definition_hash": first["definition"],
        "started_at": at,
        "changed_at": at,
        "ended_at": None,
        "status": cases.ACTIVE,
        **dict.fromkeys(("number", "level", "stage", "ended", "awaits", "timed"), ""),
    }
    return Account(row)
