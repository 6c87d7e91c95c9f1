"""Replay: slider, buttons and list lead to the same place; diagrams change by themselves."""

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.web.islands.sample_site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def replay(sample: Page, site: Site) -> Page:
    sample.goto(f"{site.address}/history")
    chromium.furnished(sample)
    return sample


def test_it_starts_at_the_event_asked_for(replay: Page) -> None:
    expect(replay.locator("[aria-current=step]")).to_contain_text("提交：登记议题")
    expect(replay.get_by_role("slider")).to_have_attribute(
        "aria-valuetext", "第 2 步，共 4 步：提交：登记议题"
    )


def test_times_are_those_of_shanghai(replay: Page) -> None:
    expect(replay.locator(".replay-entry").nth(2)).to_contain_text("2026-03-07 00:05")


def test_what_is_done_and_open_is_marked_after_each_event(replay: Page) -> None:
    expect_marked(replay, done=["entered", "register_topic"], active=["screen_topic"])

    replay.get_by_role("button", name="上一步").click()

    expect_marked(replay, done=["entered"], active=["register_topic"])


def test_the_diagram_follows_the_case_into_a_step_and_back(replay: Page) -> None:
    replay.get_by_role("button", name="下一步").click()
    expect(replay.get_by_label("流程图", exact=True)).to_have_value("round")
    replay.wait_for_selector("[data-element-id=collect_opinions].mark-active")

    replay.get_by_role("button", name="下一步").click()
    replay.wait_for_selector("[data-element-id=give_consent].mark-active")

    expect(replay.locator("[data-element-id=call_opinions].mark-done")).to_have_count(1)


def test_another_diagram_can_be_chosen_at_the_same_event(replay: Page) -> None:
    replay.get_by_role("button", name="下一步").click()
    replay.wait_for_selector("[data-element-id=collect_opinions].mark-active")

    replay.get_by_label("流程图", exact=True).select_option("sample")

    replay.wait_for_selector("[data-element-id=call_opinions].mark-active")


def test_the_slider_moves_by_keys(replay: Page) -> None:
    replay.get_by_role("slider").focus()

    replay.keyboard.press("End")

    expect(replay.locator("[aria-current=step]")).to_contain_text("提交：征求意见")


def test_an_entry_of_the_list_leads_to_its_event_and_shows_its_data(replay: Page) -> None:
    replay.get_by_role("button", name="立案").click()

    expect(replay.get_by_role("region", name="这一步的内容")).to_contain_text("楼道照明")
    expect(replay.get_by_role("region", name="这一步的内容")).to_contain_text("此后正在办理：登记议题")


def test_hurrying_through_ends_at_the_last_event(replay: Page) -> None:
    for _ in range(2):
        for name in ("立案", "提交：征求意见", "提交：党组织研判"):
            replay.get_by_role("button", name=name).click()

    expect_marked(replay, done=["round_entered"], active=["collect_opinions"])


def test_it_plays_to_the_end_and_stops(replay: Page) -> None:
    replay.clock.install()
    replay.reload()
    chromium.furnished(replay)

    replay.get_by_role("button", name="播放").click()
    expect(replay.get_by_role("button", name="暂停")).to_be_visible()
    replay.clock.run_for(10_000)

    expect(replay.locator("[aria-current=step]")).to_contain_text("提交：征求意见")
    expect(replay.get_by_role("button", name="播放")).to_be_visible()


def test_each_event_is_drawn_on_the_version_that_was_in_force(replay: Page) -> None:
    task = replay.locator("[data-element-id=collect_opinions] .djs-visual")

    replay.get_by_role("button", name="提交：征求意见").click()
    replay.get_by_label("流程图", exact=True).select_option("round")

    expect(task).to_contain_text("征求意见和建议")
    expect(replay.get_by_role("region", name="这一步的内容")).to_contain_text("流程版本：第 2 版")
    replay.get_by_role("button", name="上一步").click()
    expect(task).not_to_contain_text("和建议")
    expect(task).to_contain_text("征求意见")
    expect(replay.get_by_role("region", name="这一步的内容")).to_contain_text("流程版本：第 1 版")


def expect_marked(page: Page, **wanted: list[str]) -> None:
    chromium.until(page, lambda: marked(page) == wanted)


def marked(page: Page) -> dict[str, list[str]]:
    return {
        state: sorted(
            page.eval_on_selector_all(
                f".djs-element.mark-{state}", "all => all.map((one) => one.dataset.elementId)"
            )
        )
        for state in ("done", "active")
    }
