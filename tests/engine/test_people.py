"""Who holds which role on a day, and who may act: dated appointments, substitutes, scope."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import directory, people
from engine.database import Base, open_database, writing
from engine.errors import Conflict, NotAllowed, NotFound, Refused

NEW_YEAR = date(2026, 1, 1)
MAY = date(2026, 5, 6)
UNITS = [
    ("d01", "示范区", "district", None, None),
    ("s01", "桃苑街道", "street", "d01", None),
    ("s02", "柳溪镇", "town", "d01", None),
    ("u001", "示范社区", "community", "s01", None),
    ("u002", "东湾社区", "community", "s01", None),
    ("u003", "柳溪村", "village", "s02", None),
    ("u004", "厂区家委会", "family_committee", "s01", "u001"),
    ("o_org", "区委组织部", "district_department", "d01", None),
    ("o_city", "区城管局", "district_department", "d01", None),
]
POSTS = [
    ("u001.secretary", "u001", "community_secretary", "社区党组织书记"),
    ("u001.cadre1", "u001", "community_party_org", "社区“两委”干部"),
    ("u001.council1", "u001", "council", "民情理事会会长"),
    ("u001.council2", "u001", "council", "民情理事会成员"),
    ("u001.street_leader", "u001", "street_liaison_leader", "挂点街道领导"),
    ("u002.secretary", "u002", "community_secretary", "社区党组织书记"),
    ("s01.office1", "s01", "street_office", "街道办事处干部"),
    ("s01.district_leader", "s01", "district_liaison_leader", "挂点区领导"),
    ("o_org.chief", "o_org", "org_department", "区委组织部基层办"),
    ("o_city.chief", "o_city", "department", "区城管局局长"),
]


@pytest.fixture
def db(database_url):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        directory.import_all(
            db,
            directory.Directory(
                units=[
                    {"id": id, "name": name, "kind": kind, "parent_id": parent, "host_id": host}
                    for id, name, kind, parent, host in UNITS
                ],
                people=[{"id": f"p{n}", "name": f"人员{n}"} for n in range(1, 13)],
                posts=[
                    {"id": id, "unit_id": unit, "role": role, "title": title}
                    for id, unit, role, title in POSTS
                ],
            ),
        )
        for n, post in enumerate(POSTS, start=1):
            directory.appoint(db, f"p{n}", post[0], NEW_YEAR)
        yield db
    database.dispose()


def test_a_role_is_found_in_the_community_its_street_or_the_district(db):
    assert people.holder(db, "community_secretary", "u001", MAY).person == "p1"
    assert people.holder(db, "street_liaison_leader", "u001", MAY).person == "p5"
    assert people.holder(db, "district_liaison_leader", "u002", MAY).person == "p8"
    assert people.holder(db, "org_department", "u003", MAY).person == "p9"


def test_a_holder_is_answered_to_diagrams_as_person_name_and_post(db):
    holder = people.holder(db, "community_secretary", "u001", MAY)

    assert holder.answer() == {"person": "p1", "name": "人员1", "post": "u001.secretary"}


def test_a_role_that_nobody_carries_has_no_holder(db):
    assert people.holder(db, "community_secretary", "u003", MAY) is None
    assert people.candidates(db, "community_secretary", "u003", MAY) == ()


def test_the_street_is_never_taken_for_the_party_organisation_of_a_community(db):
    directory.add_post(db, "s01.party", "s01", "community_party_org", "街道党工委")

    assert people.candidates(db, "community_party_org", "u003", MAY) == ()
    assert people.candidates(db, "community_party_org", "u002", MAY) == ("post:u002.secretary",)


def test_the_secretary_also_acts_for_the_party_organisation(db):
    assert people.candidates(db, "community_party_org", "u001", MAY) == (
        "post:u001.cadre1",
        "post:u001.secretary",
    )
    assert "community_party_org" in people.actor(db, "p1", "u001.secretary", MAY).roles


def test_a_cadre_is_not_the_secretary(db):
    assert people.candidates(db, "community_secretary", "u001", MAY) == ("post:u001.secretary",)
    assert people.may_act(db, "p2", ["post:u001.secretary"], MAY) is None


def test_a_family_committee_without_posts_of_its_own_is_hosted(db):
    assert people.holder(db, "community_secretary", "u004", MAY).post == "u001.secretary"
    assert people.council_size(db, "u004", MAY) == 2
    assert people.holder(db, "street_office", "u004", MAY).post == "s01.office1"


def test_a_family_committee_with_its_own_party_organisation_acts_itself(db):
    directory.add_post(db, "u004.secretary", "u004", "community_secretary", "家委会党支部书记")

    assert people.candidates(db, "community_party_org", "u004", MAY) == ("post:u004.secretary",)


def test_an_appointment_begins_and_ends_with_its_days(db):
    made = directory.appoint(db, "p11", "u001.secretary", MAY)

    assert people.holder(db, "community_secretary", "u001", MAY - timedelta(days=1)).person == "p1"
    assert people.holder(db, "community_secretary", "u001", MAY).person == "p11"
    assert made["type"] == "appointment_made"
    assert made["ended"] == ["u001.secretary:p1:2026-01-01"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offset=st.integers(0, 400))
def test_on_any_day_a_post_has_exactly_the_holder_that_its_history_says(db, offset):
    on = NEW_YEAR + timedelta(days=offset)
    spell = db.begin_nested()
    directory.appoint(db, "p11", "u001.secretary", date(2026, 3, 1))
    directory.appoint(db, "p12", "u001.secretary", date(2026, 8, 15))

    holders = people.holders(db, "community_secretary", "u001", on)

    expected = "p1" if on < date(2026, 3, 1) else "p11" if on < date(2026, 8, 15) else "p12"
    assert [holder.person for holder in holders] == [expected]
    spell.rollback()


def test_whoever_stands_in_comes_first_and_the_holder_keeps_the_post(db):
    directory.appoint(db, "p12", "u001.secretary", MAY, until_date=MAY, acting=True)

    assert [who.person for who in people.holders(db, "community_secretary", "u001", MAY)] == ["p12", "p1"]
    assert people.may_act(db, "p1", ["post:u001.secretary"], MAY) == "u001.secretary"
    assert people.holder(db, "community_secretary", "u001", MAY + timedelta(days=1)).person == "p1"


def test_a_second_appointment_from_the_same_day_is_refused(db):
    with pytest.raises(Conflict):
        directory.appoint(db, "p11", "u001.secretary", NEW_YEAR)


def test_an_appointment_that_ends_before_it_begins_is_refused(db):
    with pytest.raises(Refused):
        directory.appoint(db, "p11", "u001.secretary", MAY, until_date=NEW_YEAR)


def test_an_ended_appointment_gives_no_right(db):
    body = directory.end_appointment(db, "u001.secretary:p1:2026-01-01", MAY)

    assert people.may_act(db, "p1", ["post:u001.secretary"], MAY) == "u001.secretary"
    assert people.may_act(db, "p1", ["post:u001.secretary"], MAY + timedelta(days=1)) is None
    assert body["type"] == "appointment_ended"


def test_a_closed_post_is_offered_nothing_and_held_by_nobody(db):
    directory.close_post(db, "u001.cadre1", MAY)

    assert people.candidates(db, "community_party_org", "u001", MAY) == ("post:u001.secretary",)
    assert people.posts_of(db, "p2", MAY) == ()
    assert people.posts_of(db, "p2", MAY - timedelta(days=1)) == ("u001.cadre1",)
    with pytest.raises(Conflict):
        directory.appoint(db, "p11", "u001.cadre1", MAY)


def test_a_vacant_post_stays_a_candidate_so_that_the_next_holder_finds_the_task(db):
    directory.end_appointment(db, "u001.secretary:p1:2026-01-01", MAY)

    assert people.candidates(db, "community_secretary", "u001", date(2026, 6, 1)) == ("post:u001.secretary",)
    assert people.named(db, ["post:u001.secretary"], date(2026, 6, 1)) == ("社区党组织书记（空缺）",)


def test_somebody_named_in_person_may_act_with_or_without_a_post(db):
    assert people.may_act(db, "p12", ["person:p12"], MAY) == ""
    assert people.may_act(db, "p1", ["person:p1"], MAY) == "u001.secretary"
    assert people.may_act(db, "p1", ["person:p12"], MAY) is None


def test_the_chosen_post_counts_when_several_would_do(db):
    directory.appoint(db, "p3", "u001.council2", MAY)
    offered = ["post:u001.council1", "post:u001.council2"]

    assert people.may_act(db, "p3", offered, MAY) == "u001.council1"
    assert people.may_act(db, "p3", offered, MAY, chosen="u001.council2") == "u001.council2"
    assert people.council_size(db, "u001", MAY) == 1


def test_an_actor_carries_post_unit_and_roles(db):
    actor = people.actor(db, "p7", None, MAY)

    assert (actor.name, actor.post, actor.post_title) == ("人员7", "s01.office1", "街道办事处干部")
    assert (actor.unit, actor.unit_name, actor.roles) == ("s01", "桃苑街道", {"street_office"})


def test_nobody_acts_in_a_post_that_he_does_not_hold(db):
    with pytest.raises(NotAllowed):
        people.actor(db, "p2", "u001.secretary", MAY)


def test_a_stranger_is_not_found_and_a_person_without_post_acts_as_himself(db):
    with pytest.raises(NotFound):
        people.actor(db, "p99", None, MAY)

    assert people.actor(db, "p12", None, MAY) == people.Actor("p12", "人员12")


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("p1", ("u001", "u004")),  # the secretary: his unit and the one it hosts
        ("p6", ("u002",)),
        ("p7", ("s01", "u001", "u002", "u004")),  # street staff
        ("p8", ("s01", "u001", "u002", "u004")),  # the district leader of the street
        ("p9", tuple(sorted(unit[0] for unit in UNITS))),  # the Organisation Department
        ("p10", ()),  # a district department sees only what it is asked
        ("p12", ()),  # no post
    ],
)
def test_everybody_sees_the_units_of_his_office(db, person, seen):
    assert people.scope(db, people.actor(db, person, None, MAY)) == seen


def test_a_deviation_is_approved_one_level_up():
    assert people.one_level_up("community_secretary") == "street_liaison_leader"
    assert people.one_level_up("street_liaison_leader") == "district_liaison_leader"
    assert people.one_level_up("district_liaison_leader") == "org_department"


def test_candidates_are_named_in_words(db):
    words = people.named(db, ["post:u001.secretary", "person:p12", "post:u003.nobody"], MAY)

    assert words == ("社区党组织书记（人员1）", "人员12", "u003.nobody（空缺）")


def test_people_are_found_by_a_part_of_their_name_within_units(db):
    found = people.find_people(db, "人员1", ["u001"], MAY)

    assert [who.person for who in found] == ["p1"]
    assert people.find_people(db, "%", ["u001"], MAY) == ()


def test_every_unit_knows_its_street(db):
    assert people.street_of(db, "u004") == "s01"
    assert people.street_of(db, "s01") == "s01"
    assert people.street_of(db, "o_org") == ""
    with pytest.raises(NotFound):
        people.street_of(db, "u999")


def test_the_units_above_leave_out_the_host(db):
    assert people.above(db, "u004") == ("u004", "s01", "d01")


def test_a_unit_is_found_by_its_name(db):
    assert people.unit_named(db, "示范社区") == "u001"
    assert people.unit_named(db, "示范") is None


def test_a_post_tells_who_acts_in_it(db):
    directory.appoint(db, "p12", "u001.secretary", MAY, until_date=MAY, acting=True)

    assert people.holder_of_post(db, "u001.secretary", MAY).person == "p12"
    assert people.holder_of_post(db, "u001.cadre1", MAY).person == "p2"
    assert people.holder_of_post(db, "nowhere", MAY) is None


def test_directory_changes_are_events_and_double_ids_are_refused(db):
    body = directory.add_unit(db, "u005", "新苑社区", "community", parent="s01")

    assert body == {
        "type": "unit_added",
        "unit": "u005",
        "name": "新苑社区",
        "kind": "community",
        "parent": "s01",
        "host": None,
    }
    with pytest.raises(Conflict):
        directory.add_unit(db, "u005", "新苑社区", "community", parent="s01")
    with pytest.raises(Refused):
        directory.add_unit(db, "u006", "某处", "kingdom", parent="s01")
    with pytest.raises(NotFound):
        directory.add_post(db, "u777.secretary", "u777", "community_secretary", "书记")
