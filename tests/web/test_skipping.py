"""跳过 on the page of a case: one asks, another approves; nobody else is offered anything."""

import pytest

from tests.engine import failing
from tests.engine.bpmn import sketch

ABOUT = '\n[skips]\nask = "street_liaison_leader"\n'


@pytest.fixture
def case(engine):
    case = failing.FailingCase(engine, failing.after("submit", sketch.script("fail", "x = 1"), about=ABOUT))
    case.start()
    return case


@pytest.fixture
def leader(visitor):
    return visitor("u001.street_leader")


def ask(secretary, case, reason="上一轮已入户"):
    secretary.get(f"/cases/{case.case}")
    return secretary.press("/ask", reason=reason)


def test_a_task_is_skipped_in_two_steps_by_two_people(secretary, leader, case):
    page = ask(secretary, case)
    assert "等待挂点街道(镇)领导批准" in page.words
    assert not page.tree.xpath("//form[contains(@action, '/approve')]")

    page = leader.get("/inbox")
    page = leader.get(page.links(f"/cases/{case.case}")[0])
    assert "上一轮已入户" in page.words
    page = leader.press("/approve", reason="同意")

    assert case.open() == ["look"]
    assert "跳过：ask" in page.words
    assert "上一轮已入户" in page.words
    assert "等您批准" not in leader.get("/inbox").words


def test_a_refused_request_leaves_the_task_as_it_was(secretary, leader, case):
    ask(secretary, case)
    leader.get(f"/cases/{case.case}")

    button = leader.page.tree.xpath("//button[contains(@formaction, '/refuse')]/@formaction")[0]
    page = leader.send(
        button, csrf_token=leader.page.tree.xpath("//input[@name='csrf_token']/@value")[0], reason="请入户"
    )

    assert case.open() == ["ask"]
    assert "不同意跳过" in page.words


def test_a_reason_is_needed_and_what_was_typed_stays(secretary, case):
    page = ask(secretary, case, reason=" ")

    assert page.status == 422
    assert "请写明原因" in page.words
    assert case.types() == ["case_started"]


def test_who_may_neither_ask_nor_decide_is_offered_nothing(visitor, secretary, case):
    ask(secretary, case)

    page = visitor("o_data.operator").get(f"/cases/{case.case}")

    assert "等待挂点街道(镇)领导批准" in page.words
    assert not page.tree.xpath("//form[contains(@action, '/skips/')]")
