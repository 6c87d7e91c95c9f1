"""A Chromium and a Chinese font for the browser tests, behind one program: .chromium/chromium.

From Debian where we may install, else from npm into .chromium/. Knows no test.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from pathlib import Path

from command import Stopped, answer, run, say
from islands import node_folder, npm
from stamp import ROOT, Stamp

FOLDER = ROOT / ".chromium"
PROGRAM = FOLDER / "chromium"
RECIPE = ROOT / "tools" / "chromium"
DEBIAN = ("chromium", "chromium-l10n", "fonts-noto-cjk")
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FONT_FILES = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")


def install() -> None:
    _ask_debian()
    chromium, font = _chromium(), _has_chinese_font()
    stamp = Stamp("browser", PROGRAM, [RECIPE, Path(__file__)], also=f"{chromium} {font}")
    if stamp.fresh():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    if not (chromium and font):
        _install_from_npm()
    if not font:
        _configure_fonts()
    _write_program(chromium or _inflate())
    stamp.press()


def _ask_debian() -> None:
    if os.geteuid() != 0 or not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        return
    missing = [name for name in DEBIAN if "ok installed" not in answer("dpkg-query", "-Wf${Status}", name)]
    if not missing:
        return
    say(f"安装浏览器测试所需的系统软件包：{' '.join(missing)}")
    quiet = ("-qq", "-o", "DPkg::Lock::Timeout=120")
    try:
        run("apt-get", *quiet, "update")
        run(
            *("apt-get", *quiet, "install", "--yes", "--no-install-recommends"),
            *missing,
            DEBIAN_FRONTEND="noninteractive",
        )
    except Stopped as failure:
        say(f"{failure}；改用 npm 软件包中的浏览器")


def _chromium() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((program for program in found if program and answer(program, "--version")), None)


def _has_chinese_font() -> bool:
    if shutil.which("fc-list"):
        return bool(answer("fc-list", ":lang=zh-cn", "file"))
    return any(Path("/usr/share/fonts").rglob("*CJK*"))


def _install_from_npm() -> None:
    say("在 .chromium 中安装测试用的浏览器或中文字体（npm 软件包）")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(RECIPE / name, FOLDER)
    npm("ci", "--silent", "--prefix", FOLDER)


def _inflate() -> str:
    """The browser of the npm package, with the libraries it brings for machines that lack them."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Stopped("没有找到 Chromium：请先安装（Debian：apt install chromium chromium-l10n），再试一次。")
    packed = FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
    for name in ("chromium", "al2023.tar", "swiftshader.tar"):
        target = FOLDER / ("browser" if name == "chromium" else name)
        run("node", RECIPE / "inflate.mjs", packed / f"{name}.br", target, path_first=node_folder())
    for name in ("al2023.tar", "swiftshader.tar"):
        run("tar", "--extract", "--no-same-owner", "--file", FOLDER / name, "--directory", FOLDER)
        (FOLDER / name).unlink()
    return str(FOLDER / "browser")


def _configure_fonts() -> None:
    fonts = FOLDER / "fonts"
    fonts.mkdir()
    for name in FONT_FILES:
        shutil.copy(FOLDER / "node_modules" / "@expo-google-fonts" / "noto-sans-sc" / name, fonts)
    (FOLDER / "fonts.conf").write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"  <dir>{fonts}</dir>\n  <cachedir>{FOLDER / 'font-cache'}</cachedir>\n</fontconfig>\n"
    )


def _write_program(browser: str) -> None:
    lines = ["#!/bin/sh"]
    if (FOLDER / "fonts.conf").exists():
        lines.append(f"export FONTCONFIG_FILE={shlex.quote(str(FOLDER / 'fonts.conf'))}")
    if (FOLDER / "lib").exists():
        lines.append(f"export LD_LIBRARY_PATH={shlex.quote(str(FOLDER / 'lib'))}:$LD_LIBRARY_PATH")
    lines.append(f'exec {shlex.quote(browser)} "$@"')
    PROGRAM.write_text("\n".join(lines) + "\n")
    PROGRAM.chmod(0o755)
