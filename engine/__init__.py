"""Runs cases of a BPMN procedure with a verifiable history. Knows nothing of HTTP or pages.

from engine import Engine

engine = Engine.open("sqlite:///roundtable.db")
"""

from engine.engine import Engine

__all__ = ["Engine"]
