"""Whoever watches the house from outside is told whether it serves, and nothing else."""

from engine.errors import Unavailable


def test_a_house_whose_database_answers_is_ready_for_everybody(visitor):
    answer = visitor("").client.get("/ready")

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "可以办理\n")


def test_a_house_whose_database_is_away_is_not_ready(visitor, engine, monkeypatch):
    somebody = visitor("")

    def away(*_arguments):
        raise Unavailable("gone")

    monkeypatch.setattr(engine, "read", away)

    assert somebody.client.get("/ready").status_code == 503
