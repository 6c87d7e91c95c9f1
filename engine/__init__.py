"""Runs cases of a BPMN procedure with a verifiable history. Knows nothing of HTTP or pages.

from engine import Deploy, Engine, StartCase, SubmitTask, files_in

engine = Engine.open("sqlite:///cases.db")
engine.found("anna")  # once, in an empty database
engine.handle(Deploy(files_in("orders")), by="anna")
case = engine.handle(StartCase("orders"), by="anna").case

`docs/engine.md` shows the rest on one page.
"""

from engine.commands import (
    CancelCase,
    ClaimTask,
    CorrectData,
    CorrectFacts,
    DecideSkip,
    DelegateTask,
    DeliverMessage,
    Deploy,
    FireTimer,
    GiveBackSubmission,
    MoveCase,
    Outcome,
    PublishMessage,
    ReleaseTask,
    RequestSkip,
    ResumeCase,
    RetryIncident,
    ReturnTask,
    SendMessage,
    SendSignal,
    StartCase,
    SubmitTask,
    SuspendCase,
    UndoMove,
    WithdrawTask,
)
from engine.engine import Engine
from engine.folder import files_in

__all__ = [
    "CancelCase",
    "ClaimTask",
    "CorrectData",
    "CorrectFacts",
    "DecideSkip",
    "DelegateTask",
    "DeliverMessage",
    "Deploy",
    "Engine",
    "FireTimer",
    "GiveBackSubmission",
    "MoveCase",
    "Outcome",
    "PublishMessage",
    "ReleaseTask",
    "RequestSkip",
    "ResumeCase",
    "RetryIncident",
    "ReturnTask",
    "SendMessage",
    "SendSignal",
    "StartCase",
    "SubmitTask",
    "SuspendCase",
    "UndoMove",
    "WithdrawTask",
    "files_in",
]
