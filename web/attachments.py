"""Files: uploaded first, by themselves; always served as a download. Knows ids and names, nothing of cases."""

from io import BytesIO

from flask import Blueprint, jsonify, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine.attachments import Limits
from engine.errors import Refused
from engine.reading import files as reading
from web import typed
from web.current import current_actor, engine
from web.security import takes

bp = Blueprint("attachments", __name__, url_prefix="/attachments")

ONE_FILE = Limits.file + 1024 * 1024  # with what surrounds it in the request


@bp.post("")
@takes(ONE_FILE)
def upload() -> ResponseReturnValue:
    """A file of the actor's own unit, or of `unit` when he serves it."""
    actor = current_actor()
    unit = request.form.get("unit") or actor.unit
    engine().read(reading.check_may_attach, actor, unit)
    return received(unit)


@bp.get("/<attachment>")
def download(attachment: str) -> ResponseReturnValue:
    found = engine().read(reading.download, current_actor(), attachment)
    response = send_file(
        BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.name
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def received(unit: str) -> ResponseReturnValue:
    """Keep the one file of this request for `unit`; the answer is what the form's script shows."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused("没有收到文件", help="请重新选择文件。")
    kept = typed.upload(unit, file.filename, file.read())
    address = url_for("attachments.download", attachment=kept.id)
    return jsonify(id=kept.id, name=kept.name, size=kept.size, url=address), 201
