"""How the tests start Chromium: Chinese, in Shanghai's time, without a word to the outside. Knows no page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

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


@contextmanager
def running_chromium() -> Iterator[Browser]:
    program = str(FURNISHED) if FURNISHED.exists() else shutil.which("chromium")
    assert program, "no Chromium: run `make test` or `make test-browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=list(FLAGS),
            env={**os.environ, "LANGUAGE": "zh_CN"},  # native date pickers follow this, not the locale
        )
        yield browser
        browser.close()


def new_context(browser: Browser, size: dict[str, int] = DESKTOP, *, scripts: bool = True) -> BrowserContext:
    return browser.new_context(
        java_script_enabled=scripts,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
    )
