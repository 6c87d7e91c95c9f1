"""A deployment that is no demonstration, from an empty folder: founded on the command line, staffed by its operator,
entered by everybody with a password of his own, at a desk and on a phone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Come
from tests.browser.district import District, run, served
from tests.browser.journey import Journey
from tests.browser.test_pages import overhang
from tests.chromium import PHONE

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
OPERATOR, OPERATORS_WORD = "yunwei", "Changyong-2026-mima"
UNITS = {"d01": ("区", "某某区", ""), "s01": ("街道", "某某街道", "d01"), "u001": ("社区", "示范社区", "s01")}


@dataclass(frozen=True)
class Colleague:
    """Somebody of the directory; `room` is where signing in leads, `menu` one thing that only some are offered."""

    login: str
    name: str
    unit: str
    role: str
    room: str
    menu: str

    @property
    def first_word(self) -> str:
        return f"Chushi-{self.login[::-1]}-2026"

    @property
    def own_word(self) -> str:
        return f"Ziji-{self.login[::-1]}-2026"


COLLEAGUES = (
    Colleague("shuji", "陈书记", "u001", "社区(村)党组织书记", "/inbox", "诉求登记"),
    Colleague("dangzu", "赵专干", "u001", "社区(村)党组织", "/inbox", "诉求登记"),
    Colleague("lishi", "钱理事", "u001", "民情理事会", "/inbox", "诉求登记"),
    Colleague("guajie", "孙街道", "u001", "挂点街道(镇)领导", "/inbox", "台账"),
    Colleague("jiedao", "李街道", "s01", "街道(镇)", "/inbox", "诉求登记"),
    Colleague("guaqu", "周区领导", "s01", "挂点区领导", "/inbox", "台账"),
    Colleague("zuzhi", "吴组织", "d01", "区委组织部", "/inbox", "台账"),
    Colleague("minzheng", "郑民政", "d01", "区民政局", "/inbox", "台账"),
    Colleague("ducha", "王督查", "d01", "区督查", "/inbox", "台账"),
    Colleague("chengguan", "冯城管", "d01", "区直单位", "/inbox", "台账"),
    Colleague("sheji", "褚设计", "d01", "流程设计", "/designer", "流程设计"),
    Colleague("shenji", "卫审计", "d01", "审计核验", "/history", "历史核验"),
)


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[District]:
    """As docs/operations.md says, command by command."""
    (tmp_path / "directory.toml").write_text(directory(), encoding="utf-8")
    data = ("--data", str(tmp_path))
    run("db", "upgrade", *data)
    run("operator", "add", OPERATOR, "何运维", *data, typed=f"{OPERATORS_WORD}\n{OPERATORS_WORD}\n")
    run("directory", str(tmp_path / "directory.toml"), *data)
    run("deploy", "--by", "operations.operator", *data)
    with served(f"sqlite:///{tmp_path / 'roundtable.db'}", tmp_path, demo=False) as founded:
        yield founded
        log = founded.log.read_text()
        print(log)
    assert "Traceback" not in log, "the server stumbled"


def test_a_house_is_founded_staffed_and_entered_by_every_role(come: Come, founded: District) -> None:
    staff(come(founded, DESK))

    for colleague in COLLEAGUES:
        arrive(come(founded, DESK), colleague)

    work(come(founded, PHONE))


def staff(operator: Journey) -> None:
    """The operator gives everybody a login and a first password."""
    sign_in(operator, OPERATOR, "wrong-Word-2026")
    expect(operator.page.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    sign_in(operator, OPERATOR, OPERATORS_WORD)
    expect(operator.page).to_have_url(f"{operator.district.address}/operator")
    whole(operator)
    for colleague in COLLEAGUES:
        give_account(operator.page, operator.district.address, colleague)
        whole(operator)
    sign_out(operator.page)


def give_account(page: Page, address: str, colleague: Colleague) -> None:
    page.goto(f"{address}/operator/accounts/new")
    page.get_by_label("先按姓名查找在任人员").fill(colleague.name)
    page.get_by_role("button", name="查找").click()
    page.locator("#person").select_option(index=1)
    page.get_by_label("登录名").fill(colleague.login)
    page.locator("#password").fill(colleague.first_word)
    page.get_by_role("button", name="建立账号").click()
    expect(page.locator("main > .alert")).to_contain_text(f"已建立账号 {colleague.login}")


def arrive(somebody: Journey, colleague: Colleague) -> None:
    """The password one was given opens nothing but the way to one's own; then the first is worth nothing any more."""
    page, address = somebody.page, somebody.district.address
    sign_in(somebody, colleague.login, colleague.first_word)
    expect(page).to_have_url(f"{address}/account")
    expect(page.get_by_role("main")).to_contain_text("现在的密码是别人为您设置的")
    whole(somebody)
    somebody.go(colleague.room)
    expect(page).to_have_url(f"{address}/account")
    page.get_by_label("现在的密码").fill(colleague.first_word)
    page.get_by_label("新密码", exact=True).fill(colleague.own_word)
    page.get_by_label("再输入一次新密码").fill(colleague.own_word)
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("main > .alert")).to_contain_text("密码已修改")
    somebody.go(colleague.room)
    expect(page.get_by_role("navigation", name="主菜单")).to_contain_text(colleague.menu)
    whole(somebody)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    whole(somebody)
    sign_out(page)
    sign_in(somebody, colleague.login, colleague.first_word)
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    whole(somebody)
    sign_in(somebody, colleague.login, colleague.own_word)
    expect(page).to_have_url(f"{somebody.district.address}{colleague.room}")
    page.context.close()


def work(worker: Journey) -> None:
    """And the house works: a topic is begun and waits in the worklist of whoever registered it."""
    cadre = next(colleague for colleague in COLLEAGUES if colleague.login == "dangzu")
    sign_in(worker, cadre.login, cadre.own_word)
    worker.go("/submissions")
    worker.page.get_by_role("link", name="登记诉求", exact=True).last.click()
    worker.fill("submission").submit()
    expect(worker.said()).to_contain_text("诉求已登记")
    worker.start_case("3栋楼道照明损坏")
    whole(worker)
    worker.go("/inbox")
    expect(worker.page.get_by_role("main")).to_contain_text("3栋楼道照明损坏")
    whole(worker)


def sign_in(somebody: Journey, login: str, word: str) -> None:
    somebody.go("/sign-in")
    somebody.page.get_by_label("登录名").fill(login)
    somebody.page.get_by_label("密码", exact=True).fill(word)
    somebody.page.get_by_role("button", name="登录").click()


def sign_out(page: Page) -> None:
    page.locator(".site-account summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录幸福圆桌")).to_be_visible()


def whole(somebody: Journey) -> None:
    """Inspected, and nothing sticks out to the right."""
    somebody.look()
    width = somebody.page.viewport_size
    assert width
    assert width["width"] > PHONE["width"] or overhang(somebody.page) == []


def directory() -> str:
    """The file an operator writes for `roundtable directory`."""
    lines = []
    for id, (kind, name, parent) in UNITS.items():
        above = f'parent = "{parent}"\n' if parent else ""
        lines.append(f'[[unit]]\nid = "{id}"\nname = "{name}"\nkind = "{kind}"\n{above}')
    for one in COLLEAGUES:
        lines.append(
            f'[[person]]\nid = "{one.login}"\nname = "{one.name}"\n'
            f'[[post]]\nid = "{one.unit}.{one.login}"\nunit = "{one.unit}"\n'
            f'role = "{one.role}"\ntitle = "{one.role}"\n'
            f'[[appointment]]\nperson = "{one.login}"\npost = "{one.unit}.{one.login}"\nfrom = 2026-01-01\n'
        )
    return "\n".join(lines)
