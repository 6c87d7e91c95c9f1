"""One case of each level, from what a resident said to close-off, by everybody who has a part in it, in a browser.

On the way: a notice that is too short is refused, the clock is moved through the notice period, one receipt comes
from a platform (its stand-in) and one is entered by hand. On PostgreSQL too in `make prove`.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.journey import Journey

pytestmark = pytest.mark.browser

PARTIES = [  # two of them sign in themselves, for the others the community answers with the signed slip
    {"group": "unit", "name": "共建学校"},
    {"group": "department", "name": "区城管局", "performer": "post:o_city.clerk"},
    {"group": "leader", "name": "挂点区领导", "performer": "post:s01.district_leader"},
    {"group": "stakeholder", "name": "桃苑小区业委会"},
    {"group": "stakeholder", "name": "安居物业公司"},
]


def test_a_community_case_is_walked_from_submission_to_close_off(journey: Journey) -> None:
    raise_topic(journey, "桃苑小区楼道照明")
    publish(journey)
    journey.wait_for_next_due()
    implement(journey)

    assert journey.facts()["level"] == "community"
    assert_closed_off(journey)


def test_a_street_case_is_walked_through_an_objection_that_is_answered(journey: Journey) -> None:
    raise_topic(journey, "桃苑小区消防通道")
    publish(journey, **at_level("street"))
    journey.object_to_notice()
    journey.do("answer_objection", sustained="no")
    journey.wait_for_next_due()
    implement(journey, close_notice={"result": "answered"})

    assert journey.facts()["level"] == "street"
    assert "message_received" in journey.district.events(journey.case)
    assert_closed_off(journey)


def test_a_district_case_is_walked_with_its_leader_and_departments(journey: Journey) -> None:
    raise_topic(journey, "社区卫生服务点搬迁")
    publish(journey, **at_level("district"), list_consent_parties={"parties": PARTIES})
    journey.wait_for_next_due()
    implement(journey)

    assert journey.facts()["level"] == "district"
    assert_closed_off(journey)


def at_level(level: str) -> dict[str, dict[str, str]]:
    return {"propose_level": {"proposed_level": level}, "confirm_level": {"level": level}}


def raise_topic(journey: Journey, title: str) -> None:
    journey.register_submission()
    journey.start_case(title)


def publish(journey: Journey, **plans: Mapping[str, Any]) -> None:
    """Up to the notice; one of four working days is refused, with what was typed kept and the rule at its field."""
    journey.do_until("publish_notice", **plans)
    paper = journey.try_to("publish_notice", working_days=4, text="公示四个工作日，请大家看一看。")
    assert "R120" in paper.error("working_days")
    assert paper.text("working_days") == "4"
    assert paper.text("text") == "公示四个工作日，请大家看一看。"
    journey.do("publish_notice")


def implement(journey: Journey, **plans: Mapping[str, Any]) -> None:
    """From the end of the notice to the last circular."""
    journey.do_until("accept_project", **plans)
    journey.do("accept_project")
    journey.expect_receipt("区网络党建云平台")
    journey.enter_receipt("“党群服务365”智慧管理平台", "DQ365-2026-000118")
    journey.do_until("close_off")
    let_the_leader_record(journey)
    journey.do("close_off")
    journey.do("publish_final_circular")


def let_the_leader_record(journey: Journey) -> None:
    """R127: above the community a leader has led in person before the project is closed off."""
    for turn in journey.district.turns(journey.case):
        if turn.element.startswith("lead_by_"):
            journey.do(turn.element)


def assert_closed_off(journey: Journey) -> None:
    journey.go(f"/cases/{journey.case}")
    expect(journey.page.locator(".page-head")).to_contain_text("销号")
    journey.look()
    verdict = journey.district.verdict(journey.case)
    assert verdict.sound, verdict.finding
