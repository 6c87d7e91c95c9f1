"""The operator's room: how the house stands, accounts, the calendar, receipts by hand."""

import json

import pytest

from engine import calendar
from engine.commands import PauseUploads
from engine.demo.walk import RECEIPTS
from engine.entitlement import SYSTEM
from engine.reading import operator as reading
from engine.reading.history import journal
from tests.web.visitor import Visitor

GOOD = "Xingfu-2026-yuan"


@pytest.fixture
def operator(visitor) -> Visitor:
    return visitor("o_data.operator")


@pytest.fixture
def upload(walk, engine) -> str:
    """A project whose upload waits for its receipt."""
    walk(RECEIPTS)
    return str(
        engine.read(lambda reader: reading.uploads(reader, _nobody_but_operators(), waiting=True))[0].id
    )


def _nobody_but_operators():
    return reading.Actor("x", "x", roles=frozenset(("operator",)))


def district_events(engine) -> list[str]:
    return [event.type for event in engine.read(lambda reader: list(journal.of_case(reader.db, "district")))]


def test_the_first_page_counts_what_runs_and_warns_before_the_calendar_ends(operator, walk):
    walk("verify_findings")

    page = operator.get("/operator")

    assert "1 办理中的议题" in page.words
    assert "工作日历只到" in page.words
    assert "没有停下来的议题" in page.words


@pytest.mark.parametrize("address", ["", "/accounts", "/accounts/new", "/calendar"])
def test_others_are_told_whose_room_this_is(address, secretary):
    page = secretary.get(f"/operator{address}")

    assert page.status == 403
    assert "系统运行" in page.words


def test_an_account_is_made_for_somebody_in_office_and_can_sign_in(operator, visitor, engine):
    page = operator.get("/operator/accounts/new?name=" + _somebody(engine))
    person = page.tree.xpath("//select[@name='person']/option[2]/@value")[0]

    made = operator.press("/operator/accounts/new", person=person, login="xin.ren", password=GOOD)

    assert "已建立账号" in made.flash()
    assert "可以登录" in made.words
    newcomer = visitor()
    newcomer.get("/sign-in")
    assert newcomer.press("/sign-in", name="xin.ren", password=GOOD).status == 200
    assert "account_added" in district_events(engine)


def test_a_poor_password_is_refused_at_its_field_and_never_shown_again(operator, engine):
    page = operator.get("/operator/accounts/new?name=" + _somebody(engine))
    person = page.tree.xpath("//select[@name='person']/option[2]/@value")[0]

    refused = operator.press("/operator/accounts/new", person=person, login="xin.ren", password="kurz-2026")

    assert refused.status == 422
    assert "密码" in refused.tree.xpath("string(//*[@id='password-error'])")
    assert refused.form("/operator/accounts/new").fields["login"] == "xin.ren"
    assert "kurz-2026" not in refused.text


def test_a_login_in_use_is_refused(operator, engine):
    page = operator.get("/operator/accounts/new?name=" + _somebody(engine))
    person = page.tree.xpath("//select[@name='person']/option[2]/@value")[0]
    taken = engine.read(reading.accounts)[0][0].login

    refused = operator.press("/operator/accounts/new", person=person, login=taken, password=GOOD)

    assert refused.status == 409
    assert "已经使用" in refused.words


def test_a_disabled_account_is_signed_out_at_once(operator, visitor, engine):
    secretary = visitor("u001.secretary")
    login = _login_of(secretary, engine)
    operator.get(f"/operator/accounts/{login}")

    page = operator.press("/disable")

    assert "已停用" in page.words
    assert secretary.get("/inbox").address.startswith("/sign-in")
    assert "account_disabled" in district_events(engine)


def test_a_disabled_account_can_be_enabled_again(operator, visitor, engine):
    login = _login_of(visitor("u001.secretary"), engine)
    operator.get(f"/operator/accounts/{login}")
    operator.press("/disable")

    page = operator.press("/enable")

    assert "已停用" not in page.words.replace("账号已停用", "")


def test_nobody_disables_his_own_account(operator, engine):
    login = _login_of(operator, engine)
    operator.get(f"/operator/accounts/{login}")

    page = operator.press("/disable")

    assert page.status == 409
    assert "不能停用自己的账号" in page.words


def test_ending_sessions_sends_the_person_back_to_the_door(operator, visitor, engine):
    secretary = visitor("u001.secretary")
    operator.get(f"/operator/accounts/{_login_of(secretary, engine)}")

    operator.press("/sessions")

    assert secretary.get("/inbox").address.startswith("/sign-in")


def test_a_year_copied_from_a_spreadsheet_becomes_a_new_version(operator, engine):
    operator.get("/operator/calendar")
    rows = "日期\t类别\t名称\n2027-01-01\t节假日\t元旦\n2027-02-06\t调休上班\t春节"

    page = operator.press("/operator/calendar", text=rows, years="2027", title="2027年安排", note="通知")

    assert "工作日历已更新" in page.flash()
    days = engine.read(lambda reader: calendar.current(reader.db))
    assert 2027 in days.years
    assert not days.is_working_day(days.items()[-365][0])
    assert "calendar_adopted" in district_events(engine)


def test_an_arrangement_that_cannot_be_read_is_refused_with_its_text_kept(operator):
    operator.get("/operator/calendar")

    page = operator.press(
        "/operator/calendar", text="日期,类别,名称\n明天,放假,元旦", years="2027", note="通知"
    )

    assert page.status == 422
    assert "第1行无法识别" in page.words
    assert "明天,放假,元旦" in page.form("/operator/calendar").fields["text"]


def test_the_arrangement_may_be_written_as_toml(operator, engine):
    operator.get("/operator/calendar")
    text = 'title = "2027"\nyears = [2027]\n[[day]]\nday = "2027-01-01"\nkind = "holiday"\nname = "元旦"\n'

    page = operator.press("/operator/calendar", way="toml", text=text, note="通知")

    assert page.status == 200
    assert 2027 in engine.read(lambda reader: calendar.current(reader.db)).years


def test_a_party_organisation_downloads_the_package_and_enters_the_receipt(upload, secretary, engine):
    page = secretary.get("/uploads")
    package = json.loads(secretary.client.get(page.links("/package.json")[0]).data)

    done = secretary.press(f"/uploads/{upload}/receipt", receipt="SG-2026-0001")

    assert package["title"] == "3栋楼道照明"
    assert "SG-2026-0001" in done.words
    assert "已登记" in done.flash()


def test_after_a_restore_the_uploads_wait_until_an_operator_says_that_he_has_compared(
    upload, engine, secretary, operator
):
    engine.handle(PauseUploads("数据库从备份恢复"), by=SYSTEM)
    seen = secretary.get("/uploads")
    assert "上传已暂停" in seen.words
    assert not seen.tree.xpath("//form[contains(@action, '/uploads/resume')]")
    secretary.send("/uploads/resume", reason="我来", csrf_token=secretary.token())
    assert secretary.page.status == 403
    operator.get("/uploads")

    assert operator.press("/uploads/resume", reason=" ").status == 422
    done = operator.press("/uploads/resume", reason="已与两个平台核对")

    assert "已恢复上传" in done.flash()
    assert "上传已暂停" not in done.words


@pytest.mark.parametrize("number", [" ", "1", "abc", " ab "])
def test_an_empty_or_too_short_receipt_is_refused_by_rule(upload, secretary, number):
    secretary.get("/uploads")

    page = secretary.press(f"/uploads/{upload}/receipt", receipt=number)

    assert page.status == 422
    assert "R125" in page.words


def test_the_upload_of_another_unit_is_not_there(upload, visitor):
    stranger = visitor("u002.secretary")
    page = stranger.get("/uploads")

    assert upload not in page.text
    assert stranger.get(f"/uploads/{upload}/package.json").status == 404
    stranger.get("/account")
    sent = stranger.send(f"/uploads/{upload}/receipt", receipt="X", csrf_token=stranger.token())
    assert sent.status == 404


def test_whoever_neither_uploads_nor_operates_is_told_the_rule(visitor):
    page = visitor("u001.council1").get("/uploads")

    assert page.status == 403
    assert "R125" in page.words


def _somebody(engine) -> str:
    """The name of somebody in office."""
    return engine.read(reading.accounts)[0][0].name


def _login_of(somebody: Visitor, engine) -> str:
    name = somebody.get("/account").tree.xpath("string(//p[@class='site-panel-title'][last()])")
    unit = somebody.page.tree.xpath("string(//*[@class='site-account-unit'])")
    found, _ = engine.read(reading.accounts, name, 1, 50)
    return next(line.login for line in found if any(unit in post for post in line.posts))
