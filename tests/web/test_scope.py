"""Every address with an id, tried by people of other units: for them the thing does not exist."""

import io

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine.commands import RegisterSubmission
from tests.web.conftest import PNG
from tests.web.visitor import Visitor

TITLE = "3栋楼道照明"
SECRET = "只有本社区知道的原话"
STRANGERS = ("u002.secretary", "u040.council1", "s02.office1", "s02.district_leader")
SUBMISSION = {
    "channel": "hotline",
    "received_on": "2026-03-03",
    "original_wording": SECRET,
    "compound": "桃苑小区3栋",
    "category": "safety",
    "mentions": 1,
}


@pytest.fixture
def ids(walk, engine, visitor) -> dict[str, str]:
    """One thing of every kind that belongs to the first unit, by the name it has in addresses."""
    case = walk("verify_findings")
    submission = engine.handle(RegisterSubmission("u001", SUBMISSION), by="u001.secretary")
    council = visitor("u001.council1")
    council.get(council.get("/inbox").links("/inbox/")[0])
    work_item = council.page.address.rpartition("/")[2]
    attached = council.client.post(
        f"{council.page.address}/attachments",
        data={"file": (io.BytesIO(PNG), "现场.png")},
        headers={"X-CSRFToken": council.token()},
    )
    return {
        "case": case,
        "work_item": work_item,
        "submission": str(submission.detail["submission"]),
        "attachment": attached.json["id"],
    }


def test_nothing_of_a_unit_is_there_for_people_of_other_units(app: Flask, ids, visitor):
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments & set(ids)]
    assert len(rules) >= 10

    for post in STRANGERS:
        stranger = visitor(post)
        stranger.get("/account")
        token = stranger.token()
        for rule in rules:
            page = _try(stranger, rule, ids, token)
            assert page.status in (403, 404), (post, rule)
            assert page.status == 404 or not _leaks(page.text), (post, rule)
        for address in ("/cases", "/submissions", "/inbox", "/visits"):
            assert not _leaks(stranger.get(address).text), (post, address)


def test_nobody_opens_anything_by_id_without_signing_in(app: Flask, ids, visitor):
    for rule in app.url_map.iter_rules():
        if rule.arguments & set(ids):
            nobody = visitor("")
            nobody.get("/sign-in")
            page = _try(nobody, rule, ids, nobody.token())
            assert page.status == 401 or page.address.startswith("/sign-in"), rule


def test_people_of_the_unit_and_of_its_street_see_what_is_theirs(ids, visitor):
    for post in ("u001.secretary", "u001.council2", "s01.office1"):
        somebody = visitor(post)
        assert TITLE in somebody.get("/cases").words
        assert SECRET in somebody.get(f"/submissions/{ids['submission']}").words
        assert somebody.get(f"/attachments/{ids['attachment']}").status == 200


def _try(somebody: Visitor, rule: Rule, ids: dict[str, str], token: str):
    values = {name: ids.get(name) or _any_of(rule, name) for name in rule.arguments}
    with somebody.client.application.test_request_context():
        address = somebody.client.application.url_for(rule.endpoint, **values)
    if "GET" in (rule.methods or ()):
        return somebody.get(address)
    return somebody.send(address, csrf_token=token, title="x", reply="x")


def _any_of(rule: Rule, name: str) -> object:
    """What an address may hold there: one of a few words, else a number."""
    words = getattr(rule._converters.get(name), "items", None)
    return min(words) if words else 1


def _leaks(text: str) -> bool:
    return TITLE in text or SECRET in text
