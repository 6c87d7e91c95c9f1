"""The gate of forms: what a designer may not write, said in words; and nothing a designer writes can break it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import check, load
from tests.engine.test_forms import PATH, RULES, SCHEMA

GOOD = {**SCHEMA, "x-basis": ["R120"], "x-rules": SCHEMA["x-rules"][:2]}
OTHER = "forms/step/earlier-schema.json"


def problems(content: bytes) -> list[str]:
    files = {PATH: content, OTHER: b"{}", "rules.toml": RULES}
    return [f"{problem.severity}: {problem.message}" for problem in check(files, PATH)]


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    schema = json.loads(json.dumps(GOOD))
    change(schema)
    return json.dumps(schema).encode()


def test_a_good_form_has_no_problems() -> None:
    assert problems(changed(lambda schema: None)) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "不是合格的 JSON"),
        (b'{"a": 1, "a": 2}', "同一个键写了两次"),
        (b'{"a": NaN}', "不允许 NaN"),
        (b"\xff\xfe", "不是合格的 JSON"),
        (b"[]", "最外层应当是一个对象"),
        (b"[" * 100_000, "不是合格的 JSON"),
        (b" " * 200_001, "超过 200 KB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, message: str) -> None:
    assert message in problems(content)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("title"), "表单缺少“title”"),
        (lambda s: s.pop("additionalProperties"), "表单缺少“additionalProperties”"),
        (lambda s: s.update(additionalProperties=True), "“additionalProperties”的写法不对"),
        (lambda s: s.update(anyOf=[]), "表单里的“anyOf”不在允许的写法内"),
        (lambda s: s["properties"].update(Big={"type": "string", "title": "x"}), "小写英文字母"),
        (lambda s: s["properties"]["title"].update({"$ref": "#"}), "“$ref”不在允许的写法内"),
        (lambda s: s["properties"]["title"].pop("title"), "“properties → title”缺少“title”"),
        (lambda s: s["properties"]["title"].update(type="number"), "写法不对"),
        (lambda s: s["properties"]["title"].update(format="uri"), "写法不对"),
        (lambda s: s["properties"]["code"].update(pattern="(a)\\1"), "不是合格的 JSON Schema"),
        (lambda s: s["properties"]["code"].update(pattern="(a{1000}){1000}"), "不是合格的 JSON Schema"),
        (lambda s: s["properties"]["level"].update(oneOf=[{"const": 1, "title": "一"}]), "写法不对"),
        (lambda s: s["properties"]["media"].pop("maxItems"), "缺少“maxItems”"),
        (lambda s: s["properties"]["media"].update(items=True), "写法不对"),
        (
            lambda s: s["properties"]["items"]["items"].pop("additionalProperties"),
            "缺少“additionalProperties”",
        ),
        (lambda s: s["properties"]["leader"]["x-when"].update(field="moon"), "“moon”不是本表单的字段"),
        (lambda s: s["properties"]["leader"].update({"x-when": "level"}), "写法不对"),
        (lambda s: s["properties"]["phone"]["x-personal"].pop("purpose"), "缺少“purpose”"),
        (lambda s: s["required"].append("moon"), "“moon”不是字段"),
        (lambda s: s.update({"if": True}), "写法不对"),
        (lambda s: s["if"].update(required=["title"]), "写进它自己的 required"),
        (lambda s: s["then"].update(properties={"x": True}), "“properties”不在允许的写法内"),
        (lambda s: s["x-rules"][0].update(field="moon"), "field “moon”不是本表单的字段"),
        (lambda s: s["x-rules"][0].update(check="__import__('os')"), "不能用"),
        (lambda s: s["x-rules"][0].update(check="moon > 1"), "“moon”不是本表单的字段，也不是已有的任务"),
        (lambda s: s["x-rules"][0].update(rule="R999"), "rules.toml 里没有规则 R999"),
        (lambda s: s["x-rules"][0].update(rule="120"), "写法不对"),
        (lambda s: s["properties"].update(case={"type": "string", "title": "x"}), "“case”是系统保留的名字"),
        (lambda s: s["properties"].update(len={"type": "string", "title": "x"}), "“len”是系统保留的名字"),
        (lambda s: s["properties"]["title"].update({"x-prefill": "import os"}), "不能用"),
    ],
)
def test_what_a_form_may_not_say_is_refused_in_words(
    change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    found = problems(changed(change))

    assert any(message in text for text in found), found
    assert all(text.startswith("error: ") for text in found)


def test_too_many_fields_are_refused() -> None:
    many = {f"f{number}": {"type": "string", "title": "x"} for number in range(81)}

    assert "“properties”的写法不对。" in problems(changed(lambda s: s["properties"].update(many)))[0]


def test_a_field_that_looks_personal_is_pointed_out() -> None:
    found = problems(changed(lambda s: s["properties"]["phone"].pop("x-personal")))

    assert found == ["warning: 字段“联系电话”（phone）像是个人信息，请用 x-personal 写明用途和保存天数。"]


def test_a_column_that_looks_personal_is_pointed_out_too() -> None:
    def forget(schema: dict[str, Any]) -> None:
        schema["properties"]["items"]["items"]["properties"]["mobile"].pop("x-personal")

    assert problems(changed(forget)) == [
        "warning: 字段“手机”（mobile）像是个人信息，请用 x-personal 写明用途和保存天数。"
    ]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["array", "object", "string"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "title", "items", "properties", "required", "oneOf", "if", "then", "x-when"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(st.data())
def test_nothing_put_into_a_form_breaks_the_gate(data: st.DataObject) -> None:
    schema = json.loads(json.dumps(GOOD))
    target: Any = schema
    for _ in range(data.draw(st.integers(0, 5))):
        keys = [key for key, part in _parts(target) if isinstance(part, dict | list) and part]
        if not keys:
            break
        target = target[data.draw(st.sampled_from(keys))]
    key = data.draw(st.sampled_from([key for key, _ in _parts(target)]))
    target[key] = data.draw(values)
    content = json.dumps(schema).encode()

    found = check({PATH: content, OTHER: b"{}", "rules.toml": RULES}, PATH)

    if not [problem for problem in found if problem.severity == "error"]:
        assert load({PATH: content}, PATH).fields


def _parts(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value))
