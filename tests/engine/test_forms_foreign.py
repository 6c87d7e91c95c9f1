"""Forms and answers of drawings made elsewhere: any draft-07 schema, any plain names, nothing history cannot hold."""

import json

import pytest

from engine import forms
from engine.errors import FormRejected
from engine.forms import accepted_freely

AS_DRAWN = b'id = "x"\ntitle = "x"\nmain = "x"\nas_drawn = true\n'
PATH = "forms/order-schema.json"


def files(schema, about=AS_DRAWN):
    return {"process.toml": about, PATH: json.dumps(schema).encode()}


def errors(schema, about=AS_DRAWN):
    return [one.message for one in forms.check(files(schema, about), PATH) if one.severity == "error"]


@pytest.mark.parametrize("name", ["case", "len", "_own", "a b", "2nd", "class", "ｃａｓｅ", "x" * 61, ""])
def test_a_name_that_hides_the_engines_or_cannot_be_read_is_refused(name):
    with pytest.raises(FormRejected) as no:
        accepted_freely({name: 1, "fine": 2})

    assert [problem.field for problem in no.value.problems] == [name]
    assert no.value.problems[0].help


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.5, "小数"),
        ([{"deep": 1.5}], "小数"),
        (float("nan"), "小数"),
        ("\ud800", "无法保存"),
        ({"\x00": 1}, "无法保存"),
        (2**63, "太大的整数"),
        ({1}, "不是 JSON"),
        ({1: 1}, "不是文字的键"),
        ([[[[[[[[[[[1]]]]]]]]]]], "太深"),
        ("字" * 300_001, "太多"),
    ],
)
def test_a_value_that_the_history_cannot_hold_is_refused_with_words(value, says):
    with pytest.raises(FormRejected) as no:
        accepted_freely({"jobs": value})

    assert says in no.value.problems[0].message


def test_plain_json_is_taken_as_it_is_with_its_letters_composed():
    given = {"number": 3, "ok": True, "none": None, "list": [{"a": "e\u0301"}], "名字": "x"}

    assert accepted_freely(given).answers == {**given, "list": [{"a": "é"}]}


def test_what_is_no_object_is_refused():
    with pytest.raises(FormRejected):
        accepted_freely([1])


def test_fields_that_hide_the_engines_names_are_refused_at_deployment():
    said = errors({"properties": {"case": {}, "sum": {}, "fine": {}}})

    assert [("“case”" in text, "“sum”" in text) for text in said] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"properties": {"a": {"$ref": "http://example.org/other.json"}}}, "引用"),
        ({"type": "array"}, "对象"),
        ({"properties": []}, "对象"),
        ({"properties": {"a": {"type": "nonsense"}}}, "JSON Schema"),
        ({"properties": {"a": {"pattern": "("}}}, "JSON Schema"),
        ([], "对象"),
    ],
)
def test_a_schema_that_is_none_is_refused_at_deployment(schema, says):
    assert any(says in text for text in errors(schema))


def test_any_schema_is_taken_only_where_the_procedure_is_as_drawn():
    foreign = {"properties": {"amount": {"type": "integer"}}}

    assert errors(foreign) == []
    assert errors(foreign, AS_DRAWN.replace(b"as_drawn", b"other"))


def test_a_schema_of_another_tool_is_enforced_with_chinese_words():
    schema = {
        "type": "object",
        "required": ["item"],
        "properties": {
            "item": {"type": "string", "title": "What", "maxLength": 5},
            "amount": {"type": "integer", "title": "How many", "minimum": 1},
            "colour": {"enum": ["red", "blue"]},
            "to": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
        },
    }
    form = forms.load(files(schema), PATH)

    with pytest.raises(FormRejected) as no:
        form.accept({"amount": 0, "colour": "green", "to": {}}, {}, {})

    assert sorted((one.field, one.message) for one in no.value.problems) == [
        ("amount", "“How many”不能小于1。"),
        ("colour", "“colour”不符合表单的要求（enum）。"),
        ("item", "请填写“What”。"),
        ("to", "“to”不符合表单的要求（required）。"),
    ]
    assert form.accept({"item": "lamp", "to": {"city": "x"}}, {}, {}).answers == {
        "item": "lamp",
        "to": {"city": "x"},
    }
