"""What no database and no history can keep is refused at the door, in words: in every text of every command."""

from dataclasses import MISSING, fields
from decimal import Decimal
from typing import get_type_hints

import pytest

from engine import Deploy, MoveCase, SendMessage, StartCase, SubmitTask, SuspendCase, journal
from engine.errors import FormRejected, NotAllowed, NotFound, Refused
from engine.handlers import HANDLERS
from engine.reading import running
from engine.texts import unfit
from tests.engine.bpmn import sketch
from web.cli import main

DRAWN = sketch.diagram(
    sketch.process(
        "main",
        sketch.start(),
        sketch.user("a"),
        sketch.catch("w", sketch.message("m")),
        sketch.end(),
        sketch.flows("start a w end"),
    ),
    messages="m",
)
HALF, NUL, LARGE = "a\ud800", "a\0", 2**80
PLAIN = {"files": {}, "content": b"", "approved": True, "answers": {}}


@pytest.fixture
def engine(engine_on_sqlite):
    engine_on_sqlite.handle(Deploy({"one.bpmn": DRAWN, "process.toml": ABOUT.encode()}), by="anna")
    return engine_on_sqlite


ABOUT = """id = "one"
title = "一件"
main = "main"
answers = "flat"
as_drawn = true
[facts]
unit = { title = "单位", set_at_start = true }
title = { title = "名称", set_at_start = true }
starter = { title = "发起人", set_at_start = true }
"""


def commands(kind, wrong):
    """The command with what is wrong in each of its texts and contents in turn."""
    hints = get_type_hints(kind)
    plain = {
        one.name: PLAIN.get(one.name, "x")
        for one in fields(kind)
        if one.default is MISSING and one.default_factory is MISSING
    }
    for name, hint in hints.items():
        spoken = str(hint)
        if name in ("answers", "content") or not any(part in spoken for part in ("str", "Any")):
            continue
        if "Mapping" in spoken:
            yield kind(**{**plain, name: {wrong: b"" if name == "files" else 1}})
        if "Mapping" not in spoken or name != "files":
            yield kind(**{**plain, name: {"x": [{"y": wrong}]} if "Mapping" in spoken else wrong})


@pytest.mark.parametrize("wrong", [HALF, NUL], ids=["half a sign", "nul"])
@pytest.mark.parametrize("kind", HANDLERS, ids=lambda kind: kind.__name__)
def test_no_text_of_a_command_may_be_what_nobody_can_keep(engine_on_sqlite, kind, wrong):
    said = list(commands(kind, wrong))

    assert said
    for command in said:
        with pytest.raises(Refused, match="不能保存，没有办理") as refusal:
            engine_on_sqlite.handle(command, by="anna")
        assert refusal.value.help


def test_a_decimal_that_a_program_sends_is_kept_as_text_as_those_of_scripts_are(engine):
    case = engine.handle(StartCase("one", title="甲"), by="anna").case
    (item,) = engine.read(running.open_items, case)
    engine.handle(SubmitTask(item.id, {}), by="anna")

    engine.handle(SendMessage(case, "m", {"amount": Decimal("1.50")}), by="anna")

    told = engine.read(lambda reader: list(journal.of_case(reader.db, case)))[-1].body
    assert (told["type"], told["data"]) == ("message_received", {"amount": "1.50"})


@pytest.mark.parametrize("by", [HALF, NUL])
def test_nobody_is_called_what_nobody_can_keep(engine, by):
    with pytest.raises(NotAllowed, match="没有这样的人员"):
        engine.handle(StartCase("one"), by=by)


@pytest.mark.parametrize(
    "command",
    [
        MoveCase("x", LARGE, "原因"),
        StartCase("one", mentions=LARGE),
        StartCase("one", payload={"x": [LARGE]}),
        SendMessage("x", "m", {"x": -LARGE}),
        SuspendCase("x", [HALF]),
    ],
)
def test_a_number_that_no_column_holds_is_refused(engine, command):
    with pytest.raises(Refused, match="不能保存，没有办理"):
        engine.handle(command, by="anna")


def test_a_version_with_forty_digits_is_not_found(engine):
    case = engine.handle(StartCase("one"), by="anna").case

    with pytest.raises(NotFound):
        engine.handle(MoveCase(case, "9" * 40, "原因"), by="anna")


@pytest.mark.parametrize("answers", [{"x": HALF}, {"x": {HALF: 1}}, {"x": [NUL]}, {HALF: 1}])
def test_answers_are_refused_by_their_form(engine, answers):
    case = engine.handle(StartCase("one"), by="anna").case
    [item] = engine.read(running.open_items, case)

    with pytest.raises(FormRejected):
        engine.handle(SubmitTask(item.id, answers), by="anna")


@pytest.mark.parametrize("case", [HALF, NUL])
def test_what_nobody_can_be_called_is_not_found(engine, case):
    with pytest.raises(NotFound, match="没有找到"):
        engine.read(running.state, case)


def test_what_holds_itself_comes_to_an_end():
    round = []
    round.append(round)

    assert "超过" in unfit(round)
    assert unfit({"文字": ["好", 1, True, None, b"\0"], "x": -(2**63)}) == ""


@pytest.mark.parametrize(
    "words",
    [
        ["start", "one", "--title", "\udcff"],
        ["suspend", "x", "--reason", "\udcff"],
        ["signal", "\udcff"],
        ["start", "one", "--by", "\udcff"],
        ["show", "\udcff"],
    ],
)
def test_bytes_that_are_no_text_are_wrong_arguments(engine, words, capsys, tmp_path):
    with pytest.raises(SystemExit) as end:
        main([*words, "--data", str(tmp_path)])

    assert end.value.code == 2
    assert "残缺的字符" in capsys.readouterr().err


def test_half_a_sign_in_json_is_refused_at_a_terminal(engine, capsys, tmp_path):
    url = engine.database.url.render_as_string()

    code = main(["message", "m", "--json", r'{"x": "\ud800"}', "--by", "anna", "--database", url])

    assert code == 1
    assert "残缺的字符" in capsys.readouterr().err
