"""The expression and script language: what it gives, what it refuses, and that it agrees with Python."""

import pytest

from engine.bpmn.functions import PURE_FUNCTIONS
from engine.bpmn.script import (
    KNOWN_FUNCTIONS,
    OUTSIDE_FUNCTIONS,
    compile_expression,
    compile_script,
    evaluate,
    execute,
)
from engine.errors import CalendarUnknown, ScriptFailed, ScriptRefused

DATA = {
    "case": {"level": "street", "meetings": 0},
    "screen_topic": {"handling": "roundtable", "title": "楼道照明"},
    "rows": [{"n": 1, "who": "甲"}, {"n": 2, "who": "乙"}, {"n": 2, "who": "甲"}],
    "empty": [],
    "nothing": None,
    "text": "a,b",
    "方案": 3,
}


def value_of(text, **functions):
    return evaluate(compile_expression(text), DATA, functions)


def result_of(text, **names):
    return execute(compile_script(text), {**DATA, **names}, {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('case.level == "street"', True),
        ("case.unknown_fact", None),
        ('screen_topic["title"]', "楼道照明"),
        ("方案 + 1", 4),
        ("1 if rows else 2", 1),
        ("not empty and nothing is None", True),
        ("nothing is not None or 1 < 2 < 3", True),
        ("rows[-1].who", "甲"),
        ("[1, 2][-2] + [1, 2][1]", 3),
        ('[key for key in {"a": 1, "b": 2}]', ["a", "b"]),
        ("-7 % 2.5", "0.5"),
        ("7 % -2.5", "-0.5"),
        ("-7 // 2.5", "-3"),
        ('"甲"[0]', "甲"),
        ("[r.n for r in rows if r.n > 1]", [2, 2]),
        ('{"a": [1, None], "b": True}', {"a": [1, None], "b": True}),
        ("sum(r.n for r in rows)", 5),
        ("any(r.n == 2 for r in rows) and all([1, 2])", True),
        ("7 // 2 + 7 % 4 - -1", 7),
        ("+3 * 2", 6),
        ("2 in [1, 2] and 3 not in [1, 2]", True),
        ('"lev" in "level" and "level" in case', True),
        ('"-" * 3 + "x"', "---x"),
        ("2 * [1]", [1, 1]),
        ("[1] + [2]", [1, 2]),
        ("1 != 2", True),
        ("nothing or 5", 5),
        ("0 and rows.nothing", 0),
    ],
)
def test_an_expression_gives_what_python_would_give(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2 == 0.3", True),
        ("1 / 4", "0.25"),
        ("10 / 5", "2"),
        ("0.5 - 0.5", "0.0"),
        ("0.0 * -1", "0.0"),
        ("-7.5 // 2", "-4"),
        ("-7.5 % 2", "0.5"),
        ("7.5 // 2", "3"),
        ("7.5 % 2", "1.5"),
        ("2 * 0.25", "0.50"),
        ('decimal("1.50") + decimal(1)', "2.50"),
        ("decimal(0.5)", "0.5"),
        ("int(2.9)", 2),
        ("round(2.5)", 2),
        ("round(7)", 7),
        ("round(2.675, 2)", "2.68"),
        ("round(1234, -2)", 1200),
        ("sum([1, 0.5])", "1.5"),
        ("str(0.50)", "0.50"),
        ("abs(-0.5)", "0.5"),
        ("max(0.5, 1)", 1),
        ("bool(0.0)", False),
        ("0.5 < 1 and not 0.5", False),
    ],
)
def test_fractions_are_decimals_and_leave_as_text(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("len(rows) + len(case) + len(text)", 8),
        ("min(rows[0].n, 5) + min([3, 4])", 4),
        ("sorted([3, 1, 2])", [1, 2, 3]),
        ('int("12") + int(" -3 ") + int(True)', 10),
        ("str(12) + str(True) + str(None) + str(text)", "12TrueNonea,b"),
        ("range(3) + range(1, 3) + range(4, 0, -2)", [0, 1, 2, 1, 2, 4, 2]),
        ('distinct(pluck(rows, "who"))', ["甲", "乙"]),
        ('distinct([[1], [1], {"a": 1}, {"a": 1}, 1, True])', [[1], {"a": 1}, 1]),
        ('pluck([1, {"a": 2}], "a")', [None, 2]),
        ('count(rows, "who", "甲")', 2),
        ('count(nothing, "who", "甲") + len(distinct(nothing))', 0),
        ('where(rows, "n", 1)', [{"n": 1, "who": "甲"}]),
        ('add_days("2026-02-27", 2)', "2026-03-01"),
        ('days_between("2026-03-01", "2026-02-27")', -2),
        ('days_between("2026-03-01T23:30:00+00:00", "2026-03-02")', 0),
        ('month_start("2026-03-05")', "2026-03-01"),
        ('next_month("2026-12-31")', "2027-01-01"),
    ],
)
def test_the_pure_functions_give_what_the_table_in_the_design_says(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"aBc".upper() + "aBc".lower() + " x ".strip()', "ABCabcx"),
        ('text.startswith("a") and text.endswith("b")', True),
        ('text.find(",") + text.count("a")', 2),
        ('text.replace(",", "--")', "a--b"),
        ('"-".join(text.split(","))', "a-b"),
        ("[1, 2, 1].index(2) + [1, 2, 1].count(1)", 3),
        ('case.get("level") + case.get("none", "!")', "street!"),
        ("case.keys()", ["level", "meetings"]),
        ("case.values()", ["street", 0]),
        ("case.items()", [["level", "street"], ["meetings", 0]]),
    ],
)
def test_methods_come_from_a_table(text, value):
    assert value_of(text) == value


def test_a_script_gives_the_names_it_assigned_or_changed():
    text = """
        # totals first
        total = 0
        for row in rows:
            if row.n > 1:
                total += row.n
            elif row.n == 1:
                row["seen"] = True
            else:
                total = -1
        plan = {"lines": []}
        plan["lines"].append(total)
        plan["lines"][0] += 1
    """

    result = result_of(text)

    assert result == {
        "total": 4,
        "plan": {"lines": [5]},
        "rows": [{"n": 1, "who": "甲", "seen": True}, *DATA["rows"][1:]],
    }


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("xs.extend([3])", "xs", [1, 2, 3]),
        ("xs.insert(0, 0)", "xs", [0, 1, 2]),
        ("xs.remove(1)", "xs", [2]),
        ("xs.pop()", "xs", [1]),
        ("xs.pop(0)", "xs", [2]),
        ("xs.reverse()", "xs", [2, 1]),
        ("xs[0] = 9", "xs", [9, 2]),
        ('r.update({"b": 2})', "r", {"a": 1, "b": 2}),
        ('r.pop("a")', "r", {}),
        ('r["a"] += 1', "r", {"a": 2}),
        ("n += 1", "n", 6),
        ("n *= 2", "n", 10),
    ],
)
def test_a_script_may_change_lists_and_records(text, name, value):
    assert result_of(text, xs=[1, 2], r={"a": 1}, n=5) == {name: value}


def test_a_script_changes_a_copy():
    given = {"rows": [{"n": 1}]}

    result = execute(compile_script('rows[0]["n"] = 2'), given, {})

    assert given == {"rows": [{"n": 1}]}
    assert result == {"rows": [{"n": 2}]}


def test_a_value_replaced_by_an_equal_one_of_another_type_is_a_change():
    assert result_of('r["a"] = True', r={"a": 1}) == {"r": {"a": True}}


def test_loop_variables_do_not_reach_the_data():
    assert result_of("for r in rows:\n    last = r.n") == {"last": 2}
    assert value_of("[who for who in [1]] + [rows[0].n]") == [1, 1]


def test_a_short_circuit_leaves_no_loop_variable_behind():
    assert evaluate(compile_expression("[any(n for n in ns), n]"), {"ns": [1, 2], "n": 7}, {}) == [True, 7]


def test_a_compiled_text_says_what_it_reads_calls_and_assigns():
    script = compile_script(
        'level = case.level\nfor r in rows:\n    plan["x"] = r.n + level\n'
        'other.list.append(today())\ncount_of = other["key"]'
    )

    assert script.names == {"case", "rows", "plan", "other"}
    assert script.fields == {("case", "level"), ("plan", "x"), ("other", "list"), ("other", "key")}
    assert script.calls == {"today"}
    assert script.assigns == {"level", "plan", "other", "count_of"}


def test_a_key_that_may_be_missing_is_a_field_as_well():
    assert compile_expression('task.get("phone", "")').fields == {("task", "phone")}


def test_compiled_texts_are_cached_and_hashable():
    assert compile_expression("1 + 1") is compile_expression("1 + 1")
    assert {compile_script("a = 1"), compile_script("a = 1\n")} == {compile_script("a = 1")}


def test_line_ends_and_indentation_of_the_drawing_tool_do_not_matter():
    assert execute(compile_script("\r\n    a = 1\r\n    b = a + 1\r\n"), {}, {}) == {"a": 1, "b": 2}


def test_every_known_function_is_pure_or_from_outside_but_never_both():
    assert set(KNOWN_FUNCTIONS) == set(PURE_FUNCTIONS) | OUTSIDE_FUNCTIONS
    assert not set(PURE_FUNCTIONS) & OUTSIDE_FUNCTIONS


def test_outside_functions_get_json_and_their_answer_is_copied():
    answer = {"person": "p1"}
    asked = []

    def holder(*arguments):
        asked.append(arguments)
        return answer

    text = 'who = holder("chair", "2026-01-01")\nwho["person"] = str(1 / 2)'
    result = execute(compile_script(text), {}, {"holder": holder})

    assert asked == [("chair", "2026-01-01")]
    assert result == {"who": {"person": "0.5"}}
    assert answer == {"person": "p1"}


def test_decimals_reach_outside_functions_as_text():
    asked = []

    value_of("council_size(1 / 2)", council_size=asked.append)

    assert asked == ["0.5"]


def test_a_refusal_of_an_outside_function_passes_through_unchanged():
    def notice_end(posted_on, days):
        raise CalendarUnknown("2099 年的放假安排还没有公布", rule="R120")

    with pytest.raises(CalendarUnknown, match="2099") as caught:
        value_of('notice_end("2099-01-01", 5)', notice_end=notice_end)

    assert caught.value.rule == "R120"


def test_a_function_that_is_not_offered_here_fails_by_name():
    with pytest.raises(ScriptFailed, match="这里不能用函数 today"):
        value_of("today()")


def test_a_data_name_cannot_take_the_place_of_a_function():
    assert evaluate(compile_expression("len(xs)"), {"xs": [1], "len": 5, "__builtins__": {}}, {}) == 1


@pytest.mark.parametrize(
    ("text", "line", "column", "says", "help"),
    [
        ("\n\nimport os", 3, 1, "第3行：不允许的语句 Import", "days_between"),
        ("x = 1\ny = (1, 2)", 2, 5, "第2行：不允许的写法 Tuple", "列表"),
        ('方案 = "中文" + f(1)', 1, 13, "没有函数「f」", "len"),
        ("x = 1 +", 1, 8, "看不懂", "括号"),
        ("x = （1）", 1, 5, "看不懂", "半角"),
        ("if x:\ny = 1", 2, 1, "看不懂", "缩进"),
        ("if x:\n        y = 1\n    z = 2", 3, 1, "看不懂", "缩进"),
        ("x = 'a", 1, 1, "看不懂", "引号"),
        ("x = [1", 1, 1, "看不懂", "括号"),
        ("", 1, 1, "没有内容", "表达式"),
    ],
)
def test_a_refusal_says_where_and_what_to_write_instead(text, line, column, says, help):
    with pytest.raises(ScriptRefused) as caught:
        compile_script(text)

    assert says in caught.value.message
    assert help in caught.value.help
    assert caught.value.line == line
    if column > 1:
        assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "xs.append(1)",
        "a = 1",
        "a # comment",
        "len",
        "len(1, 2)",
        "round(number=1)",
        "[x for y in z for x in y]",
        "[[x for x in y] for y in z]",
        "[a for a, b in c]",
        "[case for case in c]",
        "a is 1",
        "a is not b",
        "~a",
        "a ** b",
        "a << 2",
        "a @ b",
        "{**a}",
        "{1, 2}",
        "{a: 1 for a in b}",
        "a[1:2]",
        "*a",
        "f'x'",
        "b'x'",
        "r'x'",
        r"'\x41'",
        r"'\N{BULLET}'",
        "1j",
        "...",
        "1e5",
        "0.12345678901234567890123",
        "9223372036854775808",
        "lambda: 1",
        "(a := 1)",
        "await a",
        "a.sort()",
        "a()()",
        "a.b()",
        "_a",
        "a._b",
        "ａ + 1",
        "раypal",
        "a\u200b + 1",
        "a\u202e + 1",
        "1if a else b",
        "(x for x in y)",
        "a.b.__class__",
        "a?b",
        "0x",
        "-" * 7000 + "1",
        "(" * 300 + ")" * 300,
        "a" + ".a" * 60,
        "[" + "1," * 2500 + "]",
        "1" * 9000,
        "'\ud800'",
    ],
)
def test_what_is_not_listed_is_refused_in_an_expression(text):
    with pytest.raises(ScriptRefused) as caught:
        compile_expression(text)
    assert caught.value.help


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    a = 1",
        "def f():\n    return 1",
        "class A:\n    a = 1",
        "try:\n    a = 1\nexcept:\n    a = 2",
        "with a:\n    b = 1",
        "del a",
        "global a",
        "assert a",
        "raise a",
        "pass",
        "for a in b:\n    break",
        "for a in b:\n    c = 1\nelse:\n    c = 2",
        "for a in b:\n    a = 1",
        "for a in b:\n    for a in c:\n        d = 1",
        "a = 1\nfor a in b:\n    c = 1",
        "for len in b:\n    c = 1",
        "a = b = 1",
        "a, b = c",
        "a: int = 1",
        "a.b = 1",
        "a.b += 1",
        "a **= 2",
        "[1][0] = 2",
        "f(x)[0] = 1",
        "len = 1",
        "case = 1",
        'case["level"] = "x"',
        'case.chair["x"] = 1',
        "case.list.append(1)",
        "case += 1",
        "1 + 1",
        "len(a)",
        "'docstring'",
        "match a:\n    case 1:\n        b = 1",
        "import os; a = 1",
        "from os import path",
        "async def f():\n    a = 1",
    ],
)
def test_what_is_not_listed_is_refused_in_a_script(text):
    with pytest.raises(ScriptRefused) as caught:
        compile_script(text)
    assert caught.value.help


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unknown", "没有「unknown」"),
        ("nothing.field", "空值没有字段"),
        ("rows.field", "列表没有字段"),
        ('case["none"]', "记录里没有「none」"),
        ("case[0]", "不能按整数取记录的一项"),
        ("nothing[0]", "不能按整数取空值的一项"),
        ("rows[9]", "没有第 9 项，一共 3 项"),
        ('rows["a"]', "第几项要用整数"),
        ("1 / 0", "除数为零"),
        ("1.5 // 0", "除数为零"),
        ("1 % 0", "除数为零"),
        ('1 + "a"', "整数和文字不能这样运算"),
        ('"a" % 1', "文字和整数不能这样运算"),
        ('"a" + [1]', "文字和列表不能这样运算"),
        ("any(nothing)", "any 要的是列表，不是空值"),
        ('round(1, "a")', "round 的位数"),
        ("round(1, True)", "round 的位数"),
        ("all(nothing)", "all 要的是列表，不是空值"),
        ('where(1, "a", 1)', "where 要的是列表，不是整数"),
        ('count(1, "a", 1)', "where 要的是列表，不是整数"),
        ('pluck(1, "a")', "pluck 要的是列表，不是整数"),
        ("distinct(1)", "distinct 要的是列表，不是整数"),
        ("[1] + text", "列表和文字不能这样运算"),
        ("{} + {}", "记录和记录不能这样运算"),
        ("nothing + nothing", "空值和空值不能这样运算"),
        ("{} * 2", "记录和整数不能这样运算"),
        ("nothing * 2", "空值和整数不能这样运算"),
        ('"a" * "b"', "文字和文字不能这样运算"),
        ("[1] * [2]", "列表和列表不能这样运算"),
        ('"a" * 1.5', "文字和小数不能这样运算"),
        ("1 + nothing", "整数和空值不能这样运算"),
        ("True.field", "真假值没有字段"),
        ("(1.5).field", "小数没有字段"),
        ('1["a"]', "不能按文字取整数的一项"),
        ('nothing["a"]', "不能按文字取空值的一项"),
        ("-text", "文字没有正负"),
        ('1 < "a"', "整数和文字不能比较"),
        ("nothing > 1", "空值和整数不能比较"),
        ("1 in 2", "整数和整数不能比较"),
        ("9223372036854775807 + 1", "64 位"),
        ("-9223372036854775807 - 2", "64 位"),
        ('"a" * 50001', "重复得太长"),
        ("[1] * 10001", "列表或记录太大"),
        ('("a" * 40000 + "a" * 40000) + ("a" * 40000)', "文字太长"),
        ("{1: 2}", "记录的键必须是文字"),
        ("len(1)", "len 要的是"),
        ("sum(1)", "sum 要的是列表"),
        ('sum(["a"])', "sum 要的是数"),
        ("min([])", "min 的列表是空的"),
        ('max(1, "a")', "不能比较大小"),
        ('sorted([1, "a"])', "不能比较大小"),
        ("any(1)", "any 要的是列表"),
        ('all("ab")', "all 要的是列表"),
        ("abs(text)", "abs 要的是数"),
        ("round(1, 99)", "round 的位数"),
        ("round(99999999999999999999.5, 18)", "算不出来"),
        ('int("1_0")', "不是整数"),
        ("int(rows)", "int 要的是数"),
        ('decimal("1e5")', "不是小数"),
        ("str(rows)", "str 不能把列表变成文字"),
        ('range("a")', "range 要的是整数"),
        ("range(1, 2, 0)", "步长"),
        ("range(10001)", "最多 10000"),
        ("range(-9223372036854775807, 9223372036854775807)", "最多 10000"),
        ("distinct(1)", "distinct 要的是列表"),
        ('add_days("2026-01-01", "1")', "天数要是整数"),
        ('add_days("2026-01-01", 99999999)', "超出了日历"),
        ("add_days(1, 1)", "日期要写成"),
        ('add_days("2026-02-30", 1)', "不是日期"),
        ('add_days("2026-02-20T00:00:00", 1)', "没有时区"),
        ("[r for r in 5]", "for 要的是列表"),
        ('text.replace("", "x" * 40000)', "文字太长"),
        ('text.split("")', "不能是空的"),
        ('("," * 10000).split(",")', "split 最多"),
        ('",".join(text)', "join 要的是列表"),
        ('("x" * 40000).join(["", "", "", ""])', "文字太长"),
        ("text.startswith(1)", "这里要文字"),
        ("[1].index(2)", "列表里没有这一项"),
        ("text.items()", "文字没有方法「items」"),
        ('text.upper("x")', "个数不对"),
        ("[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]", "套得太深"),
        ("[r for r in range(10000) if rows == 1]", "50000 步"),
    ],
)
def test_a_failure_says_what_went_wrong(text, says):
    with pytest.raises(ScriptFailed) as caught:
        value_of(text)
    assert says in caught.value.message


@pytest.mark.parametrize("text", ["nothing.field", "1 / 0", "rows[9]"])
def test_a_failure_that_knows_no_help_shows_the_expression(text):
    with pytest.raises(ScriptFailed) as caught:
        value_of(text)
    assert caught.value.help == f"表达式：{text}"


def test_a_failure_that_knows_what_helps_says_that():
    with pytest.raises(ScriptFailed) as caught:
        value_of("1 + text")
    assert "str(…)" in caught.value.help


def test_a_number_changed_into_a_truth_is_a_change():
    assert result_of("flags[0] = True", flags=[1]) == {"flags": [True]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = 1\nb = a / 0", "第2行：算不出来"),
        ("a = 1\nb = missing", "第2行：没有「missing」"),
        ("a = [1]\na[5] = 1", "没有第 5 项"),
        ("a = 1\na[0] = 1", "不能按整数给整数的一项赋值"),
        ('a = "b"\na["b"] = 1', "不能按文字给文字的一项赋值"),
        ('a = None\na["b"] = 1', "不能按文字给空值的一项赋值"),
        ("a = {}\na[0] = 1", "不能按整数给记录的一项赋值"),
        ("a = [1]\na.append(a)\nb = a == a", "第3行：数据套得太深"),
        ("a = [1]\na.append(a)", "套得太深"),
        ("a = []\na.extend(1)", "extend 要的是列表"),
        ('a = []\na.insert("x", 1)', "insert 的位置"),
        ("a = []\na.remove(1)", "列表里没有这一项"),
        ("a = []\na.pop()", "pop 的位置"),
        ("a = {}\na.update(1)", "update 要的是记录"),
        ('a = {}\na.pop("x")', "记录里没有「x」"),
        ("a = range(10000)\na.append(1)", "列表或记录太大"),
        ('b = case\nb.pop("level")', "脚本不能改办件事实"),
        ("for i in range(9999):\n    for j in range(9999):\n        a = 1", "50000 步"),
    ],
)
def test_a_failing_script_says_in_which_line(text, says):
    with pytest.raises(ScriptFailed) as caught:
        result_of(text)
    assert says in caught.value.message


def test_shared_references_are_paid_for_each_time_they_are_walked():
    doubling = "a = [0]\n" + "a = [a, a, a, a]\n" * 15 + "b = a == a"
    with pytest.raises(ScriptFailed, match="50000 步"):
        result_of(doubling)


def test_shared_references_cannot_leave_larger_than_they_entered():
    with pytest.raises(ScriptFailed, match="太大"):
        result_of("a = [0]\n" + "a = [a, a, a, a]\n" * 15)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.5, "float"),
        ({1, 2}, "set"),
        (object(), "object"),
        ({1: 2}, "键必须是文字"),
        (2**63, "64 位"),
        ("x" * 100_001, "文字太长"),
        (["x" * 99_999] * 11, "太大"),
        ({"x" * 99_999 + str(i): i for i in range(11)}, "太大"),
        ([[0] * 9_999] * 21, "太大"),
    ],
)
def test_data_that_is_not_json_or_too_large_does_not_enter(value, says):
    with pytest.raises(ScriptFailed, match=says):
        evaluate(compile_expression("v"), {"v": value}, {})


def test_a_variable_that_is_added_to_is_read_as_well():
    assert compile_script("x += 1").names == {"x"}
    assert compile_script("x = 1\nx += y").names == {"y"}


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("for a in b:\n    continue", "where"),
        ("for a in b:\n    break", "where"),
        ("pass", "条件反过来"),
        ("while a:\n    b = 1", "for … in"),
        ("try:\n    a = 1\nexcept:\n    a = 2", "if 判断"),
        ("a = {x for x in b}", "distinct"),
        ("a = {x: 1 for x in b}", "for 逐项"),
        ("a = b[1:2]", "取出一段"),
        ("a = b ** 2", "乘法"),
        ("a = (b := 1)", "另起一行"),
        ("a = f'{b}'", "+ 连接"),
        ("a = lambda: 1", "pluck"),
    ],
)
def test_what_is_refused_names_what_to_write_instead(text, help):
    with pytest.raises(ScriptRefused) as caught:
        compile_script(text)
    assert help in caught.value.help


def test_the_same_text_compiled_twice_is_the_same():
    again = compile_expression.__wrapped__

    assert again("a.b + len(c)") == again("a.b + len(c)")
    assert hash(again("a.b")) == hash(again("a.b"))
