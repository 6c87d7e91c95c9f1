"""What a wrong sign, number or forgotten line in the language would change: found by changing it, one at a time."""

import tracemalloc
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import floor

import pytest

from engine.bpmn import methods
from engine.bpmn.interpreter import MAX_STEPS_TOGETHER, Budget
from engine.bpmn.script import KNOWN_FUNCTIONS, compile_expression, compile_script, evaluate, execute, is_free
from engine.bpmn.values import received, weight
from engine.errors import LimitExceeded, ScriptFailed, ScriptRefused

ARGUMENTS = {
    "len": (1, 1), "sum": (1, 1), "min": (1, 20), "max": (1, 20), "sorted": (1, 1), "any": (1, 1), "all": (1, 1),
    "abs": (1, 1), "round": (1, 2), "int": (1, 1), "decimal": (1, 1), "str": (1, 1), "bool": (1, 1),
    "range": (1, 3), "distinct": (1, 1), "pluck": (2, 2), "count": (3, 3), "where": (3, 3), "add_days": (2, 2),
    "days_between": (2, 2), "month_start": (1, 1), "next_month": (1, 1), "today": (0, 0), "now": (0, 0),
    "working_days_after": (2, 2), "working_days_between": (2, 2), "notice_end": (2, 2),
    "last_working_day": (1, 1), "first_saturday": (1, 1), "holder": (2, 2), "council_size": (1, 1),
}  # fmt: skip
OF_METHODS = {
    "upper": (0, 0), "lower": (0, 0), "strip": (0, 0), "startswith": (1, 1), "endswith": (1, 1), "find": (1, 1),
    "replace": (2, 2), "split": (1, 1), "join": (1, 1), "index": (1, 1), "append": (1, 1), "extend": (1, 1),
    "insert": (2, 2), "remove": (1, 1), "reverse": (0, 0), "get": (1, 2), "keys": (0, 0), "values": (0, 0),
    "items": (0, 0), "update": (1, 1),
}  # fmt: skip


def called(name, count):
    return f"{name}({', '.join(['1'] * count)})"


@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_a_function_takes_as_many_arguments_as_the_design_says(name):
    fewest, most = ARGUMENTS[name]

    assert compile_expression(called(name, fewest)).calls == {name}
    assert compile_expression(called(name, most)).calls == {name}
    for count in {fewest - 1, most + 1} - {-1}:
        with pytest.raises(ScriptRefused):
            compile_expression(called(name, count))


@pytest.mark.parametrize("name", sorted(OF_METHODS))
def test_a_method_takes_as_many_arguments_as_it_says(name):
    fewest, most = OF_METHODS[name]
    owners = {owner for owner, method in methods.METHODS if method == name}

    assert {methods.METHODS[owner, name][1:] for owner in owners} == {(fewest, most)}


def test_methods_that_differ_by_owner_take_what_each_needs():
    taken = {(owner, name): bounds for (owner, name), (_, *bounds) in methods.METHODS.items()}

    assert taken[str, "count"] == taken[list, "count"] == [1, 1]
    assert (taken[list, "pop"], taken[dict, "pop"]) == ([0, 1], [1, 1])
    assert {name for _, name in methods.METHODS} == {*OF_METHODS, "count", "pop"}


# Every place where an expression may stand, with a hole in it.
PLACES = [
    "{}", "[{}]", "[1, {}]", '{{"a": {}}}', "{{{}: 1}}", "({}) + 1", "1 + ({})", "-({})", "not ({})", "({}) and 1",
    "1 and ({})", "1 or ({})", "1 if ({}) else 2", "({}) if 1 else 2", "1 if 1 else ({})", "[1 for x in ({})]",
    "[({}) for x in rows]", "[1 for x in rows if ({})]", "[1 for x in rows if 1 if ({})]", "any(({}) for x in rows)",
    "all(1 for x in ({}))", "rows[({})]", "({})[0]", "({}).a", '({}).get("a")', "rows.get(({}))",
    "rows.index(({}))", "len(({}))", "min(1, ({}))", "1 < ({})", "({}) < 1", "1 < 2 < ({})", "({}) is None",
    "({}) in rows",
]  # fmt: skip
STATEMENTS = [
    "y = {}", "n += {}", "rows[{}] = 1", "rows[0][{}] = 1", "for i in {}:\n    y = 1",
    "for i in rows:\n    y = {}", "if {}:\n    y = 1", "if 1:\n    y = {}", "if 1:\n    y = 1\nelse:\n    y = {}",
    "if 1:\n    y = 1\nelif {}:\n    y = 2", "rows.append({})", "rows.insert(0, {})", "rows[{}] += 1",
]  # fmt: skip


@pytest.mark.parametrize(
    "forbidden", ["(lambda: 1)", "__import__('os')", "{1, 2}", "a ** 2", "f'{a}'", "unknown(1)"]
)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_allowed_is_refused_wherever_it_stands(place, forbidden):
    with pytest.raises(ScriptRefused):
        compile_expression(place.format(forbidden))


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_noted_wherever_it_stands(place):
    assert "hidden" in compile_expression(place.format("hidden")).names
    assert ("hidden", "field") in compile_expression(place.format("hidden.field")).fields
    assert "today" in compile_expression(place.format("today()")).calls


@pytest.mark.parametrize("forbidden", ["(lambda: 1)", "__import__('os')", "{1, 2}", "a ** 2"])
@pytest.mark.parametrize("place", STATEMENTS)
def test_what_is_not_allowed_is_refused_wherever_it_stands_in_a_script(place, forbidden):
    with pytest.raises(ScriptRefused):
        compile_script(place.format(forbidden))


@pytest.mark.parametrize("place", STATEMENTS)
def test_a_name_is_noted_wherever_it_stands_in_a_script(place):
    assert "hidden" in compile_script(place.format("hidden")).names
    assert "today" in compile_script(place.format("today()")).calls


@pytest.mark.parametrize(
    "letter", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x00", "\x7f", "\ue000"]
)
def test_a_letter_without_a_shape_is_refused_where_it_stands(letter):
    with pytest.raises(ScriptRefused) as caught:
        compile_script(f'a = 1\nb = "x{letter}y"')

    assert f"第2行：有看不见的字符 U+{ord(letter):04X}" in caught.value.message
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_a_tab_is_a_letter_with_a_shape():
    assert evaluate(compile_expression('"a\tb"'), {}, {}) == "a\tb"


def test_a_text_weighs_a_step_for_each_64_letters_and_a_list_its_parts():
    assert [weight("a" * length, 1_000) for length in (0, 1, 63, 64, 128)] == [1, 1, 1, 2, 3]
    assert weight(5, 1_000) == weight(None, 1_000) == 1
    assert weight(["a" * 64, 1], 1_000) == 4
    assert weight({"k": "a" * 64}, 1_000) == 4


def test_weighing_stops_soon_above_the_limit():
    assert 10 < weight([1] * 1_000, 10) <= 12
    assert 10 < weight([[1] * 8, [1] * 1_000], 10) <= 13


def test_long_texts_are_paid_for():
    text = "len([text for i in range(1000)])"

    assert evaluate(compile_expression(text), {"text": "a"}, {}) == 1_000
    with pytest.raises(ScriptFailed, match="50000 步"):
        evaluate(compile_expression(text), {"text": "a" * 6_400}, {})


def test_any_and_all_look_no_further_than_they_need():
    assert evaluate(compile_expression("any(1 // (x - 2) > 0 for x in [3, 2])"), {}, {}) is True
    assert evaluate(compile_expression("all(1 // (x - 2) > 1 for x in [3, 2])"), {}, {}) is False


def test_a_full_record_takes_no_more():
    full = {str(number): 0 for number in range(10_000)}

    assert len(execute(compile_script('full["1"] = 1'), {"full": full}, {})["full"]) == 10_000
    with pytest.raises(ScriptFailed, match="10000"):
        execute(compile_script('full["more"] = 1'), {"full": full}, {})


def test_an_outside_function_may_answer_with_a_decimal():
    assert evaluate(compile_expression("today() + 1"), {}, {"today": lambda: Decimal("1.5")}) == "2.5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'month_start("{"x" * 40}")', f"「{'x' * 30}」不是日期"),
        (f'month_start("2026-03-05T09:00:00{" " * 0}")', "时间「2026-03-05T09:00:00」没有时区"),
        (f'{{"a": 1}}["{"k" * 30}"]', f"记录里没有「{'k' * 20}」"),
    ],
)
def test_a_failure_quotes_no_more_than_fits_on_a_line(text, message):
    with pytest.raises(ScriptFailed) as caught:
        evaluate(compile_expression(text), {}, {})

    assert message in caught.value.message


AT_THE_LIMIT = [
    ('text.replace("a", "bb")', {"text": "a" * 50_000}, {"text": "a" * 50_001}),
    ('text.replace("ab", "abc")', {"text": "ab" * 33_333 + "a"}, {"text": "ab" * 33_334}),
    ('text.split(",")', {"text": "," * 9_999}, {"text": "," * 10_000}),
    ('"-".join(parts)', {"parts": ["a" * 49_999, "b" * 50_000]}, {"parts": ["a" * 50_000, "b" * 50_000]}),
    ("text + text", {"text": "a" * 50_000}, {"text": "a" * 50_001}),
    ("text * 2", {"text": "a" * 20_000}, {"text": "a" * 50_001}),
    ("items + items", {"items": [1] * 5_000}, {"items": [1] * 5_001}),
    ("n + 1", {"n": 2**63 - 2}, {"n": 2**63 - 1}),
    ("n - 1", {"n": -(2**63) + 1}, {"n": -(2**63)}),
    ("n * 2", {"n": 2**62 - 1}, {"n": 2**62}),
    ("range(n)", {"n": 10_000}, {"n": 10_001}),
]


@pytest.mark.parametrize(
    ("text", "fits", "too_much"), AT_THE_LIMIT, ids=[text for text, _, _ in AT_THE_LIMIT]
)
def test_what_just_fits_is_given_and_one_more_is_refused(text, fits, too_much):
    assert evaluate(compile_expression(text), fits, {}) is not None
    with pytest.raises(ScriptFailed):
        evaluate(compile_expression(text), too_much, {})


DEEPEST, LONGEST = 40, 1_999


def nested(depth):
    return [] if depth == 0 else [nested(depth - 1)]


def test_data_is_as_deep_as_twenty_levels():
    assert evaluate(compile_expression("x"), {"x": nested(20)}, {}) == nested(20)
    with pytest.raises(ScriptFailed, match="套得太深"):
        evaluate(compile_expression("x"), {"x": nested(21)}, {})


def boxed(depth):
    return {} if depth == 0 else {"in": boxed(depth - 1)}


def test_records_are_as_deep_as_lists():
    assert evaluate(compile_expression("x"), {"x": boxed(20)}, {}) == boxed(20)
    with pytest.raises(ScriptFailed, match="套得太深"):
        evaluate(compile_expression("x"), {"x": boxed(21)}, {})


def test_what_comes_from_outside_has_its_keys_in_the_order_of_the_history():
    given = received({"b": [1, {"d": Decimal("0.50"), "c": "", "甲": None, "Z": True}], "a": 2})

    assert [*given] == ["a", "b"]
    assert [*given["b"][1].items()] == [("Z", True), ("c", ""), ("d", "0.50"), ("甲", None)]
    assert (given["a"], given["b"][0]) == (2, 1)


def test_a_decimal_divides_as_a_fraction_does():
    """The rest has the sign of the divisor, also between 0 and 1."""
    for left, right in product(
        ("-2.5", "-0.5", "-0.3", "0.0", "0.3", "0.8", "2.5"), ("-2.0", "-0.5", "0.5", "2.0")
    ):
        text = f"[({left}) // ({right}), ({left}) % ({right})]"
        whole, rest = map(Fraction, evaluate(compile_expression(text), {}, {}))
        expected = floor(Fraction(left) / Fraction(right))
        assert (whole, rest) == (expected, Fraction(left) - expected * Fraction(right)), text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("text.replace('a', text)", {"text": "a" * 5_000}),
        ("text.join(parts)", {"text": "a" * 10_000, "parts": [""] * 2_500}),
    ],
)
def test_a_text_that_would_be_too_long_is_not_even_built(text, names):
    tracemalloc.start()
    try:
        with pytest.raises(ScriptFailed, match="文字太长"):
            evaluate(compile_expression(text), names, {})
        built = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert built < 5_000_000  # of the 25 million letters


def test_a_full_text_takes_letters_in_place_of_as_many():
    full = "a" * 100_000

    assert evaluate(compile_expression('text.replace("a", "b")'), {"text": full}, {}) == "b" * 100_000
    assert evaluate(compile_expression('text.replace("aa", "b")'), {"text": full}, {}) == "b" * 50_000


@pytest.mark.parametrize(("place", "left"), [(-2, [2]), (-1, [1]), (0, [2]), (1, [1])])
def test_a_list_gives_up_what_lies_in_it(place, left):
    assert execute(compile_script(f"items.pop({place})"), {"items": [1, 2]}, {}) == {"items": left}


@pytest.mark.parametrize("place", [-3, 2])
def test_a_list_does_not_give_up_what_lies_beside_it(place):
    with pytest.raises(ScriptFailed, match="pop 的位置不在列表里"):
        execute(compile_script(f"items.pop({place})"), {"items": [1, 2]}, {})


def test_a_key_that_is_missing_is_named_by_its_first_twenty_letters():
    with pytest.raises(ScriptFailed, match=f"没有「{'k' * 20}」"):
        execute(compile_script("record.pop(key)"), {"record": {}, "key": "k" * 21}, {})


def test_lists_and_records_are_distinct_by_what_is_in_them():
    given = [[1], [2], [1], {"a": 1}, {"a": 2}, {"a": 1}, [], {}]

    assert evaluate(compile_expression("distinct(given)"), {"given": given}, {}) == [
        [1], [2], {"a": 1}, {"a": 2}, [], {},
    ]  # fmt: skip


def test_a_repetition_is_counted_before_it_is_built():
    with pytest.raises(ScriptFailed, match="重复得太长"):
        evaluate(compile_expression("text * 40000"), {"text": "ab"}, {})


def test_what_has_no_name_or_only_that_of_a_loop_is_not_assigned():
    assert compile_script("[1].append(2)\nx = 1").assigns == {"x"}
    assert compile_script('for r in rows:\n    r["a"] = 1').assigns == set()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("   ", 1, 1),
        ('x = f"a"', 1, 5),
        ('a = 1\nbc = f"a"', 2, 6),
        ("a = 1\nbcd = a ** 2", 2, 7),
        ("x" * 8_001, 1, 1),
        ("a = 1\n\nb = _c", 3, 5),
        ("甲乙 = a ** 2", 1, 6),
    ],
)
def test_a_refusal_points_at_the_very_sign(text, line, column):
    with pytest.raises(ScriptRefused) as caught:
        compile_script(text)

    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_text_may_have_eight_thousand_signs():
    assert evaluate(compile_expression('"' + "a" * 7_998 + '"'), {}, {}) == "a" * 7_998


@pytest.mark.parametrize(
    "name", ["len", "today", "case", "loopCounter", "numberOfInstances", "_x", "a b", "1", "", "if", "a.b"]
)
def test_a_name_that_means_something_is_not_free(name):
    assert not is_free(name)


def test_a_plain_name_is_free():
    assert is_free("amount")
    assert is_free("方案")


def test_what_several_runs_spend_together_is_bounded():
    budget = Budget(left=1_000)
    execute(compile_script("n = 0\nfor i in range(1000):\n    n += i"), {}, {}, budget)

    assert budget.left <= 0
    with pytest.raises(LimitExceeded, match="1000000"):
        evaluate(compile_expression("1"), {}, {}, budget)
    with pytest.raises(LimitExceeded):
        execute(compile_script("a = 1"), {}, {}, budget)


def test_a_run_that_fails_is_paid_for_as_well():
    budget = Budget()

    with pytest.raises(ScriptFailed):
        execute(compile_script("n = 0\nfor i in range(5000):\n    n += i\nn = [][0]"), {}, {}, budget)

    assert budget.left < MAX_STEPS_TOGETHER - 10_000


def test_a_run_pays_for_its_steps_and_no_more():
    budget = Budget()

    evaluate(compile_expression("1"), {}, {}, budget)

    assert 0 < MAX_STEPS_TOGETHER - budget.left <= 2


@pytest.mark.parametrize(
    "text",
    [
        'kept + "1.5"',
        "kept * 2",
        "2 * kept",
        "kept < other",
        "kept <= 3",
        "kept == 3",
        "3 != kept",
        "kept > kept",
    ],
)
def test_a_decimal_that_a_case_has_kept_is_not_taken_for_a_text(text):
    with pytest.raises(ScriptFailed, match="存成文字的小数") as caught:
        evaluate(compile_expression(text), {"kept": "0.50", "other": "10.00"}, {})

    assert 'decimal("' in caught.value.help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("decimal(kept) * 2", "1.00"),
        ('kept + " 元"', "0.50 元"),
        ('kept == "0.50"', True),
        ('"1a" < "2b"', True),
        ("kept in [kept]", True),
        ("word * 2", "abab"),
    ],
)
def test_texts_that_are_no_numbers_and_numbers_that_are_said_to_be_are_fine(text, value):
    assert evaluate(compile_expression(text), {"kept": "0.50", "word": "ab"}, {}) == value


@pytest.mark.parametrize(
    "change",
    ["full.append(1)", "full.extend([1])", "full.insert(0, 1)", "full += [1]", 'record.update({"more": 1})'],
)
def test_what_is_full_takes_no_more_by_any_method(change):
    given = {"full": [0] * 10_000, "record": {str(number): 0 for number in range(10_000)}}
    room = {"full": [0] * 9_999, "record": {str(number): 0 for number in range(9_999)}}

    assert execute(compile_script(change), room, {})
    with pytest.raises(ScriptFailed, match="10000"):
        execute(compile_script(change), given, {})


def test_a_value_of_twenty_levels_is_weighed_and_no_deeper_one():
    assert weight(nested(20), 1_000) == 21
    with pytest.raises(ScriptFailed, match="最多 20 层"):
        weight(nested(21), 1_000)


@pytest.mark.parametrize("text", ["len({n: 1})", "{n: 1} == {n: 1}", "[{n: 1}] and 1"])
def test_a_key_that_is_no_text_fails_where_the_record_is_made(text):
    with pytest.raises(ScriptFailed):
        evaluate(compile_expression(text), {"n": 5}, {})


def test_an_expression_is_as_deep_as_forty_levels_and_as_long_as_two_thousand_parts():
    assert compile_expression("[" * DEEPEST + "]" * DEEPEST)
    assert compile_expression("[" + ",".join(["1"] * LONGEST) + "]")
    for text in ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" + ",".join(["1"] * (LONGEST + 1)) + "]"):
        with pytest.raises(ScriptRefused, match="写得太长或套得太深"):
            compile_expression(text)


def test_one_list_after_another_may_be_computed():
    assert evaluate(compile_expression("[x for x in [1]] + [y + 1 for y in [1]]"), {}, {}) == [1, 2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('decimal("0.5") % 1', "0.5"),
        ('decimal("0.5") // 1', "0"),
        ('decimal("-0.5") % 1', "0.5"),
        ('decimal("-0.5") // 1', "-1"),
        ('decimal("0.5") % -1', "-0.5"),
        ('decimal("0.5") // -1', "-1"),
        ('decimal("-0.5") % -1', "-0.5"),
        ('decimal("1.5") // decimal("0.5")', "3"),
    ],
)
def test_parts_of_one_divide_as_whole_numbers_do(text, value):
    assert evaluate(compile_expression(text), {}, {}) == value
