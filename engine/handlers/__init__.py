"""One straight function per command: look up, check, do, record, tell. The only place that knows the order of rooms."""

from collections.abc import Callable
from typing import Any

from engine.commands import (
    AmendCalendar,
    ApplyCalendar,
    Appoint,
    CancelCase,
    ClaimTask,
    CorrectFacts,
    DelegateTask,
    Deploy,
    FireTimer,
    Outcome,
    RaiseObjection,
    RecordReceipt,
    RegisterSubmission,
    RegisterVisit,
    ReleaseDesign,
    ReleaseTask,
    ResumeCase,
    RetryIncident,
    ReturnTask,
    SaveDesign,
    SendMessage,
    SettleSubmission,
    StartCase,
    SubmitTask,
    SuspendCase,
    WithdrawTask,
)
from engine.handlers import district, flow, registers, releases, steering, tasks
from engine.work import Work

HANDLERS: dict[type, Callable[[Work, Any], Outcome]] = {
    StartCase: flow.start_case,
    SubmitTask: tasks.submit_task,
    ClaimTask: tasks.claim_task,
    ReleaseTask: tasks.release_task,
    DelegateTask: tasks.delegate_task,
    SendMessage: flow.send_message,
    FireTimer: flow.fire_timer,
    RecordReceipt: flow.record_receipt,
    RaiseObjection: registers.raise_objection,
    RegisterSubmission: registers.register_submission,
    SettleSubmission: registers.settle_submission,
    RegisterVisit: registers.register_visit,
    Deploy: releases.deploy,
    SaveDesign: releases.save_design,
    ReleaseDesign: releases.release_design,
    Appoint: district.appoint,
    AmendCalendar: district.amend_calendar,
    ApplyCalendar: flow.apply_calendar,
    ReturnTask: steering.return_task,
    WithdrawTask: steering.withdraw_task,
    SuspendCase: steering.suspend_case,
    ResumeCase: steering.resume_case,
    RetryIncident: steering.retry_incident,
    CorrectFacts: steering.correct_facts,
    CancelCase: steering.cancel_case,
}
