"""What of the library and of Python must never be reached: doors that run whatever they are given."""

import ast
import re
from pathlib import Path

import pytest

from engine.bpmn.check import check
from tests.engine.bpmn import sketch as s

ROOT = Path(__file__).parents[3]
MODULES = sorted(path for room in ("engine", "web") for path in (ROOT / room).rglob("*.py"))
FORBIDDEN = re.compile(
    r"pickle|marshal|shelve|ctypes|code|runpy|importlib|"
    r"SpiffWorkflow\.serializer(\..*)?|SpiffWorkflow\.specs\.(Execute|Transform)|SpiffWorkflow\.bpmn\.script_engine|"
    r"SpiffWorkflow\.dmn(\..*)?"
)
MAY_RUN_PROGRAMS = {"engine/gatekeeping.py", "engine/bench/postgres.py"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree):
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_room_opens_a_door_that_runs_what_it_is_given(path):
    tree = ast.parse(path.read_text("utf-8"))

    assert [name for name in imported(tree) if FORBIDDEN.fullmatch(name)] == []
    assert not called(tree) & RUNS_TEXT
    if str(path.relative_to(ROOT)) not in MAY_RUN_PROGRAMS:
        assert "subprocess" not in set(imported(tree))


@pytest.mark.parametrize(
    "sample", ["import pickle", "from SpiffWorkflow.specs import Execute", "import code"]
)
def test_the_rule_finds_such_a_door(sample):
    assert any(FORBIDDEN.fullmatch(name) for name in imported(ast.parse(sample)))


@pytest.mark.parametrize("cell", ["?" * 8_000, "? " * 4_000, "(" * 4_000, "not(" * 2_000, "[1.." * 2_000])
def test_a_cell_of_a_decision_table_made_to_take_for_ever_is_refused(cell):
    """The library looks for a question mark with an expression that is quadratic: 60,000 of them hang it."""
    bundle = s.bundle(
        s.diagram(s.process("main", s.start(), s.rule("a", "level"), s.end(), s.flows("start a end"))),
        about='id = "main"\ntitle = "流程"\nmain = "main"\nas_drawn = true\n',
        level__dmn=s.table("level", ["1"], ["quorum"], [([cell], ["1"])]),
    )

    found = [problem for problem in check(bundle) if problem.severity == "error"]

    assert any(problem.file == "level.dmn" for problem in found), found
    assert all(problem.help for problem in found)
