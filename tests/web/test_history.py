"""The auditor's room: replay, journal, verification and personal values, over what really happened."""

import csv
import io

import pytest
from sqlalchemy import text

from engine.engine import Engine
from tests.web.visitor import Visitor


@pytest.fixture
def case(walk) -> str:
    return walk("verify_findings")


@pytest.fixture
def auditor(visitor) -> Visitor:
    return visitor("o_audit.auditor")


def test_an_auditor_finds_any_case_by_its_title(case, auditor):
    page = auditor.get("/history?text=楼道照明")

    assert page.links(f"/history/{case}")


def test_staff_of_a_unit_are_told_that_auditors_do_this(case, secretary):
    page = secretary.get(f"/history/{case}")

    assert page.status == 403
    assert "审计" in page.words


def test_the_replay_page_names_version_basis_and_hash(case, auditor):
    page = auditor.get(f"/history/{case}")

    assert "第 1 版" in page.words
    assert "西办发〔2021〕17号" in page.words
    assert len(page.tree.xpath("string(//dl//code)")) == 64


def test_the_replay_holds_every_event_with_its_trace_and_what_is_open_then(case, auditor):
    told = auditor.client.get(f"/history/{case}/replay.json").json

    assert [event["seq"] for event in told["events"]] == list(range(1, len(told["events"]) + 1))
    assert {"diagram", "element", "name"} == set(told["events"][0]["active"][0])
    assert "verify_findings" in [open_one["element"] for open_one in told["events"][-1]["active"]]
    assert {passed["what"] for event in told["events"] for passed in event["trace"]} >= {"entered", "left"}
    (version,) = told["versions"]
    assert {event["version"] for event in told["events"]} == {version["id"]}
    drawn = version["diagrams"][told["events"][-1]["diagram"]]
    assert auditor.client.get(drawn["url"]).status_code == 200


def test_what_people_typed_reaches_the_replay_escaped(engine: Engine, auditor, secretary):
    secretary.get("/submissions/new")
    page = secretary.press(
        "/submissions/new",
        channel="hotline",
        received_on="2026-03-03",
        original_wording="<script>alert(1)</script>路灯坏了",
        compound="桃苑小区",
        category="safety",
        mentions="4",
    )
    secretary.get(page.links("/submissions/start")[0])
    secretary.press("/submissions/start", title="<b>路灯坏了</b>")
    case = engine.read(lambda reader: reader.db.scalar(text('select id from "case"')))

    told = auditor.client.get(f"/history/{case}/replay.json").json

    written = "".join(event["data_html"] for event in told["events"])
    assert "&lt;b&gt;路灯坏了" in written
    assert "<b>" not in written


def test_the_journal_shows_each_event_with_its_hash_and_the_one_before(case, auditor):
    page = auditor.get(f"/history/{case}/journal")
    hashes = page.tree.xpath("//dt[.='本条校验值']/following-sibling::dd/code/text()")
    befores = page.tree.xpath("//dt[.='上一条校验值']/following-sibling::dd/code/text()")

    assert befores[1:] == hashes[:-1]


def test_the_journal_downloads_as_a_table_that_runs_no_formula(case, auditor):
    answer = auditor.client.get(f"/history/{case}/journal.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))

    assert answer.mimetype == "text/csv"
    assert rows[0][0] == "序号"
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, len(rows))]
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]


def test_a_sound_history_is_verified_in_words(case, auditor):
    auditor.get(f"/history/{case}")

    page = auditor.press("/verify")

    assert page.status == 200
    assert "核验一致" in page.words


def test_a_history_that_was_tampered_with_is_named_with_its_first_event(case, auditor, engine: Engine):
    def tamper(db):
        db.execute(text("drop trigger if exists event_is_never_updated"))
        for (name,) in db.execute(text("select name from sqlite_master where type='trigger'")).all():
            db.execute(text(f"drop trigger {name}"))
        changed = (
            "update event set body = replace(body, '楼道照明', '别的事情') where case_id = :case and seq = 2"
        )
        db.execute(text(changed), {"case": case})

    engine.small(tamper)
    auditor.get(f"/history/{case}")

    page = auditor.press("/verify")

    assert "核验不一致" in page.words
    assert "第2条（" in page.words


def test_personal_values_are_shown_only_for_a_purpose_and_that_is_written_down(case, auditor, engine: Engine):
    page = auditor.get(f"/history/{case}/journal")
    auditor.get(page.links("/personal")[0])

    refused = auditor.press("/personal", purpose="")
    shown = auditor.press("/personal", purpose="核对提出人姓名")

    assert refused.status == 422
    assert "请写明查看的用途" in refused.words
    assert shown.status == 200
    assert "李秋莲" in shown.words
    assert shown.links(f"/history/{case}/journal")
    kept = engine.read(lambda reader: reader.db.execute(text("select purpose from personal_access")).all())
    assert [row.purpose for row in kept] == ["核对提出人姓名"]


def test_a_diagram_that_never_was_is_not_there(auditor):
    assert auditor.get("/diagrams/0000/step1_topic.bpmn").status == 404


def test_nobody_reads_versions_without_signing_in(case, auditor, visitor):
    address = auditor.client.get(f"/history/{case}/replay.json").json["versions"][0]["diagrams"][
        "roundtable"
    ]["url"]

    assert visitor().get(address).address.startswith("/sign-in")


def test_who_may_replay_does_not_therefore_read_personal_values(case, auditor, visitor):
    asked = auditor.get(f"/history/{case}/journal").links("/personal")[0]
    watcher = visitor("o_civil.chief")

    assert watcher.get(f"/history/{case}/journal").status == 200
    assert watcher.get(asked).status == 403
