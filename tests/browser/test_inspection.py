"""The inspection itself: what it is there to find, it finds. Without this a silent axe would pass for a clean house."""

import pytest
from playwright.sync_api import Page

from tests.browser.inspection import Inspection, findings, watched

pytestmark = pytest.mark.browser


def test_a_picture_without_words_is_found(page: Page) -> None:
    page.set_content("<html lang='zh-CN'><title>页</title><main><h1>页</h1><img src='data:,'></main></html>")

    found = findings(page)

    assert any(finding.startswith("image-alt (critical)") for finding in found)


def test_an_error_in_the_console_fails_whoever_watches(page: Page) -> None:
    heard = pytest.raises(AssertionError, match="脚本出错")
    with heard, watched(page.context, Inspection()), page.expect_console_message():
        page.evaluate("console.error('脚本出错')")
