"""The command `roundtable` explains itself in Chinese, every part of it."""

import re

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
