"""Before serving: does this build still make of a recorded case what was made of it then? Knows no database.

A wrong build (another library, another Python, a changed kernel) would write histories that nobody can verify
later, so it must not serve at all.
"""

from pathlib import Path

from engine.audit import recorded
from engine.errors import HistoryBroken

GOLDEN = Path(__file__).parent / "golden"


def self_check(folder: Path = GOLDEN / "roundtable") -> int:
    """How many events were executed again. Raises HistoryBroken naming the first that differs."""
    history = recorded.read(folder)
    finding = recorded.check(history)
    if finding:
        where = f"第{finding.seq}条记录{f'（{finding.element}）' if finding.element else ''}"
        raise HistoryBroken(f"启动自检没有通过：{where}{finding.what}。请检查软件版本，在此之前不能办理")
    return len(history.events)
