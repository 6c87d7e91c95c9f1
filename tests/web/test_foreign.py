"""A procedure made elsewhere, released in a district of ours: its cases break no page; whoever serves may run it."""

from pathlib import Path

import pytest

from engine import Deploy, StartCase, files_in
from engine.reading import running

FOLDERS = Path(__file__).parents[1] / "engine" / "foreign"


@pytest.fixture
def started(engine):
    """Deploys a folder and starts a case of it as the secretary; gives the case and its first open item."""

    def start(name):
        engine.handle(Deploy(files_in(FOLDERS / name)), by="o_data.operator")
        case = engine.handle(StartCase(name), by="u001.secretary").case
        return case, engine.read(running.open_items, case)[0]

    return start


@pytest.mark.parametrize("name", ["hiring", "order_approval", "plain_code", "shop", "travel_request"])
def test_its_cases_can_be_looked_at(started, secretary, visitor, name):
    case, item = started(name)

    for address in ("/inbox", f"/inbox/{item.id}", f"/cases/{case}", "/cases"):
        page = secretary.get(address)
        assert page.status == 200, address
    auditor = visitor("o_audit.auditor")
    assert auditor.get(f"/history/{case}").status == 200


@pytest.mark.parametrize("name", ["plain_code", "order_approval"])
def test_what_a_page_cannot_ask_is_said_and_what_is_sent_all_the_same_is_judged(
    started, secretary, name, engine
):
    case, item = started(name)
    page = secretary.get(f"/inbox/{item.id}")

    assert "没有能在网页上填写的表单" in page.words
    sent = secretary.send(f"/inbox/{item.id}", csrf_token=secretary.token(), _key="1")
    assert sent.status == (422 if item.form else 200)
    assert engine.read(running.state, case) == ("active" if item.form else "incident")
