"""Calls a function of the tests in another process, with another hash seed and time zone. Knows only JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[3]
ZONES = [("0", "Asia/Shanghai"), ("77", "America/St_Johns")]  # PYTHONHASHSEED and TZ
_CALL = "import json, sys; from {} import {} as call; print(json.dumps(call(*json.load(sys.stdin))))"


def elsewhere(zone, function, *arguments):
    """What it gives there; arguments and result as JSON."""
    environment = {**os.environ, "PYTHONHASHSEED": zone[0], "TZ": zone[1]}
    command = [sys.executable, "-c", _CALL.format(function.__module__, function.__name__)]
    played = subprocess.run(
        command, env=environment, cwd=HOUSE, capture_output=True, check=False, text=True,
        input=json.dumps(arguments),
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    return json.loads(played.stdout)
