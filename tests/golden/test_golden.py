"""Histories that earlier versions have recorded: every later version must make the same of them."""

from dataclasses import replace

import pytest

from engine.audit import recorded
from engine.audit.self_check import GOLDEN, self_check
from engine.bpmn import variables
from engine.errors import HistoryBroken
from tests.golden.histories import FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_recorded_history_is_executed_again_to_the_same_end(folder):
    assert recorded.check(recorded.read(folder)) is None


def test_histories_are_there():
    assert len(FOLDERS) >= 4


def test_the_self_check_executes_the_shipped_history():
    assert self_check() > 40


def test_the_self_check_refuses_a_build_that_makes_something_else_of_it(monkeypatch):
    monkeypatch.setattr(variables, "merge", lambda data, other, but=(): None)

    with pytest.raises(HistoryBroken, match="启动自检没有通过"):
        self_check()


def test_the_self_check_refuses_a_history_that_was_changed(tmp_path):
    history = recorded.read(GOLDEN / "roundtable")
    changed = replace(history, events=(*history.events[:3], *history.events[4:]))
    recorded.write(tmp_path, changed.events, changed.definitions.values())

    with pytest.raises(HistoryBroken):
        self_check(tmp_path)


def test_the_self_check_refuses_a_definition_that_was_changed(tmp_path):
    history = recorded.read(GOLDEN / "roundtable")
    recorded.write(tmp_path, history.events, history.definitions.values())
    archive = next(tmp_path.glob("*.zip"))
    archive.rename(tmp_path / f"{'0' * 64}.zip")

    with pytest.raises(HistoryBroken):
        self_check(tmp_path)


def test_writing_a_history_twice_gives_the_same_bytes(tmp_path):
    history = recorded.read(FOLDERS[-1])
    for name in ("one", "two"):
        recorded.write(tmp_path / name, history.events, history.definitions.values())

    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
