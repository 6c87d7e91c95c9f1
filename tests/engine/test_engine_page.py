"""What docs/engine.md shows is so: its code is run as it stands, from the folder of the project."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_house import ROOT

PAGE = (ROOT / "docs" / "engine.md").read_text("utf-8")


@pytest.fixture
def project(tmp_path):
    """A folder in which the project's files lie where the page says, and nothing is left behind."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return tmp_path


def blocks(language):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return "\n".join(found)


def run(project, *command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_of_the_page_runs_as_it_stands(project):
    told = run(project, sys.executable, "-c", blocks("python"))

    assert "Interview ('person:anna',)" in told
    assert "offer accepted" in told
    assert "element='contract'" in told


def test_the_commands_of_the_page_run_as_they_stand(project):
    told = run(project, "bash", "-euo", "pipefail", "-c", blocks("sh"))

    assert "已建立只有anna一个人的名录" in told
    assert "等待时间或消息" in told
    assert '"acceptance": {"from": "2026-12-01"}' in told
    assert "一致，4条记录" in told
