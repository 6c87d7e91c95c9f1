"""What every view works with: the engine, the settings, who is signed in. Knows no page."""

from typing import cast

from flask import current_app, g

from engine.engine import Engine
from engine.errors import NotSignedIn
from engine.people import Actor
from engine.settings import Settings

EXTENSION = "roundtable-engine"


def engine() -> Engine:
    return cast(Engine, current_app.extensions[EXTENSION])


def settings() -> Settings:
    return engine().settings


def current_actor() -> Actor:
    """Who is signed in, in the post chosen. Raises NotSignedIn."""
    actor = actor_or_nobody()
    if actor is None:
        raise NotSignedIn("请先登录", help="登录后会回到您要打开的页面。")
    return actor


def actor_or_nobody() -> Actor | None:
    """For pages that anybody may open, and for the header."""
    return cast("Actor | None", g.get("actor"))
