"""Personal values: protected everywhere, shown once to those who may, and every look is written down."""

import pytest
from sqlalchemy import select

from engine.records.submissions import Submission
from tests.web.visitor import Visitor

PHONE = "13900000001"


@pytest.fixture
def case(walk) -> str:
    return walk("screen_topic")


@pytest.fixture
def submission(secretary) -> str:
    """The page of a submission with a name and a telephone number."""
    secretary.get("/submissions/new")
    secretary.press(
        "/submissions/new",
        channel="hotline",
        received_on="2026-03-03",
        original_wording="楼道的灯坏了很久没有人修",
        compound="幸福小区",
        category="environment",
        submitter_name="王小明",
        submitter_phone=PHONE,
    )
    return secretary.page.address


def test_who_serves_the_unit_reads_a_value_once_for_a_purpose(submission, secretary):
    page = secretary.get(secretary.get(submission).links("/personal")[0])
    assert PHONE not in page.text

    page = secretary.press("/personal", purpose="电话告知办理结果")

    assert page.status == 200
    assert PHONE in page.words
    assert "王小明" in page.words
    assert page.headers["Cache-Control"] == "no-store"
    assert PHONE not in secretary.get(page.address).text
    assert PHONE not in secretary.get(submission).text


def test_without_a_purpose_nothing_is_shown_and_nothing_written(submission, secretary, case, visitor):
    secretary.get(submission + "/personal")

    page = secretary.press("/personal", purpose="看")

    assert page.status == 422
    assert "请写明查看的用途" in page.words
    assert PHONE not in page.text


def test_values_of_a_case_are_chosen_by_the_entry_that_holds_them(case, secretary):
    page = secretary.get(secretary.get(f"/cases/{case}").links("/personal")[0])
    label = page.tree.xpath("string(//label[contains(@for,'record-')])")
    assert label.startswith("办理：登记议题")
    assert "提出人联系电话" in label

    page = secretary.press("/personal", purpose="核对提出人", record=None)
    assert page.status == 422
    assert "请选择要查看哪一条记录" in page.words
    page = secretary.press("/personal", purpose="核对提出人", record="event-2")

    assert page.tree.xpath("//dl[contains(@class,'facts-one')]/div")
    assert "收集时说明的用途：联系议题提出人" in page.words
    assert "个人信息，已保护" in secretary.get(f"/cases/{case}").words


@pytest.mark.parametrize("post", ["s01.office1", "o_data.operator"])
def test_others_who_see_the_case_are_told_who_may_read(case, post, visitor):
    other = visitor(post)
    assert not other.get(f"/cases/{case}").links("/personal")

    page = other.get(f"/cases/{case}/personal")

    assert page.status == 403
    assert "审计人员" in page.words


def test_a_case_of_another_unit_is_not_there(case, submission, visitor):
    stranger = visitor("u002.secretary")

    assert stranger.get(f"/cases/{case}/personal").status == 404
    assert stranger.get(f"{submission}/personal").status == 404


def test_an_auditor_lists_who_has_read_what_and_why(case, secretary, visitor, engine):
    auditor: Visitor = visitor("o_audit.auditor")
    assert "还没有人查看过" in auditor.get(f"/history/{case}").words
    secretary.get(f"/cases/{case}/personal")
    secretary.press("/personal", purpose="核对提出人", record="event-2")
    behind = engine.read(
        lambda reader: reader.db.scalars(select(Submission.id).where(Submission.case_id == case)).all()
    )

    page = auditor.get(f"/history/{case}")

    assert "核对提出人" in page.words
    assert "提出人联系电话" in page.words
    assert "党组织书记" in page.words
    for id in behind:
        auditor.get(f"/submissions/{id}/personal")
        auditor.press("/personal", purpose="核对登记情况")
        assert "核对登记情况" in auditor.get(f"/history/{case}").words
