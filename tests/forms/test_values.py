"""What people type is made clean before a gate compares it. Knows no rule but the ones the names run into."""

import pytest

from engine.errors import FormRejected
from engine.forms import Form
from tests.forms.house import context, form_of, functions, sample


def _attended(form: Form, name: str) -> list[str]:
    answers = sample("record_attendance")
    rows = [{**row, "name": name} if row["name"] == "李秋莲" else row for row in answers["attendance"]]
    accepted = form.accept({**answers, "attendance": rows}, context({}, {}), functions()).answers
    return [row["name"] for row in accepted["attendance"]]


def test_a_name_with_blanks_around_it_is_the_name_on_the_roster() -> None:
    form = form_of("record_attendance")

    assert "李秋莲" in _attended(form, "\u3000李秋莲 ")


def test_two_spellings_that_differ_in_blanks_are_one_name() -> None:
    spelt = [{"name": "阿里\u3000木", "post": "委员"}, {"name": " 阿里  木", "post": "委员"}]

    with pytest.raises(FormRejected) as refusal:
        form_of("decide_topic").accept(
            {**sample("decide_topic"), "attendees": spelt}, context({}, {}), functions()
        )

    assert [(problem.field, problem.rule) for problem in refusal.value.problems] == [("attendees", "R094")]
