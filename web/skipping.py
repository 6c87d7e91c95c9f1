"""跳过: asked for, approved or refused on the page of the case. Translates; who may, the engine says."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import DecideSkip, RequestSkip
from engine.errors import Refused
from engine.reading import case as reading
from web.case import Asked, rendered
from web.current import current_actor, engine
from web.errors import status_of

bp = Blueprint("skipping", __name__, url_prefix="/cases")

LONGEST_REASON = 500
DONE = {
    "ask": "已申请跳过，等待批准。",
    "approve": "已批准，这项任务跳过。",
    "refuse": "已退回申请，请照图办理。",
}


@bp.post("/<case>/skips/<work_item>/<any('ask', 'approve', 'refuse'):act>")
def skip(case: str, work_item: str, act: str) -> ResponseReturnValue:
    """303 on success; a missing reason shows the page again."""
    engine().read(reading.visible, current_actor(), case)  # a foreign id does not exist
    reason, key = request.form.get("reason", "").strip()[:LONGEST_REASON], request.form.get("_key", "")
    asking = RequestSkip(work_item, reason, key=key)
    try:
        outcome = engine().handle(
            asking if act == "ask" else DecideSkip(work_item, act == "approve", reason, key=key),
            by=current_actor(),
        )
    except Refused as no:
        if status_of(no) != 422:
            raise
        return rendered(case, Asked(f"skip-{work_item}", reason, no)), 422
    flash(
        f"已批准，但这件{engine().read(reading.noun_of, case)}停了下来，等待运维人员处理。"
        if "incident" in outcome.detail
        else DONE[act],
        "done",
    )
    return redirect(url_for("case.show", case=case), code=303)
