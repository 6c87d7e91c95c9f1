"""What every answer carries and every request must pass: headers, hosts, origin, size. Knows no page.

Sources: docs/design.md and the CSP and cookie rules of the security notes; form tokens are Flask-WTF's matter.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from engine.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",  # the diagram editor's icon font
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Frame-Options": "DENY",
}


def install(app: Flask) -> None:
    app.before_request(_bound_the_body)
    app.before_request(_refuse_foreign_posts)
    app.after_request(_add_headers)


def allow_drawing() -> None:
    """Call in a view whose page draws a diagram: bpmn-js positions shapes by style attributes."""
    g.drawing = True


def takes(size: int) -> Callable[[View], View]:
    """Marks a view that takes bodies of up to `size` bytes instead of the default."""

    def mark(view: View) -> View:
        view.max_bytes = size  # type: ignore[attr-defined]
        return view

    return mark


def cookie_name(name: str, settings: Settings) -> str:
    """`__Host-` binds a cookie to this host and to https; the demonstration runs without https."""
    return name if settings.demo else f"__Host-{name}"


def trusted_hosts(settings: Settings) -> list[str]:
    """Host names that are answered: those set, and this machine itself."""
    given = [host.strip() for host in settings.trusted_hosts.split(",") if host.strip()]
    return [*given, *LOCAL_HOSTS]


def _bound_the_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    size = getattr(view, "max_bytes", None)
    if size is not None:
        request.max_content_length = size  # text stays bounded as everywhere (MAX_FORM_MEMORY_SIZE)


def _refuse_foreign_posts() -> None:
    """A second lock beside the form token: browsers say where a request comes from."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)


def _add_headers(response: Response) -> Response:
    policy = dict(POLICY)
    if g.get("drawing"):
        policy["style-src-attr"] = "'unsafe-inline'"
    written = "; ".join(f"{key} {value}" for key, value in policy.items())
    response.headers.setdefault("Content-Security-Policy", written)  # files come with a stricter one
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
