"""The register of submissions without scripts: entering, answering, starting a case; each within its unit."""

import pytest

from engine import cases
from engine.commands import StartCase
from tests.web.visitor import Visitor

TYPED = {
    "channel": "hotline",
    "received_on": "2026-03-03",
    "original_wording": "3栋楼道灯坏了半年，老人摔过跤。",
    "compound": "桃苑小区3栋",
    "category": "safety",
    "mentions": "4",
    "submitter_phone": "13000000001",
}


@pytest.fixture
def entered(secretary: Visitor) -> str:
    """The address of a submission of the first unit."""
    secretary.get("/submissions/new")
    return secretary.press("/submissions/new", **TYPED).address


def test_a_submission_is_entered_in_the_words_in_which_it_was_raised(entered, secretary):
    page = secretary.page

    assert "诉求已登记，编号 SQ-U001-2026-0001" in page.flash()
    assert TYPED["original_wording"] in page.words
    assert "13000000001" not in page.text
    assert "已加密保存" in page.words


def test_a_wrong_submission_is_refused_with_everything_that_was_typed(secretary):
    secretary.get("/submissions/new")

    page = secretary.press("/submissions/new", **{**TYPED, "submitter_phone": "12", "channel": ""})

    assert page.status == 422
    assert page.form("/submissions/new").fields["compound"] == TYPED["compound"]
    assert page.tree.xpath("//*[@data-error-summary]//a/@href") == ["#channel", "#submitter_phone"]


def test_a_half_written_submission_is_kept_as_a_draft_until_it_is_entered(secretary):
    secretary.get("/submissions/new")
    secretary.push("/submissions/new", "_save", "1", compound="桃苑小区")

    assert secretary.get("/submissions/new").form("/submissions/new").fields["compound"] == "桃苑小区"

    secretary.press("/submissions/new", **TYPED)
    assert secretary.get("/submissions/new").form("/submissions/new").fields["compound"] == ""


def test_a_case_starts_from_several_submissions_that_were_ticked(entered, secretary):
    secretary.get("/submissions/new")
    secretary.press("/submissions/new", **TYPED)
    secretary.get("/submissions")
    ids = secretary.page.tree.xpath("//input[@name='submission']/@value")

    secretary.get(f"/submissions/start?submission={ids[0]}&submission={ids[1]}")
    page = secretary.press("/submissions/start", title="3栋楼道照明改造")

    assert page.address == "/inbox"
    assert "已发起议题“3栋楼道照明改造”" in page.flash()
    assert "登记议题" in page.words
    assert "3栋楼道照明改造" in secretary.get(entered).words
    assert "3栋楼道照明改造" in secretary.get("/cases").words


def test_starting_with_too_short_a_title_is_refused_with_what_was_typed(entered, secretary):
    secretary.get(f"/submissions/start?submission={entered.rpartition('/')[2]}")

    page = secretary.press("/submissions/start", title="灯")

    assert page.status == 422
    assert page.form("/submissions/start").fields["title"] == "灯"


def test_starting_twice_from_one_submission_leads_to_the_case_that_it_is_in(entered, secretary):
    secretary.get(f"/submissions/start?submission={entered.rpartition('/')[2]}")
    fields = dict(secretary.page.form("/submissions/start").form_values())
    first = secretary.send("/submissions/start", **fields)
    again = secretary.send("/submissions/start", **fields)
    late = secretary.send(
        "/submissions/start", **{**fields, "_key": "another", "csrf_token": secretary.token()}
    )

    assert (first.status, again.status, late.status) == (200, 200, 409)
    assert "R089" in late.words
    (case,) = late.links("/cases/")
    assert secretary.get(case).status == 200


def test_only_the_party_organisation_may_start_a_case(entered, visitor):
    council = visitor("u001.council1")

    page = council.get(f"/submissions/start?submission={entered.rpartition('/')[2]}")

    assert page.status == 403
    assert "R011" in page.words
    assert not council.get(entered).links("/submissions/start")


def test_a_submission_that_becomes_no_case_is_answered(entered, secretary):
    secretary.get(entered)
    assert secretary.press("/reply", reply=" ").status == 422

    page = secretary.press("/reply", reply="已转街道综治中心人民调解。", do="reply")

    assert "已转街道综治中心人民调解。" in page.words
    assert "已答复" in page.words
    assert not page.tree.xpath("//form[contains(@action, '/reply')]")


def test_a_submission_of_another_unit_does_not_exist(entered, visitor):
    stranger = visitor("u002.secretary")
    stranger.get("/account")
    token = stranger.token()

    assert stranger.get(entered).status == 404
    assert stranger.get(f"/submissions/start?submission={entered.rpartition('/')[2]}").status == 404
    assert stranger.send(f"{entered}/reply", csrf_token=token, reply="x").status == 404
    assert TYPED["compound"] not in stranger.get("/submissions").words


def test_one_unit_cannot_enter_for_another(secretary):
    secretary.get("/submissions/new")

    assert secretary.press("/submissions/new", **TYPED, _unit="u002").status == 404


def test_the_street_office_enters_for_a_unit_of_its_street(visitor):
    office = visitor("s01.office1")
    office.get("/submissions/new")

    page = office.press("/submissions/new", **TYPED, _unit="u001")

    assert "示范社区" in page.words
    assert visitor("u001.secretary").get("/submissions").links("/submissions/")


def test_an_office_without_units_may_not_enter_anything(visitor):
    assert visitor("o_civil.chief").get("/submissions/new").status == 403


def test_a_home_visit_becomes_a_submission_with_one_tick(secretary):
    secretary.get("/visits/new")

    page = secretary.press(
        "/visits/new",
        visited_on="2026-03-03",
        visitor="谢明辉",
        visitor_post="挂点街道领导",
        compound="桃苑小区",
        household="5栋住户",
        situation="三口人，老人行动不便。",
        wishes="晚上进出心里不踏实。",
        solutions="先装临时灯。",
        to_submission="on",
        category="safety",
    )

    assert page.address == "/visits"
    (link,) = page.links("/submissions/")[-1:]
    assert "晚上进出心里不踏实。" in secretary.get(link).words


def test_typed_script_stays_text_on_every_page_of_the_register(secretary):
    secretary.get("/submissions/new")
    page = secretary.press("/submissions/new", **{**TYPED, "original_wording": "<script>alert(1)</script>"})

    for address in (page.address, "/submissions"):
        assert not secretary.get(address).tree.xpath("//script[contains(text(), 'alert')]")


def test_how_often_something_was_raised_is_what_its_submissions_say(entered, engine):
    command = StartCase(
        "roundtable", "u001", "3栋楼道照明", (entered.rpartition("/")[2],), channel="wechat", mentions=999
    )

    case = engine.handle(command, by="u001.secretary").case

    assert engine.read(lambda reader: cases.load(reader.db, case)).facts["mentions"] == int(TYPED["mentions"])
