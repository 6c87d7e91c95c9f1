"""Releases: whole or absent, and running cases stay on theirs byte for byte."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from sqlalchemy import select

from engine import definitions, gatekeeping, journal
from engine.audit import verify
from engine.commands import Deploy, StartCase, SubmitTask
from engine.entitlement import SYSTEM
from engine.errors import FormRejected
from tests.engine.other_process import killed_or_done, sparse

pytestmark = pytest.mark.usefixtures("sound")


def test_who_is_killed_while_releasing_leaves_a_version_whole_or_absent(engine, bundle, staged_url):
    def told(number, die_at):
        files = {**bundle.files, "rules.toml": bundle.files["rules.toml"] + f"# {number}\n".encode()}
        return killed_or_done(
            engine, staged_url, (Deploy({}), Deploy(files, key=f"{number}")), "o_data.operator", die_at
        )

    assert not any(problem.severity == "error" for problem in gatekeeping.problems(bundle))

    _, own, lines = told(0, 0)
    died = 0
    for number, die_at in enumerate(sparse(own, lines), start=1):
        before = engine.read(versions)
        answered = told(number, die_at)
        died += not answered
        after = engine.read(versions)
        assert after == before or (after == before + 1)
        assert not answered or after == before + 1

    assert died >= 8


def versions(reader):
    """How many releases there are; each with all of its files, its event, and nothing else left over."""
    releases = reader.db.scalars(select(definitions.Release)).all()
    stored = reader.db.scalars(select(definitions.Definition.hash)).all()
    told = [
        event.body
        for event in journal.of_case(reader.db, journal.DISTRICT)
        if event.type == "definition_released"
    ]
    assert {row.definition_hash for row in releases} == set(stored) == {body["definition"] for body in told}
    for row in releases:
        definitions.bundle(reader.db, row.definition_hash)
    return len(releases)


def test_running_cases_keep_their_forms_and_history_when_a_new_version_comes(engine, walker, bundle):
    walker.start()
    walker.do("register_topic")
    old = walker.case
    path = "forms/step1_topic/screen_topic-schema.json"
    form = json.loads(bundle.files[path])
    form["properties"]["newly_asked"] = {"type": "string", "title": "新版才问", "maxLength": 20}
    form["required"] = [*form["required"], "newly_asked"]
    files = {**bundle.files, path: json.dumps(form, ensure_ascii=False).encode()}

    engine.handle(Deploy(files, "第二版"), by=SYSTEM)

    walker.do("screen_topic")
    assert engine.read(verify.verify_case, old).sound
    walker.start()
    walker.do("register_topic")
    with pytest.raises(FormRejected) as refusal:
        walker.do("screen_topic")
    assert "newly_asked" in {problem.field for problem in refusal.value.problems}
    walker.do("screen_topic", newly_asked="已核对")


def test_versions_released_while_people_work_leave_every_case_on_the_one_it_began_with(
    engine, walker, bundle
):
    answers, over, begun = walker.answers("register_topic"), Event(), []

    def work():
        while not over.is_set():
            start = StartCase("roundtable", "u001", "楼道照明", channel="hotline")
            outcome = engine.handle(start, by="u001.secretary")
            in_force = engine.read(lambda reader: definitions.current(reader.db, "roundtable").number)
            engine.handle(SubmitTask(outcome.opened[0], answers), by="u001.secretary")
            begun.append((outcome.case, in_force))

    with ThreadPoolExecutor() as pool:
        working = pool.submit(work)
        try:
            for number in (1, 2):
                rules = bundle.files["rules.toml"] + f"# {number}\n".encode()
                engine.handle(Deploy({**bundle.files, "rules.toml": rules}), by=SYSTEM)
                wait_for_another(begun, working)
        finally:
            over.set()
        working.result()

    ran_on = [{body["definition"] for body in engine.read(bodies, case)} for case, _ in begun]
    assert {len(hashes) for hashes in ran_on} == {1}
    numbers = engine.read(numbers_of_releases)
    assert all(numbers[hash] in (now, now - 1) for (hash,), (_, now) in zip(ran_on, begun, strict=True))
    assert len({hash for (hash,) in ran_on}) > 1


def wait_for_another(begun, working):
    """Until a case has begun after this moment: the one that is under way may have begun before it."""
    enough = len(begun) + 2
    while len(begun) < enough and not working.done():
        sleep(0.01)


def bodies(reader, case):
    return [event.body for event in journal.of_case(reader.db, case)]


def numbers_of_releases(reader):
    return {row.definition_hash: row.number for row in reader.db.scalars(select(definitions.Release))}
