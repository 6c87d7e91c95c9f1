"""A definition is judged in a process of its own: the same answer, within bounds, and nothing of the house is told."""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from engine import definitions, forms, gatekeeping
from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.commands import Deploy
from engine.entitlement import SYSTEM
from engine.errors import DeploymentRefused
from engine.operations import OPERATIONS, PARAMETERS

ATTACKS = Path(__file__).parent / "attacks"
ABOUT = 'id = "attack"\ntitle = "流程"\nmain = "attack"\n'


def files_with(**more):
    """The harmless drawing of the attacks, and what is put beside it."""
    given = {
        "process.toml": ABOUT.encode(),
        "attack.bpmn": (ATTACKS / "harmless.bpmn").read_bytes(),
        "forms/attack/fill-schema.json": (ATTACKS / "harmless.json").read_bytes(),
    }
    return {**given, **{path.replace("__", "."): content for path, content in more.items()}}


def slow_files():
    """Small enough each: elements with very many attributes, each of which the reader compares with each."""
    tag = "<bpmn:task " + " ".join(f'a{number}="1"' for number in range(3_900)) + "/>"
    drawing = (
        (ATTACKS / "harmless.bpmn")
        .read_text("utf-8")
        .replace("</bpmn:process>", tag * 20 + "</bpmn:process>")
    )
    return files_with(**{f"slow{number}__bpmn": drawing.encode() for number in range(25)})


def memory_bomb():
    """18 MB of empty lists, which take twenty times that when they are read."""
    return {**files_with(), "forms/attack/fill-schema.json": b"[" + b"[]," * 6_000_000 + b"[]]"}


def told(files):
    return gatekeeping.problems(definitions.bundle_of(files))


def test_the_gatehouse_answers_as_the_gate_does():
    files = files_with()

    answer = gatekeeping.judged(files, PARAMETERS)

    assert answer == check(Bundle(files, ""), PARAMETERS, forms.check)
    assert {problem.severity for problem in answer} == {"error"}  # lanes and facts are not declared
    assert any(problem.element and problem.help for problem in answer)


def test_the_procedure_of_the_house_is_within_the_bounds(bundle):
    assert gatekeeping.problems(bundle) == ()


def gatehouses():
    """The processes of the gatehouse that this one has started."""
    children = [path.read_text().split() for path in Path(f"/proc/{os.getpid()}/task").glob("*/children")]
    return [Path("/proc") / pid for each in children for pid in each]


def until_gone(group):
    """Waits until no process of a group runs any more; whoever has ended may still await its parent (Z)."""
    for _ in range(100):
        if not any(is_running_in(group, path) for path in Path("/proc").glob("[0-9]*/stat")):
            return
        time.sleep(0.1)
    raise AssertionError(f"group {group} goes on")


def is_running_in(group, stat):
    try:
        state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return int(its_group) == group and state != "Z"


def limits(process):
    """The bounds that the system holds a process to, by their names."""
    lines = (process / "limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[:2] for line in lines}


def test_what_takes_too_long_is_refused_by_a_bound_process_that_knows_no_secret():
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(told, slow_files())
        bound = {}
        while not answer.done() and bound.get("Max file size") != [str(gatekeeping.OUTPUT)] * 2:
            for process in gatehouses():
                with suppress(OSError):
                    bound, environment = limits(process), (process / "environ").read_bytes()

    (problem,) = answer.result()
    assert "时间超过了限度" in problem.message
    assert problem.severity == "error"
    assert problem.help
    assert environment == b""
    assert bound["Max address space"] == [str(gatekeeping.ADDRESS_SPACE)] * 2
    assert int(bound["Max cpu time"][0]) <= 10
    assert bound["Max core file size"] == ["0", "0"]
    assert bound["Max processes"] == ["0", "0"]


def test_what_takes_too_much_memory_is_refused():
    (problem,) = told(memory_bomb())

    assert "内存超过了限度" in problem.message
    assert problem.help


def test_a_gatehouse_that_breaks_down_is_no_permission():
    drawing = (ATTACKS / "harmless.bpmn").read_bytes().replace(b"case/set", b"notice/open")

    with pytest.raises(gatekeeping.Overrun, match="没有做完"):
        gatekeeping.judged(files_with(attack__bpmn=drawing), {"notice/open": "no table"})


def instead(text):
    """Somebody else's program in place of the gatehouse."""
    return [sys.executable, "-c", text]


def test_a_gatehouse_that_was_taken_over_lets_nothing_in(monkeypatch):
    monkeypatch.setattr(gatekeeping, "_COMMAND", instead("print('[]')"))

    assert told(files_with()) == check(Bundle(files_with(), ""), PARAMETERS, forms.check)


@pytest.mark.parametrize("answer", ["", "[1]", '[{"file": 1}]', '{"a": "b"}', "[" * 100])
def test_an_answer_that_is_none_is_a_refusal(monkeypatch, answer):
    monkeypatch.setattr(gatekeeping, "_COMMAND", instead(f"print({answer!r})"))

    (problem,) = told(files_with(rules__toml=answer.encode()))

    assert "没有做完" in problem.message


def test_a_gatehouse_that_sleeps_is_killed_with_all_that_it_began(monkeypatch, tmp_path):
    group = tmp_path / "group"
    begun = f"import os, time; open({str(group)!r}, 'w').write(str(os.getpid())); os.fork(); time.sleep(600)"
    monkeypatch.setattr(gatekeeping, "WALL_SECONDS", 6)
    monkeypatch.setattr(gatekeeping, "_COMMAND", instead(begun))

    (problem,) = told(files_with(rules__toml=b"# asleep"))

    assert "时间超过了限度" in problem.message
    until_gone(int(group.read_text()))


def test_where_no_process_can_be_given_its_files_nothing_is_let_in(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    (problem,) = told(files_with(rules__toml=b"# no disk"))

    assert "没有条件检查" in problem.message
    assert problem.help


def test_more_is_refused_unread_than_may_be_sent():
    (problem,) = told(files_with(a__bpmn=b" " * 20_000_001))

    assert "文件太多或太大" in problem.message


def test_thousands_of_problems_keep_those_that_refuse():
    nodes = "".join(f'<bpmn:task id="t{number}"/>' for number in range(390))
    drawing = (
        (ATTACKS / "harmless.bpmn").read_text("utf-8").replace("</bpmn:process>", nodes + "</bpmn:process>")
    )
    found = told(files_with(**{f"d{number}__bpmn": drawing.encode() for number in range(8)}))

    assert len(found) == 1_000
    assert any(problem.severity == "error" for problem in found)


def test_several_definitions_are_judged_at_once_and_none_is_forgotten():
    bundles = [files_with(rules__toml=f"# {number}".encode()) for number in range(5)]

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(told, bundles))

    assert all(answer == check(Bundle(bundles[0], ""), PARAMETERS, forms.check) for answer in answers)


def test_a_deployment_that_overruns_is_refused_and_the_engine_goes_on(engine, bundle):
    with pytest.raises(DeploymentRefused) as caught:
        engine.handle(Deploy(memory_bomb()), by=SYSTEM)

    assert "内存超过了限度" in caught.value.problems[0].message
    assert engine.read(lambda reader: definitions.current(reader.db, "roundtable")).number == 1


def test_every_operation_declares_its_parameters():
    assert PARAMETERS.keys() == OPERATIONS.keys()
