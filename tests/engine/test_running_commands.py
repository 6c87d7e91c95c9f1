"""The commands on running cases say in Chinese what they did, what is to be done now, and end as they should."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import shift_to
from engine.engine import Engine
from tests.engine import conversing
from tests.engine.bpmn import sketch
from tests.house_rules import english_in

FOLDERS = Path(__file__).parent / "foreign"


@pytest.fixture
def started(say):
    """Deploys a folder, starts a case; gives the case."""

    def start(name, *more):
        assert say("deploy", FOLDERS / name, "--as", "anna")[0] == 0
        return re.search("已发起：(.+)", say("start", name, *more)[1])[1]

    return start


def item(say, path):
    lines = say("tasks")[1].splitlines()
    return next(line.split()[0] for line in lines if line.split()[2:3] == [path])


def test_a_signal_reaches_every_case_that_waits_for_it(say, started):
    started("stock_alarm")
    say("start", "stock_alarm")

    code, told = say("signal", "alarm")

    assert (code, "已发出，送达并处理了2项" in told) == (0, True)
    assert say("tasks")[1].count(" leave ") == 2


def test_a_message_without_a_case_finds_the_one_that_waits_or_begins_one(say, started):
    case = started("hiring")
    say("complete", item(say, "interview"))
    say("complete", item(say, "offer"))

    assert "送达并处理了1项" in say("message", "offer accepted", "--json", '{"from": "2026-12-01"}')[1]
    assert item(say, "contract")
    assert case in say("tasks")[1]

    say("deploy", FOLDERS / "complaint", "--as", "anna")
    assert "送达并处理了1项" in say("message", "complaint", "--json", '{"about": "noise"}')[1]
    assert item(say, "look")
    assert say("message", "nobody waits for this")[0] == 1


def test_a_case_begins_with_variables_or_at_an_event(say, started):
    assert "clean" in say("show", started("plain_code", "--json", '{"jobs": ["clean"]}'))[1]

    say("deploy", FOLDERS / "complaint", "--as", "anna")
    assert say("start", "complaint")[0] == 1
    assert say("start", "complaint", "--at", "Event_received", "--json", '{"about": "dirt"}')[0] == 0


def test_a_case_that_stopped_says_why_and_can_be_cancelled(say, started):
    case = started("plain_code")

    code, told = say("complete", item(say, "ask"), "--json", "{}")
    assert (code, "停下来等待处理" in told, "jobs" in told) == (1, True, True)
    assert say("retry", case, "--reason", "once more")[0] == 1
    assert "停下：which" in say("show", case)[1]
    assert say("cancel", case, "--reason", "drawn wrongly")[0] == 0

    assert f"{case}：已撤销" in say("show", case)[1]


def test_cases_are_listed_with_how_they_stand(say, started):
    first = started("payment", "--title", "one")
    second = re.search("已发起：(.+)", say("start", "payment", "--title", "two")[1])[1]
    say("suspend", second, "--reason", "later")

    told = say("cases")[1].splitlines()
    assert told == [f"{first} payment 正在办理 one", f"{second} payment 已暂停 two", "共2件。"]
    assert say("cases", "another")[1] == "共0件。\n"


def test_a_case_is_suspended_and_resumed(say, started):
    case = started("payment")

    assert "已暂停" in say("suspend", case, "--reason", "later")[1]
    assert say("complete", item_of(say, case), "--json", '{"paid": true}')[0] == 1
    assert "待办" in say("resume", case, "--reason", "now")[1]
    assert say("complete", item_of(say, case), "--json", '{"paid": true}')[0] == 0


def item_of(say, case):
    return say("tasks", "--case", case)[1].split()[0]


def test_what_a_form_refuses_is_printed_field_by_field(say, started):
    started("order_approval")

    code, told = say(
        "complete", item(say, "Activity_enter"), "--json", json.dumps({"price": 0, "quantity": 1})
    )

    assert code == 1
    assert "问题：item：请填写“What”。" in told
    assert "问题：price：“Price in cents”不能小于1。" in told


@pytest.mark.parametrize("given", ["[", '{"a": 1, "a": 2}', "nul"])
def test_what_is_no_json_is_refused_in_a_sentence(say, started, given):
    started("payment")

    code, told = say("complete", item(say, "Sub_pay/card"), "--json", given)

    assert code == 1
    assert "内容读不出来" in told


def test_where_a_directory_knows_several_people_it_must_be_said_who_acts(say, started, tmp_path):
    started("payment")
    more = tmp_path / "directory.toml"
    more.write_text('[[person]]\nid = "ben"\nname = "Ben"\n')
    say("directory", more)

    code, told = say("start", "payment")
    assert (code, "--by" in told) == (1, True)
    assert say("start", "payment", "--by", "anna")[0] == 0
    assert say("start", "payment", "--by", "ben")[0] == 1


def test_a_folder_is_checked_before_it_is_deployed(say):
    def check(*words):
        return say("check", *words)

    assert check(FOLDERS / "payment")[0] == 0
    code, told = check(FOLDERS)
    assert (code, "没有流程图" in told) == (1, True)


def test_both_ways_of_giving_a_value_at_once_are_wrong_arguments(say):
    with pytest.raises(SystemExit) as stopped:
        say("complete", "x", "--json", "{}", "--file", "y")

    assert stopped.value.code == 2


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    "words",
    [
        ("cancel", "{}", "--reason", "oops"),
        ("suspend", "{}", "--reason", "oops"),
        ("show", "{}"),
        ("verify", "{}"),
        ("tasks", "--case", "{}"),
        ("complete", "{}"),
        ("message", "alarm", "--case", "{}"),
    ],
)
def test_an_empty_word_names_no_case(say, started, capsys, words, blank):
    started("stock_alarm")

    with pytest.raises(SystemExit) as stopped:
        say(*(word.format(blank) for word in words))

    assert stopped.value.code == 2
    assert "不能是空的" in capsys.readouterr().err
    assert "正在办理" in say("cases")[1]


@pytest.mark.parametrize("words", [("tasks", "--case"), ("verify",), ("show",)])
def test_a_case_that_is_unknown_is_not_found(say, started, words):
    started("stock_alarm")

    code, told = say(*words, "zz")

    assert (code, "没有找到“zz”这一件" in told, "不一致" in told) == (1, True, False)


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":\n x}', "第2行第2列"),
        ("1" * 5000, "数字太长"),
        (DEEP, "嵌套太深"),
        ('{"a":1,"a":2}', "写了两次"),
    ],
)
def test_what_is_no_json_is_refused_in_chinese(say, started, text, said):
    case = started("stock_alarm")

    code, told = say("message", "alarm", "--case", case, "--json", text)

    assert (code, said in told, english_in(told)) == (1, True, [])


def test_a_file_that_cannot_be_read_is_refused_in_chinese(say, started, tmp_path):
    started("stock_alarm")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    assert "不是 UTF-8" in say("signal", "alarm", "--file", tmp_path / "binary")[1]
    assert "没有这个文件" in say("signal", "alarm", "--file", tmp_path / "none")[1]
    assert "这是文件夹" in say("signal", "alarm", "--file", tmp_path)[1]


def test_an_unknown_process_to_begin_in_is_named_with_those_there_are(say):
    code, told = say("deploy", FOLDERS / "stock_alarm", "--as", "anna", "--main", "zz")

    assert (code, "“zz”" in told, "--main（main=）可写：" in told) == (1, True, True)


@pytest.fixture
def asking(say, tmp_path):
    """Two cases of their own that wait for an answer, each for the one with its number."""
    home = tmp_path / "asking"
    home.mkdir()
    drawn = sketch.diagram(conversing.ORDER, conversing.asking(), messages="request reply more")
    (home / "asking.bpmn").write_bytes(drawn)
    assert say("deploy", home, "--as", "anna")[0] == 0
    cases = []
    for number in (1, 2):
        cases.append(re.search("已发起：(.+)", say("start", "asking")[1])[1])
        say("complete", item(say, "number_it"), "--json", json.dumps({"number": number}))
    return cases


def test_a_message_goes_to_the_case_whose_keys_it_brings(say, asking):
    code, told = say("message", "reply", "--correlation", '{"order": 2}', "--json", '{"number": 2}')

    assert (code, f"现在：已送达（{asking[1]}）" in told) == (0, True)
    assert [line.split()[1] for line in say("tasks")[1].splitlines()[:-1]] == [asking[1]]


def test_a_message_to_a_suspended_case_is_said_to_be_taken_and_not_to_have_arrived(say, asking):
    say("suspend", asking[0], "--reason", "later")

    code, told = say("message", "reply", "--case", asking[0], "--json", '{"number": 1}')

    assert (code, "已送达" in told, "已收下" in told, "恢复办理时依次交付" in told) == (0, False, True, True)
    assert "暂存" in say("messages")[1]


def test_keys_that_contradict_a_case_do_not_reach_it(say, asking):
    words = ("message", "reply", "--case", asking[0], "--correlation", '{"order": 2}', "--json", "{}")

    code, told = say(*words)

    assert (code, "不属于这" in told) == (1, True)
    assert "等待时间或消息" in say("show", asking[0])[1]


@pytest.mark.parametrize("keys", ["", "7", "{}", "{", "[1]"])
def test_keys_that_are_no_object_are_refused(say, asking, keys):
    code, told = say("message", "reply", "--correlation", keys)

    assert (code, "JSON" in told) == (1, True)


def test_a_message_is_sent_for_a_unit_that_one_serves(say, started):
    started("stock_alarm")

    assert say("signal", "alarm", "--unit", "own")[0] == 0
    code, told = say("signal", "alarm", "--unit", "zz")

    assert (code, "单位" in told, english_in(told)) == (1, True, [])
    assert say("message", "m", "--case", "x", "--unit", "own")[0] == 1


def test_a_terminal_goes_by_the_clock_of_a_demonstration(say, started, tmp_path):
    started("payment")
    engine = Engine.open(f"sqlite:///{tmp_path / 'data' / 'roundtable.db'}")
    engine.small(shift_to, engine.now() + timedelta(days=400))
    engine.database.dispose()

    case = re.search("已发起：(.+)", say("start", "payment")[1])[1]

    year = (datetime.now(UTC) + timedelta(days=400)).year
    assert f"经过：1 {year}-" in say("show", case)[1]
