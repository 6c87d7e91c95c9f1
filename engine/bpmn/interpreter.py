"""Runs compiled expressions and scripts over copies of JSON data. Knows neither files nor workflows.

Every node is walked by a function of ours and paid from a budget of steps; every native operation that walks
a value first pays what the value really weighs, shared parts counted each time. No attribute of a Python
object is ever looked up: `record.field` is a key of a dict, methods come from a table.
"""

import ast
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.bpmn.functions import OUTSIDE_FUNCTIONS, PURE_FUNCTIONS
from engine.bpmn.grammar import FACTS
from engine.bpmn.language import Expression, Script
from engine.bpmn.methods import METHODS
from engine.bpmn.operators import COMPARISONS, DECIMAL_SIGNS, ORDER, WHOLE_SIGNS, check_no_number
from engine.bpmn.values import Value, bounded, copied_in, copied_out, kind, same, weight
from engine.errors import LimitExceeded, ScriptFailed

MAX_STEPS = 50_000
MAX_STEPS_TOGETHER = 1_000_000  # of everything that one command on a case evaluates: about a second

Names = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]


@dataclass
class Budget:
    """What several runs may spend together; each may spend what one may, as long as anything is left."""

    left: int = MAX_STEPS_TOGETHER

    def check(self) -> None:
        """Raises LimitExceeded when nothing is left."""
        if self.left <= 0:
            raise LimitExceeded(
                f"一次办理引出的计算超过 {MAX_STEPS_TOGETHER} 步",
                help="请减少循环和逐项办理的个数，或把数据拆小",
            )


def evaluate(expression: Expression, names: Names, functions: Functions, budget: Budget | None = None) -> Any:
    """The value as JSON (decimals as text). Raises ScriptFailed; refusals of outside functions pass through."""
    run = _Run(names, functions, budget)
    try:
        return copied_out(run.value(expression.tree))
    except ArithmeticError as cause:
        raise ScriptFailed("算不出来：除数为零，或数太大", help=f"表达式：{expression.text}") from cause
    except ScriptFailed as cause:
        raise ScriptFailed(cause.message, help=cause.help or f"表达式：{expression.text}") from cause
    finally:
        run.pay()


def execute(
    script: Script, names: Names, functions: Functions, budget: Budget | None = None
) -> dict[str, Any]:
    """Names assigned, or whose content was changed, as JSON. Raises ScriptFailed with the line."""
    run = _Run(names, functions, budget)
    try:
        run.block(script.body)
        return run.changes()
    except ArithmeticError as cause:
        raise ScriptFailed(f"第{run.line}行：算不出来：除数为零，或数太大") from cause
    except ScriptFailed as cause:
        raise ScriptFailed(f"第{run.line}行：{cause.message}", help=cause.help) from cause
    finally:
        run.pay()


class _Run:
    """One run: the data copied in so far, what was assigned, and the steps left."""

    def __init__(self, given: Names, functions: Functions, budget: Budget | None) -> None:
        self.budget = budget or Budget()
        self.budget.check()
        self.given = given
        self.functions = functions
        self.known: dict[str, Value] = {}
        self.loops: dict[str, Value] = {}
        self.assigned: set[str] = set()
        self.steps = MAX_STEPS
        self.line = 1

    def pay(self) -> None:
        self.budget.left -= MAX_STEPS - self.steps

    def changes(self) -> dict[str, Any]:
        changed = {
            name: copied_out(value)
            for name, value in sorted(self.known.items())
            if name in self.assigned or not same(value, copied_in(self.given[name]))
        }
        if FACTS in changed:
            raise ScriptFailed("脚本不能改办件事实 case", help="办件事实由服务任务 case/set 写入")
        return changed

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise ScriptFailed(f"算得太久，超过 {MAX_STEPS} 步", help="请减少循环，或把数据拆小")

    def weigh(self, *values: Value) -> None:
        for value in values:
            self.spend(weight(value, self.steps))

    def made(self, value: Value) -> Value:
        """A fresh value: bounded, and paid for by its breadth."""
        if isinstance(value, str):
            self.spend(len(value) // 64)
        elif isinstance(value, list | dict):
            self.spend(len(value))
        return bounded(value)

    # statements

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.spend(1)
            self.line = statement.lineno
            _STATEMENTS[type(statement)](self, statement)

    def _assign(self, node: ast.Assign) -> None:
        self._store(node.targets[0], self.value(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name):
            before = self._variable(target.id)
            self._name_it(target.id, self._operate(node.op, before, self.value(node.value)))
            return
        assert isinstance(target, ast.Subscript)
        owner, key = self.value(target.value), self.value(target.slice)
        _put(owner, key, self._operate(node.op, _taken(owner, key), self.value(node.value)))

    def _store(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self._name_it(target.id, value)
            return
        assert isinstance(target, ast.Subscript)
        _put(self.value(target.value), self.value(target.slice), value)

    def _name_it(self, name: str, value: Value) -> None:
        self.known[name] = value
        self.assigned.add(name)

    def _if(self, node: ast.If) -> None:
        self.block(node.body if self.value(node.test) else node.orelse)

    def _for(self, node: ast.For) -> None:
        assert isinstance(node.target, ast.Name)
        for _ in self._items(node.target.id, self.value(node.iter)):
            self.block(node.body)

    def _items(self, name: str, values: Value) -> Generator[None]:
        """Binds the loop variable to one item after another, over the list as it was at the start."""
        if not isinstance(values, list | dict):
            raise ScriptFailed(f"for 要的是列表，不是{kind(values)}")
        self.spend(len(values))
        try:
            for item in list(values):
                self.loops[name] = item
                yield
        finally:
            self.loops.pop(name, None)

    def _statement(self, node: ast.Expr) -> None:
        self.value(node.value)

    # expressions

    def value(self, node: ast.expr) -> Value:
        self.spend(1)
        return _EXPRESSIONS[type(node)](self, node)

    def _constant(self, node: ast.Constant) -> Value:
        return node.value

    def _name(self, node: ast.Name) -> Value:
        return self.loops[node.id] if node.id in self.loops else self._variable(node.id)

    def _variable(self, name: str) -> Value:
        if name not in self.known:
            if name not in self.given:
                raise ScriptFailed(f"没有「{name}」", help="这时还没有办到给出它的任务，或名字写错了")
            self.known[name] = copied_in(self.given[name])
        return self.known[name]

    def _attribute(self, node: ast.Attribute) -> Value:
        record = self.value(node.value)
        if not isinstance(record, dict):
            raise ScriptFailed(f"{kind(record)}没有字段「{node.attr}」")
        return record.get(node.attr)

    def _subscript(self, node: ast.Subscript) -> Value:
        return _taken(self.value(node.value), self.value(node.slice))

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("any", "all") and isinstance(node.args[0], ast.GeneratorExp):
            with closing(self._each(node.args[0])) as values:
                return PURE_FUNCTIONS[name](values)
        arguments = [self.value(argument) for argument in node.args]
        self.weigh(*arguments)
        if name in OUTSIDE_FUNCTIONS:
            return self._ask(name, arguments)
        return self.made(PURE_FUNCTIONS[name](*arguments))

    def _ask(self, name: str, arguments: list[Value]) -> Value:
        if name not in self.functions:
            raise ScriptFailed(f"这里不能用函数 {name}")
        answer = copied_in(self.functions[name](*map(copied_out, arguments)))
        self.weigh(answer)
        return answer

    def _method(self, node: ast.Call, function: ast.Attribute) -> Value:
        owner = self.value(function.value)
        arguments = [self.value(argument) for argument in node.args]
        self.weigh(owner, *arguments)
        method, fewest, most = METHODS.get((type(owner), function.attr), (None, 0, 0))
        if method is None:
            raise ScriptFailed(f"{kind(owner)}没有方法「{function.attr}」")
        if not fewest <= len(arguments) <= most:
            raise ScriptFailed(f"方法 {function.attr} 的值的个数不对")
        result = self.made(method(owner, *arguments))
        bounded(owner)
        return result

    def _each(self, node: ast.ListComp | ast.GeneratorExp) -> Generator[Value]:
        loop = node.generators[0]
        assert isinstance(loop.target, ast.Name)
        with closing(self._items(loop.target.id, self.value(loop.iter))) as items:
            for _ in items:
                if all(self.value(condition) for condition in loop.ifs):
                    yield self.value(node.elt)

    def _listing(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        return list(self._each(node))

    def _list(self, node: ast.List) -> Value:
        return [self.value(element) for element in node.elts]

    def _dict(self, node: ast.Dict) -> Value:
        record: dict[str, Value] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            assert key_node is not None
            key = self.value(key_node)
            if not isinstance(key, str):
                raise ScriptFailed(f"记录的键必须是文字，不是{kind(key)}")
            record[key] = self.value(value_node)
        return record

    def _choice(self, node: ast.IfExp) -> Value:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _logic(self, node: ast.BoolOp) -> Value:
        until = isinstance(node.op, ast.Or)
        for part in node.values:
            value = self.value(part)
            if bool(value) is until:
                break
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        if not isinstance(value, int | Decimal):
            raise ScriptFailed(f"{kind(value)}没有正负")
        if isinstance(value, Decimal):  # exactly: its own operators round
            return value.copy_negate() if isinstance(node.op, ast.USub) else value
        return bounded(-value if isinstance(node.op, ast.USub) else +value)

    def _binary(self, node: ast.BinOp) -> Value:
        return self._operate(node.op, self.value(node.left), self.value(node.right))

    def _operate(self, sign: ast.operator, left: Value, right: Value) -> Value:
        if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
            exact = isinstance(left, int) and isinstance(right, int)
            table = WHOLE_SIGNS if exact else DECIMAL_SIGNS
            return bounded(table[type(sign)](left, right))
        return self.made(self._joined(sign, left, right))

    def _joined(self, sign: ast.operator, left: Value, right: Value) -> Value:
        """Texts and lists: + joins two of a kind, * repeats one."""
        check_no_number(left, right)
        if isinstance(sign, ast.Add) and type(left) is type(right) and isinstance(left, str | list):
            return left + right
        if isinstance(sign, ast.Mult) and isinstance(left, int):
            left, right = right, left
        if isinstance(sign, ast.Mult) and isinstance(left, str | list) and isinstance(right, int):
            if len(left) * right > self.steps:
                raise ScriptFailed("重复得太长")
            return left * right
        raise ScriptFailed(
            f"{kind(left)}和{kind(right)}不能这样运算", help="数用 str(…) 变成文字，文字用 int(…) 变成数"
        )

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            if not self._holds(sign, left, right):
                return False
            left = right
        return True

    def _holds(self, sign: ast.cmpop, left: Value, right: Value) -> bool:
        self.weigh(left, right)
        if isinstance(sign, ORDER) or not isinstance(left, str) or not isinstance(right, str):
            check_no_number(left, right)
        try:
            return bool(COMPARISONS[type(sign)](left, right))
        except TypeError as cause:
            raise ScriptFailed(f"{kind(left)}和{kind(right)}不能比较") from cause


def _taken(owner: Value, key: Value) -> Value:
    if isinstance(owner, str | list):
        return owner[_place(owner, key)]
    if not isinstance(owner, dict) or not isinstance(key, str):
        raise ScriptFailed(f"不能按{kind(key)}取{kind(owner)}的一项")
    if key not in owner:
        raise ScriptFailed(f"记录里没有「{key[:20]}」", help='可能没有的键请写 记录.get("键")')
    return owner[key]


def _put(owner: Value, key: Value, value: Value) -> None:
    if isinstance(owner, list):
        owner[_place(owner, key)] = value
    elif isinstance(owner, dict) and isinstance(key, str):
        owner[key] = value
        bounded(owner)
    else:
        raise ScriptFailed(f"不能按{kind(key)}给{kind(owner)}的一项赋值")


def _place(owner: str | list[Value], key: Value) -> int:
    if not isinstance(key, int):
        raise ScriptFailed(f"第几项要用整数，不是{kind(key)}")
    if not -len(owner) <= key < len(owner):
        raise ScriptFailed(f"没有第 {key} 项，一共 {len(owner)} 项")
    return key


_STATEMENTS: Mapping[type[ast.stmt], Callable[..., None]] = {
    ast.Assign: _Run._assign,
    ast.AugAssign: _Run._augmented,
    ast.If: _Run._if,
    ast.For: _Run._for,
    ast.Expr: _Run._statement,
}
_EXPRESSIONS: Mapping[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: _Run._constant,
    ast.Name: _Run._name,
    ast.Attribute: _Run._attribute,
    ast.Subscript: _Run._subscript,
    ast.Call: _Run._call,
    ast.ListComp: _Run._listing,
    ast.GeneratorExp: _Run._listing,
    ast.Dict: _Run._dict,
    ast.List: _Run._list,
    ast.IfExp: _Run._choice,
    ast.BoolOp: _Run._logic,
    ast.UnaryOp: _Run._unary,
    ast.BinOp: _Run._binary,
    ast.Compare: _Run._compare,
}
