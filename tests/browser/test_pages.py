"""Every page that a role can reach: on a phone nothing scrolls sideways; without scripts the work still gets done."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from engine.demo.picture import picture
from tests.browser.conftest import Come
from tests.browser.district import District
from tests.browser.inspection import kind_of
from tests.browser.journey import Journey
from tests.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.browser

POSTS = (
    "u001.secretary",
    "u001.cadre1",
    "u001.council1",
    "u001.street_leader",
    "s01.office1",
    "s01.district_leader",
    "o_org.chief",
    "o_civil.clerk",
    "o_city.clerk",
    "o_civil.designer",
    "o_audit.auditor",
    "o_data.operator",
)
FILES = re.compile(r"^/(attachments|static)/|\.(csv|json|bpmn|xml|zip|txt|toml)$|/download$")
LINKS = "links => links.map(link => link.getAttribute('href'))"
OVERHANG = """() => [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && one.offsetParent)
    .slice(-3).map(one => one.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize("post", POSTS)
def test_on_a_phone_no_page_of_a_role_scrolls_sideways(come: Come, office: District, post: str) -> None:
    phone = come(office, PHONE)
    phone.step_into(post)

    wide = {path: told for path in walked(phone) if (told := overhang(phone.page))}

    assert wide == {}


def test_a_phone_shows_the_notice_board_to_whoever_is_not_signed_in(come: Come, office: District) -> None:
    phone = come(office, PHONE)

    met = [path for path in walked(phone, "/board") if not overhang(phone.page)]

    assert "/board" in met
    assert any(path.startswith("/board/") for path in met)


def test_without_scripts_a_form_is_filled_in_refused_with_everything_kept_and_submitted(
    come: Come, office: District
) -> None:
    plain = come(office, DESKTOP, scripts=False)
    plain.case = office.case_at("record_visits")
    plain.open_task(plain.turn("record_visits"))

    write_visits(plain.page, rows=1)
    plain.page.get_by_role("button", name="增加一行").click()
    expect(plain.page.locator('[name="visits.2.place"]')).to_have_count(1)
    expect(plain.page.locator('[name="visits.0.place"]')).to_have_value("地点1")
    refused = submitted(plain.page)

    assert refused == 422
    expect(plain.page.locator('[name="visits.0.finding"]')).to_have_value("发现1")
    expect(plain.page.locator("[data-attachment]")).to_have_count(1)
    plain.page.get_by_role("button", name="增加一行").click()
    expect(plain.page.locator('[name="visits.2.place"]')).to_have_value("")
    write_visits(plain.page, rows=3)
    assert submitted(plain.page) == 200
    expect(plain.said()).to_contain_text("已办理")
    expect(plain.page).to_have_url(f"{office.address}/inbox")


def walked(somebody: Journey, start: str = "/") -> Iterator[str]:
    """Goes to one page of every kind that links lead to; yields each path while it is on the screen."""
    waiting, met = [start], set()
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in met:
            continue
        met.add(kind_of(path))
        response = somebody.go(path)
        assert response.status == 200, f"{path}: {response.status}"
        somebody.look()
        waiting += [link for link in links(somebody.page) if kind_of(link) not in met]
        yield path


def links(page: Page) -> list[str]:
    """Pages of this house; no files, and not the way into another role."""
    found = page.locator("a[href^='/']").evaluate_all(LINKS)
    return [link for link in found if not FILES.search(urlsplit(link).path) and not link.startswith("/demo")]


def overhang(page: Page) -> list[str]:
    """What sticks out to the right when the page scrolls sideways."""
    if page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]:
        return []
    return page.evaluate(OVERHANG) or ["?"]


def write_visits(page: Page, rows: int) -> None:
    """Two household visits and, in the third row, the site visit that R096 asks for."""
    for row in range(rows):
        name = f"visits.{row}."
        page.select_option(f'[name="{name}kind"]', "site" if row == 2 else "household")
        page.fill(f'[name="{name}visited_on"]', "2026-09-16")
        page.fill(f'[name="{name}member"]', ["万桂英", "胡国平", "万桂英"][row])
        page.fill(f'[name="{name}place"]', f"地点{row + 1}")
        page.fill(f'[name="{name}finding"]', f"发现{row + 1}")
    if not page.locator("[data-attachment]").count():
        photo = {"name": "现场.png", "mimeType": "image/png", "buffer": picture("现场")}
        page.set_input_files('[name="photos.upload"]', photo)


def submitted(page: Page) -> int:
    """Status of the page that answers."""
    with page.expect_navigation() as answered:
        page.locator('form[data-island="form"] .submit-bar button.btn-primary').click()
    return answered.value.status
