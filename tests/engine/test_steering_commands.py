"""What an operator types beside the drawn way: correct, give back, undo, claim, return, skip; and what is refused."""

import json
import re

import pytest

from tests.engine.bpmn import sketch
from tests.house_rules import english_in

ABOUT = """
id       = "work"
title    = "Work"
main     = "work"
answers  = "flat"
as_drawn = true

[returns]
look = ["ask"]

[roles]
community_secretary = "书记"

[skips]
look = "community_secretary"
"""


@pytest.fixture
def folder(tmp_path):
    """Writes a folder with one drawing: ask, a script, look."""

    def write(script="y = 100 // x", about=ABOUT, name="work"):
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        parts = (sketch.start(), sketch.user("ask"), sketch.script("reckon", script), sketch.user("look"))
        drawn = sketch.process("work", *parts, sketch.end(), sketch.flows("start ask reckon look end"))
        (home / "work.bpmn").write_bytes(sketch.diagram(drawn))
        if about:
            (home / "process.toml").write_text(about)
        return home

    return write


@pytest.fixture
def case(say, folder):
    assert say("deploy", folder(), "--as", "anna")[0] == 0
    return begun(say, "work")


@pytest.fixture
def stopped(say, case):
    """Its script has divided by nothing."""
    assert say("complete", item(say, "ask"), "--json", '{"x": 0}')[0] == 1
    return case


def begun(say, name):
    return re.search("已发起：(.+)", say("start", name)[1])[1]


def item(say, path):
    lines = say("tasks")[1].splitlines()
    return next(line.split()[0] for line in lines if line.split()[2:3] == [path])


def test_a_stopped_case_shows_what_is_pending_as_a_correction_writes_it(say, stopped):
    assert '待执行：{"ask": {"x": 0}}' in say("show", stopped)[1]


def test_what_was_submitted_is_corrected_and_retried(say, stopped):
    code, told = say("correct", stopped, "--reason", "写错了", "--json", '{"ask": {"x": 4}}')
    assert (code, "用 retry" in told) == (0, True)

    code, told = say("retry", stopped, "--reason", "已更正")

    assert (code, " look " in told) == (0, True)
    assert '"y": 25' in say("show", stopped)[1]
    assert say("verify", stopped)[0] == 0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"nobody": 1}', "没有「nobody」"),
        ("{}", "没有写明要改什么"),
        ("[1]", "没有写明要改什么"),
        ('{"ask": 3}', "没有写明是哪几项"),
        ('{"ask": {"x": 0.5}}', "小数"),
        ("{", "内容读不出来"),
    ],
)
def test_a_correction_that_cannot_be_made_changes_nothing(say, stopped, written, said):
    code, told = say("correct", stopped, "--reason", "试试", "--json", written)

    assert (code, said in told, english_in(told.replace("JSON", ""))) == (1, True, [])
    assert '待执行：{"ask": {"x": 0}}' in say("show", stopped)[1]


def test_what_was_submitted_on_a_form_of_another_tool_is_corrected_by_that_form(say, tmp_path):
    home = tmp_path / "sums"
    home.mkdir()
    ask = sketch.user("ask", formJsonSchemaFilename="sum.json")
    parts = (sketch.start(), ask, sketch.script("reckon", "y = 100 // x"), sketch.user("look"), sketch.end())
    flows = sketch.flows("start ask reckon look end")
    (home / "sums.bpmn").write_bytes(sketch.diagram(sketch.process("sums", *parts, flows)))
    schema = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "title": "Count"}}}
    (home / "sum.json").write_text(json.dumps(schema))
    assert say("deploy", home, "--as", "anna")[0] == 0
    case = begun(say, "sums")
    say("complete", item(say, "ask"), "--json", '{"x": 0}')

    code, told = say("correct", case, "--reason", "写错了", "--json", '{"ask": {"x": "four"}}')
    assert (code, "Count" in told) == (1, True)
    assert say("correct", case, "--reason", "写错了", "--json", '{"ask": {"x": 4}}')[0] == 0

    assert say("retry", case, "--reason", "已更正")[0] == 0
    assert say("verify", case)[0] == 0


def test_data_of_a_case_that_runs_is_not_corrected_and_what_helps_is_said(say, case):
    code, told = say("correct", case, "--reason", "试试", "--json", '{"x": 1}')

    assert (code, "没有停下来" in told, "--facts" in told) == (1, True, True)


def test_facts_are_corrected_where_the_procedure_says_so(say, folder):
    facts = '\n[facts]\nunit = {title = "单位", set_at_start = true}\ntitle = {title = "名称", set_at_start = true}\n'
    facts += (
        'starter = {title = "发起人", set_at_start = true}\ncolour = {title = "颜色", correctable = true}\n'
    )
    assert say("deploy", folder(about=ABOUT + facts), "--as", "anna")[0] == 0
    case = begun(say, "work")

    assert say("correct", case, "--facts", "--reason", "补记", "--json", '{"colour": "红"}')[0] == 0
    code, told = say("correct", case, "--facts", "--reason", "补记", "--json", '{"starter": "x"}')

    assert (code, "不能更正" in told) == (1, True)
    assert say("verify", case)[0] == 0


def test_a_submission_is_given_back_and_done_again(say, stopped):
    assert say("give-back", stopped, "--reason", "请重填")[0] == 0

    assert "正在办理" in say("show", stopped)[1]
    assert say("complete", item(say, "ask"), "--json", '{"x": 5}')[0] == 0
    assert say("give-back", stopped, "--reason", "再来")[0] == 1


def test_ones_own_last_step_is_withdrawn_and_a_task_sent_back(say, case):
    say("complete", item(say, "ask"), "--json", '{"x": 5}')
    assert " ask " in say("withdraw", case, "--reason", "再想想")[1]

    say("complete", item(say, "ask"), "--json", '{"x": 5}')
    assert say("return", item(say, "look"), "--to", "nowhere", "--reason", "重办")[0] == 1
    code, told = say("return", item(say, "look"), "--to", "ask", "--reason", "重办")

    assert (code, " ask " in told) == (0, True)


def test_a_task_is_claimed_and_released(say, case):
    assert "已由anna认领" in say("claim", item(say, "ask"))[1]
    assert "认领" not in say("release", item(say, "ask"))[1]


def test_a_move_is_undone(say, folder, case):
    assert say("deploy", folder("y = 200 // x"), "--by", "anna")[0] == 0
    assert say("undo-move", case, "--reason", "没有换过")[0] == 1
    assert "已换" in say("move", "work", "--to", "2", "--reason", "新版")[1]

    assert say("undo-move", case, "--reason", "换错了")[0] == 0

    say("complete", item(say, "ask"), "--json", '{"x": 10}')
    assert '"y": 10' in say("show", case)[1]


def test_a_skip_is_asked_for_and_not_approved_by_who_asked(say, case):
    say("complete", item(say, "ask"), "--json", '{"x": 5}')
    look = item(say, "look")
    assert say("skip", look, "--approve", "--reason", "可以")[0] == 1

    assert say("skip", look, "--reason", "不需要")[0] == 0
    code, told = say("skip", look, "--approve", "--reason", "可以")

    assert (code, "申请人不能批准" in told) == (1, True)


def test_an_item_that_is_unknown_is_said_by_every_command_on_items(say, case):
    for words in (
        ("claim",),
        ("release",),
        ("complete",),
        ("skip", "--reason", "x"),
        ("delegate", "--to", "b", "--reason", "x"),
        ("return", "--to", "b", "--reason", "x"),
    ):
        code, told = say(words[0], "zz", *words[1:])
        assert (code, english_in(told)) == (1, []), words


@pytest.mark.parametrize(
    "words",
    [
        ("start", "work"),
        ("complete", "x"),
        ("message", "m"),
        ("cancel", "x", "--reason", "y"),
        ("deploy", "work"),
        ("move", "work", "--to", "2"),
        ("tasks",),
    ],
)
def test_a_blank_name_is_nobody(say, case, capsys, words):
    with pytest.raises(SystemExit) as wrong:
        say(*words, "--by", " ")

    assert wrong.value.code == 2
    assert "请写岗位编号或人员编号" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "流程"),
        (("work", "--unit", "zz"), "没有找到这个单位"),
        (("work", "--at", "nowhere"), "nowhere"),
        (("work", "--at", "start"), "start"),
        (("work", "--json", "[1]"), "对象"),
        (("work", "--json", '{"len": 1}'), "len"),
        (("work", "--json", '{"a": 0.5}'), "小数"),
        (("work", "--by", "zz"), "没有找到这名人员"),
        (("work", "--title", "长" * 201), "不超过200个字"),
        (("work", "--title", "一行\n两行"), "不能换行"),
    ],
)
def test_a_start_that_cannot_be_is_said_in_chinese_and_begins_nothing(say, case, words, said):
    code, told = say("start", *words)

    assert (code, said in told) == (1, True)
    assert english_in(told) == []
    assert "共1件" in say("cases")[1]


def test_a_complaint_about_no_field_leaves_no_hole(say, case):
    code, told = say("complete", item(say, "ask"), "--json", "[1]")

    assert (code, "：：" in told) == (1, False)
