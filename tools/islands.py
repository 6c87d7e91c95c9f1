"""The npm packages and the bundles built from web/islands. Knows node; no Python package but node's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from command import answer, run, say
from python_packages import VENV, install_node
from stamp import ROOT, Stamp

MODULES = ROOT / "node_modules"
BUILT = ROOT / "web" / "static" / "built"
ISLANDS = ROOT / "web" / "islands"
OLDEST_NODE = 20  # bpmnlint and bpmn-moddle ask for it


def install_modules() -> None:
    stamp = Stamp("node_modules", MODULES, [ROOT / "package-lock.json", ROOT / ".npmrc"])
    if not stamp.fresh():
        say("安装前端软件包（package-lock.json）")
        npm("ci", "--silent")
        stamp.press()


def build() -> None:
    install_modules()
    sources = [ISLANDS, ROOT / "package-lock.json", ROOT / "package.json"]
    stamp = Stamp("islands", BUILT / "manifest.json", sources)
    if not stamp.fresh():
        say("构建前端页面部件（web/islands）")
        run("node", ISLANDS / "build.mjs", path_first=node_folder())
        stamp.press()


def check_types() -> None:
    run(
        MODULES / ".bin" / "tsc", "--noEmit", "--project", ISLANDS / "tsconfig.json", path_first=node_folder()
    )


def npm(*arguments: str | Path) -> None:
    """npm with a cache it may write to, whoever we are."""
    home = os.access(os.path.expanduser("~"), os.W_OK)
    cache = {} if home else {"npm_config_cache": str(VENV / "npm-cache")}
    run("npm", *arguments, "--ignore-scripts", "--loglevel=error", path_first=node_folder(), **cache)


def node_folder() -> Path | None:
    """None: node and npm on the path will do. Else where they are, after installing them there."""
    node, npm_program = shutil.which("node"), shutil.which("npm")
    if node and npm_program and _major(node) >= OLDEST_NODE and answer(npm_program, "--version"):
        return None
    install_node()
    return VENV / "bin"


def _major(node: str) -> int:
    version = answer(node, "--version").lstrip("v").split(".")[0]
    return int(version) if version.isdigit() else 0
