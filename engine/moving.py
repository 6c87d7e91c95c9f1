"""May a running case go to another version of its procedure, and what stands against it. Changes nothing.

The kernel judges the drawings; what process.toml says of who acts is judged here.
"""

import zlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, definitions, procedure, worklist
from engine.bpmn import move, run
from engine.bpmn.move import MovePlan, Refusal
from engine.bpmn.parse import Model
from engine.cases import Case
from engine.definitions import Definition, Release
from engine.errors import NotFound, Place, Refused, RoundtableError
from engine.reexecution import check_goes_on

LONGEST_NUMBER = 10  # what is longer is a hash, or nothing
STANDING = {
    cases.SUSPENDED: ("这一件已暂停办理", "请先恢复办理"),
    cases.CATCHING_UP: ("这一件正在依次补办停办期间收到的消息", "请稍等片刻再换"),
    cases.COMPLETED: ("这一件已经办结", "办结的留在原版本"),
}


def target(db: Session, process: str, to: str | int) -> Release:
    """The release of a procedure by its number or the hash of its definition. Raises NotFound."""
    told = str(to)
    numbered = told.isdecimal() and len(told) < LONGEST_NUMBER
    wanted = Release.number == int(told) if numbered else Release.definition_hash == told
    query = select(Release).where(Release.process == process, wanted).order_by(Release.number)
    found = db.scalars(query).first()
    if found is None:
        raise NotFound("没有找到这个流程版本", help="请从流程版本列表中选择。")
    return found


def plan(db: Session, case: Case, definition: str) -> MovePlan:
    """What would become of the case; every refusal in words. A state that cannot be read is one."""
    if not case.state:
        return MovePlan((), (Refusal("", "", "这一件还没有开始", "请撤销它，用新版重新发起"),))
    if case.status in STANDING:
        message, help = STANDING[case.status]
        return MovePlan((), (Refusal("", "", message, help),))
    if _process_of(db, definition) != case.process:
        return MovePlan((), (Refusal("", "", "这个版本属于另一个流程", "请选择它自己的流程"),))
    if case.definition_hash == definition:
        return MovePlan((), (Refusal("", "", "这一件已经在这个版本上", "不需要再换"),))
    try:
        running = run.revive(definitions.model(db, case.definition_hash), case.state)
        new = definitions.model(db, definition)
        found = move.plan(running, new)
    except (RoundtableError, LookupError, TypeError, ValueError, AttributeError, zlib.error):
        return MovePlan((), (Refusal("", "", "这一件保存的状态读不出来", "请运维人员先核验它"),))
    against = found.refusals or tuple(_stops_there(running, new))
    return MovePlan(found.moves, (*against, *_other_people(db, case, definition)))


def _stops_there(running: run.Running, new: Model) -> Iterator[Refusal]:
    """What would stop a case on its new version as it stops one after any other step."""
    try:
        check_goes_on(new, move.move(running, new))
    except Refused as refusal:
        place = refusal.place or Place("", "", "")
        yield Refusal(place.element, place.name, refusal.message, refusal.help)


def _process_of(db: Session, definition: str) -> str:
    return db.get_one(Definition, definition).process


def _other_people(db: Session, case: Case, definition: str) -> Iterator[Refusal]:
    """An open task keeps the people to whom it was offered, so its lane must still mean the same post."""
    old = procedure.of(definitions.bundle(db, case.definition_hash))
    new = procedure.of(definitions.bundle(db, definition))
    for item in worklist.open_items(db, case.id):
        if old.role_of(item.lane) != new.role_of(item.lane):
            yield Refusal(
                item.element,
                item.name,
                f"「{item.name}」正等着办理，新版改了由哪个岗位办理",
                "请等它办完以后再换版本",
            )
