"""How full the disk is on which the data folder lies (security.md, fault 5). Knows no database and no page."""

import shutil
from pathlib import Path

ALARM = 90  # percent; from here on somebody has to make room, because a full disk refuses everything


def alarming(folder: Path) -> int:
    """How much is used of what whoever runs this may use, in percent, rounded up; 0 while there is room enough."""
    disk = shutil.disk_usage(folder)
    mine = disk.used + disk.free  # without what is reserved for root
    used = -(-100 * disk.used // mine) if mine else 100
    return used if used >= ALARM else 0
