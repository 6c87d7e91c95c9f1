"""Refusals as pages: the one table from the engine's errors to HTTP. Knows no view.

Whatever is refused, the page says what, by which rule, and what helps (the tree is drawn in engine/errors.py).
When we fail, nothing that was typed is lost: the form is shown again by whoever took it (`shows_again`), else the
page carries what was sent and sends it again at the press of a button, also without scripts and without database.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from engine.attachments import Limits
from engine.errors import (
    AlreadyDone,
    Conflict,
    HistoryBroken,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    RoundtableError,
    TooOften,
    Unavailable,
)

log = logging.getLogger(__name__)

ONE_FILE = Limits.file // (1024 * 1024)
STATUS: tuple[tuple[type[RoundtableError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (AlreadyDone, 409),
    (Conflict, 409),
    (TooOften, 429),
    (Refused, 422),
    (Unavailable, 503),
    (HistoryBroken, 500),
)
HEADINGS = {
    400: "请求无法识别",
    401: "请先登录",
    403: "没有办理权限",
    404: "没有找到",
    405: "不能这样打开",
    409: "事项已经发生变化",
    413: "提交的内容过大",
    422: "不能这样办理",
    429: "操作过于频繁",
    500: "系统出现故障",
    503: "系统暂时不能办理",
}
SENTENCES = {
    400: ("请求不完整，或者页面已经过期。", "请返回上一页，刷新后再试。"),
    403: ("这个请求不是从本系统的页面发出的。", "请从本系统的页面重新办理。"),
    404: ("没有找到这个页面，或者不在您的查看范围内。", "请从菜单重新打开。"),
    405: ("这个地址只接收页面提交的内容。", "请从菜单重新打开。"),
    413: (
        "提交的内容超过了允许的大小。",
        f"文字一次不超过 1 MB。请把大文件作为附件单独上传，单个附件不超过 {ONE_FILE} MB。",
    ),
    500: ("没有办成，已经记入日志，由运维人员查看。", "您填写的内容没有办理，请稍后再试。"),
    503: ("数据库暂时不可用，没有办理任何内容。", "请稍后把同样的内容再提交一次。"),
}
UNFORESEEN = Refused(
    "没有办成：系统出现没有预料到的错误，已经记入日志",
    help="请稍后再提交一次；仍然不行的，请联系运维人员。",
)
V = TypeVar("V", bound=Callable[..., ResponseReturnValue])
_TAKE_PASSWORDS: set[Callable[..., ResponseReturnValue]] = set()


@dataclass(frozen=True)
class Sent:
    """A form as it was sent, to be sent again: the same key makes it one event however often."""

    address: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ErrorPage:
    status: int
    heading: str
    message: str
    rule: str = ""
    help: str = ""
    sent: Sent | None = None


def install(app: Flask) -> None:
    app.register_error_handler(RoundtableError, refused)
    app.register_error_handler(CSRFError, _token_expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def shows_again(show: Callable[[Refused], str]) -> None:
    """Whoever takes a form says how it is shown with what was typed, should this request fail by a mistake of ours."""
    g.show_again = show


def takes_password(view: V) -> V:
    """No page may repeat what is sent to this view, not even when we fail before it is asked."""
    _TAKE_PASSWORDS.add(view)
    return view


def may_repeat(endpoint: str | None) -> bool:
    return current_app.view_functions.get(endpoint or "") not in _TAKE_PASSWORDS


def status_of(error: RoundtableError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def refused(error: RoundtableError) -> ResponseReturnValue:
    status = status_of(error)
    if status == 401 and request.method == "GET":
        return redirect(url_for("entry.sign_in", next=request.full_path.rstrip("?")), code=303)
    if isinstance(error, Refused):
        page = ErrorPage(status, HEADINGS[status], error.message, error.rule, error.help)
        return _page(page)
    log.error("%s %s: %s", request.method, request.path, error)
    return _page(_plain(status))


def _token_expired(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        ErrorPage(
            400, "页面已经过期", "为了安全，这次提交没有办理。", help="请返回上一页，刷新后再提交一次。"
        )
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400 or isinstance(error, SecurityError):
        return error  # a foreign host name gets no page: there is no address to link to
    return _page(_plain(error.code))


def _failed(error: Exception) -> ResponseReturnValue:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    show = g.pop("show_again", None)
    try:
        return (show(UNFORESEEN), 500) if show else _page(_plain(500))
    except Exception:  # what has failed is needed for the form too
        log.exception("%s %s cannot be shown again", request.method, request.path)
        return _page(_plain(500))


def _plain(status: int) -> ErrorPage:
    message, help = SENTENCES.get(status, SENTENCES[400])
    sent = _sent() if status >= 500 else None
    return ErrorPage(status, HEADINGS.get(status, HEADINGS[400]), message, help=help, sent=sent)


def _sent() -> Sent | None:
    """Files are not among it: a form that takes files shows itself again, or has stored them before."""
    if request.method != "POST" or not request.form or not may_repeat(request.endpoint):
        return None
    return Sent(request.full_path.rstrip("?"), tuple(request.form.items(multi=True)))


def _page(page: ErrorPage) -> ResponseReturnValue:
    """From 500 on nothing of the house may be asked any more: the page stands alone.

    Scripts of the islands send the form token as a header; they get JSON and show it in place.
    """
    if "X-CSRFToken" in request.headers and "HX-Request" not in request.headers:
        return jsonify(message=page.message, help=page.help), page.status
    if page.status >= 500:
        return current_app.jinja_env.get_template("broken.html").render(page=page), page.status
    return render_template("error.html", page=page), page.status
