"""Uploads to the two platforms: what waits, the package as a file, a receipt entered by hand (R125, R126)."""

import json
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import RecordReceipt, ResumeUploads
from engine.errors import NotFound, Refused
from engine.reading import operator as reading
from web.current import current_actor, engine
from web.errors import status_of
from web.forms import new_key

bp = Blueprint("uploads", __name__, url_prefix="/uploads")

STATUSES = {
    "waiting": ("待上传", "status-waiting"),
    "sent": ("已上传，待回执", "status-active"),
    "receipted": ("已收到回执", "status-done"),
    "failed": ("上传未成功", "status-over"),
    "cancelled": ("已取消", "status-ended"),
}
LONGEST_RECEIPT = 60


@dataclass(frozen=True)
class UploadsPage:
    """`asked` is the upload whose receipt was refused, with what was typed."""

    waiting: tuple[reading.UploadLine, ...]
    receipted: tuple[reading.UploadLine, ...]
    key: str
    paused: reading.Paused | None
    asked: str = ""
    receipt: str = ""
    refusal: Refused | None = None


@bp.before_request
def _only_those_who_upload() -> None:
    reading.check_may_upload(current_actor())


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.get("/<upload>/package.json")
def package(upload: str) -> Response:
    """What a platform would get, to be brought there by hand."""
    name, content = _package(upload)
    response = Response(json.dumps(content, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/<upload>/receipt")
def receipt(upload: str) -> ResponseReturnValue:
    """The number as the platform printed it. 303 on success; a refusal keeps what was typed."""
    _package(upload)  # a foreign upload is not there
    number = request.form.get("receipt", "").strip()[:LONGEST_RECEIPT]
    try:
        command = RecordReceipt(upload, number, manual=True, key=request.form.get("_key", ""))
        engine().handle(command, by=current_actor())
    except Refused as no:
        return _page(upload, number, no), status_of(no)
    flash(f"回执号 {number} 已登记。", "done")
    return redirect(url_for(".index"), code=303)


@bp.post("/resume")
def resume() -> ResponseReturnValue:
    """After a restore: somebody has compared what waits with what the platforms have."""
    reason = request.form.get("reason", "").strip()[:500]
    try:
        engine().handle(ResumeUploads(reason, key=request.form.get("_key", "")), by=current_actor())
    except Refused as no:
        return _page(refusal=no), status_of(no)
    flash("已恢复上传，等待的上传会自动送出。", "done")
    return redirect(url_for(".index"), code=303)


def _package(upload: str) -> tuple[str, dict[str, object]]:
    found = engine().read(reading.package, current_actor(), upload)
    if found is None:
        raise NotFound("没有找到这次上传", help="请从上传列表重新打开。")
    return found


def _page(asked: str = "", receipt: str = "", refusal: Refused | None = None) -> str:
    actor = current_actor()
    page = UploadsPage(
        waiting=engine().read(reading.uploads, actor),
        receipted=engine().read(reading.uploads, actor, waiting=False),
        key=new_key(),
        paused=engine().read(reading.paused, actor),
        asked=asked,
        receipt=receipt,
        refusal=refusal,
    )
    return render_template("operator/uploads.html", page=page, statuses=STATUSES)
