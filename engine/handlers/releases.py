"""Commands of designers: deploy, save and release the working copy."""

from engine import (
    definitions,
    designs,
    entitlement,
    gatekeeping,
    journal,
    procedure,
    start_timers,
)
from engine.bpmn.step import Bundle, Problem
from engine.commands import (
    Deploy,
    Outcome,
    ReleaseDesign,
    SaveDesign,
)
from engine.errors import DeploymentRefused
from engine.work import Work, signature


def deploy(work: Work, command: Deploy) -> Outcome:
    """A definition is whole or absent: refused with all its problems, or stored and released in one transaction."""
    return _release(work, proposed(work, command), command.note)


def proposed(work: Work, command: Deploy | ReleaseDesign) -> Bundle:
    """What the command wants in force, for those who may ask for it."""
    if isinstance(command, Deploy):
        entitlement.check_may_deploy(work.by)
        return definitions.bundle_of(command.files)
    entitlement.check_role(work.by, "designer")
    return definitions.bundle_of(designs.files(work.db, command.process))


def judge(bundle: Bundle) -> None:
    """Raises DeploymentRefused with everything that stands against the bundle."""
    problems = gatekeeping.problems(bundle)
    if any(problem.severity == "error" for problem in problems):
        raise DeploymentRefused("流程没有通过检查，运行中的版本没有改变", problems)


def save_design(work: Work, command: SaveDesign) -> Outcome:
    entitlement.check_role(work.by, "designer")
    saved = designs.save(
        work.db, command.process, command.path, command.content, command.expected, work.by.name, work.now
    )
    return Outcome("", 0, detail={"hash": saved})


def release_design(work: Work, command: ReleaseDesign) -> Outcome:
    outcome = _release(work, proposed(work, command), command.note)
    designs.clear(work.db, command.process)
    return outcome


def _release(work: Work, bundle: Bundle, note: str) -> Outcome:
    judge(bundle)
    told = procedure.of(bundle)
    _check_basis(work, told)
    definitions.store(work.db, told.id, bundle)
    released = definitions.release(work.db, told.id, bundle.hash, work.now, work.by.name, note, told.basis)
    starts = definitions.model(work.db, bundle.hash).starts
    start_timers.arm(work.db, told.id, bundle.hash, starts, work.now)
    data = {"process": told.id, "number": released.number, "note": note, "basis": dict(told.basis)}
    event = journal.append_to_district(
        work.db, work.now, "definition_released", signature(work.by), definition=bundle.hash, data=data
    )
    return Outcome(journal.DISTRICT, event.seq, detail={"number": released.number, "hash": bundle.hash})


def _check_basis(work: Work, told: procedure.Procedure) -> None:
    """What holds for a procedure with a legal basis is not shaken off by taking the basis away (R007)."""
    before = definitions.latest(work.db, told.id)
    if before is not None and before.basis and not told.basis:
        raise DeploymentRefused(
            "现行版本有依据文件，新版本不能去掉",
            [
                Problem(
                    "process.toml",
                    "",
                    "没有了 [basis]：现行版本有依据文件",
                    "请写明依据，或换一个流程编号发布",
                )
            ],
        )
