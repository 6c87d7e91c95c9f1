"""A small web site of sample pages for the islands: same headers as the real one, and a server's side to talk to.

Knows the islands' contract (web/islands/README.md), not our web.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from web.security import POLICY

PAGES = Path(__file__).parent / "pages"
BUILT = Path(__file__).resolve().parents[3] / "web" / "static" / "built"
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".bpmn": "application/xml",
}
NEEDS = {
    "viewer": ("diagram.css", "viewer.js"),
    "history": ("diagram.css", "history.js"),
    "designer": ("diagram.css", "designer.css", "designer.js"),
    "form": ("forms.js",),
    "look": (),
}


@dataclass
class Site:
    """Where it is, what it was sent, and what it shall answer (path → status, JSON)."""

    address: str
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)

    def sent_to(self, path: str) -> list[bytes]:
        return [body for at, _, body in self.received if at == path]


@contextmanager
def running_site() -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.site = Site(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.site  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.strip("/").split("?")[0]
        if name in NEEDS:
            return self._answer(200, "text/html; charset=utf-8", _page(name).encode())
        file = (
            BUILT / _built_name(name[6:])
            if name.startswith("built/")
            else PAGES / name.removeprefix("pages/")
        )
        if not file.is_file():
            return self._answer(404, "text/plain", b"")
        kind = KINDS.get(file.suffix, "application/octet-stream")
        return self._answer(200, kind, file.read_bytes())

    def do_POST(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        site.received.append((self.path, dict(self.headers.items()), body))
        status, answer = site.answers.get(self.path, (204, None))
        text = json.dumps(answer, ensure_ascii=False).encode() if answer is not None else b""
        self._answer(status, "application/json" if text else "text/plain", text)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        policy = POLICY | {"style-src-attr": "'unsafe-inline'"}
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "; ".join(f"{k} {v}" for k, v in policy.items()))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests speak."""


def _page(name: str) -> str:
    files = NEEDS[name]
    styles = "".join(f'<link rel="stylesheet" href="/built/{f}">' for f in files if f.endswith(".css"))
    scripts = "".join(f'<script src="/built/{f}" defer></script>' for f in files if f.endswith(".js"))
    frame = (PAGES / "frame.html").read_text()
    content = (PAGES / f"{name}.html").read_text()
    for mark, text in (("styles", styles), ("content", content), ("scripts", scripts)):
        frame = frame.replace(f"<!--{mark}-->", text)
    return frame


def _built_name(name: str) -> str:
    """Logical names are looked up as the web does; fonts are asked for by their built names."""
    manifest: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    return manifest.get(name, name)
