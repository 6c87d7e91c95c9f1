"""The signs of the script language over integers, decimals and comparisons: only tables. Knows no syntax."""

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.bpmn.functions import ARITHMETIC
from engine.bpmn.values import Value


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
