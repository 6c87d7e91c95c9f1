"""No data may have a name that means something in the language: refused at every door through which data comes."""

import json

import pytest

from engine import forms
from engine.bpmn.check import check
from engine.bpmn.script import KNOWN_FUNCTIONS, RESERVED, compile_expression, evaluate
from engine.bpmn.step import Bundle
from engine.errors import FormRejected, Refused, ScriptFailed
from engine.forms.free import accepted
from tests.engine.bpmn import sketch as s

ABOUT = 'id = "main"\ntitle = "流程"\nmain = "main"\nas_drawn = true\nanswers = "flat"\n[facts]\n'
NAMES = sorted(RESERVED)


def drawn(*parts, messages="m"):
    return s.bundle(s.diagram(s.process("main", *parts), messages=messages), about=ABOUT)


def around(node, *more):
    return drawn(s.start(), node, *more, s.end(), s.flows("start a end"))


def many(*given, **named):
    """As editors draw it: the id of an item is its name."""
    return s.many(*given, **named).replace('_of" name', '" name')


def object_written(name):
    return around(s.user("a", s.keep(name)), s.data_object(name))


def object_only_drawn(name):
    return around(s.user("a"), s.data_object(name))


def table_output(name):
    table = s.table("level", ["1"], [name], [(["1"], ["2"])])
    bundle = around(s.rule("a", "level"))
    return Bundle({**bundle.files, "level.dmn": table}, "")


def form_field(name):
    """Of a form as other tools write them, merged flat."""
    schema = {"type": "object", "properties": {name: {"type": "string", "title": "名"}}}
    bundle = around(s.user("a", formJsonSchemaFilename="a-schema.json"))
    return Bundle({**bundle.files, "forms/main/a-schema.json": json.dumps(schema).encode()}, "")


DOORS = {
    "the item of a multi-instance": lambda name: around(s.user("a", many("xs", name))),
    "the result of an item": lambda name: around(s.user("a", many("xs", "x", output=name, outputs="ys"))),
    "the list of results": lambda name: around(s.user("a", many("xs", "x", output="y", outputs=name))),
    "a result variable": lambda name: around(s.service("a", "case/number", name)),
    "a message variable": lambda name: around(s.catch("a", s.message("m", variable=name))),
    "a data object that is written": object_written,
    "a data object that is only drawn": object_only_drawn,
    "an output of a decision table": table_output,
    "a field of a form": form_field,
    "a script": lambda name: around(s.script("a", f"{name} = 1")),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_it_is_refused_at_deployment(door, name):
    found = check(door(name), None, forms.check)

    against = [problem for problem in found if problem.severity == "error"]
    assert any(name in problem.message for problem in against), found
    assert all(problem.help for problem in against)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_another_name_passes(door):
    assert [
        problem for problem in check(door("amount"), None, forms.check) if problem.severity == "error"
    ] == []


@pytest.mark.parametrize("name", [*NAMES, "__builtins__", "_x", "a b", "1a", ""])
def test_answers_merged_flat_are_refused_by_form_and_kernel(name):
    with pytest.raises(FormRejected):
        accepted({name: 1})

    case = s.Case(around(s.user("a")))
    with pytest.raises(Refused):
        case.do("a", **{name: 1})


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_a_form_of_ours_cannot_have_the_name(name):
    schema = {"type": "object", "additionalProperties": False, "title": "表",
              "properties": {name: {"type": "string", "title": "名"}}}  # fmt: skip
    path = "forms/main/a-schema.json"

    found = forms.check({path: json.dumps(schema).encode()}, path)

    assert any(problem.severity == "error" for problem in found)


@pytest.mark.parametrize("name", sorted(KNOWN_FUNCTIONS))
def test_even_where_data_has_such_a_name_the_function_is_called(name):
    """The language looks for functions nowhere else: data given by a way that nobody thought of changes nothing."""
    expression = compile_expression('len([1, 2]) == 2 and str(3) == "3"')

    assert evaluate(expression, {name: 5}, {}) is True


def test_what_lies_in_a_payload_is_a_record_and_hides_nothing():
    case = s.Case(
        drawn(s.start(), s.catch("a", s.message("m", variable="got")), s.script("b", "n = len(got.list)"), s.user("c"),
              s.end(), s.flows("start a b c end"))
    )  # fmt: skip

    case.tell("m", {"list": [1, 2], "len": 5, "case": {}, "self": 1, "__builtins__": {}})

    assert case.step.data["n"] == 2


def test_a_payload_without_a_variable_is_merged_nowhere():
    case = s.Case(
        drawn(s.start(), s.catch("a", s.message("m")), s.user("c"), s.end(), s.flows("start a c end"))
    )

    case.tell("m", {"len": 5, "case": {"level": "district"}})

    assert "len" not in case.step.data
    assert "case" not in case.step.data


def test_facts_are_read_under_their_own_name_only():
    with pytest.raises(ScriptFailed):
        evaluate(compile_expression("level"), {"case": {"level": 1}}, {})
