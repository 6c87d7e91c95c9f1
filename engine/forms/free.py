"""Answers to a task without a form: any JSON object of plain names. Knows no schema and no case.

Drawings made with other tools ask for nothing in particular. What is given becomes variables of the case, so a name
may hide neither a function nor a name of the engine, and a value must be what the history can hold.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from engine.bpmn.script import RESERVED
from engine.errors import FieldProblem, FormRejected
from engine.forms.form import Accepted
from engine.forms.values import MAX_CHARACTERS, MAX_INTEGER, unstorable

MAX_NAME = 60
MAX_DEPTH = 10
NAME_HELP = "名称由字母、数字、下划线组成，不以下划线或数字开头，不用函数名和 case。"


def accepted(answers: Mapping[str, Any]) -> Accepted:
    """The answers in NFC, nothing of them personal. Raises FormRejected with every complaint at its name."""
    if not isinstance(answers, Mapping):
        raise FormRejected([FieldProblem("", "提交的内容不是一个 JSON 对象。", help='请写成 {"名称": 值}。')])
    problems = [problem for name, value in answers.items() for problem in _problems(name, value)]
    if not problems and _size(answers) > MAX_CHARACTERS:
        problems = [FieldProblem("", f"填写的内容太多，最多{MAX_CHARACTERS}个字。", help="请精简。")]
    if problems:
        raise FormRejected(problems)
    return Accepted({name: _composed(value) for name, value in answers.items()}, ())


def is_plain(name: object) -> bool:
    """Whether an expression can read a variable of this name, and none of the engine's is hidden by it."""
    if not isinstance(name, str) or len(name) > MAX_NAME or name in RESERVED:
        return False
    same = unicodedata.normalize("NFKC", name) == name  # as expressions read names
    return same and name.isidentifier() and not iskeyword(name) and not name.startswith("_")


def _problems(name: object, value: Any) -> Iterator[FieldProblem]:
    if not is_plain(name):
        yield FieldProblem(str(name), f"名称“{str(name)[:MAX_NAME]}”不能用。", help=NAME_HELP)
    for message, help in _unfit(value, 1):
        yield FieldProblem(str(name), f"“{str(name)[:MAX_NAME]}”{message}", help=help)


def _unfit(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """What the history cannot hold, first found first: it is canonical JSON without floats."""
    if depth > MAX_DEPTH:
        yield "套得太深。", f"最多{MAX_DEPTH}层。"
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unfit_text(key)
            yield from _unfit(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _unfit(part, depth + 1)
    else:
        yield from _unfit_scalar(value)


def _unfit_scalar(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, float):
        yield "里有小数。", '历史记录不保存小数：金额请以分为单位写成整数，或写成文字，例如 "0.5"。'
    elif isinstance(value, str):
        yield from _unfit_text(value)
    elif value is not None and not isinstance(value, bool | int):
        yield "里有不是 JSON 的值。", "只能写文字、整数、true、false、null、列表和对象。"
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        yield "里有太大的整数。", "请写成文字。"


def _unfit_text(text: object) -> Iterator[tuple[str, str]]:
    if not isinstance(text, str):
        yield "里有不是文字的键。", "对象的键要写成文字。"
    elif unstorable(text):
        yield "里有无法保存的字符。", "请删去后重新填写。"


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + _size(part) for part in value)
    return len(value) if isinstance(value, str) else 1


def _composed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", key): _composed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_composed(part) for part in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
