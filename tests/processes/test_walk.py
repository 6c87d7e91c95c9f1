"""Walks cases through the drawn procedure, with the kernel alone: which way a case goes, and where it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.bpmn import run
from engine.bpmn.parse import Model, load
from engine.bpmn.step import Bundle, Moment, OpenItem, Step
from tests.processes.bpmn_file import FOLDER

ROSTER = [{"name": f"参会人{number}"} for number in range(18)]
ITEM = {"content": "安装路灯", "performer": "post:executing", "due_on": "2021-10-29"}
PARTIES = [{"name": "区城管局", "performer": "post:city"}, {"name": "三单元住户", "performer": ""}]
ANSWERS: dict[str, dict[str, Any]] = {
    "register_topic": {"category": "safety"},
    "screen_topic": {"affair": "public", "handling": "roundtable"},
    "confirm_level": {"level": "district"},
    "decide_topic": {"title": "楼道照明"},
    "verify_findings": {"finding": "confirmed"},
    "analyse_topic": {"feasibility": "feasible", "level_opinion": "keep"},
    "draft_roster": {"roster": ROSTER},
    "issue_meeting_notice": {"meeting_on": "2021-10-02"},
    "form_resolution": {"outcome": "adopted"},
    "receive_filing": {"decision": "accept"},
    "draft_plan_book": {"items": [ITEM, {**ITEM, "content": "更换电线"}]},
    "list_consent_parties": {"parties": PARTIES},
    "give_consent": {"opinion": "agree"},
    "publish_notice": {"posted_on": "2021-09-22", "working_days": 5},
    "form_committee": {"members": [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}]},
    "accept_project": {"accepted": "yes"},
}


class World:
    """Answers service operations and outside functions; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        self.asked.append(operation)
        if operation == "people/holder":
            return {"person": f"p.{arguments['role']}", "name": "某领导", "post": "post"}
        return {
            "case/number": "XFYZ-2021-0001",
            "filing/number": "XH-01-01-2021-001",
            "notice/open": {"number": "GS-2021-0001", "ends": "2021-09-30T00:00:00+08:00"},
            "calendar/last_working_day": "2021-09-30",
            "committee/register": [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}],
        }.get(operation, True)


@dataclass
class Walk:
    """One case: does every open item with the usual answers, or with the next of the given ones."""

    model: Model
    special: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world, self.seq = World(), 0
        self.at = datetime(2021, 9, 13, 1, tzinfo=UTC)
        self.done: list[str] = []
        self.items: list[OpenItem] = []
        self.step = run.start(self.model, self.moment(), self.world, {"unit": "u001"})

    def moment(self) -> Moment:
        self.seq += 1
        return Moment("c1", self.seq, self.at)

    def running(self) -> run.Running:
        return run.revive(self.model, self.step.frozen)

    def do(self, item: OpenItem) -> None:
        waiting = self.special.get(item.element)
        answers = waiting.pop(0) if waiting else ANSWERS.get(item.element, {})
        self.done.append(item.element)
        self.items.append(item)
        self.step = run.complete(self.running(), item.path, answers, self.moment(), self.world)

    def until(self, *elements: str) -> Step:
        """Does everything until one of `elements` is open, or nothing is left to do."""
        while open_items := [item for item in self.step.items if item.element not in elements]:
            if any(item.element in elements for item in self.step.items):
                break
            self.do(open_items[0])
        return self.step

    def tell(self, message: str, payload: Any) -> None:
        self.step = run.message(self.running(), message, payload, self.moment(), self.world)

    def let_timer_fire(self) -> None:
        timer = self.step.timers[0]
        self.at = max(self.at, timer.due) + timedelta(seconds=1)
        self.step = run.fire(self.running(), timer.path, self.moment(), self.world)


@pytest.fixture(scope="module")
def model() -> Model:
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".bpmn", ".toml")}
    return load(Bundle(files, hash="walk"))


def open_elements(walk: Walk) -> list[str]:
    return sorted({item.element for item in walk.step.items})


def test_a_district_topic_passes_all_seven_steps_and_is_closed_off(model: Model) -> None:
    walk = Walk(model)

    walk.until()
    assert [timer.element for timer in walk.step.timers] == ["notice_ended"]
    walk.let_timer_fire()
    walk.until("open_ledger", "form_committee")
    assert open_elements(walk) == ["form_committee", "open_ledger"]
    walk.until()
    assert [timer.element for timer in walk.step.timers] == ["next_round"]
    walk.tell("receipt_cloud_received", {"receipt": "CLOUD-1"})
    assert "close_off" not in open_elements(walk)
    walk.tell("receipt_service_received", {"receipt": "S365-1"})
    assert open_elements(walk) == ["close_off"]
    walk.until("publish_final_circular")
    assert open_elements(walk) == ["publish_final_circular"]
    walk.until()

    assert walk.step.ended == "end_closed_off"
    assert walk.step.facts["receipt_cloud"] == "CLOUD-1"
    assert walk.step.facts["receipt_service"] == "S365-1"
    assert walk.step.facts["chair"] == "p.district_liaison_leader"
    assert {"chair_by_district", "communicate_with_leader", "prepare_meeting", "lead_by_district"} <= set(
        walk.done
    )


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        ({"screen_topic": {"affair": "individual"}}, "end_redirected"),
        ({"screen_topic": {"affair": "public", "handling": "ordinary"}}, "end_ordinary"),
        ({"screen_topic": {"affair": "mixed", "handling": "merge"}}, "end_withdrawn"),
        ({"screen_topic": {"affair": "public", "handling": "withdraw"}}, "end_withdrawn"),
        ({"verify_findings": {"finding": "not_confirmed"}}, "end_not_confirmed"),
        ({"analyse_topic": {"feasibility": "not_feasible"}}, "end_not_feasible"),
    ],
)
def test_a_case_that_does_not_become_a_project_ends_with_its_answer(
    model: Model, answers: dict[str, Any], end: str
) -> None:
    walk = Walk(model, {element: [answer] for element, answer in answers.items()})

    walk.until()

    assert walk.step.ended == end


@pytest.mark.parametrize(
    ("level", "chair", "role"),
    [
        ("district", "chair_by_district", "district_liaison_leader"),
        ("street", "chair_by_street", "street_liaison_leader"),
        ("community", "chair_by_secretary", "community_secretary"),
    ],
)
def test_the_level_decides_who_presides(model: Model, level: str, chair: str, role: str) -> None:
    walk = Walk(model, {"confirm_level": [{"level": level}]})

    walk.until("record_attendance")

    assert chair in walk.done
    assert walk.step.facts["chair"] == f"p.{role}"


def test_somebody_else_presides_only_when_the_level_above_agrees(model: Model) -> None:
    instead = {"presides": "substitute", "substitute": "p.deputy", "substitute_name": "副书记"}
    walk = Walk(
        model,
        {
            "confirm_level": [{"level": "street"}],
            "chair_by_street": [instead, instead],
            "approve_chair_street": [{"decision": "return"}, {"decision": "approve"}],
        },
    )

    walk.until("record_attendance")

    assert walk.done.count("chair_by_street") == 2
    assert walk.items[-1].lane == "district_leader"
    assert (walk.step.facts["chair"], walk.step.facts["chair_planned"]) == (
        "p.deputy",
        "p.street_liaison_leader",
    )


def test_an_unusual_number_of_people_needs_the_street_leader(model: Model) -> None:
    small = {"roster": ROSTER[:14]}
    walk = Walk(
        model,
        {
            "draft_roster": [small, small],
            "approve_roster_size": [{"decision": "return"}, {"decision": "approve"}],
        },
    )

    walk.until("issue_meeting_notice")

    assert walk.done.count("draft_roster") == 2
    assert walk.done.count("approve_roster_size") == 2


def test_a_meeting_without_a_resolution_is_held_again_without_a_second_council_meeting(model: Model) -> None:
    walk = Walk(model, {"form_resolution": [{"outcome": "not_reached"}]})

    walk.until("assign_author")

    assert walk.done.count("form_resolution") == 2
    assert walk.done.count("hold_council_meeting") == 1
    assert walk.step.facts["meetings"] == 2


def test_a_disagreement_sends_the_plan_back_and_everybody_is_asked_again(model: Model) -> None:
    walk = Walk(model, {"give_consent": [{"opinion": "agree"}, {"opinion": "disagree"}]})

    walk.until("publish_notice")

    assert walk.done.count("draft_plan_book") == 2
    assert walk.done.count("give_consent") == 4
    assert {item.label for item in walk.items if item.element == "give_consent"} == {"区城管局", "三单元住户"}


def test_an_objection_that_is_not_sustained_leaves_the_notice_running(model: Model) -> None:
    walk = Walk(model, {"answer_objection": [{"sustained": "no", "reply": "已说明"}]})
    walk.until()

    walk.tell("objection_received", {"objection": "o1", "content": "位置不合适"})
    walk.until()

    assert [timer.element for timer in walk.step.timers] == ["notice_ended"]
    assert walk.world.asked.count("notice/open") == 1
    assert "objection/reply" in walk.world.asked


def test_a_sustained_objection_restarts_consent_and_the_full_notice(model: Model) -> None:
    walk = Walk(model, {"answer_objection": [{"sustained": "yes", "reply": "采纳"}]})
    walk.until()

    walk.tell("objection_received", {"objection": "o1", "content": "位置不合适"})
    walk.until()

    assert walk.done.count("give_consent") == 4
    assert walk.world.asked.count("notice/open") == 2
    assert walk.world.asked.count("notice/withdraw") == 1


def test_supervision_goes_round_after_round_until_close_off(model: Model) -> None:
    walk = Walk(model)
    walk.until()
    walk.let_timer_fire()
    walk.until("open_ledger")
    for month in (1, 2, 3):
        for item in [item for item in walk.step.items if item.element != "open_ledger"]:
            walk.do(item)
        while supervising := [item for item in walk.step.items if item.element != "open_ledger"]:
            walk.do(supervising[0])
        assert walk.step.facts["inspections"] == walk.step.facts["circulars"] == month
        walk.let_timer_fire()

    assert open_elements(walk) == ["inspect_project", "open_ledger"]
    assert walk.step.items[-1].path.startswith("call_supervision/supervise#4")


def test_a_project_that_is_not_accepted_is_rectified_and_looked_at_again(model: Model) -> None:
    walk = Walk(model, {"accept_project": [{"accepted": "no"}]})
    walk.until()
    walk.let_timer_fire()

    walk.until()

    assert walk.done.count("rectify") == 1
    assert walk.done.count("accept_project") == 2
    assert walk.step.facts["accepted"] is True
