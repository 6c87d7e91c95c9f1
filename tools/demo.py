"""Creates the demonstration's data folder, whole or not at all. Knows `roundtable demo`, nothing behind it.

Usage: python3 tools/demo.py FOLDER. A folder that holds anything is left as it is.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from command import Stopped, run, say
from python_packages import VENV


def main(folder: Path) -> int:
    if folder.exists() and any(folder.iterdir()):
        return 0
    say(f"建立演示区（数据文件夹 {folder}）")
    half_done = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(half_done, ignore_errors=True)
    try:
        run(VENV / "bin" / "roundtable", "demo", "--data", half_done)
    except Stopped as reason:
        say(str(reason))
        return 1
    half_done.replace(folder)  # takes the place of an empty folder too
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
