"""The designer's room: versions, the working copy, diagrams, forms, check, stories, release."""

import io
import json
import zipfile

import pytest

from engine import designs
from engine.bpmn.step import Problem
from engine.commands import SaveDesign
from engine.engine import Engine
from engine.errors import Refused
from engine.reading import designer as reading
from tests.web.visitor import Visitor

FORM = "/designer/roundtable/forms/forms/step1_topic/screen_topic-schema.json"
PATH = "forms/step1_topic/screen_topic-schema.json"
STORY = "community_straight.story.toml"
DRAWING = "/designer/roundtable/diagrams/step1_topic"


@pytest.fixture
def designer(visitor) -> Visitor:
    return visitor("o_civil.designer")


@pytest.fixture
def drawn(engine: Engine) -> bytes:
    """The diagram of the first step as it was released."""
    return engine.read(reading.open_file, "roundtable", "step1_topic.bpmn").content


def posted(somebody: Visitor, address: str, content: bytes):
    """As the drawing island sends it."""
    somebody.get("/designer/roundtable")
    headers = {"X-CSRFToken": somebody.token(), "Content-Type": "application/xml"}
    return somebody.client.post(address, data=content, headers=headers)


def save_address(somebody: Visitor) -> str:
    return str(somebody.get(DRAWING).tree.xpath("string(//*[@data-island='designer']/@data-save-url)"))


def test_the_list_names_each_version_and_how_many_cases_run_on_it(designer, walk):
    walk("verify_findings")

    page = designer.get("/designer")

    assert "第 1 版" in page.words
    assert "现行" in page.words
    assert "1 件" in page.words


def test_auditors_may_look_but_change_nothing(visitor, designer):
    auditor = visitor("o_audit.auditor")

    page = auditor.get("/designer/roundtable")
    drawing = auditor.get(DRAWING)

    assert page.status == 200
    assert "发布新版本" not in page.words
    assert drawing.tree.xpath("//*[@data-island='designer' and @data-readonly]")
    auditor.get("/account")
    assert auditor.send("/designer/roundtable/discard", csrf_token=auditor.token()).status == 403


def test_staff_are_sent_to_the_public_page(secretary):
    page = secretary.get("/designer")

    assert page.status == 403
    assert "怎么办事" in page.words


def test_the_drawing_page_offers_the_forms_operations_and_messages_of_the_procedure(designer):
    place = designer.get(DRAWING).tree.xpath("//*[@data-island='designer']")[0]
    told = json.loads(place.get("data-options"))

    assert {"id": "screen_topic-schema.json", "title": "审查议题性质"} in told["forms"]
    assert {"id": "step2_opinions", "title": "二、征求意见"} in told["diagrams"]
    assert "case/set" in [operation["id"] for operation in told["operations"]]
    assert "objection_received" in told["messages"]


def test_every_operation_of_the_house_has_words(engine):
    told = engine.read(reading.choices, "roundtable", "step1_topic")

    assert {id for id, _, _ in told.operations} == {"case/set", *reading.OPERATIONS}


def test_a_draft_is_saved_again_and_again_and_marked_in_the_working_copy(designer, drawn):
    address = save_address(designer)

    first = posted(designer, address, drawn + b"\n")
    second = posted(designer, address, drawn + b"\n\n")

    assert (first.status_code, second.status_code) == (200, 200)
    assert "at" in second.json
    assert "已改动" in designer.get("/designer/roundtable").words
    assert designer.client.get(f"{DRAWING}/source").data == drawn + b"\n\n"


def test_a_draft_over_somebody_elses_saving_is_refused_with_what_helps(designer, drawn, engine):
    address = save_address(designer)
    engine.handle(SaveDesign("roundtable", "step1_topic.bpmn", drawn + b"\n"), by="o_civil.designer")

    answer = posted(designer, address, drawn + b"\n\n")

    assert answer.status_code == 409
    assert "已被他人修改" in answer.json["message"]
    assert answer.json["help"]


def test_what_is_no_drawing_is_not_kept(designer, drawn):
    answer = posted(designer, save_address(designer), b"<html></html>")

    assert answer.status_code == 422
    assert "不能作为流程图保存" in answer.json["message"]
    assert designer.client.get(f"{DRAWING}/source").data == drawn


def test_the_check_of_a_drawing_names_the_element(designer, drawn):
    broken = drawn.replace(b"confirm_level-schema.json", b"nowhere-schema.json")

    answer = posted(designer, f"{DRAWING}/check", broken)

    found = [problem for problem in answer.json["problems"] if problem["severity"] == "error"]
    assert "confirm_level" in [problem["element"] for problem in found]
    assert all(problem["message"] and problem["help"] for problem in found)


def test_what_is_found_is_listed_errors_first_and_then_as_the_files_are_read():
    found = (
        Problem("b.bpmn", "x", "提醒", "", "warning", 1),
        Problem("b.bpmn", "x", "错在后", "", "error", 9),
        Problem("b.bpmn", "x", "错在前", "", "error", 2),
        Problem("a.bpmn", "x", "另一张图", "", "error", 30),
    )

    listed = [problem.message for problem in reading.in_order(found)]

    assert listed == ["另一张图", "错在前", "错在后", "提醒"]


def test_the_released_procedure_has_no_problem_on_the_page_without_scripts(designer):
    assert "可以发布" in designer.get("/designer/roundtable/check").words


def test_a_release_with_a_problem_is_refused_and_the_running_version_stays(designer, drawn, engine):
    broken = drawn.replace(b"confirm_level-schema.json", b"nowhere-schema.json")
    engine.handle(SaveDesign("roundtable", "step1_topic.bpmn", broken), by="o_civil.designer")
    designer.get("/designer/roundtable")

    page = designer.press("/release", note="换一张表单")

    assert page.status == 422
    assert "运行中的版本没有改变" in page.words
    assert "confirm_level" in page.words
    assert page.form("/release").fields["note"].strip() == "换一张表单"
    assert "第 2 版" not in designer.get("/designer").words


def test_a_release_needs_a_note(designer):
    designer.get("/designer/roundtable")

    page = designer.press("/release", note=" ")

    assert page.status == 422
    assert "这一版改了什么" in page.words


def test_a_release_becomes_the_next_version_and_running_cases_stay_on_theirs(designer, drawn, engine, walk):
    walk("verify_findings")
    designer.get(FORM)
    designer.press("/screen_topic-schema.json", title="审查这件事的性质", _save="1")
    designer.get("/designer/roundtable")

    page = designer.press("/release", note="改了表单名称")

    assert page.address == "/designer"
    assert "已发布第 2 版" in page.flash()
    versions = engine.read(reading.procedures)[0].versions
    assert [(version.number, version.running) for version in versions] == [(2, 0), (1, 1)]
    assert "目前没有改动" in designer.get("/designer/roundtable").words


def test_the_working_copy_can_be_given_up(designer, drawn, engine):
    engine.handle(SaveDesign("roundtable", "step1_topic.bpmn", drawn + b"\n"), by="o_civil.designer")
    designer.get("/designer/roundtable")

    page = designer.press("/discard")

    assert "目前没有改动" in page.words
    assert designer.client.get(f"{DRAWING}/source").data == drawn


def test_a_drawing_made_elsewhere_joins_the_working_copy(designer, drawn):
    designer.get("/designer/roundtable")
    uploaded = (io.BytesIO(drawn + b"\n"), "step1_topic.bpmn")

    page = designer.press("/upload", file=uploaded)

    assert page.status == 200
    assert "已放入工作稿" in page.flash()
    assert designer.client.get(f"{DRAWING}/source").data == drawn + b"\n"


def test_an_upload_that_is_no_drawing_is_refused(designer):
    designer.get("/designer/roundtable")

    page = designer.press("/upload", file=(io.BytesIO(b"<!DOCTYPE x><x/>"), "step1_topic.bpmn"))

    assert page.status == 422
    assert "不能作为流程图保存" in page.words


def test_all_files_download_as_one_and_are_those_released(designer, drawn):
    answer = designer.client.get("/designer/roundtable/versions/1.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))

    assert archive.read("step1_topic.bpmn") == drawn
    assert PATH in archive.namelist()


def test_a_form_is_shown_as_a_table_of_fields_with_its_preview(designer):
    page = designer.get(FORM)

    assert page.form("/screen_topic-schema.json").fields["fields.0.key"] == "affair"
    assert "预览：审查议题性质" in page.words
    assert "公共事务" in page.words


def test_a_field_added_in_the_table_is_previewed_without_being_saved(designer, engine):
    designer.get(FORM)
    added = {"fields.9.key": "remark", "fields.9.title": "备注说明", "fields.9.kind": "text"}

    page = designer.press("/screen_topic-schema.json", _preview="1", **added)

    assert page.status == 200
    assert page.tree.xpath("//section[@aria-label='表单预览']//*[@name='preview-remark']")
    assert b"remark" not in engine.read(reading.open_file, "roundtable", PATH).content


def test_a_saved_table_changes_only_what_it_says(designer, engine):
    before = json.loads(engine.read(reading.open_file, "roundtable", PATH).content)
    designer.get(FORM)

    page = designer.press("/screen_topic-schema.json", title="审查性质", _save="1")

    after = json.loads(engine.read(reading.open_file, "roundtable", PATH).content)
    assert "已保存到工作稿" in page.flash()
    assert after == {**before, "title": "审查性质"}


def test_rows_are_added_and_removed_without_scripts(designer):
    designer.get(FORM)

    page = designer.push("/screen_topic-schema.json", "_remove", "fields.0")

    assert page.form("/screen_topic-schema.json").fields["fields.0.key"] == "relevance_public"


def test_a_form_that_breaks_the_dialect_is_refused_with_its_text_kept(designer, engine):
    before = engine.read(reading.open_file, "roundtable", PATH).content
    designer.get(f"{FORM}?way=text")

    page = designer.press("/screen_topic-schema.json", _text='{"title": "半个表单"', _save="1")

    assert page.status == 422
    assert "不是合格的 JSON" in page.words
    assert "半个表单" in page.form("/screen_topic-schema.json").fields["_text"]
    assert engine.read(reading.open_file, "roundtable", PATH).content == before


def test_a_field_name_outside_the_rule_is_refused_at_its_cell(designer):
    designer.get(FORM)

    page = designer.press("/screen_topic-schema.json", _save="1", **{"fields.0.key": "中文名"})

    assert page.status == 422
    assert page.tree.xpath("//*[@id='fields.0.key-error']")


def test_a_form_saved_by_somebody_else_meanwhile_is_a_conflict(designer, engine):
    designer.get(FORM)
    content = engine.read(reading.open_file, "roundtable", PATH).content
    engine.handle(SaveDesign("roundtable", PATH, content + b"\n"), by="o_civil.designer")

    page = designer.press("/screen_topic-schema.json", title="审查性质", _save="1")

    assert page.status == 409
    assert "已被他人修改" in page.words
    assert page.form("/screen_topic-schema.json").fields["title"] == "审查性质"


def test_every_form_survives_the_way_through_the_table(designer, engine):
    copy = engine.read(reading.working_copy, "roundtable")

    for path in [file.path for file in copy.files if file.kind == "form"]:
        before = json.loads(engine.read(reading.open_file, "roundtable", path).content)
        designer.get(f"/designer/roundtable/forms/{path}")
        page = designer.press(path, _preview="1")
        assert page.status == 200, path
        designer.press(path, _save="1")
        assert json.loads(engine.read(reading.open_file, "roundtable", path).content) == before, path


def test_the_live_preview_answers_with_the_preview_alone(designer):
    designer.get(FORM)
    fields = dict(designer.page.form("/screen_topic-schema.json").form_values())

    page = designer.send(FORM.replace("/forms/forms/", "/preview/forms/"), **{**fields, "title": "新名称"})

    assert page.status == 200
    assert "预览：新名称" in page.words
    assert "<html" not in page.text


def test_a_story_is_played_on_the_working_copy(designer):
    designer.get("/designer/roundtable")

    page = designer.press("/play", story=STORY)

    assert page.status == 200
    assert "1 个案例，1 个通过" in page.words


def test_a_story_that_does_not_hold_says_at_which_step_and_why(designer, engine):
    told = engine.read(reading.open_file, "roundtable", STORY).content
    wrong = told + b'\n[[step]]\nfact = { "case.level" = "district" }\n'
    engine.handle(SaveDesign("roundtable", STORY, wrong), by="o_civil.designer")
    designer.get("/designer/roundtable")

    page = designer.press("/play", story=STORY)

    assert "未通过" in page.words
    assert "case.level应当是district，实际是community" in page.words


def test_a_working_copy_with_a_problem_is_not_played(designer, drawn, engine):
    broken = drawn.replace(b"confirm_level-schema.json", b"nowhere-schema.json")
    engine.handle(SaveDesign("roundtable", "step1_topic.bpmn", broken), by="o_civil.designer")
    designer.get("/designer/roundtable")

    page = designer.press("/play", story=STORY)

    assert page.status == 422
    assert "不能演练" in page.words


@pytest.mark.parametrize(
    "name", ["../../evil.bpmn", "A.bpmn", "a b.bpmn", ".bpmn", "x\r\ny.bpmn", "a" * 61 + ".bpmn"]
)
def test_an_upload_under_an_unlawful_name_is_refused(designer, drawn, engine, name):
    before = [file.path for file in engine.read(reading.working_copy, "roundtable").files]
    designer.get("/designer/roundtable")

    page = designer.press("/upload", file=(io.BytesIO(drawn), name))

    after = [file.path for file in engine.read(reading.working_copy, "roundtable").files]
    assert page.status == 422 or set(after) - set(before) == {"evil.bpmn"}  # a folder is cut off
    assert not set(after) - set(before) - {"evil.bpmn"}


@pytest.mark.parametrize(
    "path", ["process.toml", "step1_topic.bpmn", "forms/../x-schema.json", "forms/a/b.json", "x-schema.json"]
)
def test_the_editor_of_forms_writes_nothing_but_forms(designer, engine, path):
    before = engine.read(reading.bundle_of, "roundtable")
    designer.get(FORM)
    token = designer.token()

    page = designer.send(
        f"/designer/roundtable/forms/{path}", csrf_token=token, _way="text", _text="x", _save="1"
    )

    assert page.status == 404
    assert engine.read(reading.bundle_of, "roundtable") == before


@pytest.mark.parametrize(
    "path", ["../x.story.toml", "a/b.bpmn", "x.py", "process.toml\n", "a\\b.bpmn", "Step.bpmn", ""]
)
def test_no_file_is_saved_under_an_unlawful_name(engine, path):
    with pytest.raises(Refused, match="文件名不符合要求"):
        engine.handle(SaveDesign("roundtable", path, b"x"), by="o_civil.designer")


def test_every_file_of_the_house_has_a_lawful_name(engine):
    files = engine.read(reading.bundle_of, "roundtable").files

    assert [path for path in files if not designs.is_lawful(path)] == []


def test_a_story_with_a_chinese_name_is_kept_and_downloads_under_it(designer, engine):
    engine.handle(SaveDesign("roundtable", "楼道-照明.story.toml", b"story = 1"), by="o_civil.designer")

    answer = designer.client.get("/designer/roundtable/files/楼道-照明.story.toml")

    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("broken", [b"id = [", b"title = 'x'", b"\xff"])
def test_a_working_copy_whose_process_file_is_broken_can_still_be_given_up(designer, engine, broken):
    engine.handle(SaveDesign("roundtable", "process.toml", broken), by="o_civil.designer")

    page = designer.get("/designer/roundtable")
    drawing = designer.get(DRAWING)

    assert page.status == 200
    assert "process.toml 不能读取" in page.words
    assert drawing.status == 422
    assert designer.get("/designer/roundtable/check").status == 200
    designer.get("/designer/roundtable")
    assert "目前没有改动" in designer.press("/discard").words
    assert designer.get(DRAWING).status == 200


def test_a_drawing_that_is_broken_leaves_the_working_copy_reachable(designer, engine):
    engine.handle(SaveDesign("roundtable", "step1_topic.bpmn", b"<broken"), by="o_civil.designer")

    assert designer.get("/designer/roundtable").status == 200
