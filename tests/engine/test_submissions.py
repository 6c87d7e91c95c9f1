"""The registers of submissions and home visits: words unedited, people sealed, every source kept."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine import directory, personal
from engine.database import Base, open_database, writing
from engine.errors import Conflict, NotFound, Refused
from engine.forms import Accepted
from engine.people import Actor
from engine.personal import Reader
from engine.records import submissions, visits
from engine.records.submissions import DEFERRED, IN_CASE, NEW, REPLIED

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
BY = Actor("p1", "人员一", "u001.cadre1", "“两委”干部", "u001")
LIGHTS = "三栋二单元楼道的灯坏了半年，晚上老人上下楼看不见！"
ANSWERS = {
    "channel": "hotline",
    "received_on": "2026-05-05",
    "original_wording": LIGHTS,
    "compound": "春晖小区",
    "category": "safety",
    "mentions": 3,
    "urgent": True,
    "anonymous": True,
    "submitter_name": "张三",
    "submitter_phone": "13800000000",
    "tags": "我为群众办实事，安全、安全",
}
VISIT = {
    "visited_on": "2026-05-02",
    "visitor": "人员二",
    "visitor_post": "区领导",
    "compound": "春晖小区",
    "household": "李四，3栋201",
    "phone": "13900000000",
    "situation": "独居老人",
    "wishes": "希望楼道装扶手",
    "solutions": "当场协调，需议事",
    "to_submission": True,
    "category": "care",
}


@pytest.fixture
def db(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        for unit in ("u001", "u002"):
            directory.add_unit(db, unit, unit, "community")
        yield db
    database.dispose()


def add(db, unit="u001", now=NOW, **changed):
    answers = {**ANSWERS, **changed}
    return submissions.add(db, unit, Accepted(answers, ("submitter_name", "submitter_phone")), BY, now)


def visited(db, **changed):
    return visits.add(db, "u001", Accepted({**VISIT, **changed}, ("household", "phone")), BY, NOW)


def test_a_submission_keeps_its_wording_and_is_numbered_within_its_unit_and_year(db):
    first, second = add(db), add(db, original_wording="  另一件事 ")

    assert first.original_wording == LIGHTS
    assert second.original_wording == "  另一件事 "
    assert (first.number, second.number) == ("SQ-U001-2026-0001", "SQ-U001-2026-0002")
    assert add(db, unit="u002").number == "SQ-U002-2026-0001"
    assert add(db, now=NOW + timedelta(days=300)).number == "SQ-U001-2027-0001"


def test_a_submission_says_who_entered_it_when_and_how_urgent_it_is(db):
    row = add(db)

    assert (row.made_by, row.made_by_name, row.at) == ("p1", "人员一", NOW)
    assert (row.status, row.urgent, row.anonymous, row.mentions) == (NEW, True, True, 3)
    assert row.received_on == date(2026, 5, 5)
    assert row.tags == ["我为群众办实事", "安全"]


@pytest.mark.parametrize(
    ("channel", "direction"),
    [
        ("home_visit", "top_down"),
        ("delegates", "top_down"),
        ("party_members", "top_down"),
        ("questionnaire", "bottom_up"),
        ("wechat", "bottom_up"),
        ("", ""),
    ],
)
def test_the_direction_derives_from_the_channel(channel, direction):
    assert submissions.direction_of(channel) == direction


def test_the_submitter_is_sealed_and_revealed_only_with_a_record(db):
    row = add(db)

    assert set(row.sealed) == {"submitter_name", "submitter_phone"}
    assert "13800000000" not in str([getattr(row, column.key) for column in row.__table__.columns])
    revealed = personal.reveal(db, row.sealed.values(), Reader("p1", "答复提出人"), NOW)
    assert revealed[row.sealed["submitter_name"]] == "张三"
    db.flush()
    [access] = personal.accesses(db, NOW, NOW + timedelta(seconds=1))
    assert access.case_id == f"submission:{row.id}"


def test_the_id_does_not_give_the_telephone_away(db):
    assert submissions.row_id("SQ-U001-2026-0001", NOW) == add(db).id


def test_another_unit_does_not_find_it(db):
    row = add(db)

    assert submissions.find(db, row.id, ["u001"]) is row
    with pytest.raises(NotFound):
        submissions.find(db, row.id, ["u002"])


def test_a_case_takes_several_submissions_and_all_their_mentions(db):
    rows = [add(db), add(db, channel="wechat", mentions=2)]
    ids = [rows[1].id, rows[0].id]

    taken = submissions.take_into_case(db, ids, "u001")
    submissions.link_to_case(db, ids, "c1", NOW)

    assert (taken.mentions, taken.channel) == (5, "wechat")
    assert [row.number for row in submissions.of_case(db, "c1")] == [row.number for row in rows]
    assert {row.status for row in rows} == {IN_CASE}


def test_a_case_may_start_from_no_submission(db):
    assert submissions.take_into_case(db, (), "u001") == submissions.Taken(0, "")


def test_a_submission_goes_into_one_case_only(db):
    row = add(db)
    submissions.link_to_case(db, [row.id], "c1", NOW)

    with pytest.raises(Conflict, match=row.number):
        submissions.take_into_case(db, [row.id], "u001")


def test_a_submission_of_another_unit_is_not_taken(db):
    row = add(db, unit="u002")

    with pytest.raises(NotFound):
        submissions.take_into_case(db, [row.id], "u001")


def test_a_reply_needs_words_and_settles_the_submission(db):
    row = add(db)
    with pytest.raises(Refused):
        submissions.settle(row, "  ", NOW)

    submissions.settle(row, "已转12345办理", NOW)

    assert (row.status, row.reply, row.settled_at) == (REPLIED, "已转12345办理", NOW)
    with pytest.raises(Conflict):
        submissions.take_into_case(db, [row.id], "u001")


def test_a_deferred_submission_can_be_taken_up_later(db):
    row = add(db)
    submissions.settle(row, "列入下半年", NOW, status=DEFERRED)

    assert submissions.take_into_case(db, [row.id], "u001").mentions == 3


def test_similar_submissions_are_suggested_the_most_alike_first(db):
    same = add(db, original_wording="三栋楼道的灯坏了，晚上看不见")
    near = add(db, original_wording="楼道的灯坏了，晚上老人看不见路", compound="东园")
    add(db, original_wording="广场舞太吵")
    add(db, unit="u002")
    add(db, now=NOW - timedelta(days=400))

    found = submissions.alike(db, "u001", LIGHTS, "春晖小区", NOW)

    assert [each.submission for each in found] == [same, near]
    assert found[0].score > found[1].score >= 20
    assert submissions.alike(db, "u001", LIGHTS, "", NOW, leave_out=same.id, limit=1)[0].submission is near
    assert submissions.alike(db, "u001", "", "", NOW) == ()


def test_all_stay_counted_by_status(db):
    rows = [add(db) for _ in range(3)]
    add(db, unit="u002")
    submissions.link_to_case(db, [rows[0].id], "c1", NOW)
    submissions.settle(rows[1], "已答复", NOW)
    db.flush()

    assert submissions.counts(db, ["u001"]) == {NEW: 1, IN_CASE: 1, REPLIED: 1, DEFERRED: 0}
    assert submissions.counts(db, ["u001", "u002"])[NEW] == 2


def test_a_place_that_comes_up_again_and_again_is_reported(db):
    for _ in range(3):
        add(db)
    add(db, compound="东园")

    assert submissions.repeated(db, ["u001"], date(2026, 1, 1)) == {("u001", "春晖小区"): 3}
    assert submissions.repeated(db, ["u001"], date(2026, 6, 1)) == {}


def test_a_home_visit_becomes_a_submission_by_one_tick(db):
    visit = visited(db)

    row = visits.submission_of(db, visit.id)
    assert (row.channel, row.direction, row.original_wording) == ("home_visit", "top_down", "希望楼道装扶手")
    assert (row.visit_id, row.category, row.received_on) == (visit.id, "care", date(2026, 5, 2))
    assert visit.number == "JF-U001-2026-0001"


def test_the_household_stays_with_the_visit(db):
    visit = visited(db)

    assert set(visit.sealed) == {"household", "phone"}
    assert visits.submission_of(db, visit.id).sealed == {}


def test_a_visit_without_the_tick_can_be_turned_into_one_submission_later(db):
    visit = visited(db, to_submission=False)
    assert visits.submission_of(db, visit.id) is None

    row = visits.to_submission(db, visit, "other", BY, NOW)

    assert row.category_reason
    with pytest.raises(Conflict):
        visits.to_submission(db, visit, "other", BY, NOW)


def test_another_unit_does_not_find_a_visit(db):
    visit = visited(db)

    assert visits.find(db, visit.id, ["u001"]) is visit
    with pytest.raises(NotFound):
        visits.find(db, visit.id, ["u002"])
