"""Events of a case in words: what was done, by whom, with which answers. Knows events and forms, nothing of a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import journal, procedure
from engine.bpmn.step import Bundle
from engine.reading.answers import Named, Shown, shown

TITLES = {
    "case_started": "发起议题",
    "task_submitted": "办理",
    "task_claimed": "认领",
    "task_released": "退回认领",
    "task_delegated": "转交",
    "timer_fired": "到期",
    "message_received": "收到",
    "incident_opened": "暂停办理，等待处理",
}
# What of an event without a form is worth reading, in words.
DATA_TITLES = {
    "case_started": {"title": "议题名称", "mentions": "反映人次"},
    "message_received": {"content": "异议内容", "receipt": "回执号"},
    "task_delegated": {"reason": "转交理由"},
    "incident_opened": {"message": "原因", "help": "办法"},
}


@dataclass(frozen=True)
class Entry:
    """One event in words. `diagram` is where its task is drawn, "" for an event that moves nothing."""

    seq: int
    at: datetime
    title: str
    who: str
    post: str
    unit: str
    on_behalf_of: str
    element: str
    diagram: str
    answers: tuple[Shown, ...]
    hash: str


def entry(bundle: Bundle, told: procedure.Procedure, event: journal.Recorded, named: Named = str) -> Entry:
    """One event in words, with the answers on the form that was in force."""
    body, actor = event.body, event.body["actor"]
    return Entry(
        seq=event.seq,
        at=event.at,
        title=_title(told, event),
        who=actor.get("name", ""),
        post=actor.get("title", ""),
        unit=actor.get("unit", ""),
        on_behalf_of=actor.get("on_behalf_of", ""),
        element=body.get("task", {}).get("element", ""),
        diagram=_diagram(body),
        answers=_answers(bundle, body, named),
        hash=event.hash,
    )


def form_path(bundle: Bundle, body: Mapping[str, Any]) -> str:
    """The form of a submitted task; forms are named after their task."""
    element = body.get("task", {}).get("element", "")
    return next((path for path in bundle.files if path.endswith(f"/{element}-schema.json")), "")


def attachment_ids(told: Iterable[tuple[Shown, ...]]) -> set[str]:
    """The files that these answers name."""
    return {id for answers in told for answer in answers for id in answer.attachments}


def _title(told: procedure.Procedure, event: journal.Recorded) -> str:
    words = TITLES.get(event.type, event.type)
    if event.type == "message_received":
        name = event.body.get("message", "")
        return words + str(told.messages.get(name, {}).get("title", name)).removeprefix("收到")
    name = event.body.get("task", {}).get("name", "")
    label = event.body.get("task", {}).get("label") or ""
    return f"{words}：{name}{f'（{label}）' if label else ''}" if name else words


def _diagram(body: Mapping[str, Any]) -> str:
    """From the trace, which names the diagram of every path it passes; without a task, where it begins."""
    path, trace = body.get("task", {}).get("path", ""), body.get("trace", ())
    return next((drawn for _, passed, drawn, _ in trace if path in ("", passed)), "")


def _answers(bundle: Bundle, body: Mapping[str, Any], named: Named) -> tuple[Shown, ...]:
    data = body.get("data") or {}
    path = form_path(bundle, body)
    if body["type"] == "task_submitted" and path:
        return shown(bundle.files, path, data, named)
    titles = DATA_TITLES.get(body["type"], {})
    return tuple(Shown(key, title, str(data[key])) for key, title in titles.items() if data.get(key))
