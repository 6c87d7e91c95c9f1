"""The embedded dispatcher: one thread that fires due timers and sends the outbox. Serves both databases.

Knows when to look, not what to do: everything it does is a command of the engine.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Any

from engine import epochs, outbox
from engine.commands import RecordReceipt
from engine.connectors.platform import UploadFailed, upload
from engine.engine import Engine
from engine.entitlement import SYSTEM
from engine.errors import RoundtableError

BATCH = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sending:
    """One leased row of the outbox, out of its transaction."""

    id: str
    target: str
    payload: dict[str, Any]
    attempt: int


class Dispatcher:
    """Looks every `pause` seconds. `addresses` maps a platform to its address; platforms without one are manual."""

    def __init__(self, engine: Engine, addresses: dict[str, str], pause: float = 1.0) -> None:
        self._engine = engine
        self._addresses = {target: address for target, address in addresses.items() if address}
        self._pause = pause
        self._stop = Event()
        self._thread = Thread(target=self._loop, name="dispatcher", daemon=True)

    def start(self) -> "Dispatcher":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def wait(self) -> None:
        """Return when somebody stops it."""
        self._stop.wait()

    def once(self) -> int:
        """Fire what is due and send what waits; how many did something."""
        return self._engine.tick() + sum(self._send(row) for row in self._leased())

    def _loop(self) -> None:
        while not self._stop.wait(self._pause):
            try:
                while self.once():
                    pass
            except Exception:  # the outermost edge of a worker's loop
                log.exception("the dispatcher goes on after a failure")

    def _leased(self) -> Iterator[Sending]:
        """One at a time: no lease runs while another row is being sent, none is left over when somebody stops it."""
        for _ in range(BATCH):
            if self._stop.is_set() or not self._addresses:
                return
            rows = self._engine.small(_lease, tuple(self._addresses), self._engine.now())
            if not rows:
                return
            yield rows[0]

    def _send(self, row: Sending) -> bool:
        error = ""
        try:
            receipt = upload(self._addresses[row.target], row.id, row.payload)
            self._engine.handle(RecordReceipt(row.id, receipt, key=f"receipt-{row.id}"), by=SYSTEM)
        except (UploadFailed, RoundtableError) as failure:
            log.warning("upload %s failed: %s", row.id, failure)
            error = str(failure)
        self._engine.small(outbox.ended, row.id, row.attempt, error, self._engine.now())
        return not error


def addresses_of(settings: Any) -> dict[str, str]:
    return {"party_cloud": settings.party_cloud, "service_365": settings.service_365}


def _lease(db: Any, targets: tuple[str, ...], now: datetime) -> list[Sending]:
    if epochs.paused(db) is not None:
        return []
    rows = outbox.lease(db, targets, now, limit=1)
    return [Sending(row.id, row.target, dict(row.payload), row.attempts) for row in rows]
