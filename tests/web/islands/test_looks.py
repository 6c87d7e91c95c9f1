"""Every sample page on a desk and on a phone: readable, in its width, within the security policy, its marks visible."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.web.islands.sample_site import Site

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
READY = {
    "look": ".steps",
    "form": "[data-error-summary]:focus",
    "viewer": ".diagram-badge",
    "history": ".replay-entry[aria-current]",
    "designer": ".djs-palette",
}
PAGES = sorted(READY)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_serious_accessibility_finding(sample: Page, site: Site, name: str) -> None:
    opened(sample, site, name)

    assert serious_findings(sample) == []


@pytest.mark.parametrize("name", ["form", "history", "look", "viewer"])
def test_no_page_has_a_serious_accessibility_finding_on_a_phone(
    phone_sample: Page, site: Site, name: str
) -> None:
    opened(phone_sample, site, name)

    assert serious_findings(phone_sample) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(phone_sample: Page, site: Site, name: str) -> None:
    opened(phone_sample, site, name)

    chromium.until(phone_sample, lambda: phone_sample.evaluate("document.documentElement.scrollWidth") <= 390)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_violates_the_security_policy(sample: Page, site: Site, name: str) -> None:
    opened(sample, site, name)

    assert sample.evaluate("window.violations") == []


@pytest.mark.parametrize("name", ["viewer", "history", "designer"])
def test_the_mark_of_bpmn_io_is_visible_and_not_covered(sample: Page, site: Site, name: str) -> None:
    opened(sample, site, name)

    mark = sample.locator(".bjs-powered-by").first
    mark.scroll_into_view_if_needed()

    chromium.until(
        sample,
        lambda: mark.evaluate(
            """(mark) => {
                const box = mark.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return box.width > 20 && mark.contains(top);
            }"""
        ),
    )


@pytest.mark.parametrize("name", PAGES)
def test_for_whoever_wants_no_motion_nothing_moves(sample: Page, site: Site, name: str) -> None:
    opened(sample, site, name)

    moving = sample.evaluate(
        """[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s')
            .map(one => one.outerHTML.slice(0, 80))"""
    )

    assert moving == []


def test_a_finding_would_be_seen(sample: Page, site: Site) -> None:
    opened(sample, site, "look")

    sample.evaluate("document.querySelector('.lead-note').style.color = '#bbb'")

    assert "color-contrast" in "".join(serious_findings(sample))


def opened(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.address}/{name}")
    chromium.furnished(page)
    expect(page.locator(READY[name]).first).to_be_visible()


def serious_findings(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{finding['id']}: {[node['target'] for node in finding['nodes']][:3]}"
        for finding in found["violations"]
        if finding["impact"] in ("serious", "critical")
    ]
