"""One name for one thing: a task's id in the diagram, its form's file and its story. Knows files, runs nothing."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
FORM_PROPERTY = "formJsonSchemaFilename"
REGISTERS = "registers/"


@dataclass
class Procedure:
    """What the files of one procedure name: diagrams by stem, forms by diagram, stories, lanes, rules."""

    tasks: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # diagram → user task → its form's file name
    lanes: dict[str, set[str]] = field(default_factory=dict)  # diagram → lane ids
    ends: set[str] = field(default_factory=set)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)  # "diagram/task-schema.json" → schema
    stories: dict[str, dict[str, Any]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)  # process.toml
    rules: set[str] = field(default_factory=set)  # ids in rules.toml


def read_procedure(processes: Path, forms: Path) -> Procedure:
    found = Procedure()
    for file in sorted(processes.glob("*.bpmn")):
        diagram = ElementTree.fromstring(file.read_bytes())
        found.tasks[file.stem] = dict(_user_tasks(diagram))
        found.lanes[file.stem] = {lane.get("id", "") for lane in diagram.iter(f"{BPMN}lane")}
        found.ends |= {end.get("id", "") for end in diagram.iter(f"{BPMN}endEvent")}
    for file in sorted(forms.rglob("*-schema.json")):
        found.forms[str(file.relative_to(forms))] = json.loads(file.read_text("utf-8"))
    for file in sorted(processes.glob("*.story.toml")):
        found.stories[file.name] = tomllib.loads(file.read_text("utf-8"))
    found.about = _toml(processes / "process.toml")
    found.rules = set(_toml(processes / "rules.toml").get("rule", {}))
    return found


def forms_without_task(found: Procedure) -> list[str]:
    """The forms of registers are filled outside any case and belong to no task."""
    wanted = {f"{diagram}/{task}-schema.json" for diagram, tasks in found.tasks.items() for task in tasks}
    return [
        f"{form} belongs to no user task"
        for form in sorted(set(found.forms) - wanted)
        if not form.startswith(REGISTERS)
    ]


def tasks_without_form(found: Procedure) -> list[str]:
    return [
        f"{diagram}: {task} has no form {task}-schema.json"
        for diagram, tasks in found.tasks.items()
        for task in tasks
        if f"{diagram}/{task}-schema.json" not in found.forms
    ]


def tasks_with_another_form(found: Procedure) -> list[str]:
    return [
        f"{diagram}: {task} names the form {form or 'nothing'}"
        for diagram, tasks in found.tasks.items()
        for task, form in tasks.items()
        if form != f"{task}-schema.json"
    ]


def tasks_drawn_twice(found: Procedure) -> list[str]:
    """Call activities copy all data in and out, so a task's id is unique across the procedure."""
    drawn = Counter(task for tasks in found.tasks.values() for task in tasks)
    return [f"{task} is drawn {times} times" for task, times in drawn.items() if times > 1]


def unknown_lanes(found: Procedure) -> list[str]:
    known = set(found.about.get("lanes", {}))
    return [
        f"{diagram}: lane {lane} is not in process.toml"
        for diagram, lanes in found.lanes.items()
        for lane in sorted(lanes - known)
    ]


def unknown_ends(found: Procedure) -> list[str]:
    missing = set(found.about.get("ends", {})) - found.ends
    return [f"process.toml: no diagram has the end {end}" for end in sorted(missing)]


def unknown_in_stories(found: Procedure) -> list[str]:
    known = {task for tasks in found.tasks.values() for task in tasks}
    return [
        f"{story}: step {number} names {task}, which no diagram has"
        for story, told in found.stories.items()
        for number, step in enumerate(told.get("step", []), 1)
        for task in (step.get("task"), *_open_tasks(step))
        if task and task not in known
    ]


def unknown_rules(found: Procedure) -> list[str]:
    cited = [(form, rule) for form, schema in found.forms.items() for rule in _rules_of(schema)]
    cited += [
        (story, step["refused"])
        for story, told in found.stories.items()
        for step in told.get("step", [])
        if isinstance(step.get("refused"), str)
    ]
    return [
        f"{where} cites {rule}, which rules.toml lacks" for where, rule in cited if rule not in found.rules
    ]


def _user_tasks(diagram: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for task in diagram.iter(f"{BPMN}userTask"):
        properties = {p.get("name"): p.get("value") for p in task.iter(f"{SPIFF}property")}
        yield task.get("id", ""), properties.get(FORM_PROPERTY) or ""


def _open_tasks(step: dict[str, Any]) -> list[str]:
    """The element ids of `then`: an entry may be a path with rounds and items."""
    return [str(path).rsplit("/", 1)[-1].split("#")[0].split("[")[0] for path in step.get("then", [])]


def _rules_of(schema: dict[str, Any]) -> list[str]:
    return [
        *schema.get("x-basis", []),
        *(gate["rule"] for gate in schema.get("x-rules", []) if "rule" in gate),
    ]


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
