"""What the expressions of a form may read: answers so far, facts, the submission behind the case. One for all who ask.

The page that proposes values and the command that checks rules must see the same; nothing personal is in it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import run
from engine.bpmn.step import JSON
from engine.records import submissions

SUBMISSION = "submission"
RAISED = ("original_wording", "compound", "category", "category_reason", "anonymous", "urgent")


def of_task(
    db: Session, case: str, running: run.Running, path: str, names: Collection[str] = (SUBMISSION,)
) -> Mapping[str, JSON]:
    """Earlier answers by task, `case` for the facts, and the first submission of the case if `names` has it."""
    raised = {SUBMISSION: _raised(db, case)} if SUBMISSION in names else {}
    return {**run.data(running, path), "case": run.facts(running), **raised}


def _raised(db: Session, case: str) -> dict[str, Any]:
    first = next(iter(submissions.of_case(db, case)), None)
    return {name: getattr(first, name) for name in RAISED} if first else {}
