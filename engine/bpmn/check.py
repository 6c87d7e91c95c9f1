"""May this be deployed? All gates in order, each over what the one before let through.

First the bundle (files), then every drawing by itself (gate, constructs, connections, races, rivals, agreement,
canvas, doors), then the procedure as a whole (routes, message_flows, vocabulary, fields, tables, hidden, names). What
is sound so far is played (tokens, branches) and parsed: as many elements as are drawn must come out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine.bpmn import (
    agreement,
    branches,
    canvas,
    connections,
    constructs,
    detours,
    doors,
    fields,
    files,
    gate,
    hidden,
    message_flows,
    names,
    other_tools,
    races,
    rivals,
    routes,
    tables,
    tokens,
    vocabulary,
)
from engine.bpmn.drawing import BY_PEOPLE
from engine.bpmn.fields import FormFields
from engine.bpmn.parse import load
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Bundle, Problem
from engine.bpmn.vocabulary import Operations, Vocabulary
from engine.errors import DeploymentRefused

FormGate = Callable[[Mapping[str, bytes], str], tuple[Problem, ...]]


def check(
    bundle: Bundle, operations: Operations | None = None, forms: FormGate | None = None
) -> tuple[Problem, ...]:
    """Everything that stands against a deployment, in a designer's words; empty when nothing does.

    `operations` are the service operations that exist, with their parameters (None: not checked); `forms` judges
    one schema file. A foreign file is first judged in a process of its own: `engine.gatekeeping`.
    """
    return tuple(dict.fromkeys(_found(bundle, operations, forms)))


def _found(bundle: Bundle, operations: Operations | None, forms: FormGate | None) -> Iterator[Problem]:
    unlawful = list(files.problems(bundle))
    yield from unlawful
    if files.too_large(bundle):
        return
    words = vocabulary.read(bundle)
    sheets, alone = _sheets(bundle, words)
    yield from alone
    sound = not any(map(_forbids, [*unlawful, *alone]))
    if isinstance(words, list):
        yield from words
    elif sheets:
        found = list(_together(bundle, words, sheets, operations, forms))
        yield from found
        if sound and not any(map(_forbids, found)):
            yield from _played(bundle, sheets)
    elif sound:
        yield Problem("", "", "没有流程图", "请至少画一张 .bpmn 流程图")


def _sheets(bundle: Bundle, words: Vocabulary | list[Problem]) -> tuple[list[Sheet], list[Problem]]:
    """What can be read of the drawings, and what stands against each by itself."""
    sheets: list[Sheet] = []
    found: list[Problem] = []
    for path, content in sorted(bundle.files.items()):
        sheet = gate.sheet(path, content) if path.endswith(".bpmn") else []
        if isinstance(sheet, list):
            found += sheet
            continue
        if isinstance(words, Vocabulary):
            sheet = replace(sheet, as_drawn=words.as_drawn, main=words.main)
        sheets.append(sheet)
        found += _alone(sheet)
    return sheets, found


def _alone(sheet: Sheet) -> Iterator[Problem]:
    for room in (constructs, other_tools, connections, races, rivals, agreement, canvas, doors):
        yield from room.problems(sheet)


def _together(
    bundle: Bundle,
    words: Vocabulary,
    sheets: list[Sheet],
    operations: Operations | None,
    forms: FormGate | None,
) -> Iterator[Problem]:
    yield from routes.problems(sheets, words.main)
    yield from message_flows.problems(sheets)
    yield from vocabulary.problems(words, sheets, operations)
    yield from fields.problems(bundle, sheets, formless=words.formless)
    yield from vocabulary.stories(bundle, words, sheets)
    read: dict[str, FormFields] = {}
    used = fields.used(bundle, sheets)
    for path, content in sorted(bundle.files.items()):
        if path in used or (path.startswith("forms/") and path.endswith("-schema.json")):
            yield from forms(bundle.files, path) if forms else ()
            form = fields.read(path, content)
            if isinstance(form, FormFields):
                read[path] = form
            elif not forms:
                yield form
    by_task = {
        node.id: read[path]
        for sheet in sheets
        for node in sheet.nodes
        if (path := fields.path_of(node, bundle.files)) in read and node.kind in BY_PEOPLE
    }
    yield from fields.unanswered(sheets, by_task)
    yield from detours.problems(bundle, sheets, by_task)
    decided, unsound = tables.read(bundle)
    yield from unsound
    yield from tables.problems(bundle, decided, sheets)
    yield from hidden.problems(sheets, by_task, decided, words.flat)
    known = names.known(words, sheets, by_task, decided)
    yield from names.problems(known, sheets)
    for path, decision in decided.items():
        yield from names.table_problems(known, path, decision)
    for form in read.values():
        yield from names.form_problems(known, form)
        yield from () if forms else names.form_texts(known, form)


def _played(bundle: Bundle, sheets: list[Sheet]) -> Iterator[Problem]:
    """Only over what is sound so far."""
    for sheet in sheets:
        yield from tokens.problems(sheet)
    yield from branches.problems(sheets)
    yield from _parsed(bundle, sheets)


def _parsed(bundle: Bundle, sheets: list[Sheet]) -> Iterator[Problem]:
    """What is drawn is what runs: every node of every diagram in use becomes an element of the engine."""
    try:
        model = load(bundle)
    except DeploymentRefused as no:
        yield from no.problems
        return
    specs = {spec.name: spec for spec in (model.spec, *model.specs.values())}
    for sheet in sheets:
        if sheet.process not in specs:
            continue
        for node in sheet.nodes:
            spec = specs.get(node.scope)
            if spec is None or node.id not in spec.task_specs:
                yield sheet.problem(node, f"{sheet.title(node)}画了但不会执行", "请删掉它重画")


def _forbids(problem: Problem) -> bool:
    return problem.severity == "error"
