"""What the diagrams say, apart from how they look: valid, parsable, one name for one thing, in the declared words."""

import re
import tomllib
from collections import Counter

import pytest
from lxml import etree
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.operations import PARAMETERS
from tests.processes.bpmn_file import BPMN, FILES, FOLDER, Drawing, name, read

SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
SETTINGS = tomllib.loads((FOLDER / "process.toml").read_text(encoding="utf-8"))
DRAWINGS = {path.stem: read(path) for path in FILES}


@pytest.fixture(params=DRAWINGS, ids=str)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return DRAWINGS[request.param]


def test_there_is_the_whole_procedure_its_seven_steps_and_a_round_of_supervision() -> None:
    assert set(DRAWINGS) == {
        "roundtable",
        "step1_topic",
        "step2_opinions",
        "step3_analysis",
        "step4_meeting",
        "step5_publicity",
        "step6_implementation",
        "step7_supervision",
        "supervision_round",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_valid_bpmn(path) -> None:
    VALIDATOR.validate(etree.parse(path), str(path))


def test_all_diagrams_parse_together() -> None:
    parser = SpiffBpmnParser(validator=VALIDATOR)
    parser.add_bpmn_files([str(path) for path in FILES])

    main, called = parser.get_spec("roundtable"), parser.get_subprocess_specs("roundtable")

    assert set(called) == set(DRAWINGS) - {"roundtable"}
    for spec in (main, *called.values()):
        assert set(DRAWINGS[spec.name].node_ids) <= set(spec.task_specs)


@pytest.mark.parametrize("stem", DRAWINGS)
def test_the_process_is_named_like_its_file_and_can_be_executed(stem: str) -> None:
    process = DRAWINGS[stem].root.find(f"{BPMN}process")

    assert (process.get("id"), process.get("isExecutable")) == (stem, "true")


def test_an_id_occurs_once_in_the_whole_procedure() -> None:
    ids = [
        id
        for drawing in DRAWINGS.values()
        for id, element in drawing.elements.items()
        if name(element) not in ("lane", "serviceTaskOperator", "parameter")
        and element.get("bpmnElement") not in drawing.lanes
    ]

    assert [id for id, times in Counter(ids).items() if times > 1] == []


def test_lanes_are_those_of_the_procedure(drawing: Drawing) -> None:
    assert set(drawing.lanes) <= set(SETTINGS["lanes"])


def test_messages_are_those_of_the_procedure(drawing: Drawing) -> None:
    assert {message.get("name") for message in drawing.root.iter(f"{BPMN}message")} <= set(
        SETTINGS["messages"]
    )


def test_the_ends_of_a_case_are_those_of_the_procedure() -> None:
    ends = {end.get("id") for end in DRAWINGS["roundtable"].root.iter(f"{BPMN}endEvent")}

    assert ends == set(SETTINGS["ends"])


def test_only_declared_facts_are_set(drawing: Drawing) -> None:
    written = {
        parameter.get("id")
        for operator in drawing.root.iter(f"{SPIFF}serviceTaskOperator")
        if operator.get("id") == "case/set"
        for parameter in operator.iter(f"{SPIFF}parameter")
    }

    assert written <= set(SETTINGS["facts"])


def test_only_declared_facts_are_read(drawing: Drawing) -> None:
    source = etree.tostring(drawing.root, encoding="unicode")

    assert set(re.findall(r"\bcase\.(\w+)", source)) <= set(SETTINGS["facts"])


def test_every_user_task_names_its_form_and_tells_people_what_to_do(drawing: Drawing) -> None:
    for task in drawing.root.iter(f"{BPMN}userTask"):
        properties = {p.get("name"): p.get("value") for p in task.iter(f"{SPIFF}property")}

        assert properties["formJsonSchemaFilename"] == f"{task.get('id')}-schema.json"
        assert re.search(r"[一-鿿]{4}", task.find(f".//{SPIFF}instructionsForEndUser").text)
        assert "规则 R" in task.find(f"{BPMN}documentation").text


def test_every_drawn_thing_has_a_chinese_name(drawing: Drawing) -> None:
    joins = ("fork_project", "join_project")  # the parallel gateways of the overview speak for themselves

    unnamed = [
        node
        for node in drawing.node_ids
        if node not in joins and not re.search(r"[一-鿿]", drawing.elements[node].get("name") or "")
    ]

    assert unnamed == []


def test_every_way_out_of_a_question_has_a_name_and_one_of_them_is_the_default(drawing: Drawing) -> None:
    for gateway in drawing.root.iter(f"{BPMN}exclusiveGateway"):
        ways = [flow for flow in drawing.flows if flow.get("sourceRef") == gateway.get("id")]

        assert all(way.get("name") for way in ways)
        assert [w.get("id") for w in ways if w.find(f"{BPMN}conditionExpression") is None] == [
            gateway.get("default")
        ]


def test_nothing_stands_against_their_deployment() -> None:
    """Forms are judged where forms are tested; here only that every diagram finds its own."""
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".bpmn", ".toml")}
    forms = FOLDER.parents[1] / "forms" / "roundtable"
    files |= {f"forms/{path.relative_to(forms)}": path.read_bytes() for path in forms.rglob("*.json")}

    assert check(Bundle(files, hash=""), operations=PARAMETERS) == ()


def test_the_words_of_the_document_stand_in_every_step(drawing: Drawing) -> None:
    assert "西办发〔2021〕17号" in drawing.root.find(f"{BPMN}process/{BPMN}documentation").text
