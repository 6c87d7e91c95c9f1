"""Procedures that talk to each other, in a district whose history holds afterwards. Knows no test."""

import pytest

from tests.engine.conversing import Talking, both_released


@pytest.fixture(autouse=True)
def all_are_sound(sound):
    """In every test of this folder."""


@pytest.fixture
def talking(engine):
    return Talking(engine)


@pytest.fixture
def conversing(talking):
    return both_released(talking)
