"""Diagrams exactly as they were deployed, as XML for the viewers. Knows hashes and names, nothing of cases."""

from flask import Blueprint, Response, request

from engine.reading import history as reading
from web.current import current_actor, engine

bp = Blueprint("diagrams", __name__, url_prefix="/diagrams")


@bp.get("/<definition>/<diagram>.bpmn")
def show(definition: str, diagram: str) -> Response:
    """For everybody who is signed in: the procedure is no secret, a case is."""
    current_actor()
    return as_xml(engine().read(reading.drawing, definition, diagram), f"{diagram}.bpmn")


def as_xml(content: bytes, name: str) -> Response:
    """Never run or shown as a page by a browser: sandboxed, its type not guessed; `?download` saves it."""
    response = Response(content, mimetype="application/xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    way = "attachment" if "download" in request.args else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{name}"'
    return response
