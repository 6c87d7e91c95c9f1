"""Looks over the shoulder of a browser: axe on every kind of page once, and no complaint in the console. Knows no page.

axe is run as an expression of the debugger, so the page's own content security policy stays as strict as it is.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from web import blueprints

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
REFUSED_PAGE = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Inspection:
    """In the folder `seen`, whoever shares a run marks the kinds of pages met; `complaints` are what was found.

    Without scripts axe cannot run.
    """

    seen: Path | None = None
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    def look(self, page: Page, kind: str = "") -> None:
        """Run axe, unless this kind of page was looked at before. `kind` tells forms on one route apart."""
        name = f"{kind_of(page.url)} {kind}".strip()
        if self.scripts and self.seen and _first(self.seen / sha256(name.encode()).hexdigest()):
            self.complaints += [f"{name}: {finding}" for finding in findings(page)]


def _first(mark: Path) -> bool:
    """Of all who make this mark."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def kind_of(address: str) -> str:
    """The endpoint that answers an address: pages of one kind have one name."""
    try:
        endpoint, _ = _routes().match(urlsplit(address).path)
    except HTTPException:
        return urlsplit(address).path
    return str(endpoint)


@lru_cache
def _routes() -> MapAdapter:
    app = Flask("web")
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    return app.url_map.bind("127.0.0.1")


def findings(page: Page) -> list[str]:
    """Serious and critical findings, each with the element it is about."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']} ({violation['impact']}): {_element(node)}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@contextmanager
def watched(context: BrowserContext, inspection: Inspection) -> Iterator[None]:
    """Console errors, exceptions, policy violations and failed parts make the test fail at its end."""
    heard: list[str] = []
    context.on("console", lambda message: heard.extend(_error(message)))
    context.on("weberror", lambda error: heard.append(str(error.error)))
    context.on("response", lambda response: heard.extend(_failed_part(response)))
    yield
    complaints, inspection.complaints = [*inspection.complaints, *heard], []
    assert not complaints, "\n".join(complaints)


def _error(message: ConsoleMessage) -> list[str]:
    """A refused page is what a test may want; everything else that is red is not."""
    if message.type != "error" or REFUSED_PAGE.match(message.text):
        return []
    return [f"{message.location.get('url', '')}: {message.text}"]


def _failed_part(response: Response) -> list[str]:
    if response.status < 400 or response.request.is_navigation_request():
        return []
    return [f"{response.url}: {response.status}"]


def _element(node: dict[str, Any]) -> str:
    return f"{node['html'][:200]} — {(node.get('failureSummary') or '').splitlines()[1:2]}"
