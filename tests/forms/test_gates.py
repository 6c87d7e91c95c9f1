"""Every hard gate refuses what it must, names its rule at its field, and lets the rest through (gates.toml)."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.errors import FormRejected
from tests.forms.house import FILES, PATHS, context, filled, form_of, functions, sample, task_of

TABLE = tomllib.loads((Path(__file__).parent / "gates.toml").read_text())
DATES = [
    (task_of(path), entry["field"], entry["message"])
    for path in PATHS
    for entry in json.loads(FILES[path]).get("x-rules", [])
    if entry["check"] == f"{entry['field']} <= today()"
]


def _named(told: Mapping[str, Any]) -> str:
    return f"{told['form']}: {told.get('says', told.get('why'))}"


@pytest.mark.parametrize("told", TABLE["refused"], ids=_named)
def test_a_gate_refuses_with_its_rule_at_its_field(told: Mapping[str, Any]) -> None:
    with pytest.raises(FormRejected) as refusal:
        _submit(told)

    found = [problem for problem in refusal.value.problems if told["says"] in problem.message]
    assert [(problem.field, problem.rule) for problem in found] == [(told["field"], told["rule"])]
    assert found[0].help or not told["rule"]


@pytest.mark.parametrize("told", TABLE["passes"], ids=_named)
def test_a_gate_lets_through(told: Mapping[str, Any]) -> None:
    assert _submit(told)


@pytest.mark.parametrize(("task", "field", "message"), DATES)
def test_nothing_is_recorded_before_it_has_happened(task: str, field: str, message: str) -> None:
    with pytest.raises(FormRejected) as refusal:
        _submit({"form": task, "fill": {field: "@today+1"}})

    assert (field, message) in [(problem.field, problem.message) for problem in refusal.value.problems]


def test_every_gate_has_something_that_it_refuses() -> None:
    shown = {(told["form"], told["says"]) for told in TABLE["refused"]}
    dated = {(task, message) for task, _, message in DATES}

    gates = {(task_of(path), rule.message) for path in PATHS for rule in form_of(task_of(path)).rules}

    missing = {
        (task, message)
        for task, message in gates - dated
        if not any(task == form and says in message for form, says in shown)
    }
    assert missing == set()


def _submit(told: Mapping[str, Any]) -> dict[str, Any]:
    task = told["form"]
    answers = _changed(task, {**sample(task), **filled(told.get("fill", {}))}, told)
    given = {**context(told.get("case", {}), told.get("earlier", {})), **told.get("item", {})}
    asked = functions(told.get("council", 7), vacant=told.get("vacant", False))
    return form_of(task).accept(answers, given, asked).answers


def _changed(task: str, answers: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What a table of people needs to be changed by: said in one word instead of twenty rows."""
    if "committee" in told:
        columns = ("name", "party", "head")
        answers["members"] = [dict(zip(columns, row, strict=True)) for row in told["committee"]]
    for table, change in (("roster", _roster), ("parties", _parties), ("attendance", _attendance)):
        if table in told:
            answers[table] = change(answers[table], told[table])
    return answers


def _roster(rows: list[dict[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "repeat" in told:
        return [*rows, next(row for row in rows if row["name"] == told["repeat"])]
    if "without" in told:
        return [row for row in rows if row["category"] != told["without"]]
    if "only" in told:
        return [row for row in rows if row["kind"] == told["only"]]
    return [{**row, "kind": told["kind"]} if row["category"] == told["kind_of"] else row for row in rows]


def _parties(rows: list[dict[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "repeat" in told:
        return [*rows, next(row for row in rows if row["name"] == told["repeat"])]
    if "performer" in told:
        return [{**row, "performer": told["performer"]} for row in rows]
    return [row for row in rows if row["group"] != told["without"]]


def _attendance(rows: list[dict[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "drop" in told:
        return [row for row in rows if row["name"] != told["drop"]]
    if "add" in told:
        return [*rows, {"name": told["add"], "category": "other", "present": "yes"}]
    if "category" in told:
        return [{**row, "category": told["category"]} if row["name"] == told["of"] else row for row in rows]
    if "leave" in told:
        return [_on_leave(row) if row["name"] == told["leave"] else row for row in rows]
    absent = {row["name"] for row in rows[-told["absent"] :]}
    everybody = [{**row, "present": "yes"} for row in rows]
    return [_on_leave(row) if row["name"] in absent else row for row in everybody]


def _on_leave(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "present": "no", "leave_reason": "请假"}
