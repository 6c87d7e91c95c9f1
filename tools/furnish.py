"""Installs and builds what a `make` target needs, once. Knows the order; each thing has its module.

Standard library only: it runs before anything is installed.
Usage: python3 tools/furnish.py serve|check|types|test
"""

from __future__ import annotations

import fcntl
import sys
from pathlib import Path

import browser
import islands
import python_packages
from command import Stopped, say

NEEDS = {
    "serve": (python_packages.install_runtime, islands.build),
    "check": (python_packages.install_dev, islands.install_modules),
    "types": (islands.check_types,),
    "test": (python_packages.install_dev, islands.build, browser.install),
}


def main(goal: str) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - the interpreter is whatever `python3` is
        say(f"需要 Python 3.11 或更新的版本，这里是 {sys.version.split()[0]}；可用 PYTHON=python3.12 指定。")
        return 1
    with Path(__file__).open() as ourselves:  # two `make` at once take turns
        fcntl.flock(ourselves, fcntl.LOCK_EX)
        try:
            for install in NEEDS[goal]:
                install()
        except Stopped as reason:
            say(str(reason))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
