"""The diagram of a case: marks in words, links, keys, what is missing is said."""

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.web.islands.sample_site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(sample: Page, site: Site) -> Page:
    sample.goto(f"{site.address}/viewer")
    chromium.furnished(sample)
    return sample


def test_every_mark_is_said_in_words(viewer: Page) -> None:
    expect(viewer.locator(".diagram-badge")).to_have_text(
        ["已办", "已办", "已办", "已取消", "正在办理"], use_inner_text=True
    )


def test_taken_flows_are_marked(viewer: Page) -> None:
    expect(viewer.locator(".flow-taken")).to_have_count(3)


def test_a_call_activity_leads_to_its_diagram(viewer: Page) -> None:
    link = viewer.get_by_role("link", name="查看“二、广泛征求意见（满5天或者10户）”的流程图")

    expect(link).to_have_attribute("href", "/pages/round.bpmn")


def test_a_diagram_that_is_not_there_is_said_in_chinese(viewer: Page) -> None:
    expect(viewer.locator("#lost")).to_contain_text("没有找到这份内容。")


def test_keys_zoom_and_move(viewer: Page) -> None:
    viewer.locator(".djs-container > svg").first.focus()
    before = place(viewer)

    viewer.keyboard.press("+")
    chromium.until(viewer, lambda: place(viewer)["width"] == pytest.approx(before["width"] * 1.25, abs=1))
    zoomed = place(viewer)
    viewer.keyboard.press("ArrowRight")
    chromium.until(viewer, lambda: place(viewer)["x"] == pytest.approx(zoomed["x"] - 60, abs=1))
    viewer.keyboard.press("0")
    chromium.until(viewer, lambda: place(viewer) == pytest.approx(before, abs=1))


def test_zooming_back_shows_what_was_shown_first(viewer: Page) -> None:
    before = place(viewer)

    viewer.get_by_role("button", name="放大").first.click()
    chromium.until(viewer, lambda: place(viewer)["width"] > before["width"])
    viewer.get_by_role("button", name="适合窗口").first.click()

    chromium.until(viewer, lambda: place(viewer) == pytest.approx(before, abs=1))


def test_on_a_phone_the_open_task_is_in_sight_and_readable(phone_sample: Page, site: Site) -> None:
    phone_sample.goto(f"{site.address}/viewer")
    chromium.furnished(phone_sample)

    chromium.until(phone_sample, lambda: in_sight(place(phone_sample)))


def test_chinese_labels_do_not_break_before_a_closing_mark(viewer: Page) -> None:
    lines = viewer.locator(".djs-element tspan").all_text_contents()

    assert not [line for line in lines if line[:1] in "）、，。：？"]
    assert not [line for line in lines if line[-1:] in "（《"]


def in_sight(box: dict[str, float]) -> bool:
    return box["x"] > 0 and box["x"] + box["width"] < 390 and box["width"] > 70


def place(page: Page) -> dict[str, float]:
    box = page.locator("[data-element-id=call_opinions] .djs-visual rect").first.bounding_box()
    assert box
    return dict(box)
