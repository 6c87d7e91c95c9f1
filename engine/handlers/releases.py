"""Commands of designers: deploy, save and release the working copy."""

from engine import (
    definitions,
    designs,
    entitlement,
    forms,
    journal,
    procedure,
)
from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.commands import (
    Deploy,
    Outcome,
    ReleaseDesign,
    SaveDesign,
)
from engine.errors import DeploymentRefused
from engine.operations import OPERATIONS
from engine.work import Work, signature


def deploy(work: Work, command: Deploy) -> Outcome:
    """A definition is whole or absent: refused with all its problems, or stored and released in one transaction."""
    entitlement.check_may_deploy(work.by)
    return _release(work, definitions.bundle_of(command.files), command.note)


def save_design(work: Work, command: SaveDesign) -> Outcome:
    entitlement.check_role(work.by, "designer")
    saved = designs.save(
        work.db, command.process, command.path, command.content, command.expected, work.by.name, work.now
    )
    return Outcome("", 0, detail={"hash": saved})


def release_design(work: Work, command: ReleaseDesign) -> Outcome:
    entitlement.check_role(work.by, "designer")
    outcome = _release(work, definitions.bundle_of(designs.files(work.db, command.process)), command.note)
    designs.clear(work.db, command.process)
    return outcome


def _release(work: Work, bundle: Bundle, note: str) -> Outcome:
    problems = check(bundle, operations=frozenset(OPERATIONS), forms=forms.check)
    if any(problem.severity == "error" for problem in problems):
        raise DeploymentRefused("流程没有通过检查，运行中的版本没有改变", problems)
    told = procedure.of(bundle)
    definitions.store(work.db, told.id, bundle)
    released = definitions.release(work.db, told.id, bundle.hash, work.now, work.by.name, note, told.basis)
    data = {"process": told.id, "number": released.number, "note": note, "basis": dict(told.basis)}
    event = journal.append_to_district(
        work.db, work.now, "definition_released", signature(work.by), definition=bundle.hash, data=data
    )
    return Outcome(journal.DISTRICT, event.seq, detail={"number": released.number, "hash": bundle.hash})
