"""How full the disk is on which the data folder lies (security.md, fault 5). Knows no database and no page."""

import shutil
from pathlib import Path

ALARM = 90  # percent; from here on somebody has to make room, because a full disk refuses everything


def used(folder: Path) -> int:
    """Percent, rounded up, of what may be used by whoever runs this."""
    disk = shutil.disk_usage(folder)
    mine = disk.used + disk.free  # without what is reserved for root
    return -(-100 * disk.used // mine) if mine else 100


def nearly_full(folder: Path) -> bool:
    return used(folder) >= ALARM
