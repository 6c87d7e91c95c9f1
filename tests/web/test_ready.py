"""Whoever watches the house from outside is told whether it serves, and nothing else."""

import shutil
from collections import namedtuple

import pytest

from engine.errors import Unavailable


def test_a_house_whose_database_answers_is_ready_for_everybody(visitor, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(100, 10, 90))

    answer = visitor("").client.get("/ready")

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "可以办理\n")


def test_a_house_whose_database_is_away_is_not_ready(visitor, engine, monkeypatch):
    somebody = visitor("")

    def away(*_arguments):
        raise Unavailable("gone")

    monkeypatch.setattr(engine, "read", away)

    assert somebody.client.get("/ready").status_code == 503


@pytest.mark.parametrize(("used", "told"), [(89, "可以办理\n"), (90, "可以办理\n磁盘已用90%以上\n")])
def test_a_disk_that_fills_up_is_told_before_it_is_full(visitor, monkeypatch, used, told):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(100, used, 100 - used))

    assert visitor("").client.get("/ready").get_data(as_text=True) == told
    assert ("磁盘已用 90%" in visitor("o_data.operator").get("/operator").words) == (used == 90)


usage = namedtuple("usage", "total used free")
