"""The demonstration district has the size of the report, and every role of the procedure is held."""

from collections import Counter
from datetime import date

import pytest

from engine import people
from engine.database import Base, open_database, writing
from engine.demo import district
from engine.directory import GRASS_ROOTS, import_all, units

ON = date(2026, 6, 1)


@pytest.fixture(scope="module")
def directory():
    return district.directory()


@pytest.fixture
def db(database_url, directory):
    database = open_database(database_url)
    Base.metadata.create_all(database)
    with writing(database) as db:
        import_all(db, directory)
        yield db
    database.dispose()


def test_the_district_has_the_size_of_the_report(directory):
    kinds = Counter(unit["kind"] for unit in directory.units)

    assert (kinds["street"], kinds["town"]) == (11, 1)  # R002
    assert (kinds["village"], kinds["community"], kinds["family_committee"]) == (13, 130, 9)  # R003


def test_every_unit_and_person_has_a_name_of_its_own(directory):
    for rows in (directory.units, directory.people):
        names = [row["name"] for row in rows]
        assert len(set(names)) == len(names)


def test_the_same_district_is_built_every_time(directory):
    assert district.directory() == directory


def test_the_first_unit_is_the_model_community_under_the_first_street(directory):
    unit = next(row for row in directory.units if row["id"] == "u001")

    assert (unit["name"], unit["parent_id"]) == ("示范社区", "s01")


def test_every_role_of_the_procedure_is_held_for_every_unit(db):
    roles = (*people.COMMUNITY_ROLES, *people.STREET_ROLES, "org_department", "civil_affairs")
    own = [unit.id for unit in units(db, GRASS_ROOTS) if unit.id == "u001" or unit.host_id]

    vacant = [(unit, role) for unit in own for role in roles if people.holder(db, role, unit, ON) is None]
    assert vacant == []
    assert len(own) == 3  # u001 and the two hosted family committees: those resolved in another way


def test_every_unit_with_people_of_its_own_has_a_full_set_of_posts(directory):
    posts = Counter(row["unit_id"] for row in directory.posts)
    without = [row["id"] for row in directory.units if row["kind"] in GRASS_ROOTS and row["host_id"] is None]

    assert {posts[unit] for unit in without} == {1 + 2 + district.COUNCIL + 1}
    assert len(without) == 150


def test_a_council_has_seven_members(db):
    assert people.council_size(db, "u077", ON) == 7


def test_a_leader_of_the_street_is_liaison_leader_of_its_units(db):
    leader = people.holder(db, "street_liaison_leader", "u001", ON)

    assert any(post.startswith("s01.") for post in people.posts_of(db, leader.person, ON))


def test_everybody_in_office_has_one_login_named_by_a_post_of_theirs(db, directory):
    logins = district.logins(directory)

    assert len(logins) == len(directory.people) == len(set(logins.values()))
    for login, person in list(logins.items())[::97]:
        assert login in people.posts_of(db, person, ON)
    assert logins["u001.secretary"] == people.holder(db, "community_secretary", "u001", ON).person


def test_every_role_of_the_procedure_has_a_post(directory):
    assert {row["role"] for row in directory.posts} == set(people.ROLES)
