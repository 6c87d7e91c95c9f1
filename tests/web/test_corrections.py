"""Stopped cases go on, wrong facts are set right: by an operator, with a reason, told in the history."""

import pytest

from engine import cases, incidents
from engine.entitlement import SYSTEM
from engine.errors import Refused
from tests.web.visitor import Visitor


@pytest.fixture
def case(walk) -> str:
    return walk("decide_topic")


@pytest.fixture
def operator(visitor) -> Visitor:
    return visitor("o_data.operator")


def level_of(engine, case) -> str:
    return engine.read(lambda reader: cases.load(reader.db, case).level)


def stop(db, case, now) -> None:
    refusal = Refused("平台没有接通", help="请检查网络后继续。")
    incidents.open_incident(db, cases.load_for_update(db, case), "x", refusal, SYSTEM, now)


def test_a_fact_is_corrected_and_the_log_says_what_and_why(case, operator, engine):
    page = operator.get(operator.get(f"/cases/{case}").links("/facts")[0])
    assert "现在是：" in page.words

    page = operator.press("/facts", level="district", reason="街道核定有误，已来函")

    assert "已更正" in page.flash()
    assert level_of(engine, case) == "district"
    log = page.tree.xpath("string(//section[@aria-labelledby='log-head'])")
    assert "更正办件事实" in log
    assert "区级层面" in log
    assert "街道核定有误，已来函" in log


def test_without_a_reason_or_a_change_nothing_happens_and_what_was_typed_stays(case, operator, engine):
    before = level_of(engine, case)
    operator.get(f"/operator/cases/{case}/facts")

    page = operator.press("/facts", level="district", reason=" ")
    assert page.status == 422
    assert "请写明原因" in page.words
    assert page.tree.xpath("//select[@name='level']/option[@selected]/@value") == ["district"]
    operator.get(f"/operator/cases/{case}/facts")
    page = operator.press("/facts", reason="看看")

    assert page.status == 422
    assert "没有更正任何一项" in page.words
    assert level_of(engine, case) == before


def test_facts_are_shown_in_words_and_what_a_register_holds_is_not_offered(case, operator):
    page = operator.get(f"/operator/cases/{case}/facts")

    assert "hotline" not in page.text
    assert "bottom_up" not in page.text
    assert page.tree.xpath("//select[@name='category']/option[@selected]")
    assert not page.tree.xpath("//*[@name='notice_ends' or @name='number' or @name='unit']")


@pytest.mark.parametrize(("field", "text"), [("level", "moon"), ("mentions", "很多"), ("title", " ")])
def test_what_is_no_value_of_a_fact_is_refused(field, text, case, operator):
    operator.get(f"/operator/cases/{case}/facts")

    page = operator.press("/facts", **{field: text}, reason="更正")

    assert page.status == 422
    assert "填写的内容都已保留" in page.words


def test_only_operators_correct(case, secretary):
    assert secretary.get(f"/operator/cases/{case}/facts").status == 403
    assert not secretary.get(f"/cases/{case}").links("/facts")


def test_a_stopped_case_is_let_go_on_with_what_was_found(case, operator, engine):
    engine.small(stop, case, engine.now())
    page = operator.get("/operator")
    assert "平台没有接通" in page.words

    page = operator.press("/retry", reason="网络已修复")

    assert "没有停下来的议题" in page.words
    log = operator.get(f"/cases/{case}").tree.xpath("string(//section[@aria-labelledby='log-head'])")
    assert "恢复处理" in log
    assert "网络已修复" in log
