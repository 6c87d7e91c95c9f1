"""Which cases stand in the ledger, on both databases."""

import pytest

from engine import cases, entitlement
from engine.commands import StartCase
from engine.reading import ledger


@pytest.fixture
def secretary(engine):
    return engine.read(lambda reader: entitlement.actor(reader.db, "u001.secretary", reader.today))


@pytest.mark.parametrize(
    ("facts", "state", "listed"),
    [
        ({}, "", 0),
        ({"resolved": False}, "", 0),
        ({"resolved": None}, "", 0),
        ({"resolved": True}, "", 1),
        ({"resolved": True}, "open", 1),
        ({"resolved": True}, "closed", 0),
        ({"resolved": True}, "overdue", 0),
    ],
)
def test_a_case_stands_in_the_ledger_once_it_is_resolved(engine, secretary, facts, state, listed):
    case = engine.handle(StartCase("roundtable", "u001", "楼道照明", channel="hotline"), by=secretary).case
    engine.small(add_facts, case, facts)

    found = engine.read(ledger.listed, secretary, ledger.Asked(state=state))

    assert found.total == len(found.lines) == listed


def add_facts(db, case, facts):
    row = cases.load(db, case)
    row.facts = {**row.facts, **facts}
