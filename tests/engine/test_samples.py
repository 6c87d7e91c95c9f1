"""Samples: an accepted answer to every form, whose words for days, facts and files are filled in."""

from datetime import date

import pytest

from engine import calendar, samples
from engine.errors import OperationFailed


@pytest.fixture
def setting(engine):
    days = engine.read(lambda reader: calendar.current(reader.db))
    return samples.Setting(date(2026, 9, 18), days, {"level": "street"}, {"plan.png": "id-1"})


@pytest.mark.parametrize(
    ("sample", "filled"),
    [
        ("@today", "2026-09-18"),
        ("@today-3", "2026-09-15"),
        ("@working_day+1", "2026-09-20"),  # Saturday is free, the make-up Sunday is not
        ("@working_day-5", "2026-09-11"),
        ("@today T09:30:00+08:00".replace(" ", ""), "2026-09-18T09:30:00+08:00"),
        ("@case.level", "street"),
        ("@case.unknown", None),
        ("file:plan.png", "id-1"),
        ("file:other.png", "file:other.png"),
        ("plain", "plain"),
        (7, 7),
        ([{"on": "@today", "files": ["file:plan.png"]}], [{"on": "2026-09-18", "files": ["id-1"]}]),
    ],
)
def test_words_are_filled_in(setting, sample, filled):
    assert samples.filled(sample, setting) == filled


def test_a_word_that_nobody_understands_is_refused(setting):
    with pytest.raises(OperationFailed):
        samples.filled("@tomorrow", setting)


def test_all_files_that_samples_attach_are_named():
    told = {"a": {"files": ["file:x.png"]}, "b": {"rows": [{"slip": "file:y.jpg"}]}}

    assert samples.files_of(told) == {"x.png", "y.jpg"}


def test_every_task_of_the_procedure_has_a_sample(bundle):
    told = samples.read(bundle)
    tasks = {
        path.rsplit("/", 1)[1].removesuffix("-schema.json")
        for path in bundle.files
        if path.endswith("-schema.json")
    }

    assert tasks - set(told) == set()
