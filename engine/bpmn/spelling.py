"""The letters a script may be written in, and its parsing into Python's syntax tree. Judges no meaning.

Python folds look-alike letters (NFKC) in names after any filter over the text has run, and shows invisible
ones to nobody; so every token is judged as it is written. Deterministic under every warning filter.
"""

import ast
import io
import re
import tokenize
import unicodedata
from typing import Literal

from engine.errors import ScriptRefused

MAX_TEXT = 8_000

_NAME = re.compile(r"[A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff]+")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_FULL_WIDTH = "，。（）【】“”‘’：；！＝＞＜＋－"
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def check_spelling(text: str, *, comments: bool) -> None:
    """Raises ScriptRefused at the first token that is not plainly what it looks like."""
    if not text.strip():
        raise ScriptRefused(
            "第1行：没有内容", line=1, column=1, help='请写一个表达式，例如 case.level == "street"'
        )
    if len(text) > MAX_TEXT:
        raise ScriptRefused(f"超过 {MAX_TEXT} 个字", line=1, column=1, help="请拆成几个脚本任务")
    _check_visible(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError) as cause:
        raise _unreadable(text, min(_line_of(cause), text.count("\n") + 1)) from cause
    previous = tokens[0]
    for token in tokens:
        _check_token(token, previous, comments=comments)
        previous = token


def parsed(text: str, mode: Literal["eval", "exec"]) -> ast.AST:
    """The syntax tree. Raises ScriptRefused where the text is not even Python."""
    try:
        return ast.parse(text, mode=mode)
    except SyntaxError as cause:
        raise _unreadable(text, cause.lineno or 1, cause.offset or 1) from cause
    except (ValueError, RecursionError, MemoryError) as cause:
        raise ScriptRefused("第1行：写得太长或套得太深", line=1, column=1, help="请拆成几步") from cause


def _check_visible(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        for column, letter in enumerate(line, 1):
            if letter != "\t" and unicodedata.category(letter) in _INVISIBLE:
                raise ScriptRefused(
                    f"第{number}行：有看不见的字符 U+{ord(letter):04X}",
                    line=number,
                    column=column,
                    help="请删掉它，重新输入这一行",
                )


def _check_token(token: tokenize.TokenInfo, previous: tokenize.TokenInfo, *, comments: bool) -> None:
    if token.type == tokenize.NAME:
        _check_name(token, previous)
    elif token.type == tokenize.STRING:
        _check_string(token)
    elif token.type == tokenize.COMMENT and not comments:
        raise _refused(token, "条件里不能有注释", "请写在元素的说明里")
    elif token.type == tokenize.ERRORTOKEN and token.string.strip():
        raise _refused(token, f"看不懂「{token.string[:10]}」", _hint(token.string))


def _check_name(token: tokenize.TokenInfo, previous: tokenize.TokenInfo) -> None:
    name = token.string
    if previous.type == tokenize.NUMBER and previous.end == token.start:
        raise _refused(token, "数字后面要有空格", "请在数字和词之间加空格")
    if not _NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
        raise _refused(
            token, f"名字「{name[:20]}」里有容易看错的字母", "名字只用汉字、半角英文字母、数字和下划线"
        )
    if name.startswith("_"):
        raise _refused(token, f"名字「{name[:20]}」不能以下划线开头", "请换一个名字")


def _check_string(token: tokenize.TokenInfo) -> None:
    if token.string[0] not in "\"'":
        raise _refused(token, f"文字前不能有「{token.string[0]}」", "文字请直接写在引号里，用 + 连接")
    if any(escape[1] not in "nt\\\"'\n" for escape in _ESCAPE.findall(token.string)):
        raise _refused(token, "文字里有不允许的反斜杠", "只可用 \\n \\t \\\\ \\\" \\'，其他字请直接写出")


def _refused(token: tokenize.TokenInfo, what: str, help: str) -> ScriptRefused:
    line, column = token.start
    return ScriptRefused(f"第{line}行：{what}", line=line, column=column + 1, help=help)


def _unreadable(text: str, line: int, column: int = 1) -> ScriptRefused:
    return ScriptRefused(f"第{line}行：看不懂这一行的写法", line=line, column=column, help=_hint(text))


def _hint(text: str) -> str:
    if any(sign in text for sign in _FULL_WIDTH):
        return "运算符、括号、引号和逗号请用半角"
    return "请检查括号、引号和缩进是否成对、对齐"


def _line_of(cause: Exception) -> int:
    if isinstance(cause, SyntaxError):
        return cause.lineno or 1
    return int(cause.args[1][0])
