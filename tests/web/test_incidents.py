"""停下来的议题: what an operator sees of it, corrects, retries, gives back; what its people are told."""

import json

import pytest

from engine import CorrectData, Deploy, StartCase, files_in
from engine.errors import OperationFailed
from engine.operations import OPERATIONS
from tests.engine import failing
from tests.engine.bpmn import sketch

PHONE = "13800000000"


@pytest.fixture
def operator(visitor):
    return visitor("o_data.operator")


@pytest.fixture
def case(engine):
    """Stopped: its script divides by the number of households, which is 0."""
    drawn = failing.after("submit", sketch.script("fail", "share = 100 // ask.households"))
    case = failing.FailingCase(engine, drawn)
    case.start()
    case.submit()
    return case


def address(case):
    return f"/operator/incidents/{case.case}"


def test_an_operator_sees_where_why_and_with_which_data_but_no_personal_value(operator, case):
    page = operator.get("/operator")
    page = operator.get(page.links("/operator/incidents/")[0])

    assert "除数为零" in page.words
    assert "流程图里的脚本、条件或计时算不出来" in page.words
    assert "提交“ask”" in page.words
    assert "户数 0" in page.words
    assert PHONE not in page.text
    assert "个人信息" in page.words


def test_others_do_not_get_in(secretary, case):
    assert secretary.get(address(case)).status == 403
    assert secretary.get(f"{address(case)}/data/ask").status == 403


def test_a_submission_is_corrected_and_retried(operator, case):
    page = operator.get(f"{address(case)}/data/ask")
    assert not page.tree.xpath("//*[@name='phone']")

    page = operator.press("/data/ask", households="4", _reason="与街道核对为4户")
    assert "已更正" in page.flash()
    assert "户数 4" in page.words
    page = operator.press("/retry", reason="户数已更正")

    assert case.open() == ["look"]
    assert "已恢复办理" in page.flash()
    assert "户数已更正" in page.words


def test_what_the_form_refuses_stands_at_its_field_with_what_was_typed(operator, case):
    operator.get(f"{address(case)}/data/ask")

    page = operator.press("/data/ask", households="四户", _reason="核对过")

    assert page.status == 422
    assert "四户" in page.text
    assert "核对过" in page.text
    assert case.types()[-1] == "incident_opened"


def test_a_correction_that_changes_nothing_or_says_no_reason_is_refused(operator, case):
    operator.get(f"{address(case)}/data/ask")

    assert "没有更正任何一项" in operator.press("/data/ask", _reason="核对过").words
    page = operator.press("/data/ask", households="4", _reason=" ")

    assert page.status == 422
    assert "请写明原因" in page.words


def test_a_retry_that_stops_again_says_so_and_how_often(operator, case):
    operator.get(address(case))

    page = operator.press("/retry", reason="再试一次")

    assert "又停在了这里" in page.flash()
    assert "已停 2 次" in page.words
    assert operator.press("/retry", reason=" ").status == 422


def test_a_submission_is_given_back_and_its_person_finds_what_was_typed(operator, secretary, case):
    operator.get(address(case))

    operator.press("/give-back", reason="户数不能为零")

    item = case.items()[0].id
    page = secretary.get(f"/inbox/{item}")
    assert page.tree.xpath("//input[@name='phone']/@value") == [PHONE]
    assert "户数不能为零" in secretary.get(f"/cases/{case.case}").words


def test_who_submits_is_told_that_it_was_kept_and_that_nobody_can_act_meanwhile(engine, secretary):
    drawn = failing.after("submit", sketch.script("fail", "share = 100 // ask.households"))
    case = failing.FailingCase(engine, drawn)
    case.start()
    item = case.items()[0].id

    secretary.get(f"/inbox/{item}")
    page = secretary.press(f"/inbox/{item}", households="0", phone=PHONE)
    assert "已经收下" in page.flash()

    secretary.get(f"/inbox/{item}")
    page = secretary.press(f"/inbox/{item}", households="1", phone=PHONE)
    assert page.status == 409
    assert "等待运维人员处理" in page.words
    assert "除数为零" in secretary.get(f"/cases/{case.case}").words


def test_a_service_that_was_away_is_retried_once_it_is_back(operator, engine, monkeypatch):
    back = OPERATIONS["case/number"]
    case = failing.FailingCase(engine, failing.after("start", sketch.service("fail", "case/number")))
    monkeypatch.setitem(OPERATIONS, "case/number", _away)
    case.start()
    page = operator.get(address(case))
    assert "编号服务没有应答" in page.words

    monkeypatch.setitem(OPERATIONS, "case/number", back)
    operator.press("/retry", reason="服务已恢复")

    assert case.open() == ["look"]
    assert case.verdict().sound


def _away(_live, _told):
    raise OperationFailed("编号服务没有应答", help="请稍后再试。")


def test_a_case_that_failed_before_its_first_task_has_pages_and_is_cleared_away(operator, engine):
    case = failing.FailingCase(engine, failing.after("start", sketch.script("fail", "x = 1 // 0")))
    case.start()

    page = operator.get(address(case))
    assert "发起事项" in page.words  # it takes none of our steps
    page = operator.get(f"/cases/{case.case}?do=cancel")
    operator.press("/cancel", reason="流程图有错，已改正，重新发起")

    assert case.status() == "completed"


def test_earlier_answers_are_corrected_too(operator, engine):
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.catch("wait", sketch.message("go")),
        sketch.script("fail", "share = 100 // ask.households"), sketch.user("look"), sketch.end(),
        sketch.flows("start ask wait fail look end"),
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()
    case.submit()
    case.tell()

    operator.get(address(case))
    operator.get(operator.page.links("/data/ask")[0])
    operator.press("/data/ask", households="5", _reason="漏填")
    operator.press("/retry", reason="已补上")

    assert case.open() == ["look"]
    assert json.dumps(case.last()["data"]) == "{}"


def test_a_case_as_drawn_that_failed_at_once_has_pages_with_what_it_was_given(
    operator, visitor, engine, tmp_path
):
    engine.handle(Deploy(files_in(failing.folder(tmp_path, "x = 1 // n"))), by="o_data.operator")
    case = engine.handle(StartCase("first", payload={"n": 0, "why": "灯"}), by="u001.secretary").case
    engine.handle(CorrectData(case, {"why": "楼道灯"}, "写全"), by="o_data.operator")

    page = operator.get(f"/operator/incidents/{case}")

    assert "楼道灯" in page.words
    for address in ("/operator", "/cases", f"/cases/{case}", "/designer/first/moving?to=1"):
        assert operator.get(address).status == 200, address
    assert "楼道灯" in operator.get(f"/cases/{case}").words
    assert visitor("o_audit.auditor").get(f"/history/{case}").status == 200
