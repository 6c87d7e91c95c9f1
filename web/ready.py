"""Whether this house can serve just now, for whoever watches it from outside. Tells nothing else, to anybody."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.reading.ready import answers
from web.current import engine

bp = Blueprint("ready", __name__)


@bp.get("/ready")
def index() -> ResponseReturnValue:
    """200 when the database answers; 503 (web/errors.py) when it does not."""
    engine().read(answers)
    return "可以办理\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
