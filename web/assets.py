"""Finds built assets by their logical names, such as `theme.css`. Knows the manifest, not what is in the files."""

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

BUILT = "built"
A_YEAR = 31536000


def install(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["has_asset"] = has_asset
    app.after_request(_keep_for_long)


def asset(name: str) -> str:
    """The address of a built asset; without a manifest (tests) the plain name."""
    return url_for("static", filename=f"{BUILT}/{_manifest().get(name, name)}")


def has_asset(name: str) -> bool:
    return name in _manifest()


def _manifest() -> dict[str, str]:
    path = Path(current_app.static_folder or "") / BUILT / "manifest.json"
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> dict[str, str]:
    manifest: dict[str, str] = json.loads(path.read_text())
    return manifest


def _keep_for_long(response: Response) -> Response:
    """Hashed names never change what they name."""
    if request.endpoint == "static" and request.path.rpartition("/")[2] in _manifest().values():
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
