"""Takes the pictures of the documents from a running demonstration. Knows its pages by their words, and no engine.

Usage: make serve, then .venv/bin/python -m tools.pictures [ADDRESS]. A new data folder gives the pictures of the
documents: what visitors changed would be seen on them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.chromium import running_chromium

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
ADDRESS = "http://127.0.0.1:8000"
SCREEN = {"width": 1280, "height": 720}
DESK = {"width": 1440, "height": 860}
WALL = {"width": 1700, "height": 1000}
PHONE = {"width": 390, "height": 780}
LARGEST = 300_000  # bytes of one picture: a README is read on slow lines too
SETTLED = 1200  # ms until a diagram stands still


def main(address: str) -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_chromium() as browser:
        for name, (size, take) in WANTED.items():
            _take(browser, address, PICTURES / f"{name}.png", size, take)
    return 0


def worklist(page: Page) -> None:
    _step_into(page, "党组织书记")


def overview(page: Page) -> None:
    """The whole procedure on one page, as residents see it."""
    page.goto("/board/how-it-works")
    page.locator('[data-island="viewer"] svg').first.wait_for()


def notice(page: Page) -> None:
    """A notice that runs, day by day on the working-day calendar."""
    page.goto("/board")
    page.locator("table").first.get_by_role("link").first.click()
    _scroll_to(page, "main aside")


def replay(page: Page) -> None:
    _step_into(page, "核验员")
    page.get_by_role("link", name="历史核验").first.click()
    page.get_by_role("link", name="背街小巷雨污管网堵塞").click()
    page.get_by_role("button", name="适合窗口").click()
    _scroll_to(page, "input[type=range]")


def designer(page: Page) -> None:
    """A diagram opened for drawing, one task selected."""
    _step_into(page, "流程设计员")
    page.goto("/designer/roundtable/diagrams/step5_publicity")
    page.locator('[data-element-id="publish_notice"]').first.click()


WANTED: dict[str, tuple[dict[str, int], Callable[[Page], None]]] = {
    "worklist": (SCREEN, worklist),
    "overview": (WALL, overview),
    "notice": (SCREEN, notice),
    "replay": (DESK, replay),
    "designer": (SCREEN, designer),
    "worklist-phone": (PHONE, worklist),
}


def _take(
    browser: Browser, address: str, file: Path, size: dict[str, int], take: Callable[[Page], None]
) -> None:
    context = browser.new_context(
        base_url=address,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
    )
    page = context.new_page()
    take(page)
    page.wait_for_timeout(SETTLED)
    whole = page.locator(".djs-container")
    shot = whole.screenshot(path=file) if take is overview else page.screenshot(path=file)
    context.close()
    assert len(shot) < LARGEST, f"{file.name}: {len(shot)} bytes"
    print(f"{file.name}\t{len(shot)}")


def _step_into(page: Page, role: str) -> None:
    page.goto("/demo")
    page.get_by_role("button", name=role).first.click()
    page.wait_for_load_state()


def _scroll_to(page: Page, place: str) -> None:
    page.locator(place).first.evaluate("it => scrollTo(0, it.getBoundingClientRect().top + scrollY - 20)")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ADDRESS))
