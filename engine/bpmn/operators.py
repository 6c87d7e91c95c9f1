"""The signs of the script language over integers, decimals and comparisons: mostly tables. Knows no syntax."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.bpmn.functions import ARITHMETIC
from engine.bpmn.values import Value
from engine.errors import ScriptFailed

DECIMAL = re.compile(r"-?\d+\.\d+")  # a decimal, as the text that it is once it has left a script
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _divided(left: int, right: int) -> Decimal:
    return ARITHMETIC.divide(Decimal(left), Decimal(right))


def _rest(left: Value, right: Value) -> Decimal:
    """Python's modulo for integers, carried over to decimals: the sign of the divisor."""
    rest = ARITHMETIC.remainder(Decimal(left), Decimal(right))
    return ARITHMETIC.add(rest, Decimal(right)) if rest and (rest < 0) != (right < 0) else rest


def _floor(left: Value, right: Value) -> Decimal:
    whole = ARITHMETIC.divide_int(Decimal(left), Decimal(right))
    rest = ARITHMETIC.remainder(Decimal(left), Decimal(right))
    return ARITHMETIC.subtract(whole, Decimal(1)) if rest and (rest < 0) != (right < 0) else whole


def _decimally(calculate: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Value, Value], Decimal]:
    return lambda left, right: calculate(Decimal(left), Decimal(right))


WHOLE_SIGNS: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
DECIMAL_SIGNS: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: _decimally(ARITHMETIC.add),
    ast.Sub: _decimally(ARITHMETIC.subtract),
    ast.Mult: _decimally(ARITHMETIC.multiply),
    ast.Div: _decimally(ARITHMETIC.divide),
    ast.FloorDiv: _floor,
    ast.Mod: _rest,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Value, Value], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def check_no_number(left: Value, right: Value) -> None:
    """A decimal that a case has kept is a text. Joined, repeated or compared as one it would be silently wrong."""
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, str) or not DECIMAL.fullmatch(one):
            continue
        if isinstance(other, int | Decimal) or (isinstance(other, str) and DECIMAL.fullmatch(other)):
            raise ScriptFailed(
                f"“{one}”是存成文字的小数，不能这样算", help=f'请写 decimal("{one}")，或写成整数'
            )
