"""What can be kept nowhere: a NUL, half a sign, a number of more than 64 bits. Knows no command and no table.

PostgreSQL takes no NUL in a text, no UTF-8 holds a lone surrogate, and a history is UTF-8 (security.md 3.2). Who sends
one has to be told so at the door: behind it a driver or a codec would fail halfway.
"""

from collections.abc import Mapping
from typing import Any

SMALLEST, LARGEST = -(2**63), 2**63 - 1
MAX_PARTS = 400_000  # more than any command may hold; a list that holds itself has no end


def unfit(value: Any) -> str:
    """What stands in the way, in Chinese, at whatever depth, in keys too; "" when it can be kept."""
    waiting = [value]
    for _ in range(MAX_PARTS):
        if not waiting:
            return ""
        one = waiting.pop()
        if isinstance(one, str):
            if wrong := unfit_text(one):
                return wrong
        elif isinstance(one, int):
            if not SMALLEST <= one <= LARGEST:
                return "有一个数超出了64位整数的范围"
        elif isinstance(one, Mapping):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list | tuple | set | frozenset):
            waiting.extend(one)
    return f"内容超过{MAX_PARTS}项"


def unfit_text(text: str) -> str:
    if "\0" in text:
        return "有空字符（NUL）"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "有残缺的字符（半个代理对，不是 UTF-8 文字）"
    return ""
