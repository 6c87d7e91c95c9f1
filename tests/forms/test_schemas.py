"""Every form of the roundtable is a form here, rests on known rules, and accepts the sample beside it."""

import json
from typing import Any

import pytest

from engine.bpmn.script import compile_expression
from engine.forms import check, load, load_rules
from tests.forms.house import FILES, PATHS, PROCESS, SAMPLES, context, form_of, functions, sample, task_of

TASKS = [task_of(path) for path in PATHS]
REGISTERS = {"submission", "objection", "visit"}


def test_there_is_one_form_per_task_name() -> None:
    assert len(TASKS) == len(set(TASKS)) == 63


@pytest.mark.parametrize("path", PATHS)
def test_a_form_passes_the_gate_without_a_warning(path: str) -> None:
    assert [problem.message for problem in check(FILES, path)] == []


@pytest.mark.parametrize("path", PATHS)
def test_a_form_says_what_it_rests_on(path: str) -> None:
    form = load(FILES, path)

    assert form.rules_basis
    assert all(rule.title and rule.source for rule in form.rules_basis)


@pytest.mark.parametrize("path", PATHS)
def test_expressions_name_fields_of_the_form_facts_or_tasks(path: str) -> None:
    schema = json.loads(FILES[path])
    known = {*schema["properties"], *TASKS, "case", "submission", schema.get("x-item", "case")}

    for text in _expressions(schema):
        assert compile_expression(text).names <= known, text


@pytest.mark.parametrize("path", PATHS)
def test_earlier_answers_are_read_by_fields_that_exist(path: str) -> None:
    facts = set(PROCESS["facts"])
    for text in _expressions(json.loads(FILES[path])):
        for record, field in compile_expression(text).fields:
            if record == "case":
                assert field in facts, text
            elif record in TASKS:
                assert field in {known.key for known in form_of(record).fields}, text


def test_no_expression_reads_a_personal_field() -> None:
    personal = {
        (task, field.key) for task in TASKS for field in form_of(task).fields if field.personal is not None
    }

    read = {
        entry
        for path in PATHS
        for text in _expressions(json.loads(FILES[path]))
        for entry in compile_expression(text).fields
    }

    assert personal
    assert not personal & read


@pytest.mark.parametrize("task", TASKS)
def test_the_sample_of_a_form_is_accepted(task: str) -> None:
    given, world = ({}, {}) if task in REGISTERS else (context({}, {}), functions())

    accepted = form_of(task).accept(sample(task), given, world)

    assert accepted.answers
    assert set(accepted.answers) <= set(sample(task))


@pytest.mark.parametrize("task", TASKS)
def test_the_sample_of_a_form_survives_the_browser(task: str) -> None:
    form = form_of(task)
    answers = form.shown(sample(task))

    read = form.read(form.pairs(answers))

    assert form.shown(read) == {**answers, **_unticked(form, answers)}


@pytest.mark.parametrize("task", TASKS)
def test_what_a_form_proposes_fits_its_fields(task: str) -> None:
    form = form_of(task)

    proposed = form.prefill(context({}, {}), functions())

    for field in form.fields:
        value = proposed.get(field.key)
        if field.kind == "table" and value:
            assert all(set(row) <= {column.key for column in field.columns} for row in value)
        if field.kind == "choice" and value:
            assert value in {option.value for option in field.options}


def test_every_sample_belongs_to_a_form() -> None:
    assert set(SAMPLES) == set(TASKS)


def test_rules_are_quoted_with_document_and_clause() -> None:
    rules = load_rules(FILES)

    assert rules["R120"].text == "将项目计划书进行不少于5个工作日的公示"
    assert rules["R120"].source == "西办发〔2021〕17号 四、3"
    assert rules["R120"].weight == "H"
    assert all(rule.weight in "HPKV" for rule in rules.values())


def test_every_hard_rule_of_the_seven_steps_is_in_force_somewhere() -> None:
    """Class H of requirements G to M: named by a form, as a gate or as its basis."""
    shown_elsewhere = {"R112", "R125", "R126"}
    named = {rule.id for path in PATHS for rule in load(FILES, path).rules_basis} | {
        gate.rule for path in PATHS for gate in load(FILES, path).rules
    }

    hard = {
        rule.id for rule in load_rules(FILES).values() if rule.weight == "H" and "R089" <= rule.id <= "R132"
    }

    assert hard - named - shown_elsewhere == set()


def _expressions(schema: dict[str, Any]) -> list[str]:
    prefills = [part["x-prefill"] for part in schema["properties"].values() if "x-prefill" in part]
    return prefills + [entry["check"] for entry in schema.get("x-rules", [])]


def _unticked(form: Any, answers: dict[str, Any]) -> dict[str, bool]:
    """A browser always says of a box that it is shown: ticked or not."""
    return {
        field.key: False
        for field in form.fields
        if field.kind == "checkbox"
        and field.key not in answers
        and (not field.when or field.when.holds(answers))
    }
