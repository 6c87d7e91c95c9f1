"""The comforts of forms: conditions, rows, Excel, attachments, drafts, errors, one submission."""

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route, expect

from tests import chromium
from tests.web.islands.sample_site import Site

pytestmark = pytest.mark.browser

PASTE = """([id, text]) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
    document.getElementById(id).dispatchEvent(paste);
    return paste.defaultPrevented;
}"""


@pytest.fixture
def form(sample: Page, site: Site) -> Page:
    sample.goto(f"{site.address}/form")
    chromium.furnished(sample)
    sample.wait_for_selector("[data-error-summary]:focus")
    return sample


def test_a_field_is_shown_only_when_its_condition_holds(form: Page) -> None:
    expect(form.locator("#reason")).to_be_hidden()

    form.get_by_label("转办个体诉求").check()

    expect(form.locator("#reason")).to_be_visible()


def test_a_field_under_a_hidden_field_is_hidden_and_not_sent(form: Page) -> None:
    form.get_by_label("转办个体诉求").check()
    form.get_by_label("紧急", exact=True).check()
    expect(form.locator("#urgent_why")).to_be_enabled()

    form.get_by_label("列为议题").check()

    expect(form.locator("#urgent_why")).to_be_hidden()
    expect(form.locator("#urgent_why")).to_be_disabled()


def test_the_list_of_errors_has_the_focus_and_leads_to_the_field(form: Page) -> None:
    form.get_by_role("link", name="议题名称：请填写议题名称。").click()

    expect(form.locator("#title")).to_be_focused()


def test_a_row_added_is_numbered_and_focused(form: Page) -> None:
    form.get_by_role("button", name="增加一行").click()

    expect(form.get_by_label("第2行 姓名")).to_be_focused()
    expect(form.get_by_label("第2行 姓名")).to_have_attribute("name", "members.1.name")


def test_rows_close_up_when_one_is_removed(form: Page) -> None:
    for name in ("李四", "王五"):
        form.get_by_role("button", name="增加一行").click()
        form.locator("tr[data-row]").last.get_by_label("姓名").fill(name)

    form.get_by_role("button", name="删除第2行").click()

    expect_names(form, {"members.0.name": "张三", "members.1.name": "王五"})
    expect(form.locator("[data-rows-status]")).to_have_text("已删除第2行，现有2行。")
    expect(form.get_by_role("button", name="删除第2行")).to_have_attribute("value", "members.1")


def test_no_more_rows_than_allowed(form: Page) -> None:
    for _ in range(4):
        form.get_by_role("button", name="增加一行").click()

    expect(form.get_by_role("button", name="增加一行")).to_be_disabled()
    expect(form.locator("tr[data-row]")).to_have_count(5)


def test_a_table_pasted_from_excel_fills_rows(form: Page) -> None:
    form.evaluate(
        PASTE,
        [
            "members.0.name",
            "姓名\t类别\t出生日期\t党员\n赵一\t居民代表\t1980/3/5\t是\n钱二\t共建单位\t1975年12月1日\t否\n",
        ],
    )

    expect_names(form, {"members.0.name": "赵一", "members.1.name": "钱二"})
    expect(form.get_by_label("第1行 类别")).to_have_value("resident")
    expect(form.get_by_label("第2行 类别")).to_have_value("unit")
    expect(form.get_by_label("第1行 出生日期")).to_have_value("1980-03-05")
    expect(form.get_by_label("第2行 出生日期")).to_have_value("1975-12-01")
    expect(form.get_by_label("第1行 党员")).to_be_checked()
    expect(form.get_by_label("第2行 党员")).not_to_be_checked()
    expect(form.locator("[data-rows-status]")).to_have_text("已粘贴2行。")


def test_what_does_not_fit_is_said(form: Page) -> None:
    lines = "\n".join(f"人{n}\t{'居民代表' if n else '路人'}" for n in range(7))

    form.evaluate(PASTE, ["members.0.name", lines])

    expect(form.locator("[data-rows-status]")).to_have_text(
        "已粘贴5行；超过行数上限，还有2行没有粘贴；第1行“类别”没有“路人”这个选项。"
    )


def test_a_quoted_cell_keeps_its_line_break_away_from_the_next_row(form: Page) -> None:
    form.evaluate(PASTE, ["members.0.name", '"赵""一\n号"\t居民代表\n钱二\t共建单位'])

    # a one-line input drops the break itself
    expect_names(form, {"members.0.name": '赵"一号', "members.1.name": "钱二"})


def test_one_word_is_pasted_as_ever(form: Page) -> None:
    taken = form.evaluate(PASTE, ["members.0.name", "照明"])

    assert taken is False


def test_an_attachment_is_uploaded_at_once(form: Page, site: Site) -> None:
    site.answers["/upload"] = (201, {"id": "a1", "name": "照片.jpg", "size": 2048, "url": "/attachments/a1"})

    form.set_input_files("#photos", {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 2048})

    expect(form.get_by_role("link", name="照片.jpg")).to_have_attribute("href", "/attachments/a1")
    expect(form.locator("input[type=hidden][name=photos]")).to_have_value("a1")
    (_, headers, body) = next(one for one in site.received if one[0] == "/upload")
    assert headers["X-Csrftoken" if "X-Csrftoken" in headers else "X-CSRFToken"] == "token-1"
    assert b'name="field"' in body
    expect(form.locator("#photos")).not_to_have_attribute("name", "photos.upload")


def test_a_file_chosen_before_the_script_came_is_uploaded_too(sample: Page, site: Site) -> None:
    site.answers["/upload"] = (201, {"id": "a1", "name": "照片.jpg", "size": 2048, "url": "/attachments/a1"})
    held: list[Route] = []
    sample.route("**/built/forms.js", lambda route: held.append(route))
    sample.goto(f"{site.address}/form", wait_until="commit")
    photo = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 2048}

    sample.set_input_files("#photos", photo)
    chromium.until(sample, lambda: bool(held))
    held[0].continue_()

    expect(sample.get_by_role("link", name="照片.jpg")).to_have_attribute("href", "/attachments/a1")
    expect(sample.locator("input[type=hidden][name=photos]")).to_have_value("a1")


def test_an_attachment_can_be_taken_off_again(form: Page, site: Site) -> None:
    site.answers["/upload"] = (201, {"id": "a1", "name": "照片.jpg", "size": 2048, "url": "/attachments/a1"})
    form.set_input_files("#photos", {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 2048})

    form.get_by_role("button", name="移除 照片.jpg").click()

    expect(form.locator("input[type=hidden][name=photos]")).to_have_count(0)


def test_a_refused_attachment_says_why(form: Page, site: Site) -> None:
    site.answers["/upload"] = (422, {"message": "不能上传这种文件。", "help": "请上传图片。"})

    form.set_input_files("#photos", {"name": "表.exe", "mimeType": "application/x", "buffer": b"x"})

    expect(form.locator("[data-attachment-status]")).to_have_text("表.exe：不能上传这种文件。 请上传图片。")
    expect(form.locator("[data-attachment-list] li")).to_have_count(0)


def test_a_file_too_large_is_not_sent(form: Page, site: Site) -> None:
    form.set_input_files("#photos", {"name": "大.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 100_001})

    expect(form.locator("[data-attachment-status]")).to_contain_text("大.jpg：文件超过98 KB")
    assert site.sent_to("/upload") == []


def test_a_draft_is_kept_shortly_after_the_last_change(form: Page, site: Site) -> None:
    site.answers["/draft"] = (200, {"at": "09:41"})

    form.locator("#title").fill("楼道照明")

    expect(form.locator("[data-draft-status]")).to_have_text("草稿已保存 09:41")
    (body,) = site.sent_to("/draft")
    assert parse_qs(body.decode())["title"] == ["楼道照明"]


def test_a_draft_without_an_answer_is_stamped_by_the_browser(form: Page, site: Site) -> None:
    form.locator("#title").fill("楼道照明")

    expect(form.locator("[data-draft-status]")).to_have_text(re.compile(r"^草稿已保存 \d\d:\d\d$"))


def test_a_lost_draft_says_so(form: Page, site: Site) -> None:
    site.answers["/draft"] = (401, {"message": "登录已经失效。", "help": "请重新登录。"})

    form.locator("#title").fill("楼道照明")

    expect(form.locator("[data-draft-status]")).to_have_text("草稿没有保存。登录已经失效。 请重新登录。")


def test_pressing_twice_submits_once_and_the_button_is_sent(form: Page, site: Site) -> None:
    sent: list[Route] = []
    form.route("**/submit", lambda route: sent.append(route))

    button = form.get_by_role("button", name="提交")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box

    form.mouse.click(box["x"] + 5, box["y"] + 5)
    chromium.until(form, lambda: bool(sent))
    form.mouse.click(box["x"] + 5, box["y"] + 5)  # while the first is under way
    form.wait_for_timeout(300)  # a second one would follow at once
    sent[0].continue_()
    chromium.until(form, lambda: bool(site.sent_to("/submit")))

    assert len(sent) == 1
    (body,) = site.sent_to("/submit")
    assert parse_qs(body.decode())["act"] == ["submit"]


def test_enter_in_a_field_submits_and_does_not_remove_a_row(form: Page, site: Site) -> None:
    form.get_by_label("第1行 姓名").press("Enter", no_wait_after=True)
    chromium.until(form, lambda: bool(site.sent_to("/submit")))

    (body,) = site.sent_to("/submit")
    assert b"_remove" not in body


def expect_names(form: Page, wanted: dict[str, str]) -> None:
    chromium.until(form, lambda: names(form) == wanted)


def names(form: Page) -> dict[str, str]:
    pairs = form.evaluate(
        "[...document.querySelectorAll('[name$=\".name\"]')].map((one) => [one.name, one.value])"
    )
    return dict(pairs)
