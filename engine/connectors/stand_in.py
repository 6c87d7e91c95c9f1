"""A small stand-in for the two platforms, for the demonstration and the tests. Gives receipts and forgets at stop.

It answers like a platform should: the same key gets the same receipt. What it received can be looked at in
`StandIn.received`; `script`, `delays` and `answers` let a test spoil the next answers.
"""

import json
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep
from typing import Any


class StandIn:
    """Both platforms on one loopback port: `/party_cloud` and `/service_365`."""

    def __init__(self, port: int = 0) -> None:
        self.received: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, str] = {}
        self.script: list[int] = []  # statuses of the next answers; empty means success
        self.delays: list[float] = []  # seconds by which the next answers come late
        self.answers: list[bytes] = []  # contents of the next answers, whatever was received
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> "StandIn":
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer until interrupted."""
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def address(self, platform: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{platform}"

    def accept(self, platform: str, key: str, payload: dict[str, Any]) -> tuple[int, str]:
        """Status and receipt for one delivery."""
        with self._lock:
            if self.script and (status := self.script.pop(0)) != 200:
                return status, ""
            self.received[key] = payload
            prefix = "YDJ" if platform == "party_cloud" else "DQ365"
            number = self.receipts.setdefault(key, f"{prefix}-{len(self.receipts) + 1:06d}")
            return 200, number


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            payload = json.loads(self.rfile.read(length))
            key = self.headers.get("Idempotency-Key", "")
            status, receipt = stand_in.accept(self.path.strip("/"), key, payload)
            content = json.dumps({"receipt": receipt} if receipt else {}).encode()
            if stand_in.delays:
                sleep(stand_in.delays.pop(0))
            with suppress(ConnectionError):  # whoever asked may have given up
                self._answer(status, stand_in.answers.pop(0) if stand_in.answers else content)

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: whoever wants to know looks at `received`."""

    return Handler
