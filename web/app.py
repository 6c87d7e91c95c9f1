"""Puts the web together: one Flask app around one engine. Knows which rooms there are, nothing of what they do."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from engine.engine import Engine
from engine.settings import Settings
from web import assets, blueprints, errors, navigation, secret, security, sessions, words
from web.current import EXTENSION

MEGABYTE = 1024 * 1024


def create_app(engine: Engine, settings: Settings) -> Flask:
    """The application. `settings.data` must exist: the key that signs form tokens lies there."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret.key(settings.data),
        SESSION_COOKIE_NAME=security.cookie_name("roundtable-form", settings),
        SESSION_COOKIE_SECURE=not settings.demo,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=security.trusted_hosts(settings),
        MAX_CONTENT_LENGTH=MEGABYTE,
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        MAX_FORM_PARTS=5000,  # a roster of 25 rows has a few hundred fields
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open all day; its token ends with the session
    )
    app.extensions[EXTENSION] = engine
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    security.install(app)  # before the token is checked: it reads the body, whose size is bounded here
    CSRFProtect(app)
    for room in (sessions, errors, assets, navigation, words):
        room.install(app)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    return app
