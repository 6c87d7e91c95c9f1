"""Decision tables (DMN 1.2, 1.3): which rule holds, and what it gives. Reads *.dmn, knows no task and no case.

The cells are the simple ones of FEEL: `-`, `"a","b"`, `> 5`, `[1..10]`, `not("a")`, and `size > 5`, `levels`; what
stands inside them, and every output, is an expression of our own language. The library runs all of them as Python,
and cannot say that two rules of a UNIQUE table overlap.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.step import JSON
from engine.errors import ScriptFailed

POLICIES = ("UNIQUE", "FIRST", "COLLECT")

Value = Callable[[str], JSON]

_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])")
_COMPARED = re.compile(r"(<=|>=|!=|<|>|=)\s*(.+)", re.DOTALL)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_WORDS = {"true": "True", "false": "False", "null": "None"}


@dataclass(frozen=True)
class Rule:
    id: str
    tests: tuple[str, ...]  # one cell per input, "" or "-" for any value
    gives: tuple[str, ...]  # one expression per output


@dataclass(frozen=True)
class Decision:
    """One table. `outputs` are the variables that it writes."""

    id: str
    name: str
    policy: str
    inputs: tuple[str, ...]  # expressions
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    def decide(self, value: Value) -> dict[str, JSON]:
        """Output → value; None where no rule holds, a list of all of them for COLLECT."""
        held = [rule for rule in self.rules if self._holds(rule, value)]
        if self.policy == "COLLECT":
            return {
                name: [value(word(rule.gives[column])) for rule in held]
                for column, name in enumerate(self.outputs)
            }
        if self.policy == "UNIQUE" and len(held) > 1:
            raise ScriptFailed(
                f"决策表「{self.name or self.id}」有 {len(held)} 行同时成立",
                help=f"UNIQUE 表的各行不能重叠：{'、'.join(rule.id for rule in held)}；或改成 FIRST",
            )
        if not held:
            return dict.fromkeys(self.outputs)
        return {name: value(word(text)) for name, text in zip(self.outputs, held[0].gives, strict=True)}

    def _holds(self, rule: Rule, value: Value) -> bool:
        return all(holds(cell, text, value) for cell, text in zip(rule.tests, self.inputs, strict=True))

    def texts(self) -> Iterator[tuple[str, str]]:
        """(where, expression) of everything that is evaluated."""
        for text in self.inputs:
            yield "输入", text
        for number, rule in enumerate(self.rules, start=1):
            for cell in rule.tests:
                yield from ((f"第{number}行条件", text) for text in parts(cell))
            yield from ((f"第{number}行结果", word(text)) for text in rule.gives)


def read(root: Any) -> Iterator[Decision]:
    """Every decision of a file that is a table. Cells that are missing are empty."""
    for drawn in root.iter("{*}decision"):
        table = drawn.find("{*}decisionTable")
        if table is None:
            continue
        yield Decision(
            drawn.get("id", ""),
            drawn.get("name", ""),
            table.get("hitPolicy", "UNIQUE"),
            tuple(_text(one.find("{*}inputExpression")) for one in table.iterchildren("{*}input")),
            tuple(one.get("name") or one.get("label", "") for one in table.iterchildren("{*}output")),
            tuple(_rule(one) for one in table.iterchildren("{*}rule")),
        )


def holds(cell: str, given: str, value: Value) -> bool:
    """A cell over its input, both as texts: true when one of the cell's alternatives is."""
    cell = cell.strip()
    if cell in ("", "-"):
        return True
    if negated := _NOT.fullmatch(cell):
        return not holds(negated[1], given, value)
    return any(_one(alternative, given, value) for alternative in _alternatives(cell))


def parts(cell: str) -> list[str]:
    """The expressions inside a cell."""
    cell = cell.strip()
    if cell in ("", "-"):
        return []
    if negated := _NOT.fullmatch(cell):
        return parts(negated[1])
    found: list[str] = []
    for alternative in _alternatives(cell):
        if ends := _RANGE.fullmatch(alternative):
            found += [word(ends[2]), word(ends[3])]
        else:
            compared = _COMPARED.fullmatch(alternative)
            found.append(word(compared[2] if compared else alternative))
    return found


def word(text: str) -> str:
    """The few words that FEEL writes otherwise; an empty cell is null, and 15.00 is the number 15."""
    text = text.strip()
    if whole := _WHOLE.fullmatch(text):
        return whole[1]
    return _WORDS.get(text, text) or "None"


def _one(text: str, given: str, value: Value) -> bool:
    if ends := _RANGE.fullmatch(text):
        low, high = ">=" if ends[1] == "[" else ">", "<=" if ends[4] == "]" else "<"
        return _compare(low, given, word(ends[2]), value) and _compare(high, given, word(ends[3]), value)
    if compared := _COMPARED.fullmatch(text):
        return _compare(compared[1], given, word(compared[2]), value)
    return _fits(given, word(text), value)


def _fits(given: str, other: str, value: Value) -> bool:
    """Unary tests of DMN 1.3: what fits is true, a list that holds the input, or the input itself.

    The word `true` alone stands for itself.
    """
    one, two = value(given), value(other)
    if two is True and other != "True":
        return True
    same = _same(one, two, f"({given}) == ({other})", value)
    return same or (
        isinstance(two, list)
        and any(_same(one, item, f"({given}) == ({other})[{place}]", value) for place, item in enumerate(two))
    )


def _same(one: JSON, two: JSON, compared: str, value: Value) -> bool:
    """As in FEEL, a yes-or-no is equal to no number."""
    return isinstance(one, bool) is isinstance(two, bool) and bool(value(compared))


def _compare(sign: str, given: str, other: str, value: Value) -> bool:
    """One expression, because a decimal is one only while it is computed. As in FEEL, no order holds for null."""
    one, two = value(given), value(other)
    if sign in ("=", "!="):
        return _same(one, two, f"({given}) == ({other})", value) is (sign == "=")
    return one is not None and two is not None and bool(value(f"({given}) {sign} ({other})"))


def _alternatives(cell: str) -> list[str]:
    """Split at the commas that are outside of texts, brackets and ranges."""
    found, depth, quote, start = [], 0, "", 0
    for place, letter in enumerate(cell):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            found.append(cell[start:place].strip())
            start = place + 1
    return [*found, cell[start:].strip()]


def _rule(drawn: Any) -> Rule:
    tests = tuple(_text(one) for one in drawn.iterchildren("{*}inputEntry"))
    gives = tuple(_text(one) for one in drawn.iterchildren("{*}outputEntry"))
    return Rule(drawn.get("id", ""), tests, gives)


def _text(node: Any) -> str:
    return "" if node is None else (node.findtext("{*}text") or "").strip()


def tables(roots: Mapping[str, etree._Element]) -> dict[str, Decision]:
    """Decision id → table, over all files."""
    return {decision.id: decision for root in roots.values() for decision in read(root)}
