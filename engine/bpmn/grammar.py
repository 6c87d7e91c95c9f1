"""The allow-list over Python's syntax tree: what may stand in an expression or a script.

Refuses everything that is not listed, with line, column and what to write instead; on the way it notes what
a text reads, calls and assigns. Runs nothing and knows no data.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NoReturn, cast

from engine.bpmn import methods
from engine.bpmn.functions import KNOWN_FUNCTIONS
from engine.bpmn.values import MAX_INTEGER
from engine.errors import ScriptRefused

MAX_NODES = 2_000
MAX_NESTING = 40
FACTS = "case"  # the record of facts: read everywhere, written by the service operation `case/set` only
LOOP_NAMES = frozenset({"loopCounter"})  # what a loop condition reads besides
COUNTERS = frozenset(
    "numberOfInstances numberOfActiveInstances numberOfCompletedInstances numberOfTerminatedInstances".split()
)  # what a completion condition reads besides
RESERVED = frozenset({FACTS, *LOOP_NAMES, *COUNTERS, *KNOWN_FUNCTIONS})  # no data may have such a name

_LANGUAGE = '可以写：给变量或 变量["键"] 赋值、if/elif/else、for … in 列表、比较、and/or/not、+ - * / // %、列表、记录'
_INSTEAD = {
    "Import": f"没有导入；可用的函数：{' '.join(KNOWN_FUNCTIONS)}",
    "ImportFrom": f"没有导入；可用的函数：{' '.join(KNOWN_FUNCTIONS)}",
    "While": "请写成 for … in 列表，或在图上画出循环",
    "FunctionDef": "不能定义函数；请拆成几个脚本任务",
    "Lambda": "不能定义函数；请用 pluck、where、count 或 [… for … in …]",
    "JoinedStr": "请用 + 连接文字，数用 str(…) 变成文字",
    "Tuple": "请写成列表 [ … ]",
    "Set": "请写成列表，去掉重复用 distinct(列表)",
    "SetComp": "请用 distinct([… for … in …])",
    "DictComp": "请用 for 逐项写入记录",
    "Slice": "请用 [… for i in range(…)] 取出一段",
    "Pow": "请用乘法",
    "Try": "请先用 if 判断",
    "NamedExpr": "请另起一行赋值",
    "Is": "只有 is None 和 is not None；其他请用 ==",
    "IsNot": "只有 is None 和 is not None；其他请用 !=",
    "Pass": "去掉这一段，或把条件反过来写",
    "Break": "请先用 where 或 [… if …] 选出需要的项",
    "Continue": "请先用 where 或 [… if …] 选出需要的项",
}


class Reader:
    """Walks one tree over an allow-list, noting what it reads, calls and assigns."""

    def __init__(self, text: str, *, changing: bool) -> None:
        self.lines = text.split("\n")
        self.changing = changing
        self.names: set[str] = set()
        self.fields: set[tuple[str, str]] = set()
        self.calls: set[str] = set()
        self.assigns: set[str] = set()
        self.assigned: set[str] = set()
        self.bound: list[str] = []
        self.listing = False
        self.nodes = 0
        self.depth = 0

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.read(statement)

    def read(self, node: ast.AST) -> None:
        reading = _READINGS.get(type(node))
        if reading is None:
            self.refuse(node)
        with self._nested(node):
            reading(self, node)

    @contextmanager
    def _nested(self, node: ast.AST) -> Iterator[None]:
        self.nodes += 1
        self.depth += 1
        if self.nodes > MAX_NODES or self.depth > MAX_NESTING:
            self.refuse(node, "写得太长或套得太深", "请拆成几个脚本任务，或先算出中间结果")
        yield
        self.depth -= 1

    def refuse(self, node: ast.AST, what: str = "", help: str = "") -> NoReturn:
        name = type(node).__name__
        what = what or f"不允许的{'语句' if isinstance(node, ast.stmt) else '写法'} {name}"
        line = getattr(node, "lineno", 1)
        # the tree counts bytes of UTF-8, people count characters
        before = self.lines[line - 1].encode()[: getattr(node, "col_offset", 0)]
        raise ScriptRefused(
            f"第{line}行：{what}",
            line=line,
            column=len(before.decode()) + 1,
            help=help or _INSTEAD.get(name, _LANGUAGE),
        )

    # statements

    def _assign(self, node: ast.Assign) -> None:
        if len(node.targets) > 1:
            self.refuse(node, "一行只能给一个变量赋值", "请分成两行")
        self.read(node.value)
        self._target(node.targets[0])

    def _augmented(self, node: ast.AugAssign) -> None:
        self._operator(node, node.op)
        self.read(node.value)
        self._target(node.target, reads=True)

    def _target(self, target: ast.expr, *, reads: bool = False) -> None:
        if isinstance(target, ast.Name):
            if reads:
                self._note(target.id)
            self._assigns(target, target.id)
            self.assigned.add(target.id)
        elif isinstance(target, ast.Subscript) and _root(target):
            self.read(target)
            self._assigns(target, _root(target))
        else:
            self.refuse(target, "不能给它赋值", '只能给变量或 变量["键"] 赋值')

    def _assigns(self, node: ast.expr, name: str) -> None:
        if name in self.bound and isinstance(node, ast.Name):
            self.refuse(node, f"循环变量「{name}」不能另外赋值", "请换一个变量名")
        if name == FACTS:
            self.refuse(node, "脚本不能改办件事实 case", "办件事实由服务任务 case/set 写入")
        if name in KNOWN_FUNCTIONS:
            self.refuse(node, f"「{name}」是函数的名字", "请换一个变量名")
        if name and name not in self.bound:
            self.assigns.add(name)

    def _if(self, node: ast.If) -> None:
        self.read(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def _for(self, node: ast.For) -> None:
        if node.orelse:
            self.refuse(node, "for 后面不能有 else", "请在循环后用 if 判断")
        self.read(node.iter)
        with self._loop_variable(node.target):
            self.block(node.body)

    @contextmanager
    def _loop_variable(self, target: ast.expr) -> Iterator[None]:
        """Local to its loop, so that no left-over of a loop gets into the data of a case."""
        if not isinstance(target, ast.Name):
            self.refuse(target, "循环只能有一个变量", "请写 for 项 in 列表，再用 项[0]、项[1]")
        name = target.id
        if name in self.bound or name in self.assigned or name in KNOWN_FUNCTIONS or name == FACTS:
            self.refuse(target, f"「{name}」已有别的意思，不能当循环变量", "请换一个变量名")
        self.bound.append(name)
        yield
        self.bound.pop()

    def _statement(self, node: ast.Expr) -> None:
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            self.refuse(node, "这一行没有作用", "请把结果赋给变量，或写 列表.append(…)")
        self.read(call)

    # expressions

    def _constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, float):
            node.value = cast(Any, self._decimal(node))
        elif isinstance(value, int):
            if value > MAX_INTEGER:
                self.refuse(node, "整数超出了 64 位的范围", "金额请用“分”，编号请写成文字")
        elif value is not None and not isinstance(value, str):
            self.refuse(node)

    def _decimal(self, node: ast.Constant) -> Decimal:
        """Digits as written: 0.1 is a tenth, not the nearest binary fraction."""
        source = self.lines[node.lineno - 1].encode()[node.col_offset : node.end_col_offset].decode()
        if len(source) > 24 or not source.replace(".", "", 1).isdecimal():
            self.refuse(node, f"小数「{source[:24]}」写得太长或用了指数", "请写成 0.5 这样")
        return Decimal(source)

    def _name(self, node: ast.Name) -> None:
        if node.id in KNOWN_FUNCTIONS and node.id not in self.bound:
            self.refuse(node, f"「{node.id}」是函数", f"请写成 {node.id}(…)")
        self._note(node.id)

    def _note(self, name: str) -> None:
        if name not in self.bound and name not in self.assigned:
            self.names.add(name)

    def _attribute(self, node: ast.Attribute) -> None:
        self.read(node.value)
        self._field(node.value, node.attr)

    def _field(self, owner: ast.expr, name: str) -> None:
        if isinstance(owner, ast.Name) and owner.id in self.names and owner.id not in self.bound:
            self.fields.add((owner.id, name))

    def _subscript(self, node: ast.Subscript) -> None:
        self.read(node.value)
        self.read(node.slice)
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            self._field(node.value, node.slice.value)

    def _call(self, node: ast.Call) -> None:
        if node.keywords:
            self.refuse(node, "调用时不能写 名字=值", "请按顺序写出各个值")
        if isinstance(node.func, ast.Name):
            self._function(node, node.func.id)
        elif isinstance(node.func, ast.Attribute):
            self._method(node, node.func)
        else:
            self.refuse(node, "只能调用列出的函数", f"可用的函数：{' '.join(KNOWN_FUNCTIONS)}")
        for argument in node.args:
            if isinstance(argument, ast.GeneratorExp):
                with self._nested(argument):
                    self._comprehension(argument)
            else:
                self.read(argument)

    def _function(self, node: ast.Call, name: str) -> None:
        if name not in KNOWN_FUNCTIONS:
            self.refuse(node, f"没有函数「{name}」", f"可用的函数：{' '.join(KNOWN_FUNCTIONS)}")
        fewest, most = KNOWN_FUNCTIONS[name]
        if not fewest <= len(node.args) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} 到 {most}"
            self.refuse(node, f"函数 {name} 要 {wanted} 个值，这里有 {len(node.args)} 个", "请核对函数说明")
        self.calls.add(name)

    def _method(self, node: ast.Call, function: ast.Attribute) -> None:
        name = function.attr
        if name not in methods.NAMES:
            self.refuse(function, f"没有方法「{name}」", f"可用的方法：{' '.join(sorted(methods.NAMES))}")
        self.read(function.value)
        if name == "get" and node.args and isinstance(node.args[0], ast.Constant):
            self._field(function.value, str(node.args[0].value))
        if name not in methods.CHANGING:
            return
        if not self.changing:
            self.refuse(function, f"条件里不能用会改数据的 {name}", "请在脚本任务里先算好")
        self._assigns(function.value, _root(function.value))

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        loop = node.generators[0]
        if self.listing or len(node.generators) > 1 or loop.is_async:
            self.refuse(node, "[… for …] 只能有一层", "请在脚本任务里用两层 for 先算好")
        self.read(loop.iter)
        with self._loop_variable(loop.target), self._inside_listing():
            for condition in loop.ifs:
                self.read(condition)
            self.read(node.elt)

    @contextmanager
    def _inside_listing(self) -> Iterator[None]:
        self.listing = True
        yield
        self.listing = False

    def _dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                self.refuse(node, "不允许的写法 **", "请逐项写出，或在脚本里用 记录.update(…)")
            else:
                self.read(key)
            self.read(value)

    def _list(self, node: ast.List) -> None:
        for element in node.elts:
            self.read(element)

    def _choice(self, node: ast.IfExp) -> None:
        for part in (node.test, node.body, node.orelse):
            self.read(part)

    def _logic(self, node: ast.BoolOp) -> None:
        for value in node.values:
            self.read(value)

    def _unary(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Invert):
            self.refuse(node, "不允许的写法 ~", "否定请写 not")
        self.read(node.operand)

    def _binary(self, node: ast.BinOp) -> None:
        self._operator(node, node.op)
        self.read(node.left)
        self.read(node.right)

    def _operator(self, node: ast.AST, operator: ast.operator) -> None:
        if not isinstance(operator, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod):
            name = type(operator).__name__
            self.refuse(node, f"不允许的运算 {name}", _INSTEAD.get(name, "可用的运算：+ - * / // %"))

    def _compare(self, node: ast.Compare) -> None:
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.Is | ast.IsNot) and not _is_none(right):
                self.refuse(node, "不允许的比较 is", _INSTEAD[type(operator).__name__])
        for part in (node.left, *node.comparators):
            self.read(part)


def _root(node: ast.expr) -> str:
    """The name whose content `a.b["c"]` speaks of, or "" when it is no one's."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


_READINGS: Mapping[type[ast.AST], Callable[..., None]] = {
    ast.Assign: Reader._assign,
    ast.AugAssign: Reader._augmented,
    ast.If: Reader._if,
    ast.For: Reader._for,
    ast.Expr: Reader._statement,
    ast.Constant: Reader._constant,
    ast.Name: Reader._name,
    ast.Attribute: Reader._attribute,
    ast.Subscript: Reader._subscript,
    ast.Call: Reader._call,
    ast.ListComp: Reader._comprehension,
    ast.Dict: Reader._dict,
    ast.List: Reader._list,
    ast.IfExp: Reader._choice,
    ast.BoolOp: Reader._logic,
    ast.UnaryOp: Reader._unary,
    ast.BinOp: Reader._binary,
    ast.Compare: Reader._compare,
}
