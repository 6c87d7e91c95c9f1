"""What every page keeps: headers, tokens, hosts, sizes, and refusals that say what helps."""

import pytest
from flask import Flask

from engine.engine import Engine
from engine.errors import Unavailable
from web import entry, security


def test_every_answer_carries_a_policy_that_allows_no_inline_script(visitor):
    page = visitor("").get("/demo")

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-inline" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"


def test_only_a_page_that_draws_may_style_its_shapes(app: Flask):
    with app.test_request_context("/"):
        security.allow_drawing()

        policy = app.process_response(app.response_class()).headers["Content-Security-Policy"]

    assert "style-src-attr 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy


def test_a_post_without_a_form_token_is_refused_in_words(visitor):
    page = visitor("").send("/sign-in", name="a", password="b")

    assert page.status == 400
    assert "页面已经过期" in page.words


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_a_post_from_elsewhere_is_refused_even_with_a_token(visitor, headers):
    somebody = visitor("u001.secretary")
    somebody.get("/account")

    answer = somebody.client.post("/sign-out", data={"csrf_token": somebody.token()}, headers=headers)

    assert answer.status_code == 403
    assert somebody.get("/account").status == 200


def test_a_foreign_host_name_is_not_answered(app: Flask):
    assert app.test_client().get("/demo", base_url="http://elsewhere.example").status_code == 400


def test_a_body_beyond_a_megabyte_is_refused_with_what_helps(visitor):
    somebody = visitor("")
    somebody.get("/sign-in")

    page = somebody.press("/sign-in", name="a" * 1_100_000)

    assert page.status == 413
    assert "附件单独上传" in page.words
    assert "文字一次不超过 1 MB" in page.words
    assert "单个附件不超过 10 MB" in page.words


def test_text_beyond_a_megabyte_is_refused_where_files_may_come_along_too(visitor):
    secretary = visitor("u001.secretary")
    token = secretary.get("/submissions/new").form("/submissions/new").fields["csrf_token"]
    text = "长" * (10 * 1024 * 1024)  # thirty megabytes
    part = (
        f'--b\r\nContent-Disposition: form-data; name="original_wording"\r\n\r\n{text}\r\n--b--\r\n'.encode()
    )

    answer = secretary.client.post("/submissions/new", data={"csrf_token": token, "original_wording": text})
    parts = secretary.client.post(
        "/submissions/new", data=part, content_type="multipart/form-data; boundary=b"
    )

    assert (answer.status_code, parts.status_code) == (413, 413)


def test_an_unknown_address_says_so_in_chinese(visitor):
    page = visitor("").get("/nowhere")

    assert page.status == 404
    assert "没有找到这个页面" in page.words


def test_when_the_database_is_away_the_page_asks_to_send_the_same_again(visitor, engine: Engine, monkeypatch):
    somebody = visitor("u001.secretary")

    def away(*_arguments, **_named):
        raise Unavailable("gone")

    monkeypatch.setattr(engine, "read", away)
    page = somebody.get("/inbox")

    assert page.status == 503
    assert "再提交一次" in page.words


def test_an_unforeseen_failure_shows_no_trace_to_the_visitor(visitor, engine: Engine, monkeypatch):
    somebody = visitor("u001.secretary")

    def broken(*_arguments, **_named):
        raise ValueError("secret detail")

    monkeypatch.setattr(engine, "read", broken)
    page = somebody.get("/inbox")

    assert page.status == 500
    assert "secret detail" not in page.text
    assert "系统出现故障" in page.words


def test_a_visitor_without_a_session_signs_in_and_comes_back_to_the_page_he_wanted(visitor):
    page = visitor("").get("/inbox?tab=done")

    assert page.address.startswith("/sign-in")
    assert page.form("/sign-in").fields["next"] == "/inbox?tab=done"


def test_after_signing_in_nobody_is_sent_to_another_house(visitor):
    somebody = visitor("")
    somebody.get("/demo?next=//elsewhere.example/")

    page = somebody.press("/demo/role", post="u001.secretary", next="//elsewhere.example/")

    assert page.address == "/inbox"


@pytest.mark.parametrize(
    "next",
    ["/inbox\r\nX-A: b", "/inbox\x00", "/\\elsewhere.example", "/a\\b", "/\t/elsewhere.example", "/[", "//["],
)
def test_an_address_that_no_page_wrote_leads_home_and_breaks_nothing(visitor, next):
    somebody = visitor("")
    somebody.get("/demo")
    stepped = somebody.press("/demo/role", post="u001.secretary", next=next)

    assert entry.inside(next) in ("", "/[")
    assert stepped.status in (200, 404)
    assert stepped.address in ("/inbox", "/[")


def test_the_menu_shows_what_the_role_can_open(visitor):
    staff = visitor("u001.secretary").page.tree.xpath("//nav[@aria-label='主菜单']//a/text()")
    operator = visitor("").get("/sign-in").tree.xpath("//nav[@aria-label='主菜单']//a/text()")

    assert {"待办", "诉求登记", "议题"} <= set(staff)
    assert "待办" not in operator
