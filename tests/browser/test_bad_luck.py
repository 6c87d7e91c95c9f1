"""What happens to people in a hurry: clicked twice, gone back, too late, signed out elsewhere, in the wrong place."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Come
from tests.browser.district import District
from tests.browser.journey import Journey

pytestmark = pytest.mark.browser

SECRETARY, WORKER, NEIGHBOUR = "u001.secretary", "u001.cadre1", "u003.secretary"


def test_a_double_click_on_submit_is_one_event(visitor: Journey) -> None:
    visitor.open_task(visitor.turn("register_topic"))
    paper = visitor.fill("register_topic")

    paper.form.locator(".submit-bar button.btn-primary").dblclick()

    expect(visitor.said()).to_contain_text("已办理")
    assert visitor.district.events(visitor.case) == ["case_started", "task_submitted"]


def test_a_double_click_without_scripts_is_one_event_too(come: Come, office: District) -> None:
    plain = come(office, scripts=False)
    plain.case = office.begin_case()
    plain.open_task(plain.turn("register_topic"))
    paper = plain.fill("register_topic")

    paper.form.locator(".submit-bar button.btn-primary").dblclick()

    expect(plain.said()).to_contain_text("已办理")
    assert office.events(plain.case) == ["case_started", "task_submitted"]


def test_whoever_goes_back_after_submitting_sees_that_he_has_done_it(visitor: Journey) -> None:
    turn = visitor.turn("register_topic")
    visitor.do("register_topic")

    visitor.go(f"/inbox/{turn.work_item}")

    expect(visitor.page.get_by_role("main")).to_contain_text(f"这项任务已由 {visitor.name()} 于")
    expect(visitor.page.locator('form[data-island="form"]')).to_have_count(0)


def test_sending_the_same_page_again_gives_the_same_answer_and_no_second_event(visitor: Journey) -> None:
    visitor.open_task(visitor.turn("register_topic"))
    visitor.fill("register_topic").submit()
    expect(visitor.said()).to_contain_text("已办理")

    visitor.page.go_back()
    again = visitor.page.locator('form[data-island="form"] .submit-bar button.btn-primary')
    if again.count():
        again.click()
        expect(visitor.said()).to_contain_text("已办理")

    assert visitor.district.events(visitor.case) == ["case_started", "task_submitted"]


def test_of_two_browsers_with_the_same_task_one_wins_and_the_other_keeps_what_he_typed(
    visitor: Journey, come: Come
) -> None:
    other = come(visitor.district)
    other.case = visitor.case
    turn = visitor.turn("register_topic")
    for somebody, post in ((visitor, SECRETARY), (other, WORKER)):
        somebody.step_into(post)
        somebody.go(f"/inbox/{turn.work_item}")
    first, second = visitor.fill("register_topic"), other.fill("register_topic", title="后来者写的题目")

    first.submit()
    expect(visitor.said()).to_contain_text("已办理")
    with other.page.expect_navigation() as answered:
        second.submit()

    assert answered.value.status == 409
    main = other.page.get_by_role("main")
    expect(main).to_contain_text(f"已由{visitor.name()}办理（2026-09-16 ")
    expect(main).to_contain_text("后来者写的题目")
    other.look("409")
    assert visitor.district.events(visitor.case) == ["case_started", "task_submitted"]


def test_a_session_ended_elsewhere_leads_to_signing_in_and_the_draft_is_still_there(
    visitor: Journey, come: Come
) -> None:
    visitor.step_into(WORKER)
    elsewhere = come(visitor.district)
    elsewhere.page.context.add_cookies(visitor.page.context.cookies())
    turn = visitor.turn("register_topic")
    visitor.go(f"/inbox/{turn.work_item}")
    visitor.page.fill("#title", "写到一半的题目")
    expect(visitor.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")

    elsewhere.go("/inbox")
    elsewhere.page.locator(".site-account summary").click()
    elsewhere.page.get_by_role("button", name="退出登录").click()
    elsewhere.page.wait_for_url("**/demo")
    with visitor.page.expect_navigation() as answered:
        visitor.fill("register_topic").submit()
    refused = answered.value.status
    visitor.go("/inbox")

    assert refused == 401
    assert urlsplit(visitor.page.url).path == "/sign-in"
    visitor.look()
    visitor.post = ""
    visitor.step_into(WORKER)
    visitor.go(f"/inbox/{turn.work_item}")
    assert visitor.page.input_value("#title")


def test_a_case_of_another_community_is_not_there(visitor: Journey) -> None:
    task = visitor.turn("register_topic").work_item
    visitor.step_into(NEIGHBOUR)

    statuses = [
        visitor.go(path).status
        for path in (f"/cases/{visitor.case}", f"/inbox/{task}", "/cases/0000000000000000")
    ]

    assert statuses == [404, 404, 404]
    expect(visitor.page.get_by_role("main")).to_contain_text("没有找到")
    visitor.look("404")
