"""What is drawn elsewhere passes the same gate: it runs as drawn, or is refused at its element, with words."""

from pathlib import Path

import pytest

from engine import files_in, forms
from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.bpmn.undeclared import declared
from engine.errors import DeploymentRefused
from engine.operations import PARAMETERS

FOLDERS = Path(__file__).parent / "foreign"
NAMES = sorted(path.name for path in FOLDERS.iterdir() if path.is_dir())
ORDER = "order approval.bpmn"


def found(files, severity="error"):
    problems = check(Bundle(files, ""), PARAMETERS, forms.check)
    return [(one.element, one.message, one.help) for one in problems if one.severity == severity]


def changed(folder, path, *pairs):
    files = files_in(FOLDERS / folder)
    text = files[path].decode()
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    return {**files, path: text.encode()}


@pytest.mark.parametrize("name", NAMES)
def test_the_folders_as_they_came_pass(name):
    assert found(files_in(FOLDERS / name)) == []


@pytest.mark.parametrize(
    ("before", "after", "element", "says"),
    [
        ("<spiffworkflow:allowGuest>false</spiffworkflow:allowGuest>",
         "<spiffworkflow:preScript>x = 1</spiffworkflow:preScript>", "Activity_enter", "preScript"),
        ("<spiffworkflow:allowGuest>false</spiffworkflow:allowGuest>",
         "<spiffworkflow:postScript>x = 1</spiffworkflow:postScript>", "Activity_enter", "postScript"),
        ("total = price * quantity", "import os", "Activity_total", "Import"),
        ("total = price * quantity", "total = price.__class__", "Activity_total", "脚本"),
        ("total = price * quantity", "case = 1", "Activity_total", "case"),
        ("total = price * quantity", "len = 1", "Activity_total", "len"),
        ("<bpmn:scriptTask ", '<bpmn:scriptTask scriptFormat="javascript" ', "Activity_total", "javascript"),
        (">approved<", ">${approved}<", "Flow_ok", "条件"),
        ('isExecutable="true"', 'isExecutable="false"', "Process_order", "可执行"),
        ('bpmnElement="Activity_approve"', 'bpmnElement="Activity_enter"', "Activity_approve", "没有画在画布上"),
        ('value="order-schema.json"', 'value="missing-schema.json"', "Activity_enter", "不存在"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_at_its_element(before, after, element, says):
    refused = found(changed("order_approval", ORDER, (before, after)))

    assert any(one[0] == element and says in one[1] for one in refused), refused
    assert all(help for _, _, help in refused)


def test_a_service_of_another_engine_is_refused():
    task = (FOLDERS / "order_approval" / ORDER).read_text()
    end = task.index("</bpmn:userTask>", task.index('id="Activity_approve"'))
    files = files_in(FOLDERS / "order_approval")
    drawn = task[:end].replace('userTask id="Activity_approve"', 'serviceTask id="Activity_approve"')
    drawn += "</bpmn:serviceTask>" + task[end + len("</bpmn:userTask>") :]

    refused = found({**files, ORDER: drawn.encode()})

    assert [(one[0], "没有选服务操作" in one[1]) for one in refused] == [("Activity_approve", True)]


def test_a_drawing_may_be_missing_wholly_but_not_in_part():
    whole = (FOLDERS / "payment" / "payment.bpmn").read_text()
    start, end = whole.index("<bpmndi:BPMNDiagram"), whole.index("</bpmn:definitions>")
    files = files_in(FOLDERS / "payment")

    assert found({**files, "payment.bpmn": (whole[:start] + whole[end:]).encode()}) == []
    shape = whole.index('<bpmndi:BPMNShape id="cash_di"')
    hidden = whole[:shape] + whole[whole.index("</bpmndi:BPMNShape>", shape) + 19 :]
    assert [one[0] for one in found({**files, "payment.bpmn": hidden.encode()})] == ["cash"]


def test_settings_of_other_tools_are_said_to_have_no_effect():
    said = found(files_in(FOLDERS / "order_approval"), "warning")

    assert any(one[0] == "Activity_enter" and "camunda:assignee" in one[1] for one in said)
    assert any(one[0] == "Process_order" and "camunda:properties" in one[1] for one in said)


def test_a_name_that_only_answers_can_give_is_a_warning():
    said = found(files_in(FOLDERS / "plain_code"), "warning")

    assert any(one[0] == "paint" and "“dry”" in one[1] for one in said)


def test_with_a_process_toml_of_its_own_everything_must_be_declared():
    files = files_in(FOLDERS / "hiring")
    files["process.toml"] = files["process.toml"].replace(b"as_drawn = true", b"")

    said = [message for _, message, _ in found(files)]

    assert any("泳道" in one for one in said)
    assert any("消息" in one for one in said)
    assert any("结束事件" in one for one in said)


@pytest.mark.parametrize("name", ["../up", "a/b", "", "x" * 61, "a b"])
def test_a_name_that_could_lead_out_of_a_folder_names_no_procedure(name):
    files = {"payment.bpmn": (FOLDERS / "payment" / "payment.bpmn").read_bytes()}

    with pytest.raises(DeploymentRefused) as no:
        declared(files, name)

    assert "--name" in no.value.problems[0].help


def test_a_drawing_that_cannot_be_read_is_left_to_the_gate():
    files = {
        "good.bpmn": (FOLDERS / "payment" / "payment.bpmn").read_bytes(),
        "bad.bpmn": b"<!DOCTYPE x><x/>",
    }
    files["process.toml"] = declared(files, "both")

    assert any("DOCTYPE" in message for _, message, _ in found(files))


def test_a_table_that_gives_decimals_is_said_to_keep_them_as_text():
    decimals = (
        ("<text>20</text>", "<text>0.20</text>"),
        ('name="percent" typeRef="integer"', 'name="percent" typeRef="number"'),
    )
    said = found(changed("discount", "discount.dmn", *decimals), "warning")

    assert any(one[0] == "Decision_discount" and "0.20" in one[1] and "decimal" in one[2] for one in said)


def test_a_table_that_gives_decimals_for_whole_numbers_is_refused():
    said = found(changed("discount", "discount.dmn", ("<text>20</text>", "<text>0.20</text>")))

    assert any(one[0] == "Decision_discount" and "typeRef）是 integer" in one[1] for one in said)


def test_an_output_without_a_name_is_known_by_its_label():
    files = changed("discount", "discount.dmn", ('label="Percent" name="percent"', 'label="percent"'))

    assert found(files) == []


def test_an_item_that_two_tools_would_call_differently_is_refused():
    files = changed(
        "document_review", "review.bpmn", ('id="reviewer" name="reviewer"', 'id="reviewer" name="Reader"')
    )

    assert any(one[0] == "review" and "不同" in one[1] for one in found(files))


def test_an_item_whose_name_is_no_variable_is_known_by_its_id():
    files = changed(
        "document_review", "review.bpmn", ('id="verdict" name="verdict"', 'id="verdict" name="a verdict"')
    )

    assert found(files) == []


def test_with_a_main_process_the_drawings_of_other_procedures_are_left_out(tmp_path):
    for folder, name in (("payment", "payment.bpmn"), ("travel_request", "travel-request.bpmn"),
                         ("travel_request", "booking.v2.bpmn")):  # fmt: skip
        (tmp_path / name).write_bytes((FOLDERS / folder / name).read_bytes())

    travel = files_in(tmp_path, name="travel", main="travel")

    assert sorted(travel) == ["booking.v2.bpmn", "process.toml", "travel-request.bpmn"]
    assert found(travel) == []
    assert sorted(files_in(tmp_path, name="pay", main="Process_payment")) == ["payment.bpmn", "process.toml"]


def test_a_form_may_bear_any_name_that_a_drawing_gives_it(tmp_path):
    drawing = (FOLDERS / "order_approval" / ORDER).read_bytes()
    (tmp_path / "order.bpmn").write_bytes(drawing.replace(b"order-schema.json", b"what to order.json"))
    form = (FOLDERS / "order_approval" / "order-schema.json").read_bytes()
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "what to order.json").write_bytes(form)
    (tmp_path / "package.json").write_text("{}")

    files = files_in(tmp_path, name="order")

    assert sorted(files) == ["forms/what to order.json", "order.bpmn", "process.toml"]
    assert found(files) == []
    assert any(
        "case" in one[1]
        for one in found({**files, "forms/what to order.json": form.replace(b"price", b"case")})
    )


def test_a_folder_lends_its_name_without_what_a_name_may_not_hold(tmp_path):
    folder = tmp_path / "Pay (by card)"
    folder.mkdir()
    (folder / "payment.bpmn").write_bytes((FOLDERS / "payment" / "payment.bpmn").read_bytes())

    assert b'id       = "Pay_by_card"' in files_in(folder)["process.toml"]
