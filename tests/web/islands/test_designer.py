"""The designer: everything in Chinese, every setting written where the engine reads it, nothing lost by saving."""

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests import chromium
from tests.web.islands.sample_site import PAGES, Site

pytestmark = pytest.mark.browser

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
PROCEDURE = Path(__file__).resolve().parents[3] / "processes" / "roundtable"
SELECT = """(id) => {
    const modeler = roundtableDesigner.modeler;
    modeler.get('selection').select(modeler.get('elementRegistry').get(id));
}"""

REPLACE = """() => {
    const modeler = roundtableDesigner.modeler;
    const object = modeler.get('elementFactory').createShape({type: 'bpmn:DataObjectReference'});
    const pool = modeler.get('elementRegistry').get('pool');
    const drawn = modeler.get('modeling').createShape(object, {x: 400, y: 360}, pool);
    modeler.get('popupMenu').open(drawn, 'bpmn-replace', {x: 300, y: 300});
}"""


@pytest.fixture
def designer(sample: Page, site: Site) -> Page:
    sample.goto(f"{site.address}/designer")
    chromium.furnished(sample)
    return sample


def test_no_word_of_the_designer_is_english(designer: Page) -> None:
    seen = designer.evaluate(f"({(PAGES / 'tour.js').read_text()})()")

    assert designer.evaluate("roundtableDesigner.missing()") == []
    assert [text for text in seen if not text.startswith("(id=")] == []


def test_saving_sends_the_diagram(designer: Page, site: Site) -> None:
    site.answers["/save"] = (200, {"at": "09:41"})

    designer.get_by_role("button", name="保存到工作稿").click()

    expect(designer.get_by_role("status")).to_have_text("已保存到工作稿 09:41")
    (_, headers, body) = site.received[-1]
    assert headers["Content-Type"] == "application/xml"
    assert "token-1" in headers.values()
    assert etree.fromstring(body).tag == f"{BPMN}definitions"


def test_a_refused_save_keeps_the_work_and_says_why(designer: Page, site: Site) -> None:
    site.answers["/save"] = (409, {"message": "草稿已被他人修改。", "help": "请先下载自己的修改。"})

    designer.get_by_role("button", name="保存到工作稿").click()

    expect(designer.get_by_role("status")).to_have_text("草稿已被他人修改。 请先下载自己的修改。")


@pytest.mark.parametrize("file", ["sample.bpmn", *sorted(path.name for path in PROCEDURE.glob("*.bpmn"))])
def test_opening_and_saving_loses_nothing(designer: Page, site: Site, file: str) -> None:
    drawn = PAGES / file if (PAGES / file).exists() else PROCEDURE / file
    designer.evaluate("(xml) => roundtableDesigner.modeler.importXML(xml)", drawn.read_text())

    designer.get_by_role("button", name="保存到工作稿").click()
    expect(designer.get_by_role("status")).to_contain_text("已保存到工作稿")

    assert meaning(site.sent_to("/save")[-1]) == meaning(drawn.read_bytes())


def test_a_task_gets_form_instructions_due_date_and_performer(designer: Page, site: Site) -> None:
    choose(designer, "give_consent")

    designer.get_by_label("表单", exact=True).select_option("screen_topic-schema.json")
    write(designer, "办理要求", "请写明**意见**。")
    write(designer, "办理期限", "5 working days")
    write(designer, "办理人", "party.post")
    write(designer, "分项名称", "party.title")

    task = saved(designer, site, "give_consent")
    assert properties(task) == {
        "formJsonSchemaFilename": "screen_topic-schema.json",
        "due": "5 working days",
        "performer": "party.post",
        "item_label": "party.title",
    }
    assert task.findtext(f"{BPMN}extensionElements/{SPIFF}instructionsForEndUser") == "请写明**意见**。"


def test_emptying_every_setting_leaves_no_empty_elements(designer: Page, site: Site) -> None:
    choose(designer, "register_topic")

    designer.get_by_label("表单", exact=True).select_option("")
    write(designer, "办理要求", "")
    write(designer, "办理期限", "")

    assert saved(designer, site, "register_topic").find(f"{BPMN}extensionElements") is None


def test_a_flow_gets_a_condition_and_can_be_the_default(designer: Page, site: Site) -> None:
    choose(designer, "f_topic")

    write(designer, "走这条线的条件", 'screen_topic.handling == "topic"')
    designer.get_by_label("默认走这条线").uncheck()
    choose(designer, "f_redirect")
    designer.get_by_label("默认走这条线").check()

    assert (
        saved(designer, site, "f_topic").findtext(f"{BPMN}conditionExpression")
        == 'screen_topic.handling == "topic"'
    )
    assert saved(designer, site, "gw_screen").get("default") == "f_redirect"


def test_a_script_task_gets_its_script(designer: Page, site: Site) -> None:
    choose(designer, "count_mentions")

    write(designer, "脚本", "mentions = 3\nmore = 4")

    assert saved(designer, site, "count_mentions").findtext(f"{BPMN}script") == "mentions = 3\nmore = 4"


def test_a_call_activity_gets_its_diagram(designer: Page, site: Site) -> None:
    choose(designer, "call_opinions")

    designer.get_by_label("流程图", exact=True).select_option("step3_analysis")

    assert saved(designer, site, "call_opinions").get("calledElement") == "step3_analysis"


def test_a_service_task_gets_operation_parameters_and_result(designer: Page, site: Site) -> None:
    choose(designer, "set_facts")

    designer.get_by_label("操作", exact=True).select_option("calendar/notice_end")
    write(designer, "张贴日期（posted_on）", "publish.posted_on")
    write(designer, "工作日数（n）", "5")
    write(designer, "其他参数", "level = case.level\nnote = 'a = b'")
    write(designer, "结果存入变量", "ends")

    operator = saved(designer, site, "set_facts").find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
    assert operator is not None
    assert (operator.get("id"), operator.get("resultVariable")) == ("calendar/notice_end", "ends")
    parameters = operator.iterfind(f"{SPIFF}parameters/{SPIFF}parameter")
    assert {one.get("id"): one.get("value") for one in parameters} == {
        "posted_on": "publish.posted_on",
        "n": "5",
        "level": "case.level",
        "note": "'a = b'",
    }


def test_a_timer_gets_its_kind_and_time(designer: Page, site: Site) -> None:
    choose(designer, "wait_notice")

    designer.get_by_label("类型", exact=True).select_option("timeDuration")
    write(designer, "时间", "P14D")

    timer = saved(designer, site, "wait_notice").find(f"{BPMN}timerEventDefinition")
    assert timer is not None
    assert timer.findtext(f"{BPMN}timeDuration") == "P14D"
    assert timer.find(f"{BPMN}timeDate") is None


def test_a_message_is_declared_once_and_its_content_kept(designer: Page, site: Site) -> None:
    choose(designer, "wait_objection")

    designer.get_by_label("消息", exact=True).select_option("closed_off")
    write(designer, "消息内容存入变量", "objection")

    event = saved(designer, site, "wait_objection").find(f"{BPMN}messageEventDefinition")
    root = etree.fromstring(site.sent_to("/save")[-1])
    assert event is not None
    declared = {one.get("id"): one.get("name") for one in root.iterfind(f"{BPMN}message")}
    assert declared[event.get("messageRef")] == "closed_off"
    assert event.findtext(f"{BPMN}extensionElements/{SPIFF}messageVariable") == "objection"


def test_a_repeated_task_gets_its_list_and_item(designer: Page, site: Site) -> None:
    choose(designer, "give_consent")

    write(designer, "列表变量", "units")
    write(designer, "每一项叫", "unit")

    many = saved(designer, site, "give_consent").find(f"{BPMN}multiInstanceLoopCharacteristics")
    assert many is not None
    assert many.findtext(f"{BPMN}loopDataInputRef") == "units"
    assert many.find(f"{BPMN}inputDataItem").get("name") == "unit"


def test_a_hidden_script_is_shown_and_can_be_emptied(designer: Page, site: Site) -> None:
    choose(designer, "screen_topic")
    expect(designer.get_by_label("任务开始前的脚本")).to_have_value("seen = 1")

    write(designer, "任务开始前的脚本", "")

    assert saved(designer, site, "screen_topic").find(f".//{SPIFF}preScript") is None


def test_what_the_check_refuses_is_not_offered(designer: Page) -> None:
    expect(designer.locator(".djs-palette .entry[data-action='create.data-object']")).to_have_count(1)
    expect(designer.locator(".djs-palette .entry[data-action='create.data-store']")).to_have_count(0)

    designer.evaluate(REPLACE)

    expect(designer.locator(".djs-popup")).to_be_visible()
    expect(designer.locator(".djs-popup .entry[data-id*='data-store']")).to_have_count(0)


def test_each_change_can_be_undone(designer: Page, site: Site) -> None:
    choose(designer, "call_opinions")
    designer.get_by_label("流程图", exact=True).select_option("step3_analysis")

    designer.evaluate("roundtableDesigner.modeler.get('commandStack').undo()")

    assert saved(designer, site, "call_opinions").get("calledElement") == "step2_opinions"


def test_problems_are_listed_put_on_shapes_and_lead_to_them(designer: Page, site: Site) -> None:
    found = {
        "file": "sample.bpmn",
        "element": "set_facts",
        "message": "没有这项操作",
        "help": "请另选",
        "severity": "error",
        "line": 3,
        "column": 7,
    }
    site.answers["/check"] = (
        200,
        {"problems": [found, {"file": "sample.bpmn", "message": "没有故事", "severity": "warning"}]},
    )

    designer.get_by_role("button", name="检查").click()
    results = designer.get_by_role("region", name="检查结果")
    expect(results).to_contain_text("1 个错误，1 个提醒")
    expect(results).to_contain_text("第3行 第7列")
    results.get_by_role("button", name="到“写入协商层级”").click()

    expect(designer.locator(".problem-sign")).to_have_count(1)
    expect(designer.locator(".designer-panel")).to_contain_text("服务操作")


def test_a_clean_check_says_so(designer: Page, site: Site) -> None:
    site.answers["/check"] = (200, {"problems": []})

    designer.get_by_role("button", name="检查").click()

    expect(designer.get_by_role("region", name="检查结果")).to_contain_text("检查通过")


def test_the_file_can_be_downloaded(designer: Page) -> None:
    with designer.expect_download() as download:
        designer.get_by_role("button", name="下载").click()

    assert download.value.suggested_filename == "sample.bpmn"


def test_what_would_be_lost_is_said_when_the_file_is_opened(designer: Page, site: Site) -> None:
    foreign = (
        (PAGES / "sample.bpmn")
        .read_text()
        .replace("spiffworkflow:preScript", "spiffworkflow:inventedByOthers")
    )
    designer.route(
        "**/pages/sample.bpmn", lambda route: route.fulfill(body=foreign, content_type="application/xml")
    )

    designer.reload()

    expect(designer.get_by_role("region", name="检查结果")).to_contain_text("没有读懂，保存后会丢失")


def choose(page: Page, element: str) -> None:
    """Select it; the panel shows it when its number stands there."""
    page.evaluate(SELECT, element)
    expect(page.locator(".designer-panel input[name=id]")).to_have_value(element)


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.blur()  # which writes it at once


def saved(page: Page, site: Site, element: str) -> etree._Element:
    page.get_by_role("button", name="保存到工作稿").click()
    expect(page.get_by_role("status")).to_contain_text("已保存到工作稿")
    root = etree.fromstring(site.sent_to("/save")[-1])
    (found,) = root.xpath("//*[@id=$id]", id=element)
    return found


def properties(task: etree._Element) -> dict[str, str]:
    return {one.get("name"): one.get("value") for one in task.iter(f"{SPIFF}property")}


def meaning(xml: bytes) -> Counter[tuple[str, str, str]]:
    """Every element of the model with its attributes and text; not the drawing, whose numbers may be rounded."""
    root = etree.fromstring(xml)
    for drawing in root.xpath("//*[local-name()='BPMNDiagram']"):
        drawing.getparent().remove(drawing)
    return Counter(
        (node.tag, str(sorted(attributes(node).items())), (node.text or "").strip())
        for node in root.iter(etree.Element)
    )


def attributes(node: etree._Element) -> dict[str, str]:
    """Without defaults that may as well be left out."""
    return {
        name: value
        for name, value in node.attrib.items()
        if (etree.QName(name).localname, value) not in DEFAULTS
    }


DEFAULTS = {
    ("isSequential", "false"),
    ("testBefore", "false"),
    ("cancelActivity", "true"),
    ("type", "bpmn:tFormalExpression"),
}
