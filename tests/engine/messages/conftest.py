"""Procedures that talk to each other, in a district whose history holds afterwards. Knows no test."""

import pytest

from tests.engine import invariants
from tests.engine.conversing import Talking, both_released


@pytest.fixture(autouse=True)
def sound(request):
    """Whatever a test did, the invariants hold when it is over: every case re-executes to the same end."""
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else None
    yield
    if engine:
        invariants.check(engine)


@pytest.fixture
def talking(engine):
    return Talking(engine)


@pytest.fixture
def conversing(talking):
    return both_released(talking)
