"""No branch of the script language is left untried by its own tests: a door that nothing has pushed may be open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = "functions grammar interpreter language methods operators script spelling values".split()


def measured(folder, *words):
    """What coverage.py says, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COVERAGE_FILE": str(folder / "measured")}
    command = (sys.executable, "-m", "coverage", *words)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.prove
def test_every_branch_of_the_script_language_is_taken_by_its_tests(tmp_path):
    rooms = ",".join(f"engine/bpmn/{room}.py" for room in ROOMS)
    tests = sorted(str(path) for path in Path(__file__).parent.glob("test_script*.py"))
    quietly = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    measured(tmp_path, "run", "--branch", f"--include={rooms}", *quietly, "tests/engine/attacks", *tests)

    told = measured(tmp_path, "report", "--show-missing", "--fail-under=100")

    assert all(f"engine/bpmn/{room}.py" in told for room in ROOMS)
