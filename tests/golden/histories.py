"""Where recorded histories lie: the one that is shipped with the package, and those beside this file."""

from pathlib import Path

from engine.audit.self_check import GOLDEN

FOLDERS = sorted(
    path.parent for home in (GOLDEN, Path(__file__).parent) for path in home.glob("*/events.jsonl")
)
