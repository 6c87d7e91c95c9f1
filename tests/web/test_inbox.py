"""The worklist without scripts: what is due, doing it, and what happens when it cannot be done."""

import io

import pytest
from sqlalchemy import select

from engine.commands import RegisterSubmission, StartCase
from engine.engine import Engine
from engine.records.notices import Notice
from tests.web.conftest import PNG
from tests.web.visitor import Page, Visitor

SUBMISSION = {
    "channel": "hotline",
    "received_on": "2026-03-03",
    "original_wording": "3栋楼道灯坏了半年，老人摔过跤。",
    "compound": "桃苑小区3栋",
    "category": "safety",
    "mentions": 4,
}
TOPIC = {"nature": "self_governance", "proposer_name": "李秋莲"}


@pytest.fixture
def case(engine: Engine) -> str:
    """A case of the first unit that waits for 登记议题."""
    entered = engine.handle(RegisterSubmission("u001", SUBMISSION), by="u001.secretary")
    submissions = (entered.detail["submission"],)
    return engine.handle(
        StartCase("roundtable", "u001", "3栋楼道照明", submissions), by="u001.secretary"
    ).case


@pytest.fixture
def task(case: str, secretary: Visitor) -> Page:
    """The page of the task 登记议题, open before the secretary."""
    return secretary.get(secretary.get("/inbox").links("/inbox/")[0])


def test_a_new_case_stands_in_the_worklist_of_its_party_organisation_only(case, secretary, visitor):
    assert "登记议题" in secretary.get("/inbox").words
    assert "登记议题" in visitor("u001.cadre1").get("/inbox").words
    assert "登记议题" not in visitor("s01.office1").get("/inbox").words


def test_the_form_proposes_what_was_submitted(task):
    fields = task.form("/inbox/").fields

    assert fields["title"] == "3栋楼道照明"
    assert fields["original_wording"].strip() == SUBMISSION["original_wording"]
    assert fields["category"] == "safety"


def test_a_right_form_goes_back_to_the_worklist_which_says_what_comes_next(task, secretary):
    page = secretary.press("/inbox/", **TOPIC)

    assert (page.status, page.address) == (200, "/inbox")
    assert "“登记议题”已办理" in page.flash()
    assert "审查议题性质" in page.flash()
    assert "登记议题" in secretary.get("/inbox?tab=done").words


def test_a_wrong_form_is_refused_with_everything_that_was_typed(task, secretary):
    page = secretary.press("/inbox/", title="楼", proposer_name="李秋莲", presenter="吴小燕")

    assert page.status == 422
    fields = page.form("/inbox/").fields
    assert (fields["title"], fields["proposer_name"], fields["presenter"]) == ("楼", "李秋莲", "吴小燕")
    assert page.tree.xpath("//*[@data-error-summary]//a/@href") == ["#title", "#nature"]
    assert page.tree.xpath("//*[@id='title-error']")


def test_a_field_that_the_form_does_not_know_is_refused(task, secretary):
    page = secretary.press("/inbox/", **TOPIC, unknown="x")

    assert page.status == 422
    assert "表单里没有“unknown”这一项" in page.words


def test_the_same_form_sent_twice_is_done_once_and_answered_alike(task, secretary, engine):
    form = secretary.page
    first = secretary.press("/inbox/", **TOPIC)
    secretary.page = form
    second = secretary.press("/inbox/", **TOPIC)

    assert (first.status, second.status) == (200, 200)
    assert second.address == "/inbox"
    assert len(secretary.get("/inbox?tab=done").links("/inbox/")) == 2  # name and 查看 of one entry


def test_the_slower_of_two_is_told_who_was_faster_and_gets_back_what_he_typed(task, secretary, visitor):
    cadre = visitor("u001.cadre1")
    cadre.get(task.address)
    secretary.press("/inbox/", **TOPIC)

    page = cadre.press("/inbox/", **TOPIC, presenter="我打的字")

    assert page.status == 409
    assert "已由何道远办理" in page.words
    assert "2026-03-04 09:00" in page.words
    assert "我打的字" in page.words


def test_a_task_of_somebody_else_is_refused_with_the_rule(task, secretary, visitor):
    council = visitor("u001.council1")
    page = council.get(task.address)
    assert "这项任务由" in page.words
    assert not page.tree.xpath("//form[@data-island]")

    page = council.send(task.address, csrf_token=council.token(), **TOPIC)

    assert page.status == 403
    assert "R011" in page.words


def test_a_task_of_another_unit_does_not_exist(task, visitor):
    stranger = visitor("u002.secretary")

    assert stranger.get(task.address).status == 404
    assert stranger.send(task.address, csrf_token=_token(stranger), **TOPIC).status == 404
    assert stranger.send(f"{task.address}/draft", csrf_token=_token(stranger)).status == 404
    assert stranger.send(f"{task.address}/claim", csrf_token=_token(stranger)).status == 404


def test_a_draft_is_kept_and_stands_in_the_form_next_time(task, secretary):
    secretary.push("/inbox/", "_save", "1", title="打到一半的名称")

    assert "草稿已保存" in secretary.page.flash()
    assert secretary.get(task.address).form("/inbox/").fields["title"] == "打到一半的名称"


def test_a_script_saves_a_draft_and_is_told_when(task, secretary):
    answer = secretary.client.post(
        f"{task.address}/draft", data={"title": "半句"}, headers={"X-CSRFToken": secretary.token()}
    )

    assert answer.json == {"at": "09:00"}


def test_a_script_is_refused_in_json_that_it_can_show(task, visitor):
    council = visitor("u001.council1")
    council.get("/account")

    answer = council.client.post(f"{task.address}/draft", headers={"X-CSRFToken": council.token()})

    assert answer.status_code == 403
    assert "这项任务不由您办理" in answer.json["message"]


def test_rows_are_added_and_removed_without_scripts(walk, secretary):
    walk("assign_visits")
    secretary.get(secretary.get("/inbox").links("/inbox/")[0])

    page = secretary.push("/inbox/", "_add", "members", **{"members.0.name": "甲", "members.1.name": "乙"})
    assert _names(page)[:2] == ["甲", "乙"]
    assert len(_names(page)) > 2

    page = secretary.push("/inbox/", "_remove", "members.0")
    assert [name for name in _names(page) if name] == ["乙"]


def test_a_file_comes_along_with_the_form_and_opens_only_for_those_who_may_see_it(walk, visitor):
    council = _at_evidence(walk, visitor)

    page = council.push("/inbox/", "_save", "1", **{"evidence.upload": (io.BytesIO(PNG), "../现场.png")})

    (link,) = _evidence(page)
    answer = council.client.get(link)
    assert answer.data == PNG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert visitor("u002.secretary").get(link).status == 404
    assert visitor("").get(link).address.startswith("/sign-in")
    assert not _evidence(council.push("/inbox/", "_detach", f"evidence:{link.rpartition('/')[2]}"))


def test_a_script_uploads_one_file_at_a_time(walk, visitor):
    council = _at_evidence(walk, visitor)
    address, header = f"{council.page.address}/attachments", {"X-CSRFToken": council.token()}

    kept = council.client.post(address, data={"file": (io.BytesIO(PNG), "现场.png")}, headers=header)
    refused = council.client.post(address, data={"file": (io.BytesIO(b"MZ"), "x.exe")}, headers=header)

    assert (kept.status_code, kept.json["name"], kept.json["size"]) == (201, "现场.png", len(PNG))
    assert refused.status_code == 422
    assert "不能上传这种文件" in refused.json["message"]


def test_a_file_of_an_unknown_kind_is_refused_at_its_field(walk, visitor):
    council = _at_evidence(walk, visitor)

    page = council.press("/inbox/", **{"evidence.upload": (io.BytesIO(b"MZ" * 9), "x.exe")})

    assert page.status == 422
    assert "不能上传这种文件" in page.tree.xpath("string(//*[@id='evidence-error'])")


def test_what_came_before_stands_beside_the_form_in_words(walk, secretary):
    walk("assign_visits")

    page = secretary.get(secretary.get("/inbox").links("/inbox/")[0])

    before = " ".join(page.tree.xpath("string(//aside)").split())
    assert "核定协商层级" in before
    assert "何道远 · 党组织书记" in before


def test_a_party_without_an_account_answers_through_the_unit_which_says_for_whom(walk, secretary):
    walk("give_consent")
    secretary.get(secretary.get("/inbox").links("/inbox/")[0])

    asked = secretary.page.form("/inbox/").fields["_on_behalf_of"]
    assert asked
    assert asked in secretary.page.words


def test_a_plan_item_is_carried_out_for_its_executing_party_and_not_for_its_task(walk, secretary, engine):
    case = walk("carry_out_item")
    secretary.get(secretary.get("/inbox").links("/inbox/")[0])

    published = select(Notice).where(Notice.case_id == case).order_by(Notice.posted_on.desc())
    items = engine.read(lambda reader: reader.db.scalars(published).first()).plan["items"]
    asked = secretary.page.form("/inbox/").fields["_on_behalf_of"]
    assert asked in [item["executing_party"] for item in items]
    assert asked not in [item["content"] for item in items]


def test_a_claimed_task_says_by_whom_and_can_be_given_back(task, secretary, visitor):
    secretary.press("/claim")
    assert "何道远 已认领" in visitor("u001.cadre1").get("/inbox?tab=post").words
    assert "登记议题" not in visitor("u001.cadre1").get("/inbox").words

    secretary.press("/release")
    assert "登记议题" in visitor("u001.cadre1").get("/inbox").words


def test_a_task_is_handed_to_a_colleague_with_a_reason(task, secretary, visitor):
    to = task.tree.xpath("//select[@name='to']/option[contains(., '罗海波')]/@value")[0]
    assert secretary.press("/delegate", to=to, reason="").status == 422
    secretary.get(task.address)

    secretary.press("/delegate", to=to, reason="出差一周")

    assert "登记议题" in visitor("u001.cadre2").get("/inbox").words
    assert "登记议题" not in secretary.get("/inbox").words


def test_the_worklist_is_filtered_on_the_server(case, secretary):
    assert "登记议题" in secretary.get("/inbox?step=step1_topic&text=楼道").words
    assert "没有符合条件的事项" in secretary.get("/inbox?step=step5_publicity").words
    assert "没有符合条件的事项" in secretary.get("/inbox?text=不存在的").words
    assert secretary.get("/inbox?tab=nonsense&sort=x&page=-3&level='").status == 200


def _at_evidence(walk, visitor) -> Visitor:
    """The council before 调查核实, whose form takes files."""
    walk("verify_findings")
    council = visitor("u001.council1")
    council.get(council.get("/inbox").links("/inbox/")[0])
    return council


def _evidence(page: Page) -> list[str]:
    return list(page.tree.xpath("//*[@data-attachments='evidence']//a/@href"))


def _names(page: Page) -> list[str]:
    return [name.get("value", "") for name in page.tree.xpath("//tbody//input[contains(@name, '.name')]")]


def _token(somebody: Visitor) -> str:
    somebody.get("/account")
    return somebody.token()
