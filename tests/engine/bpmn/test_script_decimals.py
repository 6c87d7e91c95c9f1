"""A decimal leaves a script as text, because history holds no floats; taken for a number again, it must say so.

Other engines keep it as a number: "15.00" * 2 would be "15.0015.00" here and 30.0 there, and nobody would notice.
"""

from decimal import ROUND_UP, Context, localcontext

import pytest

from engine.bpmn.script import compile_expression, evaluate
from engine.errors import ScriptFailed


def result(text, **names):
    return evaluate(compile_expression(text), names, {})


@pytest.mark.parametrize(
    "text",
    [
        "price * 2",
        "2 * price",
        "price + price",
        'price > "9.50"',
        "price <= 20",
        "price == 15.0",
        "15 != price",
    ],
)
def test_a_decimal_kept_as_text_is_not_taken_for_something_else(text):
    with pytest.raises(ScriptFailed) as no:
        result(text, price="15.00")

    assert 'decimal("15.00")' in no.value.help


def test_it_is_a_number_again_where_a_script_says_so():
    assert result("decimal(price) * 2", price="15.00") == "30.00"
    assert result("decimal(price) > decimal(other)", price="15.00", other="9.50") is True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"-" * 3', "---"),
        ('"v1.5" + "2.5"', "v1.52.5"),
        ('price == "15.0"', False),
        ('price in ["15.00"]', True),
        ("price is None", False),
        ('price != ""', True),
        ('"2026-03-05" < "2026-03-06"', True),
        ('str(15) + ".00"', "15.00"),
    ],
)
def test_texts_stay_texts(text, value):
    assert result(text, price="15.00") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('decimal("1234567.89")', "1234567.89"),
        ('-decimal("1234567.89")', "-1234567.89"),
        ('+decimal("1234567.89")', "1234567.89"),
        ('-decimal("0.00")', "0.00"),
        ('abs(decimal("-1234567.89"))', "1234567.89"),
        ('round(decimal("1234567.885"), 2)', "1234567.88"),
        ('decimal("1234567.89") + 1', "1234568.89"),
        ("1234567 / 8", "154320.875"),
        ('decimal("-1234567.89") % 7', "1.11"),
        ('decimal("-1234567.89") // 7', "-176367"),
        ('sum([decimal("1234567.89"), 1])', "1234568.89"),
        ('str(decimal("1234567.89"))', "1234567.89"),
        ('decimal("1234567890123456789.123456789012")', "1234567890123456789.123456789012"),
    ],
)
def test_no_digit_depends_on_the_arithmetic_of_the_program_around(text, value):
    with localcontext(Context(prec=5, rounding=ROUND_UP)):
        assert result(text) == value
    assert result(text) == value
