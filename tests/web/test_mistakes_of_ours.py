"""When we fail, what was typed is not lost: it is shown again, kept, and can be sent again. Without scripts."""

import re
from pathlib import Path

import pytest

from engine import journal
from engine.commands import ResumeCase, StartCase, SubmitTask, SuspendCase
from engine.errors import Unavailable
from engine.handlers import HANDLERS
from web.errors import may_repeat

TITLE = "楼道照明两个月没有修"


def breaks(_work, _command):
    raise ZeroDivisionError("secret detail")


def away(_work, _command):
    raise Unavailable("gone")


@pytest.fixture
def task(engine, secretary):
    """A task with a form, opened by whoever may do it."""
    command = StartCase("roundtable", "u001", "楼道照明", channel="hotline")
    outcome = engine.handle(command, by="u001.secretary")
    secretary.get(f"/inbox/{outcome.opened[0]}")
    return outcome


def history(engine, case):
    return [event.type for event in engine.read(lambda reader: list(journal.of_case(reader.db, case)))]


def title(page):
    return page.tree.xpath("string(//form[@data-island='form']//*[@name='title']/@value)")


def test_a_mistake_of_ours_in_a_submission_shows_the_form_again_with_what_was_typed_and_what_to_do(
    engine, secretary, task, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, SubmitTask, breaks)
        page = secretary.press(f"/inbox/{task.opened[0]}", title=TITLE)

    assert page.status == 500
    assert title(page) == TITLE
    assert "再提交一次" in page.words
    assert "secret detail" not in page.text
    assert history(engine, task.case) == ["case_started"]


def test_what_was_typed_before_a_mistake_of_ours_is_a_draft_as_well(engine, secretary, task, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, SubmitTask, breaks)
        secretary.press(f"/inbox/{task.opened[0]}", title=TITLE)

    assert title(secretary.get(f"/inbox/{task.opened[0]}")) == TITLE


def test_a_form_that_cannot_be_shown_again_is_sent_again_from_the_page_that_says_so(
    engine, secretary, task, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(engine, "read", breaks)
        page = secretary.press(f"/inbox/{task.opened[0]}", title=TITLE)
    assert page.status == 500
    assert "没有丢失" in page.words

    again = secretary.press(f"/inbox/{task.opened[0]}")

    assert again.status == 422  # other fields are empty still
    assert title(again) == TITLE


def test_what_was_sent_while_the_database_is_away_is_sent_again_at_the_press_of_a_button(
    engine, secretary, task, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, SubmitTask, away)
        page = secretary.press(f"/inbox/{task.opened[0]}", title=TITLE)
    assert page.status == 503
    assert TITLE in page.text

    again = secretary.press(f"/inbox/{task.opened[0]}")

    assert again.status == 422  # other fields are empty still
    assert title(again) == TITLE


def test_no_page_repeats_a_password(visitor, engine, monkeypatch):
    somebody = visitor()
    somebody.get("/sign-in")
    with monkeypatch.context() as broken:
        broken.setattr(engine, "read", breaks)
        page = somebody.send("/sign-in", csrf_token=somebody.token(), name="x", password="Hen-chang-2026")

    assert page.status == 500
    assert "Hen-chang-2026" not in page.text


def test_a_field_is_not_taken_for_a_password_because_of_its_name(secretary, task, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, SubmitTask, away)
        page = secretary.send(f"/inbox/{task.opened[0]}", csrf_token=secretary.token(), again="明天再来")

    assert page.status == 503
    assert page.tree.xpath("string(//form//*[@name='again']/@value)") == "明天再来"


def test_every_form_with_a_password_goes_to_a_view_that_says_so(app):
    forms = [
        form
        for file in (Path(app.root_path) / "templates").rglob("*.html")
        for form in re.findall(r"<form.*?</form>", file.read_text(encoding="utf-8"), re.DOTALL)
    ]
    taking = {re.search(r"url_for\('([\w.]+)'", form)[1] for form in forms if 'type="password"' in form}

    with app.app_context():
        declared = {endpoint for endpoint in app.view_functions if not may_repeat(endpoint)}

    assert declared == taking
    assert len(taking) == 4


def test_what_is_submitted_while_the_case_is_suspended_is_a_draft_as_the_page_says(engine, secretary, task):
    engine.handle(SuspendCase(task.case, "等上级意见"), by="u001.secretary")

    page = secretary.press(f"/inbox/{task.opened[0]}", title=TITLE)

    assert page.status == 409
    assert "已保存为草稿" in page.words
    engine.handle(ResumeCase(task.case, "意见已到"), by="u001.secretary")
    assert title(secretary.get(f"/inbox/{task.opened[0]}")) == TITLE
