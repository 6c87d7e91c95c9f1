"""Remembers what was last built from what, so that work is done once. Knows files and hashes only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".venv" / "stamps"


class Stamp:
    """Fresh while the product stands and the sources (and `also`, free text) are what they were."""

    def __init__(self, name: str, product: Path, sources: Iterable[Path], also: str = "") -> None:
        self._file = STAMPS / name
        self._product = product
        self._digest = digest(sources, also)

    def fresh(self) -> bool:
        return self._product.exists() and self._file.is_file() and self._file.read_text() == self._digest

    def press(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest)


def digest(sources: Iterable[Path], also: str = "") -> str:
    """One SHA-256 over names and contents; a folder stands for every file beneath it."""
    whole = hashlib.sha256(f"{ROOT}\n{also}\n".encode())
    for file in sorted(_files(sources)):
        whole.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _files(sources: Iterable[Path]) -> Iterable[Path]:
    for source in sources:
        if source.is_dir():
            yield from (file for file in source.rglob("*") if file.is_file())
        elif source.is_file():
            yield source
