"""What is done to a case beside its drawn flow, from its page: withdraw, suspend, resume, cancel. Judges nothing."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import CancelCase, Command, ResumeCase, SuspendCase, UndoMove, WithdrawTask
from engine.errors import Refused
from engine.reading import case as reading
from web.case import Asked, rendered
from web.current import current_actor, engine
from web.errors import status_of

bp = Blueprint("steering", __name__, url_prefix="/cases")

LONGEST_REASON = 500
ACTS: dict[str, tuple[Callable[..., Command], str]] = {
    "withdraw": (WithdrawTask, "已撤回，这一步可以重新办理，上次填写的内容还在。"),
    "suspend": (SuspendCase, "已暂停办理，恢复以前任何人都不能办理，期限到了也不处理。"),
    "resume": (ResumeCase, "已恢复办理。"),
    "undo-move": (UndoMove, "已撤销换版本，回到换以前的版本。"),
    "cancel": (CancelCase, "已撤销，办理经过保留在历史里。"),
}
STOPPED_AGAIN = "接着办理时自动步骤又出错，停下来等待运维人员处理。"


@bp.post("/<case>/<act>")
def steer(case: str, act: str) -> ResponseReturnValue:
    """303 on success; a missing reason shows the page again; who may not is told by which rule."""
    engine().read(reading.visible, current_actor(), case)  # a foreign id does not exist
    if act not in ACTS:
        abort(404)
    command, done = ACTS[act]
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        told = engine().handle(command(case, reason, key=request.form.get("_key", "")), by=current_actor())
    except Refused as no:
        if status_of(no) != 422:
            raise
        return rendered(case, Asked(act, reason, no)), 422
    flash(f"{done}{STOPPED_AGAIN}" if "incident" in told.detail else done, "done")
    return redirect(url_for("case.show", case=case), code=303)
