"""The demonstration's rooms: every role can be stepped into, the clock moves and what is due happens."""

import io

import pytest

from engine import worklist
from engine.clock import MovableClock, shift_to
from engine.engine import Engine
from engine.worklist import Candidate
from tests.web.conftest import NOW, PNG
from tests.web.visitor import Visitor
from web.app import create_app


@pytest.fixture
def moving(engine: Engine, settings) -> Engine:
    """The same district on a clock that can be moved."""
    moving = Engine(engine.database, MovableClock(engine.database), settings)
    moving.small(shift_to, NOW)
    return moving


@pytest.fixture
def somebody(moving: Engine, settings) -> Visitor:
    return Visitor(create_app(moving, settings).test_client())


GROUPS = (
    "社区(村)党组织",
    "民情理事会",
    "街道(镇)",
    "挂点街道(镇)领导",
    "挂点区领导",
    "监督委员会 / 督查",
    "区直单位",
    "区委组织部",
    "区民政局",
    "流程设计人员",
    "审计人员",
    "运维人员",
)


def test_every_role_of_the_procedure_can_be_stepped_into(visitor):
    anybody = visitor("")
    groups = anybody.get("/demo").tree.xpath("//section[contains(@class, 'role-group')]")
    heads = {group.xpath("string(h2)").strip(): group.xpath(".//button/@value")[0] for group in groups}

    assert set(GROUPS) <= set(heads)
    for title, post in heads.items():
        page = visitor("").step_into(post)
        assert page.status == 200, title
        assert page.tree.xpath("//details[contains(@class, 'site-account')]"), title


def test_a_vacant_or_unknown_post_cannot_be_stepped_into(visitor):
    anybody = visitor("")
    anybody.get("/demo")

    assert anybody.press("/demo/role", post="u001.nobody").status == 404


@pytest.mark.parametrize(
    ("to", "shown"), [("day", "2026年3月5日"), ("working_day", "2026年3月5日"), ("date", "2026年3月9日")]
)
def test_the_clock_is_moved_and_shown_in_the_header(somebody, to, shown):
    somebody.get("/demo")

    page = somebody.press("/demo/clock", to=to, date="2026-03-09")

    assert shown in page.flash()
    assert shown in page.tree.xpath("string(//*[contains(@class, 'site-clock-time')])")
    assert page.address == "/demo"


def test_the_clock_never_runs_backwards(somebody):
    somebody.get("/demo")

    page = somebody.press("/demo/clock", to="date", date="2026-03-01")

    assert "时钟只能往后调" in page.flash()


def test_moving_to_what_is_due_next_ends_a_notice_of_five_working_days(walk, engine, moving, somebody):
    walk("publish_notice")
    moving.small(shift_to, engine.now())
    somebody.step_into("u001.secretary")
    somebody.get(somebody.get("/inbox").links("/inbox/")[0])
    proof = (io.BytesIO(PNG), "张贴.png")
    somebody.press("/inbox/", media="board", **{"posting_proof.upload": proof})
    assert "公示期满" not in somebody.page.tree.xpath("string(//table)")

    page = somebody.press("/demo/clock", to="due")

    assert page.address == "/inbox"
    assert "公示期满" in page.tree.xpath("string(//table)")


def test_a_clock_that_cannot_be_moved_is_not_shown(visitor):
    assert not visitor("").get("/demo").tree.xpath("//details[contains(@class, 'site-clock')]")


def test_posts_with_something_to_do_are_not_folded_away(walk, visitor, engine):
    case = walk("confirm_level")
    departments = visitor("").get("/demo?unit=u001").tree.xpath(FOLDED + "//button/@value")
    assert len(departments) > 20
    assert not visitor("").get("/demo?unit=u001").tree.xpath(FOLDED + "/@open")

    engine.small(offer, case, departments[:8])

    fold = visitor("").get("/demo?unit=u001").tree.xpath(FOLDED)[0]
    assert fold.get("open") is not None
    assert fold.xpath(".//*[@class='role-waiting']")


FOLDED = "//section[h2[contains(., '区直单位')]]//details"


def offer(db, case: str, posts: list[str]) -> None:
    item = worklist.open_items(db, case)[0]
    db.add_all(Candidate(work_item=item.id, candidate=f"post:{post}") for post in posts)
