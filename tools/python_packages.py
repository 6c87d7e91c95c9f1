"""The virtual environment and the locked Python packages in it. Knows pip; no npm, no browser."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from command import Stopped, answer, run, say
from stamp import ROOT, STAMPS, Stamp

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = ROOT / "requirements.txt"
DEV = ROOT / "requirements-dev.txt"
NODE = ROOT / "requirements-node.txt"
PLACE = STAMPS / "place"


def install_runtime() -> None:
    """What serving needs. Satisfied by the development packages too, which contain it."""
    _make_venv()
    if not (_stamp(DEV).fresh() or _stamp(RUNTIME).fresh()):
        _install(RUNTIME, "安装运行所需的 Python 软件包")
    _install_ourselves()


def install_dev() -> None:
    """What serving, checking and testing need."""
    _make_venv()
    if not _stamp(DEV).fresh():
        _install(DEV, "安装检查与测试所需的 Python 软件包")
    _install_ourselves()


def install_node() -> None:
    """Node and npm inside the virtual environment, for machines that have none."""
    if not _stamp(NODE).fresh():
        _install(NODE, "本机没有可用的 Node.js，安装到虚拟环境")


def _make_venv() -> None:
    if _stands():
        return
    say("建立 Python 虚拟环境 .venv")
    try:
        run(sys.executable, "-m", "venv", "--clear", VENV)
    except Stopped as failure:
        shutil.rmtree(VENV, ignore_errors=True)
        advice = "请先安装 Python 的 venv 模块（Debian：apt install python3-venv），再试一次。"
        raise Stopped(f"不能建立虚拟环境。{advice}") from failure
    PLACE.parent.mkdir()
    PLACE.write_text(str(VENV))


def _stands() -> bool:
    """False for a broken, outdated or moved environment: its programs name the place they were made for."""
    moved = PLACE.is_file() and PLACE.read_text() != str(VENV)
    return not moved and answer(PYTHON, "-c", "import pip, sys; print(sys.version_info >= (3, 11))") == "True"


def _install(lock: Path, why: str) -> None:
    say(f"{why}（{lock.name}）")
    _pip("install", "--require-hashes", "-r", lock)
    _stamp(lock).press()


def _install_ourselves() -> None:
    """Editable: the folders engine/ and web/ stay the source; pip only adds the command `roundtable`."""
    stamp = Stamp("roundtable", VENV / "bin" / "roundtable", [ROOT / "pyproject.toml"])
    if not stamp.fresh():
        say("登记命令 roundtable")
        _pip("install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", ROOT)
        # Processes that judge may write no files, so they would compile everything at each start.
        run(PYTHON, "-m", "compileall", "-q", ROOT / "engine", ROOT / "web")
        stamp.press()


def _pip(verb: str, *arguments: str | Path) -> None:
    run(PYTHON, "-m", "pip", verb, "--disable-pip-version-check", "--no-input", "-qq", *arguments)


def _stamp(lock: Path) -> Stamp:
    return Stamp(lock.stem, PYTHON, [lock])
