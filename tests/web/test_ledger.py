"""The ledger of projects: a view over what was done, within one's units, filtered, and as a table."""

import csv
import io
from datetime import datetime, time, timedelta

import pytest

from engine import entitlement
from engine.clock import SHANGHAI
from engine.reading import ledger as reading
from engine.reading.spreadsheet import cell
from tests.web.visitor import Visitor

TITLE = "3栋楼道照明"


@pytest.fixture
def carried_out(walk) -> str:
    """A case whose plan is being carried out."""
    return walk("carry_out_item")


def rows(somebody: Visitor, query: str = "") -> list[dict[str, str]]:
    answer = somebody.client.get(f"/ledger/export.csv{query}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_project_enters_with_its_resolution_and_not_before(walk, secretary):
    walk("hold_council_meeting")

    page = secretary.get("/ledger")

    assert "没有符合条件的项目" in page.words
    assert "台账" in page.tree.xpath("//nav[@aria-label='主菜单']//a[@aria-current='page']/text()")


def test_the_ledger_says_who_does_what_until_when(carried_out, secretary, engine):
    line = engine.read(reading.listed, _actor(engine), reading.Asked()).lines[0]

    page = secretary.get("/ledger")

    assert page.links(f"/cases/{carried_out}")
    assert line.number in page.words
    assert line.filing_number in page.words
    assert line.notice in page.words
    assert line.items
    for item in line.items:
        assert item.content in page.words
        assert f"{item.person}（{item.side}）{item.party}" in page.words
    assert f"共 {len(line.items)} 项，完成 0 项" in page.words


def test_what_is_due_and_not_done_is_overdue_and_can_be_asked_for(carried_out, secretary, engine):
    line = engine.read(reading.listed, _actor(engine), reading.Asked()).lines[0]
    first, last = min(item.due_on for item in line.items), max(item.due_on for item in line.items)

    engine.clock.at = _morning(first)
    assert TITLE not in secretary.get("/ledger?state=overdue").words

    engine.clock.at = _morning(last + timedelta(days=1))
    assert TITLE in secretary.get("/ledger?state=overdue").words
    assert f"超期 {len(line.items)} 项" in secretary.page.words
    assert [row["是否超期"] for row in rows(secretary)] == ["超期"] * len(line.items)


def test_a_plan_that_is_not_carried_out_yet_is_not_overdue(walk, secretary, engine):
    walk("open_ledger")
    engine.clock.at += timedelta(days=365)

    line = engine.read(reading.listed, _actor(engine), reading.Asked()).lines[0]

    assert line.items
    assert line.overdue == 0
    assert TITLE not in secretary.get("/ledger?state=overdue").words


def test_a_closed_project_says_when_and_that_every_task_was_done(walk, secretary, engine):
    walk("")

    line = engine.read(reading.listed, _actor(engine), reading.Asked(state="closed")).lines[0]
    page = secretary.get("/ledger?state=closed")

    assert line.closed_on is not None
    assert line.accepted
    assert line.done == len(line.items) > 0
    assert line.committee > 0
    assert line.receipt_cloud in page.words
    assert f"已销号{line.closed_on.isoformat()}" in page.words
    assert TITLE not in secretary.get("/ledger?state=open").words


def test_the_ledger_is_filtered_by_level_and_unit(carried_out, secretary, visitor):
    assert TITLE in secretary.get("/ledger?level=community").words
    assert TITLE not in secretary.get("/ledger?level=district").words
    office = visitor("s01.office1")
    assert TITLE in office.get("/ledger?unit=u001").words
    assert TITLE not in office.get("/ledger?unit=u002").words


def test_a_project_of_another_unit_stands_in_no_ledger_but_ones_own(carried_out, visitor):
    stranger = visitor("u002.secretary")

    assert TITLE not in stranger.get("/ledger?unit=u001").words
    assert rows(stranger, "?unit=u001") == []


def test_the_table_has_one_row_for_each_task(carried_out, secretary, engine):
    line = engine.read(reading.listed, _actor(engine), reading.Asked()).lines[0]

    told = rows(secretary)

    assert [row["任务"] for row in told] == [item.content for item in line.items]
    assert {row["议题编号"] for row in told} == {line.number}
    assert all(row["责任人"] and row["完成期限"] for row in told)
    assert rows(secretary, "?state=closed") == []


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_of_a_table_is_a_formula(typed):
    assert cell(typed) == f"'{typed}"


def test_the_page_of_a_case_leads_to_the_ledger_once_it_is_resolved(carried_out, secretary):
    page = secretary.get(f"/cases/{carried_out}")

    assert TITLE in secretary.get(page.links("/ledger?case=")[0]).words
    assert TITLE not in secretary.get("/ledger?case=another").words


def test_nobody_reads_the_ledger_without_signing_in(visitor):
    assert visitor("").get("/ledger").address.startswith("/sign-in")


def _morning(day):
    return datetime.combine(day, time(9), SHANGHAI)


def _actor(engine):
    return engine.read(lambda reader: entitlement.actor(reader.db, "u001.secretary", reader.today))
