"""A form as people meet it: what it asks, what it accepts, what it refuses and in which words."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from engine.errors import DeploymentRefused, FieldProblem, FormRejected, NotFound, ScriptFailed
from engine.forms import Form, Personal, When, load, load_rules

PATH = "forms/step/plan-schema.json"
RULES = """
[rule.R120]
title = "公示"
text = "不少于5个工作日的公示"
source = "西办发〔2021〕17号 四、3"
class = "H"
""".encode()
LEVELS = [{"const": "community", "title": "社区(村)层面"}, {"const": "district", "title": "区级层面"}]

SCHEMA: dict[str, Any] = {
    "title": "计划书",
    "description": "说明",
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "days", "level", "items"],
    "properties": {
        "title": {
            "type": "string",
            "title": "议题名称",
            "minLength": 2,
            "maxLength": 10,
            "x-prefill": "earlier.title",
        },
        "note": {"type": "string", "title": "说明", "maxLength": 200, "description": "可以不填"},
        "days": {
            "type": "integer",
            "title": "公示天数",
            "minimum": 1,
            "maximum": 60,
            "default": 5,
            "x-unit": "个工作日",
        },
        "amount": {
            "type": "integer",
            "title": "金额",
            "minimum": 0,
            "maximum": 100000000,
            "x-unit": "分",
        },
        "posted_on": {"type": "string", "title": "张贴日期", "format": "date", "x-prefill": "today()"},
        "held_at": {"type": "string", "title": "开会时间", "format": "date-time"},
        "opens_at": {"type": "string", "title": "开门时间", "format": "clock"},
        "code": {"type": "string", "title": "编号", "pattern": "^[A-Z]{2}$", "description": "两个大写字母。"},
        "level": {"type": "string", "title": "协商层级", "oneOf": LEVELS},
        "leader": {
            "type": "string",
            "title": "区领导",
            "format": "person",
            "x-when": {"field": "level", "equals": "district"},
        },
        "opinion": {
            "type": "string",
            "title": "领导意见",
            "maxLength": 50,
            "x-when": {"field": "leader", "equals": ["p1", "p2"]},
        },
        "sure": {"type": "boolean", "title": "已核对", "const": True},
        "phone": {
            "type": "string",
            "title": "联系电话",
            "format": "phone",
            "x-personal": {"purpose": "答复", "retention_days": 30},
        },
        "media": {
            "type": "array",
            "title": "公示方式",
            "items": {
                "type": "string",
                "oneOf": [{"const": "board", "title": "公告栏"}, {"const": "web", "title": "网页"}],
            },
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
        },
        "proof": {
            "type": "array",
            "title": "张贴照片",
            "items": {"type": "string", "format": "attachment"},
            "maxItems": 2,
        },
        "items": {
            "type": "array",
            "title": "任务",
            "maxItems": 3,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "title": "姓名", "maxLength": 4},
                    "present": {"type": "string", "title": "到会", "oneOf": LEVELS, "default": "community"},
                    "count": {"type": "integer", "title": "户数", "minimum": 1},
                    "mobile": {
                        "type": "string",
                        "title": "手机",
                        "format": "phone",
                        "x-personal": {"purpose": "通知", "retention_days": 30},
                    },
                    "reason": {"type": "string", "title": "理由", "maxLength": 20},
                },
                "allOf": [
                    {
                        "if": {"properties": {"present": {"const": "district"}}, "required": ["present"]},
                        "then": {"required": ["reason"]},
                    }
                ],
            },
            "x-prefill": "earlier.people",
        },
    },
    "if": {"properties": {"level": {"enum": ["district"]}}, "required": ["level"]},
    "then": {"required": ["leader"]},
    "x-rules": [
        {
            "rule": "R120",
            "check": "days >= 5",
            "message": "公示不能少于5个工作日。",
            "help": "请改为5或更多。",
            "field": "days",
        },
        {"check": "case.open or not note", "message": "现在不能写说明。", "field": "note"},
        {"check": "len(media) != 1 or other_task.done is None", "message": "不会出现。", "field": "media"},
    ],
    "x-basis": ["R120", "R999"],
}
GOOD: dict[str, Any] = {"title": "楼道照明", "days": 5, "level": "community", "items": [{"name": "万桂英"}]}


def form(schema: Mapping[str, Any] = SCHEMA) -> Form:
    content = json.dumps(schema, ensure_ascii=False).encode()
    return load({PATH: content, "rules.toml": RULES}, PATH)


def accept(**changes: Any) -> dict[str, Any]:
    context = {"case": {"open": True}}
    return form().accept({**GOOD, **changes}, context, {"today": lambda: "2026-09-14"}).answers


def refused(**changes: Any) -> list[FieldProblem]:
    with pytest.raises(FormRejected) as refusal:
        accept(**changes)
    return list(refusal.value.problems)


def said(**changes: Any) -> list[str]:
    return [problem.message for problem in refused(**changes)]


def test_a_form_tells_a_renderer_what_it_asks() -> None:
    fields = {field.key: field for field in form().fields}

    assert [field.kind for field in fields.values()] == (
        "text textarea integer money date datetime clock text choice person text checkbox phone "
        "checkboxes attachments table".split()
    )
    assert fields["title"].required
    assert not fields["note"].required
    assert fields["note"].help == "可以不填"
    assert (fields["title"].min_length, fields["title"].max_length) == (2, 10)
    assert (fields["days"].minimum, fields["days"].maximum, fields["days"].unit) == (1, 60, "个工作日")
    assert [option.title for option in fields["level"].options] == ["社区(村)层面", "区级层面"]
    assert [option.value for option in fields["media"].options] == ["board", "web"]
    assert fields["leader"].when == When("level", ("district",))
    assert fields["leader"].required_when == (When("level", ("district",)),)
    assert fields["opinion"].when == When("leader", ("p1", "p2"))
    assert fields["phone"].personal == Personal("答复", 30)
    assert [column.key for column in fields["items"].columns] == [
        "name",
        "present",
        "count",
        "mobile",
        "reason",
    ]
    assert fields["items"].max_items == 3


def test_a_form_names_its_rules_and_the_hash_of_its_file() -> None:
    found = form()

    assert (found.title, found.description) == ("计划书", "说明")
    assert [rule.id for rule in found.rules_basis] == ["R120", "R999"]
    assert found.rules_basis[0].text == "不少于5个工作日的公示"
    assert found.rules_basis[1].text == ""
    assert len(found.hash) == 64


def test_a_form_is_parsed_once_for_the_same_content() -> None:
    assert form().validator is form().validator


def test_a_missing_form_is_not_found() -> None:
    with pytest.raises(NotFound, match="没有找到表单"):
        load({}, PATH)


def test_a_file_that_is_no_form_cannot_be_loaded() -> None:
    with pytest.raises(DeploymentRefused, match="缺少“properties”"):
        form({"title": "空", "type": "object", "additionalProperties": False})


def test_rules_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(DeploymentRefused, match="读不懂"):
        load_rules({"rules.toml": b"[rule"})


def test_good_answers_are_accepted_as_they_are() -> None:
    assert accept() == GOOD
    assert accept(posted_on="2026-02-28", held_at="2026-03-05T09:00:00+08:00", opens_at="09:30") == {
        **GOOD,
        "posted_on": "2026-02-28",
        "held_at": "2026-03-05T09:00:00+08:00",
        "opens_at": "09:30",
    }


def test_blanks_are_absent() -> None:
    answers = accept(note="  ", media=[], proof=[""], items=[{"name": ""}, {"name": "甲", "reason": " "}])

    assert answers == {**GOOD, "items": [{"name": "甲"}]}


def test_every_required_field_is_asked_for_by_its_title() -> None:
    with pytest.raises(FormRejected) as refusal:
        form().accept({}, {"case": {}}, {})

    assert [problem.message for problem in refusal.value.problems] == [
        "请填写“议题名称”。",
        "请填写“公示天数”。",
        "请选择“协商层级”。",
        "请填写“任务”。",
    ]
    assert [problem.field for problem in refusal.value.problems] == ["title", "days", "level", "items"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "一二三四五六七八九十一", "“议题名称”不能超过10个字。"),
        ("title", "一", "“议题名称”至少要写2个字。"),
        ("title", 7, "“议题名称”要填写文字。"),
        ("title", {"a": 1}, "“议题名称”要填写文字。"),
        ("days", 0, "“公示天数”不能小于1。"),
        ("days", 61, "“公示天数”不能大于60。"),
        ("days", "五天", "“公示天数”要填写整数。"),
        ("days", 5.0, "“公示天数”要填写整数。"),
        ("days", float("nan"), "“公示天数”要填写整数。"),
        ("days", 2**63, "“公示天数”要填写整数。"),
        ("days", True, "“公示天数”要填写整数。"),
        ("amount", "一百", "“金额”要填写金额，单位元，最多两位小数。"),
        ("amount", 100000001, "“金额”不能大于1000000元。"),
        ("posted_on", "2026-02-30", "“张贴日期”要填写日期，例如2026-03-05。"),
        ("held_at", "2026-03-05T09:00:00", "“开会时间”要填写日期和时间。"),
        ("opens_at", "24:00", "“开门时间”要填写时间，例如14:30。"),
        ("code", "ab", "“编号”的格式不对。两个大写字母。"),
        ("level", "moon", "请在“协商层级”的选项中选择。"),
        ("sure", False, "请确认“已核对”。"),
        ("sure", "on", "“已核对”只能勾选或不勾选。"),
        ("phone", "123", "“联系电话”要填写手机号码或带区号的座机号码。"),
        ("media", ["board", "board"], "“公示方式”里有重复的内容。"),
        ("media", ["moon"], "请在“公示方式”的选项中选择。"),
        ("proof", ["a", "b", "c"], "“张贴照片”最多2个附件。"),
        ("proof", ["../etc"], "“张贴照片”里有一个附件无法识别，请重新上传。"),
        ("proof", "a", "“张贴照片”里有一个附件无法识别，请重新上传。"),
        ("items", [{"name": "甲"}] * 4, "“任务”最多3行。"),
        ("items", "甲", "“任务”要按行填写。"),
        ("items", [{"name": "甲"}] * 501, "“任务”超过500行。"),
        ("title", "甲\x00乙", "“议题名称”里有无法保存的字符，请删去后重新填写。"),
        ("title", "甲\ud800", "“议题名称”里有无法保存的字符，请删去后重新填写。"),
        ("title", "甲\u202e乙", "“议题名称”里有无法保存的字符，请删去后重新填写。"),
        ("title", "长" * 20_001, "“议题名称”不能超过20000个字。"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(field: str, value: Any, message: str) -> None:
    assert (field, message) in [(problem.field, problem.message) for problem in refused(**{field: value})]


@pytest.mark.parametrize(
    ("rows", "row", "column", "message"),
    [
        ([{"name": "甲"}, {"name": "一二三四五"}], 2, "name", "第2行“姓名”不能超过4个字。"),
        ([{"count": 3}], 1, "name", "第1行请填写“姓名”。"),
        ([{"name": "甲", "count": 0}], 1, "count", "第1行“户数”不能小于1。"),
        ([{"name": "甲", "count": 1.5}], 1, "count", "第1行“户数”要填写整数。"),
        ([{"name": "甲", "present": "moon"}], 1, "present", "第1行请在“到会”的选项中选择。"),
        ([{"name": "甲", "present": "district"}], 1, "reason", "第1行请填写“理由”。"),
        ([{"name": "甲", "name\ud800": "x"}], 1, "", "第1行有表单以外的内容“name?”，没有保存。"),
        ([{"name": "甲\x00"}], 1, "name", "第1行“姓名”里有无法保存的字符，请删去后重新填写。"),
        ([{"name": "甲"}, 3], 2, "", "“任务”要按行填写。"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    rows: list[Any], row: int, column: str, message: str
) -> None:
    found = refused(items=rows)

    assert [(problem.field, problem.row, problem.column, problem.message) for problem in found] == [
        ("items", row, column, message)
    ]


def test_keys_that_the_form_does_not_know_are_refused() -> None:
    found = refused(level2="district", __builtins__={}, typename="住址")

    assert [problem.field for problem in found] == ["", "", ""]
    assert found[0].message == "表单里没有“level2”这一项，没有保存。"


def test_a_long_unknown_key_is_not_repeated_in_full() -> None:
    assert len(said(**{"k" * 5_000: 1})[0]) < 80


def test_what_is_not_a_form_at_all_is_refused() -> None:
    with pytest.raises(FormRejected) as refusal:
        form().accept(["title"], {}, {})  # type: ignore[arg-type]

    assert [problem.message for problem in refusal.value.problems] == ["提交的内容不是一张表单。"]


def test_too_much_text_is_refused_before_anything_walks_it() -> None:
    assert said(note="字" * 300_001) == ["填写的内容太多，请精简，较长的材料请作为附件上传。"]


def test_deep_nesting_is_refused_before_anything_walks_it() -> None:
    nested: Any = []
    for _ in range(20_000):
        nested = [nested]

    assert said(note=nested) == ["填写的内容太多，请精简，较长的材料请作为附件上传。"]


def test_texts_are_kept_in_one_normal_form() -> None:
    assert accept(note="e\u0301")["note"] == "\u00e9"


def test_problems_come_in_the_order_of_the_form() -> None:
    found = refused(items=[{"name": "一二三四五"}, {"name": "甲", "count": 0}], title="一", code="x")

    assert [(problem.field, problem.row) for problem in found] == [
        ("title", 0),
        ("code", 0),
        ("items", 1),
        ("items", 2),
    ]


def test_values_of_hidden_fields_are_dropped() -> None:
    assert accept(leader="p1", opinion="同意") == GOOD


def test_a_field_that_depends_on_a_hidden_field_is_hidden_too() -> None:
    shown = accept(level="district", leader="p1", opinion="同意")
    other = accept(level="district", leader="p3", opinion="同意")

    assert shown["opinion"] == "同意"
    assert "opinion" not in other


def test_a_box_that_nobody_mentions_counts_as_unticked() -> None:
    schema = json.loads(json.dumps(SCHEMA))
    schema["properties"]["note"]["x-when"] = {"field": "sure", "equals": False}

    accepted = form(schema).accept({**GOOD, "note": "话"}, {"case": {"open": True}}, {})

    assert accepted.answers["note"] == "话"


def test_a_condition_distinguishes_true_from_one() -> None:
    assert not When("n", (1,)).holds({"n": True})
    assert When("n", (True,)).holds({"n": True})


def test_what_a_condition_makes_required_is_asked_for() -> None:
    assert said(level="district") == ["请填写“区领导”。"]


def test_a_gate_refuses_with_rule_and_help_at_its_field() -> None:
    found = refused(days=4)

    assert found == [FieldProblem("days", "公示不能少于5个工作日。", rule="R120", help="请改为5或更多。")]


def test_what_is_missing_is_asked_for_by_the_rule_the_form_rests_on() -> None:
    assert [problem.rule for problem in refused(title=None, days=None)] == ["R120", "R120"]
    assert [problem.rule for problem in refused(title="太长" * 10)] == [""]


def test_a_field_may_rest_on_a_rule_of_its_own() -> None:
    schema = json.loads(json.dumps(SCHEMA))
    schema["properties"]["title"]["x-rule"] = "R118"

    with pytest.raises(FormRejected) as refusal:
        form(schema).accept({**GOOD, "title": ""}, {"case": {}}, {})

    assert [(problem.field, problem.rule) for problem in refusal.value.problems] == [("title", "R118")]


def test_the_refusal_carries_the_first_rule() -> None:
    with pytest.raises(FormRejected) as refusal:
        accept(days=4)

    assert refusal.value.rule == "R120"


def test_a_gate_reads_facts_of_the_case() -> None:
    with pytest.raises(FormRejected) as refusal:
        form().accept({**GOOD, "note": "话"}, {"case": {"open": False}}, {})

    assert [problem.message for problem in refusal.value.problems] == ["现在不能写说明。"]


def test_gates_wait_until_the_fields_are_right() -> None:
    assert said(days=4, title="一") == ["“议题名称”至少要写2个字。"]


def test_a_task_that_was_never_done_reads_as_empty_in_a_gate() -> None:
    assert accept(media=["web"])["media"] == ["web"]


def test_a_gate_that_fails_while_running_is_not_taken_for_a_yes() -> None:
    broken = {**SCHEMA, "x-rules": [{"check": "note + 1 > 0", "message": "x", "field": "note"}]}

    with pytest.raises(ScriptFailed):
        form(broken).accept({**GOOD, "note": "话"}, {"case": {}}, {})


def test_personal_values_are_named_by_path() -> None:
    answers = {
        **GOOD,
        "phone": "13000000001",
        "items": [{"name": "甲"}, {"name": "乙", "mobile": "13000000002"}],
    }

    accepted = form().accept(answers, {"case": {"open": True}}, {})

    assert accepted.personal_paths == ("phone", "items.1.mobile")


def test_defaults_come_from_earlier_answers_constants_and_the_day() -> None:
    people = [{"name": "甲", "organisation": "3栋"}, {"name": "乙", "count": None}]

    proposed = form().prefill(
        {"earlier": {"title": "照明", "people": people}}, {"today": lambda: "2026-09-14"}
    )

    assert proposed == {
        "title": "照明",
        "days": 5,
        "posted_on": "2026-09-14",
        "items": [{"name": "甲", "present": "community"}, {"name": "乙", "present": "community"}],
    }


def test_what_cannot_be_proposed_yet_is_left_out() -> None:
    assert form().prefill({}, {}) == {"days": 5}
