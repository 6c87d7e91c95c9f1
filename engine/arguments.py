"""Command-line arguments whose help and refusals are Chinese. Knows argparse; no command."""

import argparse
import re
from collections.abc import Iterable
from typing import Any, NoReturn

REFUSALS = (
    (r"the following arguments are required: (.+)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.+)", r"不认识的参数：\1"),
    (r"argument (.+?): expected (?:one|at least one) argument", r"参数 \1 后面要写一个值"),
    (r"one of the arguments (.+) is required", r"缺少参数，要写其中一个：\1"),
    (r"argument (.+?): (不.+)", r"参数 \1 \2"),
    (r"argument (.+?): invalid \w+ value: (.+)", r"参数 \1 的值不对：\2"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"参数 \1 不能是 \2，可用：\3"),
    (r"argument (.+?): not allowed with argument (.+)", r"参数 \1 不能与 \2 同时使用"),
)


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that speaks Chinese; its sub-parsers are of the same kind."""

    def __init__(self, *args: Any, **named: Any) -> None:
        named["formatter_class"] = _Formatter
        super().__init__(*args, **{**named, "add_help": False})
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def error(self, message: str) -> NoReturn:
        """Exit code 2, as argparse does."""
        self.exit(2, f"{self.format_usage()}{self.prog}：{in_chinese(message)}\n")


def in_chinese(message: str) -> str:
    """What argparse says is wrong; a message it has no sentence for is kept and said to be a wrong argument."""
    for english, chinese in REFUSALS:
        if re.fullmatch(english, message):
            return re.sub(english, chinese, message)
    return f"参数不对：{message}"


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)
