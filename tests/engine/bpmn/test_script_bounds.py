"""What a run may cost and hold, to the last step and the last sign: what is exactly full goes, one more does not."""

import pytest

from engine.bpmn.interpreter import MAX_STEPS, Budget
from engine.bpmn.script import compile_expression, compile_script, evaluate, execute
from engine.bpmn.values import MAX_CHARACTERS, MAX_DEPTH, MAX_PARTS, copied_in, copied_out
from engine.errors import LimitExceeded, ScriptFailed

ROWS = [1] * 10
KNOWN = {"x": 1, "rows": ROWS, "record": {"a": 1, "b": 2}, "text": "a" * 6_400}
KNOWN["outer"] = {"inner": KNOWN["record"]}


def spent(run, text):
    budget = Budget(1_000_000)
    run(text, KNOWN, {"today": lambda: ROWS}, budget)
    return 1_000_000 - budget.left


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1", 1),
        ("1 + x", 3),
        ('"a" + "b"', 3),
        ('"a" * 6400', 3 + 100),  # a text costs a step for every 64 signs
        ('"a" * 6463', 3 + 100),
        ("[1] + [2, 3]", 6 + 3),  # a fresh list its length
        ("len(rows)", 2 + 11),  # what a function looks at is weighed
        ("len(text)", 2 + 101),
        ("str(text)", 2 + 101 + 100),
        ("range(10)", 2 + 1 + 10),
        ("today()", 1 + 11),  # what comes from outside is weighed
        ("[1 for r in rows]", 2 + 10 + 10),
        ("[k for k in record]", 2 + 2 + 2),
        ("rows.count(1)", 3 + 11 + 1),
        ("text.upper()", 2 + 101 + 100),
        ("record.items()", 2 + 5 + 2),
        ('outer.get("inner")', 3 + 7 + 1 + 2),
        ("rows == rows", 3 + 11 + 11),
    ],
)
def test_an_expression_costs_its_nodes_and_what_it_walks(text, steps):
    assert spent(evaluate, compile_expression(text)) == steps


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a = 1", 2),
        ("a = 1\nb = 2", 4),
        ("x += 1", 2),
        ("if x:\n    a = 1", 2 + 2),
        ("for r in rows:\n    a = r", 2 + 10 + 20),
        ("rows.append(1)", 1 + 3 + 11 + 1),
        ("text = text + text", 4 + 200),
    ],
)
def test_a_script_costs_its_statements_besides(text, steps):
    assert spent(execute, compile_script(text)) == steps


def test_the_last_step_is_still_taken_and_one_more_is_not():
    text = "[[r + 1 + 1 for r in rows], [{}]]"
    rows = [1] * 8_300
    before = Budget()
    evaluate(compile_expression(text.format("")), {"rows": rows}, {}, before)
    left = MAX_STEPS - (Budget().left - before.left)

    evaluate(compile_expression(text.format(", ".join("0" * left))), {"rows": rows}, {})
    with pytest.raises(ScriptFailed, match="算得太久"):
        evaluate(compile_expression(text.format(", ".join("0" * (left + 1)))), {"rows": rows}, {})


def test_a_budget_is_spent_at_nothing():
    evaluate(compile_expression("1"), {}, {}, Budget(1))
    with pytest.raises(LimitExceeded):
        evaluate(compile_expression("1"), {}, {}, Budget(0))


def test_a_text_is_repeated_as_long_as_steps_are_left():
    left = MAX_STEPS - 3  # the sign, the text and the number are paid for

    assert len(evaluate(compile_expression(f'"a" * {left}'), {}, {})) == left
    with pytest.raises(ScriptFailed, match="重复得太长"):
        evaluate(compile_expression(f'"a" * {left + 1}'), {}, {})


def test_data_may_have_two_hundred_thousand_parts():
    full = [[0] * 9_999 for _ in range(20)]  # 1 + 20 × 10,000 parts
    assert MAX_PARTS == 200_000

    full[0].pop()
    copied_in(full)

    full[0].append(0)
    with pytest.raises(ScriptFailed, match="太大"):
        copied_in(full)


def test_data_may_have_a_million_signs():
    full = ["a" * 100_000] * 10
    assert MAX_CHARACTERS == 1_000_000

    copied_in(full)

    with pytest.raises(ScriptFailed, match="太大"):
        copied_in([*full, "a"])


@pytest.mark.parametrize("copied", [copied_in, copied_out])
def test_data_may_lie_twenty_deep(copied):
    deepest = 1
    for _ in range(MAX_DEPTH):
        deepest = [deepest]

    assert copied(deepest) == deepest
    with pytest.raises(ScriptFailed, match="太深"):
        copied([deepest])
