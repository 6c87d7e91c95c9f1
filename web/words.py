"""How dates, times, money and ends are written on pages, in Shanghai's time. Knows no page."""

from datetime import date, datetime

from flask import Flask
from markupsafe import Markup

from engine.clock import SHANGHAI
from web.markdown import rendered

LEVELS = {"community": "社区(村)层面", "street": "街道(镇)层面", "district": "区级层面"}
STATUSES = {
    "active": "办理中",
    "suspended": "暂停办理",
    "incident": "等待处理",
    "catching_up": "正在补办",
    "completed": "已办结",
    "cancelled": "已撤销",
}
MARKS = {
    "active": "active",
    "suspended": "waiting",
    "incident": "over",
    "catching_up": "waiting",
    "completed": "done",
    "cancelled": "ended",
}  # how a page colours a status
WEEKDAYS = "一二三四五六日"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day, moment=moment, clock_time=clock_time, due_words=due_words, yuan=yuan, markdown=markdown,
        level=level, status=status, status_mark=MARKS.get, filesize=filesize,
    )  # fmt: skip


def day(on: date | None) -> str:
    """2026-03-05"""
    return on.isoformat() if on else ""


def moment(at: datetime | str | None) -> str:
    """2026-03-05 09:00, in Shanghai; takes ISO texts too."""
    if not at:
        return ""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clock_time(at: datetime) -> str:
    """2026年3月5日 星期四 09:00"""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 星期{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def clock_minute(at: datetime) -> str:
    """09:00"""
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def filesize(size: int) -> str:
    """In MB or KB, as people read it."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def due_words(days_left: int | None) -> str:
    """The due date in words: colour alone never says it."""
    if days_left is None:
        return "无办理期限"
    if days_left < 0:
        return f"已超期 {-days_left} 个工作日"
    return "今天到期" if days_left == 0 else f"还有 {days_left} 个工作日"


def yuan(cents: int) -> str:
    """分 as 元, with thousands."""
    whole = f"{abs(cents) // 100:,}" + (f".{abs(cents) % 100:02d}" if cents % 100 else "")
    return f"{'-' if cents < 0 else ''}{whole} 元"


def markdown(text: str) -> Markup:
    return rendered(text)


def level(id: str) -> str:
    return LEVELS.get(id, "层级待定")


def status(id: str) -> str:
    return STATUSES.get(id, id)
