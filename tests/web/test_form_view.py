"""How a form is drawn: every control labelled, everything typed kept, every problem at its place."""

import json
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from lxml import html

from engine import forms as engine_forms
from engine.errors import FieldProblem
from web import forms
from web.inbox import FileLink, Places

ROOT = Path(__file__).parents[2] / "forms" / "roundtable"
EVERY_FORM = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*-schema.json"))
PLACES = Places("/submit", "/draft", "/upload", {"a1": FileLink("照片.jpg", 2048, "/attachments/a1")})
DRAWN = '{% from "forms/fields.html" import form_fields, summary %}{{ summary(view) }}{{ form_fields(view, places) }}'


@pytest.mark.parametrize("path", EVERY_FORM)
def test_every_form_of_the_procedure_is_drawn_with_a_label_for_every_control(app: Flask, path):
    tree = _drawn(app, _form_at(path))

    for control in tree.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        labelled = control.get("aria-label") or tree.xpath(f"//label[@for='{control.get('id')}']")
        assert labelled, control.get("name")
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_what_was_typed_stands_in_the_form_again(app: Flask):
    form = _form(
        title={"type": "string", "maxLength": 40},
        story={"type": "string", "maxLength": 2000},
        level={"type": "string", "oneOf": [{"const": "a", "title": "甲"}, {"const": "b", "title": "乙"}]},
        agreed={"type": "boolean"},
    )

    tree = _drawn(
        app, form, [("title", 'a"b<c'), ("story", "\n第一行\n第二行"), ("level", "b"), ("agreed", "on")]
    )

    assert tree.xpath("//input[@name='title']/@value") == ['a"b<c']
    assert tree.xpath("string(//textarea)") == "\n\n第一行\n第二行"  # a browser drops the first
    assert tree.xpath("//input[@name='level'][@checked]/@value") == ["b"]
    assert tree.xpath("//input[@name='agreed'][@checked]")


def test_script_in_typed_text_stays_text(app: Flask):
    form = _form(story={"type": "string", "maxLength": 2000}, title={"type": "string"})

    tree = _drawn(app, form, [("story", "</textarea><script>x</script>"), ("title", '"><script>x</script>')])

    assert not tree.xpath("//script")


def test_a_problem_stands_at_its_field_and_in_the_summary(app: Flask):
    form = _form(title={"type": "string", "description": "一句话"})
    problem = FieldProblem("title", "请填写“议题名称”。", rule="R089", help="写清楚。")

    tree = _drawn(app, form, problems=[problem])

    (control,) = tree.xpath("//input[@name='title']")
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby") == "title-help title-error"
    assert "请填写“议题名称”。" in tree.xpath("string(//*[@id='title-error'])")
    assert tree.xpath("//*[@data-error-summary]//a/@href") == ["#title"]


def test_a_problem_in_a_table_stands_in_its_cell_after_empty_rows_are_dropped(app: Flask):
    form = _form(members=_table(name={"type": "string"}, post={"type": "string"}))
    typed = [("members.0.name", ""), ("members.4.name", "甲"), ("members.7.name", "乙")]
    problem = FieldProblem("members", "第2行请填写“post”。", row=2, column="post")

    tree = _drawn(app, form, typed, [problem])

    assert tree.xpath("//tbody//input[contains(@name, '.name')]/@value") == ["甲", "乙"]
    assert tree.xpath("//input[@aria-invalid]/@name") == ["members.1.post"]
    assert tree.xpath("//*[@data-error-summary]//a/@href") == ["#members.1.post"]


def test_rows_as_drawn_are_the_rows_that_the_server_reads(app: Flask):
    form = _form(members=_table(name={"type": "string"}, head={"type": "boolean"}))
    answers = {"members": [{"name": "甲", "head": True}, {"name": "乙", "head": False}]}

    tree = _drawn(app, form, form.pairs(answers))
    sent = [
        (control.get("name"), control.get("value"))
        for control in tree.xpath("//tbody//input")
        if control.get("type") != "checkbox" or control.get("checked") is not None
    ]

    assert form.read(sent) == answers


def test_a_table_holds_at_least_its_smallest_number_of_rows_and_one_to_begin_with(app: Flask):
    three, one = (
        _form(members={**_table(name={"type": "string"}), **least}) for least in ({"minItems": 3}, {})
    )

    assert len(_drawn(app, three).xpath("//tbody/tr")) == 3
    assert len(_drawn(app, one).xpath("//tbody/tr")) == 1


def test_a_condition_is_said_to_the_script_and_the_field_is_drawn_all_the_same(app: Flask):
    form = _form(
        kind={"type": "string", "oneOf": [{"const": "other", "title": "其他"}]},
        reason={"type": "string", "x-when": {"field": "kind", "equals": "other"}},
    )

    (wrapper,) = _drawn(app, form).xpath("//*[@data-when]")

    assert json.loads(wrapper.get("data-when")) == {"field": "kind", "equals": ["other"]}
    assert wrapper.xpath(".//input[@name='reason']")


def test_money_is_typed_in_yuan(app: Flask):
    form = _form(amount={"type": "integer", "x-unit": "分"})

    tree = _drawn(app, form, form.pairs({"amount": 1234567}))

    assert tree.xpath("//input[@name='amount']/@value") == ["12345.67"]
    assert "元" in tree.xpath("string(//*[contains(@class, 'input-group-text')])")


def test_an_attachment_is_listed_by_its_name_and_kept_by_its_id(app: Flask):
    photos = {"type": "array", "maxItems": 3, "items": {"type": "string", "format": "attachment"}}
    form = _form(photos=photos)

    tree = _drawn(app, form, [("photos", "a1")])

    assert tree.xpath("//input[@type='hidden'][@name='photos']/@value") == ["a1"]
    assert tree.xpath("string(//a[@href='/attachments/a1'])") == "照片.jpg"


def test_a_personal_field_says_for_what_and_for_how_long(app: Flask):
    personal = {"purpose": "答复办理结果", "retention_days": 30}
    form = _form(phone={"type": "string", "format": "phone", "x-personal": personal})

    words = _drawn(app, form).xpath("string(//*[@id='phone-help'])")

    assert "答复办理结果" in words
    assert "保存 30 天" in words


def test_what_was_typed_can_be_given_back_in_words():
    form = _form(
        level={"type": "string", "oneOf": [{"const": "a", "title": "甲级"}]},
        members=_table(name={"type": "string"}),
    )

    said = forms.spoken(form, [("level", "a"), ("members.0.name", "张三"), ("stray", "x")])

    assert said == (("level", "甲级"), ("members 第1行 name", "张三"))


def _form(**properties) -> engine_forms.Form:
    titled = {key: {"title": key, **part} for key, part in properties.items()}
    schema = {"title": "表", "type": "object", "additionalProperties": False, "properties": titled}
    return engine_forms.load({"forms/a/b-schema.json": json.dumps(schema).encode()}, "forms/a/b-schema.json")


def _table(**columns):
    titled = {key: {"title": key, **part} for key, part in columns.items()}
    row = {"type": "object", "additionalProperties": False, "properties": titled}
    return {"type": "array", "maxItems": 9, "items": row}


def _form_at(path: str) -> engine_forms.Form:
    content = (ROOT / path).read_bytes()
    return engine_forms.load({f"forms/{path}": content}, f"forms/{path}")


def _drawn(app: Flask, form: engine_forms.Form, typed=(), problems=()):
    view = forms.view(form, typed, problems)
    with app.test_request_context("/"):
        return html.fromstring(f"<div>{render_template_string(DRAWN, view=view, places=PLACES)}</div>")
