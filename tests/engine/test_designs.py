"""The designer's working copy: laid over the release in force, kept apart from running cases, released whole."""

import pytest
from sqlalchemy import select

from engine import definitions, designs
from engine.commands import ReleaseDesign, SaveDesign
from engine.directory import Post
from engine.errors import Conflict, DeploymentRefused, NotAllowed


def copy(engine):
    return engine.read(lambda reader: designs.files(reader.db, "roundtable"))


def released(engine):
    return engine.read(lambda reader: definitions.current(reader.db, "roundtable").number)


def save(engine, path, content, by, expected=""):
    return engine.handle(SaveDesign("roundtable", path, content, expected), by=by)


@pytest.fixture
def designer(engine):
    return engine.read(lambda reader: first_designer(reader))


def first_designer(reader):
    return reader.db.scalars(select(Post.id).where(Post.role == "designer").order_by(Post.id)).first()


def test_the_working_copy_is_the_release_until_something_is_saved(engine, bundle, designer):
    assert copy(engine) == dict(bundle.files)

    save(engine, "rules.toml", bundle.files["rules.toml"] + b"# more\n", designer)

    assert copy(engine)["rules.toml"].endswith(b"# more\n")
    assert released(engine) == 1


def test_of_two_designers_the_second_is_told(engine, bundle, designer):
    before = designs.file_hash(bundle.files["rules.toml"])
    save(engine, "rules.toml", b"# one\n", designer, expected=before)

    with pytest.raises(Conflict):
        save(engine, "rules.toml", b"# two\n", designer, expected=before)

    assert copy(engine)["rules.toml"] == b"# one\n"


def test_a_broken_copy_is_not_released_and_stays(engine, designer):
    save(engine, "step1_topic.bpmn", b"<broken", designer)

    with pytest.raises(DeploymentRefused) as refusal:
        engine.handle(ReleaseDesign("roundtable", "试"), by=designer)

    assert {problem.file for problem in refusal.value.problems} >= {"step1_topic.bpmn"}
    assert copy(engine)["step1_topic.bpmn"] == b"<broken"
    assert released(engine) == 1


def test_a_released_copy_is_the_next_version_and_is_forgotten(engine, bundle, designer):
    save(engine, "rules.toml", bundle.files["rules.toml"] + b"# more\n", designer)

    engine.handle(ReleaseDesign("roundtable", "改规则说明"), by=designer)

    assert released(engine) == 2
    bundle_now = engine.read(
        lambda reader: definitions.bundle(
            reader.db, definitions.current(reader.db, "roundtable").definition_hash
        )
    )
    assert dict(bundle_now.files) == copy(engine)


def test_only_designers_change_the_copy(engine):
    with pytest.raises(NotAllowed):
        save(engine, "rules.toml", b"", "u001.secretary")
