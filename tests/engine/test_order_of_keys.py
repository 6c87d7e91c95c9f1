"""The history keeps records with sorted keys: a script that walks over keys must walk them so from the beginning."""

from engine import SendMessage, StartCase, SubmitTask
from engine.audit import verify
from engine.commands import Deploy
from engine.reading import running
from tests.engine.bpmn import sketch as s

ABOUT = """id = "walked"
title = "逐项"
main = "main"
answers = "flat"
as_drawn = true
[facts]
unit = { title = "单位", set_at_start = true }
title = { title = "名称", set_at_start = true }
starter = { title = "发起人", set_at_start = true }
"""
WALK = "seen = ''\nfor key in given:\n  seen = seen + key\nfor key in told:\n  seen = seen + key"
DRAWN = s.diagram(
    s.process(
        "main",
        s.start(),
        s.user("ask"),
        s.catch("wait", s.message("note", variable="told")),
        s.script("walk", WALK + "\nat_start = brought.keys()\nasked = holder('owner', today()).keys()"),
        s.user("last"),
        s.end(),
        s.flows("start ask wait walk last end"),
    ),
    messages="note",
)


def test_what_walks_over_the_keys_of_an_answer_walks_them_alike_when_it_is_executed_again(engine_on_sqlite):
    engine = engine_on_sqlite
    engine.handle(Deploy({"walked.bpmn": DRAWN, "process.toml": ABOUT.encode()}), by="anna")
    case = engine.handle(StartCase("walked", payload={"brought": {"z": 1, "y": 2}}), by="anna").case
    [item] = engine.read(running.open_items, case)
    engine.handle(SubmitTask(item.id, {"given": {"b": 1, "a": {"d": 1, "c": 2}}}), by="anna")
    engine.handle(SendMessage(case, "note", {"q": 1, "p": 2}), by="anna")

    known = engine.read(running.data, case)

    assert (known["seen"], known["at_start"]) == ("abpq", ["y", "z"])
    assert known["asked"] == ["name", "person", "post"]
    assert engine.read(verify.verify_case, case).finding is None
