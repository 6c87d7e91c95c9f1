"""Draws the nine diagrams of 幸福圆桌会 into processes/roundtable, byte for byte the same each time.

    python tools/draw_roundtable.py            # write
    python tools/draw_roundtable.py --check    # only say whether the files are as drawn

From the first release on the diagrams belong to the designers, who draw on; then --check no longer applies.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drawing.draw import drawn
from roundtable import (
    overview,
    step1_topic,
    step2_opinions,
    step3_analysis,
    step4_meeting,
    step5_publicity,
    step6_implementation,
    step7_supervision,
)

FOLDER = Path(__file__).resolve().parent.parent / "processes" / "roundtable"
DIAGRAMS = (
    overview.describe,
    step1_topic.describe,
    step2_opinions.describe,
    step3_analysis.describe,
    step4_meeting.describe,
    step5_publicity.describe,
    step6_implementation.describe,
    step7_supervision.step,
    step7_supervision.round_,
)


def main(arguments: list[str]) -> int:
    files = {}
    for describe in DIAGRAMS:
        diagram = describe()
        files[FOLDER / f"{diagram.id}.bpmn"] = drawn(diagram)
    if "--check" in arguments:
        changed = [path.name for path, content in files.items() if path.read_bytes() != content]
        print(*changed, sep="\n", end="")
        return 1 if changed else 0
    for path, content in files.items():
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
