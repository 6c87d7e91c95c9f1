"""The page of a case: where it stands, what is open, who did what when, for those who may see it only."""

import pytest

from engine import cases, worklist
from engine.database import writing
from tests.web.visitor import Page, Visitor


@pytest.fixture
def case(walk) -> str:
    """A case of the first unit that stands at 核实情况, in the second step."""
    return walk("verify_findings")


@pytest.fixture
def page(case, secretary) -> Page:
    return secretary.get(f"/cases/{case}")


def test_the_head_says_what_the_case_is(page):
    assert page.status == 200
    assert page.tree.xpath("string(//h1)") == "3栋楼道照明"
    assert "示范社区" in page.words
    assert "办理中" in page.words


def test_the_seven_steps_say_in_words_where_the_case_stands(page):
    states = [" ".join(step.text_content().split()) for step in page.tree.xpath("//ol[@class='steps']/li")]

    assert len(states) == 7
    assert states[0] == "1 确定议题 已完成"
    assert states[1] == "2 征求意见 正在进行"
    assert states[2] == "3 分析研判 未开始"


def test_an_open_task_names_who_does_it_and_links_only_for_him(case, visitor):
    council = visitor("u001.council1").get(f"/cases/{case}")
    other = visitor("u001.secretary").get(f"/cases/{case}")

    assert council.links("/inbox/")
    assert "民情理事会" in other.words
    assert not other.links("/inbox/")


def test_the_diagram_of_the_open_step_is_drawn_with_its_marks(page, secretary):
    drawn = page.tree.xpath("//*[@data-island='viewer']")[0]

    assert '"state": "active"' in drawn.get("data-marks")
    assert "verify_findings" in drawn.get("data-marks")
    source = secretary.client.get(drawn.get("data-diagram-url"))
    assert source.mimetype == "application/xml"
    assert "sandbox" in source.headers["Content-Security-Policy"]
    assert b"verify_findings" in source.data


def test_the_same_marks_are_there_in_words(page):
    words = page.tree.xpath("string(//details[contains(@class,'diagram-words')])")

    assert "正在办理" in words
    assert "已办" in words


def test_another_diagram_of_the_case_can_be_chosen(case, secretary):
    page = secretary.get(f"/cases/{case}?diagram=step1_topic")

    assert "register_topic" in page.tree.xpath("string(//*[@data-island='viewer']/@data-marks)")


def test_the_log_gives_the_answers_in_the_words_of_the_form(page):
    assert "办理：登记议题" in page.words
    assert "议题名称" in page.words
    assert "register_topic" not in page.tree.xpath("string(//ol[@class='timeline'])")


def test_personal_values_are_never_written_out(page):
    assert "个人信息，已保护" in page.words


def test_files_are_listed_by_step_and_can_be_opened(page, secretary):
    files = page.links("/attachments/")

    assert files
    assert secretary.client.get(files[0]).status_code == 200


def test_the_submission_behind_the_case_is_linked(page):
    assert page.links("/submissions/")


def test_a_case_of_another_unit_is_not_there(case, visitor):
    assert visitor("u002.secretary").get(f"/cases/{case}").status == 404


def test_a_case_that_does_not_exist_is_not_there(secretary: Visitor):
    assert secretary.get("/cases/0000000000000000").status == 404


def test_whoever_looks_while_a_case_catches_up_is_told_so_on_its_page_and_its_task(case, secretary, engine):
    (item,) = engine.read(lambda reader: worklist.open_items(reader.db, case))
    with writing(engine.database) as db:
        cases.load(db, case).status = cases.CATCHING_UP

    for address in (f"/cases/{case}", f"/inbox/{item.id}"):
        assert "补办停办期间收到的消息" in secretary.get(address).words
    assert secretary.get(f"/cases/{case}").tree.xpath("//span[@class='status status-waiting']/text()") == [
        "正在补办"
    ]


def test_a_closed_case_says_how_it_ended(walk, secretary):
    page = secretary.get(f"/cases/{walk('')}")

    assert "已办结：销号" in page.words
    assert "已收到回执" in page.words
    assert page.links("/board/GS-")
    assert not page.links("/inbox/")
