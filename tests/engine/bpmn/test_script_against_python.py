"""The language against Python itself: random texts must give the same value, or fail in both."""

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.script import compile_expression, compile_script, evaluate, execute
from engine.errors import ScriptFailed, ScriptRefused

NAMES = {
    "n": 7,
    "m": -3,
    "yes": True,
    "no": False,
    "nothing": None,
    "text": "甲乙ab",
    "numbers": [3, 1, 2],
    "words": ["b", "a"],
    "record": {"a": 1, "b": "x", "list": [1, 2]},
    "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 1, "b": "y"}],
    "empty": [],
}
PYTHON = {
    function.__name__: function
    for function in (len, sum, min, max, sorted, any, all, abs, round, int, str, bool)
} | {"range": lambda *bounds: list(range(*bounds))}

_leaves = st.one_of(
    st.sampled_from([*NAMES, "True", "False", "None", '"a"', '""', "[]", "{}", "0", "1", "-2", "10"]),
    st.integers(-5, 50).map(str),
    st.sampled_from(["record.a", "record.list", 'record["b"]', "rows[0].a", "rows[1]", "numbers[-1]"]),
)


def _grown(inner):
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+ - * // %".split()), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("== != < <= > >=".split()), inner),
        st.builds("({} {} {} {} {})".format, inner, st.just("<"), inner, st.just("=="), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "in", "not in"]), inner),
        st.builds("({} {} None)".format, inner, st.sampled_from(["is", "is not"])),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({}{})".format, st.sampled_from(["not ", "-", "+"]), inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds('{{"a": {}, "k": {}}}'.format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("{}({})".format, st.sampled_from([*PYTHON]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "round", "range"]), inner, inner),
        st.builds(
            "({}).{}({})".format,
            inner,
            st.sampled_from("get index count find startswith split".split()),
            inner,
        ),
        st.builds("({}).{}()".format, inner, st.sampled_from("upper lower strip keys values".split())),
        st.builds("({}).join({})".format, inner, inner),
        st.builds("[{} for z in {} if {}]".format, st.sampled_from(["z", "z.a", "[z, n]"]), inner, inner),
        st.builds("{}(z == {} for z in {})".format, st.sampled_from(["any", "all", "sum"]), inner, inner),
    )


# lists within lists are refused at compile time
expressions = st.recursive(_leaves, _grown, max_leaves=12).filter(lambda text: text.count(" for ") < 2)


class Record(dict):
    """A dict whose missing field reads as None, and whose views are lists, as the language promises."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def keys(self):
        return list(super().keys())

    def values(self):
        return list(super().values())

    def items(self):
        return [[key, value] for key, value in super().items()]


def recorded(value):
    if isinstance(value, dict):
        return Record({key: recorded(part) for key, part in value.items()})
    return [recorded(part) for part in value] if isinstance(value, list) else value


class _Records(ast.NodeTransformer):
    """Dict displays become records, so that `{"a": 1}.a` reads a key in Python too."""

    def visit_Dict(self, node):
        self.generic_visit(node)
        return ast.Call(ast.Name("Record", ast.Load()), [node], [])


def compiled(tree, mode):
    with warnings.catch_warnings(action="ignore"):
        return compile(tree, "text", mode)


def in_python(text):
    tree = ast.fix_missing_locations(_Records().visit(ast.parse(text, mode="eval")))
    scope = {"__builtins__": {}, "Record": Record, **PYTHON, **recorded(NAMES)}
    return jsonable(eval(compiled(tree, "eval"), scope))  # noqa: S307 - the oracle


def jsonable(value):
    if type(value) in (type({}.keys()), type({}.values()), tuple):
        value = list(value)
    if isinstance(value, list):
        return [jsonable(part) for part in value]
    if isinstance(value, dict):
        return {key: jsonable(part) for key, part in value.items()}
    if not (value is None or isinstance(value, bool | int | str)):
        raise TypeError(type(value).__name__)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError
    return value


def outcome(run):
    """Bools and integers apart, order of keys kept."""
    try:
        return repr(run())
    except (
        ScriptFailed,
        TypeError,
        ValueError,
        KeyError,
        IndexError,
        ZeroDivisionError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return "fails"


# Where the language is narrower than Python on purpose: it fails, Python gives something.
NARROWER = (
    "不能这样运算",  # "%" of a text, True * [..] is the same, list + record
    "要的是",  # len, sum, any … take lists, and sum() no second kind
    "只",
    "for 要的是列表",
    "str 不能把",
    "没有字段",  # a method read as a field
    "不能按",
    "不能比较",  # views and lists
    "不是整数",
    "round 的位数",
    "不能是空的",
    "重复得太长",
    "没有方法",
    "个数不对",
    "这里要文字",
    "没有这一项",
    "50000 步",
    "太深",
)


def check_agreement(text):
    compiled = compile_expression(text)
    said = []

    def ours():
        try:
            return evaluate(compiled, NAMES, {})
        except ScriptFailed as failure:
            said.append(failure.message)
            raise

    one, other = outcome(ours), outcome(lambda: in_python(text))
    if one != other:
        assert one == "fails", (text, one, other)
        assert any(part in said[0] for part in NARROWER), (text, said[0], other)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_expressions_agree_with_python(text):
    check_agreement(text)


@pytest.mark.prove
@settings(max_examples=60_000, deadline=None)
@given(expressions)
def test_sixty_thousand_expressions_agree_with_python(text):
    check_agreement(text)


_statements = st.recursive(
    st.one_of(
        st.builds("{} = {}".format, st.sampled_from("p q n".split()), expressions),
        st.builds("n += {}".format, st.sampled_from(["1", "m", "numbers[0]"])),
        st.builds("numbers.append({})".format, _leaves),
        st.builds('record["{}"] = {}'.format, st.sampled_from("abc"), _leaves),
        st.builds('rows[0]["a"] += {}'.format, st.sampled_from(["1", "n"])),
    ),
    lambda inner: st.one_of(
        st.builds("{}\n{}".format, inner, inner),
        st.builds(lambda test, one, two: f"if {test}:\n{_in(one)}\nelse:\n{_in(two)}", _leaves, inner, inner),
    ),
    max_leaves=6,
)


def _in(text):
    return "\n".join("    " + line for line in text.split("\n"))


@settings(max_examples=150, deadline=None)
@given(_statements)
def test_scripts_agree_with_python(text):
    script = compile_script(text)

    def ours():
        return {**NAMES, **execute(script, NAMES, {})}

    def python():
        tree = ast.fix_missing_locations(_Records().visit(ast.parse(text)))
        scope = {"__builtins__": {}, "Record": Record, **PYTHON, **recorded(NAMES)}
        exec(compiled(tree, "exec"), scope)  # noqa: S102 - the oracle
        return jsonable({name: value for name, value in scope.items() if name in NAMES or name in "pq"})

    one, other = outcome(lambda: sorted(ours().items())), outcome(lambda: sorted(python().items()))
    assert one in (other, "fails")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="abx_().[]{}'\"=+-*/%<>,:; \n01#\\fi", max_size=60))
def test_any_text_at_all_compiles_or_is_refused(text):
    for compile_text in (compile_expression, compile_script):
        assert refusal_of(compile_text, text) is None or refusal_of(compile_text, text).help


def refusal_of(compile_text, text):
    try:
        compile_text(text)
    except ScriptRefused as refusal:
        return refusal
    return None
