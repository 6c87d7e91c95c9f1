"""The kinds of value that a decision table says its columns have (DMN 1.3, typeRef), against what stands in the cells.

Elsewhere a value of another kind becomes null or is converted. Here it would be compared as it is, so a column that
says two things is refused. Knows FEEL's names of kinds, and those of Camunda; others say nothing. Runs nothing.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn.decisions import Decision, parts, word

_TEXT, _NUMBER, _TRUTH, _LIST = "文字", "数", "是否（true、false）", "列表"
_WHOLE = "整数"
_KINDS = {str: _TEXT, float: _NUMBER, bool: _TRUTH, int: _WHOLE, list: _LIST}
_FITTING = {
    name: frozenset(kinds)
    for names, kinds in {
        "string": [_TEXT],
        "boolean": [_TRUTH],
        "integer long short byte": [_WHOLE],
        "number double float decimal": [_WHOLE, _NUMBER],
        "date time datetime dateandtime": [_TEXT],  # as days and times are here
        "duration daytimeduration yearmonthduration daysandtimeduration yearsandmonthsduration": [_TEXT],
    }.items()
    for name in names.split()
}


@dataclass(frozen=True)
class Contradiction:
    where: str
    cell: str
    kind: str  # of the cell, in words
    type: str  # of the column, as written


def contradictions(root: Any, decision: Decision) -> Iterator[Contradiction]:
    """Cells with a literal that is not of the kind that their column says. Null is of every kind."""
    table = next(root.iter("{*}decisionTable"))
    inputs = [one.findall("{*}inputExpression") for one in table.iterchildren("{*}input")]
    outputs = [[one] for one in table.iterchildren("{*}output")]
    if len(outputs) == 1 and decision.policy != "COLLECT":
        outputs[0] += table.getparent().findall("{*}variable")
    for number, rule in enumerate(decision.rules, start=1):
        for saying, cell in zip(inputs, rule.tests, strict=True):
            yield from _of(root, saying, f"第{number}行条件", cell, _items(cell))
        for saying, cell in zip(outputs, rule.gives, strict=True):
            yield from _of(root, saying, f"第{number}行结果", cell, [_literal(word(cell))])


def _of(root: Any, saying: list[Any], where: str, cell: str, values: list[Any]) -> Iterator[Contradiction]:
    kinds = [_KINDS[type(value)] for value in values if type(value) in _KINDS]
    for type_ in dict.fromkeys(one.get("typeRef", "").strip() for one in saying):
        fitting = _FITTING.get(_basic(root, type_))
        odd = [kind for kind in kinds if fitting and kind not in fitting]
        if odd:
            yield Contradiction(where, cell, odd[0], type_)


def _basic(root: Any, type_: str) -> str:
    """A kind of the file's own is what it says it is, unless it is a list of these."""
    for own in root.iter("{*}itemDefinition"):
        if own.get("name") == type_ and own.get("isCollection", "false") not in ("true", "1"):
            type_ = own.findtext("{*}typeRef") or ""
    return "".join(type_.rpartition(":")[2].split()).lower()


def _items(cell: str) -> list[Any]:
    """What an input is compared with: of a list, each thing in it."""
    values = [_literal(text) for text in parts(cell)]
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return None
