"""Return, withdraw, suspend, resume, cancel, from the pages: for those who may, with a reason, told in the history."""

import csv
import io

import pytest

from engine import journal
from tests.web.visitor import Visitor


@pytest.fixture
def case(walk) -> str:
    """A case of the first unit that waits for the street to confirm its level, in the first step."""
    return walk("confirm_level")


@pytest.fixture
def street(visitor) -> Visitor:
    return visitor("s01.office1")


@pytest.fixture
def task(case, street) -> str:
    """The page of the street's task."""
    return next(link for link in street.get(f"/cases/{case}").links("/inbox/"))


def log_of(page) -> list[str]:
    return [" ".join(entry.text_content().split()) for entry in page.tree.xpath("//ol[@class='timeline']/li")]


def acts(page) -> set[str]:
    return {form.get("id") for form in page.tree.xpath("//form[@class='steering-act']")}


def test_a_task_offers_the_earlier_ones_it_may_be_sent_back_to(task, street):
    page = street.get(task)

    assert page.tree.xpath("//details[@id='return']/@open") == []
    choices = page.tree.xpath("//details[@id='return']//label[contains(@for,'return-to')]")
    assert page.tree.xpath("//input[@name='to']/@value") == ["propose_level", "register_topic"]
    assert choices[0].text_content().startswith("提出")


def test_a_case_is_sent_back_and_the_diagram_shows_where_it_stands_now(case, task, street, secretary):
    street.get(task)
    page = street.press("/return", to="register_topic", reason="议题名称不清楚")

    assert page.address == "/inbox"
    assert "已退回到“登记议题”" in page.flash()
    page = secretary.get(f"/cases/{case}")
    assert '"element": "register_topic", "state": "active"' in page.tree.xpath(
        "string(//*[@data-island='viewer']/@data-marks)"
    )
    assert "propose_level" not in page.tree.xpath("string(//*[@data-island='viewer']/@data-marks)")
    entries = log_of(page)
    assert any("退回：" in entry and "登记议题" in entry and "议题名称不清楚" in entry for entry in entries)
    assert any("办理：登记议题 已退回" in entry for entry in entries)
    assert "议题名称不清楚" in page.tree.xpath("string(//ol[@class='timeline']//div[@class='told'])")
    assert [entry for entry in entries if "发起议题" in entry and "已退回" not in entry]


def test_what_was_filled_in_before_a_return_is_there_again(task, case, street, visitor):
    street.get(task)
    street.press("/return", to="register_topic", reason="议题名称不清楚")

    secretary = visitor("u001.secretary")
    again = secretary.get(secretary.get(f"/cases/{case}").links("/inbox/")[0])

    assert again.tree.xpath("string(//input[@name='title']/@value)")
    assert "退回：" in " ".join(log_of(again))


def test_a_return_without_reason_or_target_keeps_what_was_given(task, street):
    street.get(task)
    page = street.press("/return", to="propose_level", reason=" ")
    assert page.status == 422
    assert page.tree.xpath("//details[@id='return']/@open")
    assert page.tree.xpath("//input[@name='to'][@checked]/@value") == ["propose_level"]
    assert "请写明原因" in page.words

    page = street.press("/return", to=None, reason="层级依据不足")
    assert page.status == 422
    assert "请选择退回到哪一步" in page.words
    assert "层级依据不足" in page.words


def test_a_target_that_the_procedure_does_not_allow_is_refused(task, street):
    street.get(task)
    page = street.press("/return", to="screen_topic", reason="想改")

    assert page.status == 403
    assert "流程规定的任务" in page.words


def test_who_has_only_a_view_of_the_task_sees_no_return(task, visitor):
    page = visitor("u001.secretary").get(task)

    assert page.status == 200
    assert not page.tree.xpath("//details[@id='return']")


def test_after_a_return_the_replay_forgets_what_was_gone_over(case, task, street, visitor):
    street.get(task)
    street.press("/return", to="register_topic", reason="议题名称不清楚")

    auditor = visitor("o_audit.auditor")
    auditor.get("/history")
    events = auditor.client.get(f"/history/{case}/replay.json").json["events"]

    assert [open_one["element"] for open_one in events[-1]["active"]][-1] == "register_topic"
    assert events[-1]["back_to"] == next(e["seq"] for e in events if e["title"] == "办理：登记议题")
    assert "议题名称不清楚" in events[-1]["data_html"]
    assert [event["undone"] for event in events if event["title"].startswith("办理")] == [True] * 3
    table = auditor.client.get(f"/history/{case}/journal.csv").get_data(as_text=True)
    titles = [row["事项"] for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))]
    assert "办理：登记议题（已退回）" in titles
    assert titles[-1].startswith("退回：")
    assert "核验一致" in auditor_verifies(auditor, case)


def auditor_verifies(auditor: Visitor, case: str) -> str:
    auditor.get(f"/history/{case}")
    return auditor.press("/verify").words


def test_ones_own_last_step_is_offered_for_withdrawal_until_somebody_acts(
    case, task, visitor, engine, street
):
    last = visitor(_who_did_last(engine, case))
    page = last.get("/inbox?tab=done")

    assert len(page.links("do=withdraw")) == 1
    page = last.get(page.links("do=withdraw")[0])
    assert page.tree.xpath("//details[@id='steering']/@open")
    page = last.press("/withdraw", reason="层级选错")
    assert "已撤回" in page.flash()
    assert "撤回：" in " ".join(log_of(page))
    assert last.page.links("/inbox/")
    assert not last.get("/inbox?tab=done").links("do=withdraw")
    assert street.get(task).status == 200


def _who_did_last(engine, case) -> str:
    events = engine.read(lambda reader: list(journal.of_case(reader.db, case)))
    return [event for event in events if event.type == "task_submitted"][-1].body["actor"]["post"]


def test_others_may_not_withdraw_and_are_told_why(case, street, visitor):
    page = street.get(f"/cases/{case}")
    assert "withdraw" not in acts(page)

    page = street.send(f"/cases/{case}/withdraw", reason="想改", csrf_token=street.token())

    assert page.status == 409
    assert "其退回" in page.words


def test_a_sign_that_nobody_can_keep_is_refused_in_words(case, secretary):
    secretary.get(f"/cases/{case}")

    page = secretary.press("/suspend", reason="等上级\0意见")

    assert page.status == 422
    assert "有空字符（NUL）" in page.text
    assert secretary.get(f"/cases/{case}%00").status == 404


def test_the_secretary_suspends_and_resumes_with_a_reason(case, secretary, task, street):
    secretary.get(f"/cases/{case}")
    assert secretary.page.tree.xpath("//details[@id='steering']/@open") == []
    assert acts(secretary.page) >= {"suspend", "cancel"}

    page = secretary.press("/suspend", reason="")
    assert page.status == 422
    assert "请写明原因" in page.words
    page = secretary.press("/suspend", reason="等上级意见")
    assert "暂停办理" in page.words
    assert any("暂停办理" in entry and "等上级意见" in entry for entry in log_of(page))
    assert "resume" in acts(page)
    assert "suspend" not in acts(page)

    street.get(task)
    street.page.form("/return")
    assert street.press("/return", to="propose_level", reason="再提").status == 409
    page = secretary.press("/resume", reason="意见已到")
    assert any("恢复办理" in entry for entry in log_of(page))


def test_the_secretary_cancels_before_a_resolution_and_nothing_goes_on(case, secretary, street, visitor):
    secretary.get(f"/cases/{case}")
    page = secretary.press("/cancel", reason="群众自行解决")

    assert "撤销" in page.words
    assert any("撤销议题" in entry and "群众自行解决" in entry for entry in log_of(page))
    assert '"active"' not in page.tree.xpath("string(//*[@data-island='viewer']/@data-marks)")
    assert "正在进行" not in page.tree.xpath("string(//ol[@class='steps'])")
    assert not street.get("/inbox").links("/inbox/")


def test_who_may_not_cancel_is_refused_with_the_rule(case, street):
    page = street.get(f"/cases/{case}")
    assert "cancel" not in acts(page)

    page = street.send(f"/cases/{case}/cancel", reason="不办了", csrf_token=street.token())

    assert page.status == 403
    assert "R124" in page.words
    page = street.get(f"/cases/{case}")
    assert "办理中" in page.words


def test_a_case_of_another_unit_is_not_there(case, visitor):
    other = visitor("u002.secretary")
    other.get("/cases")

    assert other.send(f"/cases/{case}/suspend", reason="x", csrf_token=other.token()).status == 404
