"""Signing in and out: sessions are rows that can be revoked, whatever a browser still holds."""

from dataclasses import replace

from engine import accounts
from engine.clock import SystemClock
from engine.engine import Engine
from engine.reading import people
from tests.web.visitor import Visitor
from web.app import create_app

PASSWORD = "Yuanzhuo-2026"
OWN = "Qi-ta-mima-2026"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(secretary, app):
    stolen = secretary.client.get_cookie("roundtable-session").value
    secretary.get("/account")

    secretary.press("/sign-out")

    thief = app.test_client()
    thief.set_cookie("roundtable-session", stolen)
    assert thief.get("/account").status_code == 303


def test_stepping_into_another_role_gives_a_new_session_and_ends_the_old_one(secretary, app):
    before = secretary.client.get_cookie("roundtable-session").value

    secretary.step_into("s01.office1")

    after = secretary.client.get_cookie("roundtable-session").value
    old = app.test_client()
    old.set_cookie("roundtable-session", before)
    assert after != before
    assert old.get("/account").status_code == 303


def test_a_wrong_password_and_an_unknown_login_are_told_the_same(visitor, engine: Engine):
    _account(engine, "secretary-one")
    somebody = visitor("")

    somebody.get("/sign-in")
    wrong = somebody.press("/sign-in", name="secretary-one", password="not this one")
    unknown = somebody.press("/sign-in", name="nobody-at-all", password="not this one")

    assert (wrong.status, unknown.status) == (422, 422)
    assert wrong.tree.xpath("string(//*[@role='alert'])") == unknown.tree.xpath("string(//*[@role='alert'])")
    assert wrong.form("/sign-in").fields["name"] == "secretary-one"


def test_the_right_password_opens_the_page_that_was_wanted(visitor, engine: Engine):
    _account(engine, "secretary-one")
    somebody = visitor("")
    somebody.get("/cases")

    page = somebody.press("/sign-in", name="secretary-one", password=PASSWORD)

    assert page.address == "/cases"
    assert page.status == 200


def test_a_changed_password_ends_the_sessions_elsewhere_and_keeps_this_one(visitor, engine: Engine):
    _account(engine, "secretary-one")
    here, elsewhere = visitor(""), visitor("")
    for browser in (here, elsewhere):
        browser.get("/sign-in")
        browser.press("/sign-in", name="secretary-one", password=PASSWORD)
    here.get("/account")

    page = here.press("/account/password", old=PASSWORD, new="Xiaohao-2027", again="Xiaohao-2027")

    assert "密码已修改" in page.flash()
    assert elsewhere.get("/account").address.startswith("/sign-in")
    elsewhere.press("/sign-in", name="secretary-one", password="Xiaohao-2027")
    assert elsewhere.page.status == 200


def test_a_password_is_not_changed_without_the_old_one(visitor, engine: Engine):
    _account(engine, "secretary-one")
    somebody = visitor("")
    somebody.get("/sign-in")
    somebody.press("/sign-in", name="secretary-one", password=PASSWORD)
    somebody.get("/account")

    page = somebody.press("/account/password", old="wrong", new="Xiaohao-2027", again="Xiaohao-2027")

    assert page.status == 422
    assert somebody.get("/account").status == 200


def test_a_real_deployment_has_neither_roles_nor_a_clock_to_choose(engine: Engine, settings):
    real = replace(settings, demo=False)
    somebody = Visitor(create_app(Engine(engine.database, engine.clock, real), real).test_client())

    assert somebody.get("/demo").status == 404
    assert somebody.get("/").address == "/sign-in"
    assert "演示" not in somebody.page.words


def test_cookies_of_a_real_deployment_are_bound_to_host_and_https(engine: Engine, settings):
    real = replace(settings, demo=False)
    _account(engine, "secretary-one")
    client = create_app(Engine(engine.database, engine.clock, real), real).test_client()
    somebody = Visitor(client)
    client.environ_base["wsgi.url_scheme"] = "https"
    somebody.get("/sign-in")
    answer = client.post(
        "/sign-in",
        data={"csrf_token": somebody.token(), "name": "secretary-one", "password": PASSWORD},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
    )

    cookies = answer.headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-roundtable-session="))
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(session.split("; "))


def test_a_password_that_somebody_else_has_set_opens_nothing_before_it_is_changed(visitor, engine):
    _account(engine, "secretary-one", provisional=True)
    somebody = visitor()
    _signed_in(somebody, "secretary-one", PASSWORD)

    for address in ("/inbox", "/submissions", "/"):
        assert somebody.get(address).address == "/account"
    assert "别人为您设置的" in somebody.page.words
    somebody.send("/submissions/new", csrf_token=somebody.token())
    assert somebody.page.address == "/account"
    somebody.press("/account/password", old=PASSWORD, new=OWN, again=OWN)
    assert "密码已修改" in somebody.page.flash()

    assert somebody.get("/inbox").address == "/inbox"
    again = visitor()
    _signed_in(again, "secretary-one", OWN)
    assert again.get("/inbox").address == "/inbox"


def _signed_in(somebody, login: str, word: str) -> None:
    somebody.get("/sign-in")
    somebody.press("/sign-in", name=login, password=word)


def _account(engine: Engine, login: str, *, provisional: bool = False) -> None:
    """A login with a password for the secretary."""
    person = engine.read(people.holder_of, "u001.secretary")
    now = SystemClock().now()
    engine.small(accounts.add_account, person, login, PASSWORD, now, provisional=provisional)
