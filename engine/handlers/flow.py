"""Commands that move a case without a task: start, message, timer, receipt, amended calendar."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine import (
    calendar,
    cases,
    definitions,
    entitlement,
    forms,
    journal,
    outbox,
    procedure,
    timers,
)
from engine.bpmn.undeclared import STARTER
from engine.clock import SHANGHAI
from engine.commands import (
    ApplyCalendar,
    FireTimer,
    Outcome,
    RecordReceipt,
    SendMessage,
    StartCase,
)
from engine.errors import Conflict, NotAllowed, Refused
from engine.handlers.beginning import Beginning, begin
from engine.handlers.progress import deliver, go_on
from engine.handlers.recording import check_running
from engine.handlers.sending import REGISTERED_MESSAGES
from engine.records import notices, submissions
from engine.work import Work, signature

SHORTEST_RECEIPT = 4
LONGEST_TITLE = 200
RECEIPT_MESSAGES = {"party_cloud": "receipt_cloud_received", "service_365": "receipt_service_received"}


def start_case(work: Work, command: StartCase) -> Outcome:
    """R011: only the unit's Party organisation starts a case, from one or several submissions."""
    release = definitions.current(work.db, command.process)
    told = procedure.of(definitions.bundle(work.db, release.definition_hash))
    _check_title(command.title)
    if told.as_drawn:
        command = _by_whoever_serves(work, command, told)
    else:
        entitlement.check_may_start(work.db, work.by, told.start_roles, command.unit)
    taken = submissions.take_into_case(work.db, command.submissions, command.unit)
    facts = _starter(work, command) if told.as_drawn else _first_facts(command, taken)
    what = Beginning(
        command.process,
        release.definition_hash,
        command.unit,
        command.title,
        facts,
        command.at,
        command.payload,
    )
    outcome = begin(work, what, signature(work.by), **_given(command, told))
    if command.submissions:
        submissions.link_to_case(work.db, command.submissions, outcome.case, work.now)
    return outcome


def send_message(work: Work, command: SendMessage) -> Outcome:
    """A message that process.toml expects from outside; receipts and objections have registers of their own."""
    case = cases.load_for_update(work.db, command.case)
    told = procedure.of(definitions.bundle(work.db, case.definition_hash))
    if told.as_drawn:
        entitlement.check_serves(work.db, work.by, case.unit_id)
    else:
        roles = told.senders(command.name) or told.start_roles
        entitlement.check_may_send(work.db, work.by, case.unit_id, roles)
    if not told.hears(command.name) or command.name in REGISTERED_MESSAGES:
        raise NotAllowed(
            f"消息“{command.name}”不能直接发给某一件", help="回执请在上传管理登记，异议请在公示页面提出。"
        )
    return deliver(work, case, command.name, command.payload, command.correlation)


def fire_timer(work: Work, command: FireTimer) -> Outcome:
    case = cases.load_for_update(work.db, command.case)
    check_running(case)
    timer = timers.find(work.db, case.id, command.path)
    if timer is None or timer.due_at > work.now:
        raise Conflict("这个计时还没有到期，或者已经处理")
    return go_on(work, case, timer_fired(timer, signature(work.by)))


def timer_fired(timer: timers.Timer, actor: Mapping[str, Any]) -> dict[str, Any]:
    """What the event will tell."""
    return {
        "type": "timer_fired",
        "actor": actor,
        "task": {"path": timer.path, "element": timer.element, "name": timer.name},
        "data": {"due": journal.written(timer.due_at)},
    }


def record_receipt(work: Work, command: RecordReceipt) -> Outcome:
    """R125, R126: the receipt of a platform, from its connector or entered by hand."""
    found = outbox.find(work.db, command.outbox)
    case = cases.load_for_update(work.db, found.case_id)
    work.db.refresh(found)
    if command.manual:
        entitlement.check_may_operate(work.db, work.by, case.unit_id)
        _check_receipt(command.receipt)
    if not outbox.receipted(found, command.receipt.strip(), work.now):
        return Outcome(case.id, case.seq)
    payload = {"receipt": found.receipt, "outbox": found.id, "manual": command.manual}
    return deliver(work, case, RECEIPT_MESSAGES[found.target], payload)


def apply_calendar(work: Work, command: ApplyCalendar) -> Outcome:
    """R120: an amended calendar moves the end of a running notice, with an event that says so."""
    case = cases.load_for_update(work.db, command.case)
    check_running(case)
    days = calendar.current(work.db)
    notice = notices.running_of(work.db, case.id)
    counted = work.settings.count_posting_day
    ends = days.notice_end(notice.posted_on, notice.working_days, count_posting_day=counted)
    notice.calendar = days.version
    if ends == notice.ends_at:
        return Outcome(case.id, case.seq)
    notice.ends_at = ends
    facts = {"notice_ends": ends.astimezone(SHANGHAI).isoformat()}
    return go_on(work, case, {"type": "calendar_applied", "actor": signature(work.by), "data": facts})


def _check_receipt(number: str) -> None:
    """A slip of the finger must not close a project off. Raises Refused."""
    if len(number.strip()) < SHORTEST_RECEIPT:
        raise Refused(
            f"回执号至少{SHORTEST_RECEIPT}个字", rule="R125", help="请填写回执号，照抄平台给出的内容。"
        )


def _check_title(title: str) -> None:
    """A title is one line: lists and messages are made of it. Raises Refused."""
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise Refused(
            f"名称不能换行，不能有控制字符，不超过{LONGEST_TITLE}个字", help="用一句话说清什么地方、什么事。"
        )


def _by_whoever_serves(work: Work, command: StartCase, told: procedure.Procedure) -> StartCase:
    """A procedure that names nobody is started for one's own unit, unless another is named."""
    unit = command.unit or work.by.unit
    entitlement.check_serves(work.db, work.by, unit)
    return replace(command, unit=unit, title=command.title or told.title)


def _given(command: StartCase, told: procedure.Procedure) -> dict[str, Any]:
    """What a case begins with at the plain start event: variables, where its procedure is as drawn."""
    if command.at or command.payload is None:
        return {}
    if not told.as_drawn:
        raise Refused("普通的开始事件不带内容", help="请在第一项任务里填写；由事件发起的，请写明开始事件。")
    return {"variables": forms.accepted_freely(command.payload).answers}


def _starter(work: Work, command: StartCase) -> dict[str, Any]:
    """The facts of a case as drawn: what no lane of ours says, the one who has started it does."""
    return {"unit": command.unit, "title": command.title, STARTER: work.by.person}


def _first_facts(command: StartCase, taken: submissions.Taken) -> dict[str, Any]:
    return {
        "unit": command.unit,
        "title": command.title,
        "submissions": list(command.submissions),
        "mentions": taken.mentions if command.submissions else command.mentions,
        "channel": command.channel or taken.channel,
        "direction": submissions.direction_of(command.channel or taken.channel),
    }
