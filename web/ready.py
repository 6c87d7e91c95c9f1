"""Whether this house can serve just now, for whoever watches it from outside. Tells nothing else, to anybody."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import storage
from engine.reading.ready import answers
from web.current import engine, settings

bp = Blueprint("ready", __name__)


@bp.get("/ready")
def index() -> ResponseReturnValue:
    """200 when the database answers; 503 (web/errors.py) when it does not. A second line when the disk fills up."""
    engine().read(answers)
    alarm = f"磁盘已用{storage.ALARM}%以上\n" if storage.alarming(settings().data) else ""
    return f"可以办理\n{alarm}", 200, {"Content-Type": "text/plain; charset=utf-8"}
