"""Decision tables: cells of FEEL, hit policies, and a business rule task that asks one."""

import pytest

from engine.bpmn import decisions
from engine.bpmn.decisions import holds, parts
from engine.bpmn.script import compile_expression, evaluate
from engine.errors import DeploymentRefused, ScriptFailed
from tests.engine.bpmn.sketch import Case, bundle, diagram, end, flows, process, rule, start, table, user


def value(text, **names):
    return evaluate(compile_expression(text), names, {})


@pytest.mark.parametrize(
    ("cell", "given", "expected"),
    [
        ("", 1, True),
        ("-", None, True),
        ("5", 5, True),
        ('"a","b"', "b", True),
        ('"a","b"', "c", False),
        ('"a,b"', "a,b", True),
        ("> 5", 6, True),
        (">5", 5, False),
        (">= 5", 5, True),
        ("< 5, > 9", 10, True),
        ("> 5", None, False),
        ("[1..10]", 10, True),
        ("[1..10[", 10, False),
        ("(1..10)", 1, False),
        ("]1..10]", 1, False),
        ("[1..10]", None, False),
        ('not("a","b")', "c", True),
        ('not("a","b")', "a", False),
        ("true", True, True),
        ("1", True, False),
        ("null", None, True),
        ("!= 3", 4, True),
        ('["2026-01-01".."2026-12-31"]', "2026-03-05", True),
        ("> limit", 8, True),
        ("given > 5", 7, True),
        ("given > 5", 5, False),
        ("given > limit and flag", 8, True),
        ("flag", 3, True),
        ("flag", False, True),
        ("not flag", False, True),
        ("true", False, False),
        ("true", 3, False),
        ("not(given > 5)", 7, False),
        ("listed", 8, True),
        ("listed", 7, False),
        ("listed", True, False),
        ("listed", [1, 8], True),
        ("[7, 8]", 7, True),
        ('"a", listed', 8, True),
        ("texts", 'a"b', True),
        ("nothing", None, True),
        ("nothing", False, False),
    ],
)
def test_a_cell_holds_as_in_feel(cell, given, expected):
    known = {"given": given, "limit": 7, "flag": True, "listed": [1, 8], "texts": ['a"b'], "nothing": None}
    assert holds(cell, "given", lambda text: value(text, **known)) is expected


def test_a_decimal_is_compared_as_a_number():
    assert holds("> 0.5", 'decimal("0.75")', value)
    assert not holds("[0.8..1]", 'decimal("0.75")', value)
    assert holds('[decimal("0.5"), decimal("0.750")]', 'decimal("0.75")', value)


def test_the_expressions_of_a_cell_can_be_compiled_one_by_one():
    assert parts('[1..limit], > 3, not("a")'.partition(", not")[0]) == ["1", "limit", "3"]
    assert parts("-") == []


def asking(decisions, **data):
    drawn = diagram(
        process("main", start(), rule("decide", "level"), user("b"), end(), flows("start decide b end"))
    )
    return Case(bundle(drawn, levels__dmn=decisions), data=data)


LEVELS = [
    (['"claim"', "-"], ['"redirect"', "None"]),
    (['"public"', "< 100"], ['"community"', "size + 1"]),
    (['"public"', ">= 100"], ['"district"', "size"]),
]


def test_a_business_rule_task_writes_what_the_only_rule_gives():
    case = asking(table("level", ["kind", "size"], ["level", "people"], LEVELS), kind="public", size=9)

    assert case.step.data == {"kind": "public", "size": 9, "level": "community", "people": 10}
    assert case.trace[2:4] == ["+decide <start-decide>", "-decide"]
    assert case.open == ["b"]


def test_where_no_rule_holds_the_outputs_are_none():
    case = asking(table("level", ["kind", "size"], ["level", "people"], LEVELS), kind="other", size=9)

    assert case.step.data["level"] is None


def test_overlapping_rules_of_a_unique_table_stop_the_case():
    overlapping = [(["> 1"], ["1"]), (["> 2"], ["2"])]

    with pytest.raises(ScriptFailed) as refused:
        asking(table("level", ["n"], ["level"], overlapping), n=5)

    assert refused.value.element == "decide"


def test_of_a_first_table_the_first_rule_counts_and_of_a_collect_table_all():
    overlapping = [(["> 1"], ["1"]), (["> 2"], ["2"]), (["> 9"], ["3"])]

    assert asking(table("level", ["n"], ["level"], overlapping, "FIRST"), n=5).step.data["level"] == 1
    assert asking(table("level", ["n"], ["level"], overlapping, "COLLECT"), n=5).step.data["level"] == [1, 2]


def test_a_table_that_does_not_exist_is_refused_when_the_definition_is_loaded():
    with pytest.raises(DeploymentRefused):
        asking(table("another", ["n"], ["level"], []), n=5)


def test_a_number_that_is_whole_is_an_integer_however_it_is_written():
    assert [decisions.word(text) for text in ("15.00", "-3.0", "0.50", '"15.00"')] == [
        "15",
        "-3",
        "0.50",
        '"15.00"',
    ]
