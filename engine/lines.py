"""Lines in which the command line tells of cases: how one stands, what is to be done, what it waits for. Asks, does
nothing.
"""

import json
from datetime import datetime
from typing import Any

from engine.clock import SHANGHAI
from engine.commands import Outcome
from engine.engine import Engine
from engine.reading import running
from engine.reading.running import Item, Wait

KINDS = {"timer": "定时", "message": "消息", "signal": "信号"}


def print_next(engine: Engine, outcome: Outcome) -> int:
    """What is to be done now, or how the case stands; the exit code."""
    state = engine.read(running.state, outcome.case)
    items = engine.read(running.open_items, outcome.case)
    for item in items:
        print(f"待办：{told(item)}")
    if not items or state != running.ACTIVE:
        print(f"现在：{running.WORDS[state]}")
    if "incident" not in outcome.detail:
        return 0
    stop = engine.read(running.incidents, outcome.case)[-1]
    print(f"停下：{stop.path}：{stop.message} {stop.help}")
    return 1


def told(item: Item) -> str:
    name = item.name or item.element
    due = f" {item.due_on.isoformat()}前" if item.due_on else ""
    label = f"（{item.label}）" if item.label else ""
    taken = f" 已由{item.claimed_by}认领" if item.claimed_by else ""
    return f"{item.id} {item.case} {item.path} {name}{label} {'、'.join(item.who)}{due}{taken}"


def awaited(wait: Wait) -> str:
    keys = f" {json_text(dict(wait.correlation))}" if wait.correlation else ""
    due = f" {moment(wait.due)}" if wait.due else ""
    return f"{KINDS[wait.kind]} {wait.name}{due}{keys} {wait.path}"


def moment(at: datetime) -> str:
    """To the second, in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
