"""The public notice board: what is published, how the days are counted, an objection without an account."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import definitions, samples
from engine.commands import RaiseObjection, SuspendCase
from engine.demo.walk import Plot, Walk
from engine.engine import Engine
from engine.handlers import HANDLERS
from engine.reading import board as reading
from engine.records.notices import Notice
from tests.web.conftest import NOW, ROOT
from tests.web.visitor import Visitor


@pytest.fixture
def resident(visitor) -> Visitor:
    """Somebody without an account."""
    return visitor()


@pytest.fixture
def notice(engine: Engine) -> str:
    """A notice of the first unit, posted yesterday or today."""
    bundle = definitions.from_folders(Path(ROOT) / "processes", ROOT / "forms", "roundtable")
    plot = Plot("u001", "3栋楼道照明", NOW.date(), "")
    walk = Walk(engine, engine.clock, samples.read(bundle), "roundtable")
    for days in range(20, 90):
        walk.until([plot], NOW + timedelta(days=days))
        plot.start = (NOW + timedelta(days=days)).date()
        found = engine.read(reading.lines, running=True)
        if found:
            return found[0].number
    raise AssertionError("no notice was ever posted")


def test_the_board_lists_a_running_notice_for_everybody(notice, resident):
    page = resident.get("/board")

    assert page.links(f"/board/{notice}")
    assert "正在公示" in page.words


def test_an_empty_board_says_so(resident):
    assert "目前没有正在公示的项目" in resident.get("/board").words


def test_a_notice_shows_the_plan_and_no_account_numbers_of_posts(notice, resident):
    page = resident.get(f"/board/{notice}")

    assert page.status == 200
    assert "时间表" in page.words
    assert "任务和责任人" in page.words
    assert "post:" not in page.text


def test_the_window_is_counted_day_by_day_and_says_why_a_day_does_not_count(notice, engine, resident):
    told = engine.read(reading.page, notice)
    page = resident.get(f"/board/{notice}")

    assert told.days[0].why == "张贴当天不计算在内"
    assert [day.nth for day in told.days if day.nth] == list(range(1, told.working_days + 1))
    assert all(day.why for day in told.days if not day.nth)
    assert "第 5 个" in page.words


def test_an_objection_without_an_account_gets_a_receipt(notice, resident):
    resident.get(f"/board/{notice}")

    page = resident.press(f"/board/{notice}", content="施工时间太长，影响老人出行。")

    assert page.status == 200
    assert "回执号" in page.words
    assert "施工时间太长" in page.words
    assert "施工时间太长" in resident.get(f"/board/{notice}").words


def test_the_name_of_who_objects_stands_nowhere_on_the_board(notice, resident):
    resident.get(f"/board/{notice}")
    receipt = resident.press(f"/board/{notice}", content="施工时间太长。请改。", name="欧阳某某")

    assert "欧阳某某" not in receipt.text
    assert "欧阳某某" not in resident.get(f"/board/{notice}").text


def test_a_wrong_objection_is_refused_at_its_field_with_everything_kept(notice, resident):
    resident.get(f"/board/{notice}")

    page = resident.press(f"/board/{notice}", content="短", contact="12")

    assert page.status == 422
    assert page.form(f"/board/{notice}").fields["contact"] == "12"
    assert page.tree.xpath("//*[@id='content-error']")


def test_the_same_objection_sent_twice_is_one(notice, resident, engine):
    page = resident.get(f"/board/{notice}")
    fields = dict(page.form(f"/board/{notice}").form_values())
    sent = {**fields, "content": "施工时间太长，影响老人出行。"}

    first = resident.send(f"/board/{notice}", **sent)
    second = resident.send(f"/board/{notice}", **sent)

    assert first.address == second.address
    assert len(engine.read(reading.page, notice).replies) == 1


def test_the_sixth_objection_of_an_hour_from_one_address_is_refused_and_kept(notice, resident, engine):
    for number in range(5):
        resident.get(f"/board/{notice}")
        assert resident.press(f"/board/{notice}", content="短").status == 422  # does not count
        assert resident.press(f"/board/{notice}", content=f"施工时间太长，第{number}次。").status == 200
        resident.get(f"/board/{notice}")

    page = resident.press(f"/board/{notice}", content="施工时间太长，影响老人出行。")

    assert page.status == 429
    assert "一小时内最多提交5次" in page.words
    assert "影响老人出行" in page.form(f"/board/{notice}").fields["content"]
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    fields = dict(page.form(f"/board/{notice}").form_values())
    assert resident.client.post(f"/board/{notice}", data=fields, environ_base=elsewhere).status_code == 303
    engine.clock.at += timedelta(minutes=61)
    assert resident.press(f"/board/{notice}", content="施工时间太长，影响老人出行。").status == 200


def test_an_objection_longer_than_the_form_allows_is_refused_at_its_field(notice, resident):
    resident.get(f"/board/{notice}")

    page = resident.press(f"/board/{notice}", content="长" * 2001)

    assert page.status == 422
    assert page.tree.xpath("//*[@id='content-error']")


def test_an_objection_that_we_fail_to_take_is_shown_again_with_what_to_do(notice, resident, monkeypatch):
    resident.get(f"/board/{notice}")
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, RaiseObjection, _breaks)
        page = resident.press(f"/board/{notice}", content="栏杆太低，孩子能翻过去。")

    assert page.status == 500
    assert "再提交一次" in page.words
    again = resident.press(f"/board/{notice}")
    assert again.status == 200
    assert "栏杆太低，孩子能翻过去。" in again.words


def _breaks(_work, _command):
    raise ZeroDivisionError


def test_an_objection_to_a_suspended_case_gets_a_receipt_all_the_same(notice, resident, engine):
    (case,) = engine.read(lambda reader: reader.db.scalars(select(Notice.case_id)).all())
    engine.handle(SuspendCase(case, "等上级意见"), by="u001.secretary")
    resident.get(f"/board/{notice}")

    page = resident.press(f"/board/{notice}", content="施工时间太长，影响老人出行。")

    assert page.status == 200
    assert "回执号" in page.words


def test_after_the_window_an_objection_is_refused_by_rule_and_kept(notice, resident, engine):
    resident.get(f"/board/{notice}")
    engine.clock.at = engine.read(reading.page, notice).ends_at

    page = resident.press(f"/board/{notice}", content="施工时间太长，影响老人出行。")

    assert page.status == 409
    assert "R121" in page.words
    assert "施工时间太长" in page.text


def test_a_receipt_number_of_nobody_is_not_there(notice, resident):
    assert resident.get(f"/board/{notice}/objections/0000").status == 404


def test_a_notice_of_nobody_is_not_there(resident):
    assert resident.get("/board/GS-1999-0001").status == 404


def test_everybody_may_read_how_things_are_done(resident):
    page = resident.get("/board/how-it-works")

    assert "七、监督执行" in page.words
    assert "核定协商层级" in page.words
    drawn = page.tree.xpath("string(//*[@data-island='viewer']/@data-diagram-url)")
    assert resident.client.get(drawn).mimetype == "application/xml"
