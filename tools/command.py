"""Runs other programs and says in Chinese what is being done. Knows no package and no file of the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stamp import ROOT


class Stopped(Exception):
    """Something outside is missing; the message tells the person what and what would help."""


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, path_first: Path | None = None, **environment: str) -> None:
    """Runs in the project's folder; raises `Stopped` when the program fails."""
    words = [str(word) for word in command]
    surroundings = {**os.environ, **environment}
    if path_first:
        surroundings["PATH"] = f"{path_first}{os.pathsep}{surroundings.get('PATH', os.defpath)}"
    try:
        subprocess.run(words, cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as failure:
        raise Stopped(f"这一步没有成功：{' '.join(words)}（{failure}）") from failure


def answer(*command: str | Path) -> str:
    """What a program prints; empty when it is absent or fails."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
