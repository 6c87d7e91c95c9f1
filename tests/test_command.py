"""The command `roundtable` explains itself in Chinese, every part of it."""

import re
from pathlib import Path

import pytest

from tests.house_rules import english_in
from web.cli import main

FRAME = re.compile(r"\b(?:usage|options|optional arguments|positional arguments|default):", re.IGNORECASE)


def english_frame(text: str) -> list[str]:
    """English sentences and argparse's own words; names of commands, options and values do not count."""
    _usage, _, explained = text.partition("\n\n")
    return [*english_in(re.sub(r"\{[^}]*\}|--[a-z-]+", " ", explained)), *FRAME.findall(text)]


def subcommands(text: str) -> list[str]:
    """The names that a help text lists, each on a line of its own."""
    return re.findall(r"^ {4}([a-z][a-z-]*)\b", text, re.MULTILINE)


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


def test_the_rule_finds_english_in_a_help_text() -> None:
    assert english_frame("usage: x\n\noptions:\n  -h, --help  show this help message and exit") != []
    assert english_frame("用法：roundtable serve [--port PORT]\n\n  --port PORT  端口") == []


def test_every_help_text_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    names = subcommands(help_of(capsys))
    texts = {(name,): help_of(capsys, name) for name in names}
    inner = {
        (name, sub): help_of(capsys, name, sub)
        for (name,), text in texts.items()
        for sub in subcommands(text)
    }

    assert {"serve", "demo", "check", "play", "verify"} <= set(names)
    assert {words: found for words, text in (texts | inner).items() if (found := english_frame(text))} == {}


@pytest.mark.parametrize(
    "words",
    [
        ("cases", "--data", "/dev/null/x"),
        ("cases", "--database", "nonsense"),
        ("cases", "--database", "mysql://x"),
        ("cases", "--database", "postgresql+psycopg://h:abc/x"),
        ("db", "upgrade", "--database", "sqlite:////dev/null/x"),
        ("backup", "/dev/null/x", "--data", "{}"),
        ("directory", "/dev/null/x", "--data", "{}"),
        ("check", "/dev/null/x"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_chinese(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main([word.format(tmp_path) for word in words])

    told = capsys.readouterr().err
    assert code == 1
    assert len(told.splitlines()) == 1
    assert "请" in told
    assert english_in(told.replace("db upgrade", "")) == []  # the name of a command


@pytest.mark.parametrize("written", ["abc", "0", "99999999"])
def test_a_port_in_the_environment_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("ROUNDTABLE_PORT", written)

    assert main(["cases"]) == 1
    assert written in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("serve", "--port", "99999999"), ("stand-in", "--port", "0"), ("deploy", "loan")]
)
def test_wrong_arguments_are_said_in_chinese(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*words])

    said = capsys.readouterr().err.splitlines()[-1].partition("：")[2]
    assert stopped.value.code == 2
    assert ("整数" in said or "缺少参数" in said, english_in(said)) == (True, [])
