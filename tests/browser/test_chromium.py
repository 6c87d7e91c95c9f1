"""The browser itself: it speaks Chinese, lives in Shanghai's time and has a font for Chinese."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_browser_speaks_chinese_and_lives_in_shanghai(page: Page) -> None:
    told = page.evaluate("[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]")

    assert told == ["zh-CN", "Asia/Shanghai"]


def test_chinese_characters_are_drawn_and_not_boxes(page: Page) -> None:
    page.set_content("<canvas width=64 height=64></canvas>")

    distinct = page.evaluate(
        """() => {
            const pen = document.querySelector('canvas').getContext('2d');
            pen.font = '48px sans-serif';
            const pictures = [...'幸福圆桌议题公示'].map((sign) => {
                pen.clearRect(0, 0, 64, 64);
                pen.fillText(sign, 4, 52);
                return pen.getImageData(0, 0, 64, 64).data.join();
            });
            return new Set(pictures).size;
        }"""
    )

    assert distinct == 8


def test_a_phone_is_390_pixels_wide(phone: Page) -> None:
    assert phone.evaluate("innerWidth") == 390
