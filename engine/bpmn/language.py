"""Expressions and scripts as read from a diagram or a form: compiled once, frozen, hashable.

A small subset of Python's grammar over JSON values; `docs/design.md` section 3 says what is in it. Only the
shape is judged here: running is the interpreter's work, and which names exist is the deployment gate's.
"""

import ast
import textwrap
from dataclasses import dataclass, field
from functools import lru_cache

from engine.bpmn.grammar import RESERVED, Reader
from engine.bpmn.spelling import check_spelling, parsed
from engine.errors import ScriptRefused


@dataclass(frozen=True)
class Expression:
    """A condition, a due date, a parameter: reads and never changes.

    `names` are read from outside the text, `fields` the (name, field) pairs read directly from them,
    `calls` the functions called.
    """

    text: str
    names: frozenset[str] = field(compare=False)
    fields: frozenset[tuple[str, str]] = field(compare=False)
    calls: frozenset[str] = field(compare=False)
    tree: ast.expr = field(compare=False, repr=False)


@dataclass(frozen=True)
class Script:
    """The text of a script task. `assigns`: names it assigns or whose content it changes."""

    text: str
    names: frozenset[str] = field(compare=False)
    fields: frozenset[tuple[str, str]] = field(compare=False)
    calls: frozenset[str] = field(compare=False)
    assigns: frozenset[str] = field(compare=False)
    body: tuple[ast.stmt, ...] = field(compare=False, repr=False)


@lru_cache(maxsize=4_096)
def compile_expression(text: str) -> Expression:
    """Raises ScriptRefused with line, column and the allowed alternative."""
    text = text.strip()
    check_spelling(text, comments=False)
    tree = parsed(text, "eval")
    assert isinstance(tree, ast.Expression)
    reader = Reader(text, changing=False)
    reader.read(tree.body)
    return Expression(
        text, frozenset(reader.names), frozenset(reader.fields), frozenset(reader.calls), tree.body
    )


@lru_cache(maxsize=1_024)
def compile_script(text: str) -> Script:
    """Raises ScriptRefused with line, column and the allowed alternative."""
    text = textwrap.dedent(text.replace("\r\n", "\n")).rstrip()
    check_spelling(text, comments=True)
    tree = parsed(text, "exec")
    assert isinstance(tree, ast.Module)
    reader = Reader(text, changing=True)
    reader.block(tree.body)
    return Script(
        text,
        frozenset(reader.names),
        frozenset(reader.fields),
        frozenset(reader.calls),
        frozenset(reader.assigns),
        tuple(tree.body),
    )


def is_free(name: str) -> bool:
    """Whether data may have this name: one word of the language that means nothing in it yet."""
    try:
        return name not in RESERVED and compile_expression(name).names == {name}
    except ScriptRefused:
        return False
