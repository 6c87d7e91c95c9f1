"""A case that has stopped, on an operator's phone: seen, corrected, retried; and one task skipped by two people."""

import pytest

from tests.browser.conftest import Come
from tests.browser.district import District
from tests.browser.test_pages import overhang
from tests.chromium import PHONE
from tests.engine import failing
from tests.engine.bpmn import sketch

pytestmark = pytest.mark.browser


def test_a_stopped_case_is_mended_on_a_phone(come: Come, district: District) -> None:
    drawn = failing.after("submit", sketch.script("fail", "share = 100 // ask.households"))
    case = failing.FailingCase(district.engine, drawn)
    case.start()
    case.submit()
    operator = come(district, PHONE)
    operator.step_into("o_data.operator")

    operator.go("/operator")
    operator.page.get_by_role("link", name="查看和处理").click()
    operator.look()
    assert overhang(operator.page) == []
    operator.page.get_by_role("link", name="更正", exact=True).click()
    operator.look()
    assert overhang(operator.page) == []
    operator.page.get_by_label("户数").fill("4")
    operator.page.get_by_label("更正的原因").fill("与街道核对为4户")
    operator.page.get_by_role("button", name="更正").click()
    operator.page.get_by_label("查明的原因和处理办法").fill("户数已更正")
    operator.page.get_by_role("button", name="重试").click()

    operator.page.get_by_text("这件事项已恢复办理").wait_for()
    assert case.open() == ["look"]


def test_a_task_is_skipped_on_phones_by_two_people(come: Come, district: District) -> None:
    about = '\n[skips]\nask = "street_liaison_leader"\n'
    drawn = failing.after("submit", sketch.script("fail", "x = 1"), about=about)
    case = failing.FailingCase(district.engine, drawn)
    case.start()
    secretary, leader = come(district, PHONE), come(district, PHONE)
    secretary.step_into(failing.SECRETARY)
    leader.step_into("u001.street_leader")

    secretary.go(f"/cases/{case.case}")
    secretary.page.get_by_text("申请跳过“ask”").click()
    secretary.page.get_by_label("申请理由").fill("上一轮已入户")
    secretary.page.get_by_role("button", name="申请跳过").click()
    secretary.look()
    assert overhang(secretary.page) == []
    leader.go("/inbox")
    leader.page.get_by_role("link", name="查看和批准").click()
    leader.look()
    assert overhang(leader.page) == []
    leader.page.get_by_label("意见").fill("同意")
    leader.page.get_by_role("button", name="批准跳过").click()

    leader.page.get_by_text("已批准，这项任务跳过").wait_for()
    assert case.open() == ["look"]
