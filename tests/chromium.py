"""How the tests start Chromium: Chinese, in Shanghai's time, without a word to the outside. Knows no page."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FURNISHED = ROOT / ".chromium" / "chromium"  # made by `make test`
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE = (
    90_000  # milliseconds: a machine that also builds is slow, and waiting costs nothing where it is not
)
PAUSE = 50  # milliseconds between two looks


@contextmanager
def running_chromium() -> Iterator[Browser]:
    program = str(FURNISHED) if FURNISHED.exists() else shutil.which("chromium")
    assert program, "no Chromium: run `make test` or `make test-browser`"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            timeout=PATIENCE,
            args=list(FLAGS),
            env={**os.environ, "LANGUAGE": "zh_CN"},  # native date pickers follow this, not the locale
        )
        yield browser
        browser.close()


def new_context(browser: Browser, size: dict[str, int] = DESKTOP, *, scripts: bool = True) -> BrowserContext:
    context = browser.new_context(
        java_script_enabled=scripts,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    return context


def until(page: Page, holds: Callable[[], bool], pause: int = PAUSE) -> None:
    """Look again and again, as `expect` does, at what it cannot ask for: a geometry is measured a frame late."""
    tries = PATIENCE // pause
    while not holds():
        assert (tries := tries - 1), "it never came about"
        page.wait_for_timeout(pause)


def furnished(page: Page) -> None:
    """Wait until every island of the page has done its work."""
    page.wait_for_load_state()
    expect(page.locator("[data-island]:not([data-furnished])")).to_have_count(0)
