"""A procedure made elsewhere, released in a district of ours: its cases break no page; whoever serves may run it."""

from pathlib import Path

import pytest

from engine import Deploy, GiveBackSubmission, PublishMessage, StartCase, SubmitTask, files_in
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


def test_a_case_of_another_procedure_shows_its_own_and_nothing_of_the_round_table(started, secretary, engine):
    case, item = started("hiring")
    engine.handle(SubmitTask(item.id, {"name": "安娜", "marks": {"a": [1, 2]}}), by="u001.secretary")

    page = secretary.get(f"/cases/{case}")

    for foreign in ("议题编号", "协商层级", "主持人", "确定议题", "未开始", "个人信息", "这件议题", "材料"):
        assert foreign not in page.tree.xpath("string(//main)"), foreign
    words = "".join(page.tree.xpath("string(//main)").split())
    assert "标识" + case in words
    assert "name安娜" in words
    assert 'marks{"a":[1,2]}' in words
    assert "办理：Interview" in words
    assert "Makeanoffer" in words
    assert "逐个元素的经过共5步" in words


def test_what_it_waits_for_is_named(started, secretary, engine):
    case, item = started("hiring")
    engine.handle(SubmitTask(item.id, {"name": "安娜"}), by="u001.secretary")
    offer = engine.read(running.open_items, case)[0]
    engine.handle(SubmitTask(offer.id, {"salary": 1}), by="u001.secretary")

    words = secretary.get(f"/cases/{case}").words

    assert "等待时间或消息" in words
    assert "等待消息 offer accepted" in words
    assert "没有要办的任务，等待下面的时间或消息" in words


@pytest.mark.parametrize("name", ["hiring", "shop", "travel_request"])
def test_its_open_task_is_marked_on_its_drawing_whatever_its_file_is_called(started, secretary, name):
    case, item = started(name)

    drawn = secretary.get(f"/cases/{case}").tree.xpath("//*[@data-island='viewer']")[0]

    assert f'"element": "{item.element}", "state": "active"' in drawn.get("data-marks")
    assert "Flow" in drawn.get("data-flows")


def test_a_drawing_without_shapes_is_listed_and_nobody_else_is_blamed(started, secretary, visitor):
    case, _ = started("plain_code")

    page = secretary.get(f"/cases/{case}")

    assert "没有图形（BPMNDI）" in page.words
    assert "What is to be done?：正在办理" in page.words
    assert "包容网关 which：还没有到" in page.words
    assert not page.tree.xpath("//*[@data-island='viewer']")
    told = visitor("o_audit.auditor").client.get(f"/history/{case}/replay.json").json
    assert ["ask", "What is to be done?"] in told["versions"][0]["diagrams"]["generated"]["elements"]


def test_a_case_that_stopped_says_so_at_every_later_step_until_it_is_mended(started, visitor, engine):
    case, item = started("plain_code")
    engine.handle(SubmitTask(item.id, {"nothing": 1}), by="u001.secretary")
    auditor, operator = visitor("o_audit.auditor"), visitor("o_data.operator")

    events = auditor.client.get(f"/history/{case}/replay.json").json["events"]
    page = operator.get(f"/operator/incidents/{case}")

    assert [event["stopped"] for event in events] == [False, True]
    assert [open_one["name"] for open_one in events[-1]["active"]] == ["What is to be done?"]
    assert "停下来的事项" in page.words
    assert "党组织书记决定" not in page.words
    engine.handle(GiveBackSubmission(case, "请重填"), by="o_data.operator")
    events = auditor.client.get(f"/history/{case}/replay.json").json["events"]
    assert [event["stopped"] for event in events] == [False, True, False]


def test_lists_say_nothing_of_levels_and_numbers_that_there_are_not(started, secretary):
    case, _ = started("hiring")

    for address in ("/cases", "/inbox"):
        row = secretary.get(address).tree.xpath("//tbody/tr[contains(., 'Hiring')]")[0].text_content()
        assert "层级待定" not in row
        assert "尚未编号" not in row
        assert "Process_hiring" not in row
    assert case in row or case in secretary.get("/cases").words


def test_an_operator_sees_messages_under_way_and_goes_from_a_version_to_its_cases(started, visitor, engine):
    case, _ = started("hiring")
    engine.handle(PublishMessage("offer accepted"), by="o_data.operator")
    engine.tick()
    operator = visitor("o_data.operator")

    page = operator.get("/operator")

    assert "消息 offer accepted" in page.words
    assert "暂存，等办件来接收" in page.words
    listed = operator.get(next(link for link in page.links("/cases?version=")))
    assert case in listed.words
    assert operator.get("/cases?version=0000").tree.xpath("//tbody/tr") == []
