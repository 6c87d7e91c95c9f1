"""The page that takes running cases to another version: told beforehand, chosen, given a reason, done or refused."""

import re

import pytest

from engine import cases, definitions
from engine.audit import verify
from engine.commands import MoveCase
from engine.database import writing

ADDRESS = "/designer/roundtable/moving"


@pytest.fixture
def version(engine):
    """Releases a version whose `step1_topic.bpmn` is changed by a function, beside the gate, which asks for shapes."""

    def release(change, path="step1_topic.bpmn"):
        old = engine.read(lambda reader: definitions.current(reader.db, "roundtable").definition_hash)
        files = dict(engine.read(lambda reader: definitions.bundle(reader.db, old).files))
        new = definitions.bundle_of({**files, path: change(files[path].decode()).encode()})
        with writing(engine.database) as db:
            definitions.store(db, "roundtable", new)
            return definitions.release(db, "roundtable", new.hash, engine.now(), "测试", "", {}).number

    return release


def relabelled(text):
    return re.sub(r'(<bpmn:userTask id="\w+" name=")', r"\1新版", text)


def by_somebody_else(text):
    """`screen_topic` asks somebody else."""
    return text.replace(
        '<spiffworkflow:property name="formJsonSchemaFilename" value="screen_topic-schema.json" />',
        '<spiffworkflow:property name="formJsonSchemaFilename" value="screen_topic-schema.json" />'
        '<spiffworkflow:property name="performer" value="\'u001.secretary\'" />',
    )


@pytest.fixture
def operator(visitor):
    return visitor("o_data.operator")


def test_a_designer_takes_a_case_to_the_new_version(visitor, engine, version, walk):
    case = walk("screen_topic")
    number = version(relabelled)
    designer = visitor("o_civil.designer")

    page = designer.get(f"{ADDRESS}?to={number}")
    assert page.status == 200
    assert "3栋楼道照明" in page.words
    assert "1 件可以换，0 件不能换" in page.words
    assert "新版审查议题性质" in page.words
    page = designer.press("/moving", reason="新版更清楚")

    assert page.status == 200
    assert f"已把 1 件议题换到第 {number} 版" in page.flash()
    assert "没有需要换版本的议题" in page.words
    verdict = engine.read(verify.verify_case, case)
    assert verdict.sound
    row = engine.read(lambda reader: cases.load(reader.db, case))
    assert row.definition_hash == engine.read(
        lambda reader: definitions.current(reader.db, "roundtable").definition_hash
    )


def test_without_a_reason_or_a_choice_nothing_is_done_and_what_was_typed_stays(
    operator, version, walk, engine
):
    case = walk("screen_topic")
    number = version(relabelled)
    operator.get(f"{ADDRESS}?to={number}")

    page = operator.press("/moving", reason="  ")
    assert page.status == 422
    assert "原因" in page.words
    page = operator.press("/moving", reason="新版更清楚", case=None)

    assert page.status == 422
    assert "还没有选择议题" in page.words
    assert page.tree.xpath("string(//textarea[@name='reason'])").strip() == "新版更清楚"
    assert engine.read(lambda reader: cases.load(reader.db, case).seq) == 2


def test_a_case_that_cannot_go_is_told_why_and_cannot_be_forced(operator, version, walk, engine):
    case = walk("screen_topic")
    number = version(by_somebody_else)

    page = operator.get(f"{ADDRESS}?to={number}")

    assert "0 件可以换，1 件不能换" in page.words
    assert "「审查议题性质」正等着办理，新版改了由谁办理" in page.words
    assert page.tree.xpath("//input[@name='case']") == []
    page = operator.send(ADDRESS, csrf_token=operator.token(), to=number, case=case, reason="试试")
    assert "有一件没有换" in page.flash()
    assert engine.read(lambda reader: cases.load(reader.db, case).seq) == 2


def test_the_version_page_leads_there_and_other_people_do_not_get_in(visitor, secretary, version):
    version(relabelled)

    page = visitor("o_civil.designer").get("/designer/roundtable/versions/2")

    assert page.links("/moving?to=2")
    assert secretary.get(ADDRESS).status == 403
    assert secretary.send(ADDRESS, csrf_token=secretary.token(), to=2, case="x", reason="y").status == 403


def test_an_operator_comes_from_his_own_room(operator, version, walk):
    walk("screen_topic")
    version(relabelled)

    address = operator.get("/operator").links("/moving")[0]
    page = operator.get(address)

    assert "1 件可以换" in page.words
    assert page.links("/operator")
    assert operator.press("/moving", reason="新版更清楚").status == 200


def test_answers_from_before_are_shown_on_the_form_of_their_version(visitor, operator, version, walk):
    case = walk("propose_level")
    form = "forms/step1_topic/screen_topic-schema.json"
    number = version(lambda text: text.replace('"title": "这件事属于"', '"title": "先看看是什么"'), form)
    auditor, secretary = visitor("o_audit.auditor"), visitor("u001.secretary")
    operator.get(f"{ADDRESS}?to={number}")

    assert operator.press("/moving", reason="新版更清楚").status == 200

    for page in (auditor.get(f"/history/{case}/journal"), secretary.get(f"/cases/{case}")):
        assert "转到新的流程版本" in page.words
        assert "新版更清楚" in page.words
        assert "这件事属于" in page.words
        assert "先看看是什么" not in page.words


def test_a_move_is_undone_on_the_page_of_the_case_while_nobody_has_acted(operator, version, walk, engine):
    case = walk("screen_topic")
    old = engine.read(lambda reader: cases.load(reader.db, case).definition_hash)
    to = version(relabelled)
    engine.handle(MoveCase(case, to, "换到新版"), by="o_data.operator")

    operator.get(f"/cases/{case}")
    page = operator.press("/undo-move", reason="换错了")

    assert "已撤销换版本" in page.flash()
    assert engine.read(lambda reader: cases.load(reader.db, case).definition_hash) == old
    assert not operator.get(f"/cases/{case}").tree.xpath("//form[contains(@action, 'undo-move')]")


def test_each_event_is_replayed_on_the_version_that_was_in_force(visitor, operator, version, walk):
    case = walk("screen_topic")
    number = version(relabelled)
    operator.get(f"{ADDRESS}?to={number}")
    operator.press("/moving", reason="新版更清楚")
    auditor = visitor("o_audit.auditor")

    told = auditor.client.get(f"/history/{case}/replay.json").json

    old, new = told["versions"]
    assert [event["version"] for event in told["events"]] == [old["id"], old["id"], new["id"]]
    assert [version["title"] for version in (old, new)] == ["第 1 版", "第 2 版"]
    assert "新版" not in drawn(auditor, old)
    assert "新版审查议题性质" in drawn(auditor, new)
    before, after = (event["active"] for event in told["events"][1:])
    assert [open_one["name"] for open_one in before] == ["一、确定议题", "审查议题性质"]
    assert [open_one["name"] for open_one in after] == ["一、确定议题", "新版审查议题性质"]
    page = auditor.get(f"/history/{case}")
    assert "第 1 版" in page.words
    assert "（现在的版本）" in page.words


def drawn(auditor, version):
    return auditor.client.get(version["diagrams"]["step1_topic"]["url"]).get_data(as_text=True)
