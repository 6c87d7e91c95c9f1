"""Events of a case in words: what was done, by whom, with which answers. Knows events and forms, nothing of a page."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import journal, procedure
from engine.bpmn import outline
from engine.bpmn.step import Bundle
from engine.reading.answers import Named, Shown, free_text, shown, shown_freely
from engine.reading.counted import undone
from engine.reading.facts import fact_shown
from engine.reading.steps import MATTER, noun

TITLES = {
    "case_started": "发起{noun}",
    "task_submitted": "办理",
    "task_claimed": "认领",
    "task_released": "退回认领",
    "task_delegated": "转交",
    "timer_fired": "到期",
    "message_received": "收到",
    "signal_received": "收到信号",
    "incident_opened": "停止办理，等待处理",
    "incident_closed": "恢复处理",
    "pending_corrected": "更正待执行的内容",
    "submission_given_back": "交还重填",
    "data_corrected": "更正填报内容",
    "skip_requested": "申请跳过",
    "skip_refused": "不同意跳过",
    "task_skipped": "跳过",
    "move_undone": "撤销换版本",
    "case_returned": "退回",
    "task_withdrawn": "撤回",
    "case_suspended": "暂停办理",
    "case_resumed": "恢复办理",
    "catch_up_deferred": "停办期间收到的消息较多，依次补办",
    "caught_up": "停办期间收到的消息已经补办",
    "case_cancelled": "撤销{noun}",
    "facts_corrected": "更正办件事实",
    "calendar_applied": "按新的工作日历重新计算",
    "case_moved": "转到新的流程版本",
}
Versions = Callable[[str], Bundle]  # by the hash of their definition
# What of an event without a form is worth reading, in words.
DATA_TITLES = {
    "case_started": {"title": "{noun}名称", "mentions": "反映人次"},
    "message_received": {"content": "异议内容", "receipt": "回执号"},
    "task_delegated": {"reason": "转交理由"},
    "incident_opened": {"message": "原因", "help": "办法"},
    "incident_closed": {"reason": "原因和处理办法"},
    "submission_given_back": {"reason": "要办理人改什么"},
    "skip_requested": {"reason": "申请理由"},
    "skip_refused": {"reason": "理由"},
    "task_skipped": {"reason": "批准意见"},
    "move_undone": {"reason": "原因"},
    "case_returned": {"reason": "原因"},
    "task_withdrawn": {"reason": "原因"},
    "case_suspended": {"reason": "原因"},
    "case_resumed": {"reason": "原因"},
    "case_cancelled": {"reason": "原因"},
    "facts_corrected": {"reason": "原因"},
    "case_moved": {"reason": "原因"},
}


@dataclass(frozen=True)
class Entry:
    """One event in words. `diagram` is where its task is drawn, "" for an event about the case as a whole.

    `undone`: the case was returned to before it, so it counts no longer. `by_form`: `answers` are those of a
    form, else what the event itself tells.
    """

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
    undone: bool = False
    by_form: bool = True


@dataclass(frozen=True)
class _Words:
    """What turns the events of one case into words: its versions, names, where each path is drawn."""

    versions: Mapping[int, Bundle]  # in force at each event
    told: procedure.Procedure
    noun: str  # what a case is called
    named: Named
    elements: Mapping[str, str]
    drawn_in: Mapping[str, str]  # path → process
    home: Mapping[str, str]  # process → diagram
    undone: frozenset[int]


def log(
    versions: Versions, told: procedure.Procedure, events: Sequence[journal.Recorded], named: Named = str
) -> tuple[Entry, ...]:
    """All events of a case in words, with the answers on their forms. Give all: a later one may undo an earlier."""
    at = in_force(versions, events)
    bundles = {bundle.hash: bundle for bundle in at.values()}
    drawn = [diagram for bundle in bundles.values() for diagram in outline.diagrams(bundle, told.main)]
    words = _Words(
        at,
        told,
        noun(path for bundle in bundles.values() for path in bundle.files),
        named,
        elements={id: name for diagram in drawn for id, name in diagram.names.items()},
        drawn_in={path: process for event in events for _, path, process, _ in event.body.get("trace", ())},
        home=outline.homes(drawn),
        undone=undone(events),
    )
    return tuple(_entry(words, event) for event in events)


def in_force(versions: Versions, events: Iterable[journal.Recorded]) -> dict[int, Bundle]:
    """The version that a case ran on at each event: a running case may go to another one, and come back."""
    found: dict[int, Bundle] = {}
    hash = ""
    for event in events:
        hash = event.body.get("definition") or hash
        found[event.seq] = versions(hash)
    return found


def form_path(bundle: Bundle, body: Mapping[str, Any]) -> str:
    """The form of a submitted task; forms are named after their task, those of other tools as somebody liked."""
    own = form_of(bundle, body.get("task", {}).get("element", ""))
    if own or not body.get("form"):
        return own
    return next((path for path, hash in _hashes(bundle) if hash == body["form"]), "")


def _hashes(bundle: Bundle) -> Iterator[tuple[str, str]]:
    for path, content in bundle.files.items():
        if path.startswith("forms/"):
            yield path, hashlib.sha256(content).hexdigest()


def form_of(bundle: Bundle, element: str) -> str:
    """The form named after a task, "" when it has none."""
    return next((path for path in bundle.files if path.endswith(f"/{element}-schema.json")), "")


def attachment_ids(told: Iterable[tuple[Shown, ...]]) -> set[str]:
    """The files that these answers name."""
    return {id for answers in told for answer in answers for id in answer.attachments}


def _entry(words: _Words, event: journal.Recorded) -> Entry:
    body, actor = event.body, event.body["actor"]
    return Entry(
        seq=event.seq,
        at=event.at,
        title=_title(words, event),
        who=actor.get("name", ""),
        post=actor.get("title", ""),
        unit=actor.get("unit", ""),
        on_behalf_of=actor.get("on_behalf_of", ""),
        element=body.get("task", {}).get("element", ""),
        diagram=_diagram(words, body),
        answers=_answers(words, body),
        hash=event.hash,
        undone=event.seq in words.undone,
        by_form=event.type == "task_submitted",
    )


def _title(words: _Words, event: journal.Recorded) -> str:
    what = TITLES.get(event.type, event.type).format(noun=words.noun)
    if event.type == "message_received":
        name = event.body.get("message", "")
        return what + str(words.told.messages.get(name, {}).get("title", name)).removeprefix("收到")
    if event.type == "signal_received":
        return f"{what}：{event.body.get('signal', '')}"
    task = event.body.get("task", {})
    name, label = task.get("name") or task.get("element", ""), task.get("label") or ""
    return f"{what}：{name}{f'（{label}）' if label else ''}" if name else what


def _diagram(words: _Words, body: Mapping[str, Any]) -> str:
    """Where the event's task is drawn; an event that moves without a task, where it begins."""
    path, trace = body.get("task", {}).get("path", ""), body.get("trace", ())
    process = words.drawn_in.get(path, "") if path else next((drawn for _, _, drawn, _ in trace), "")
    return words.home.get(process, process)


def _answers(words: _Words, body: Mapping[str, Any]) -> tuple[Shown, ...]:
    data = body.get("data") or {}
    bundle = words.versions[body["seq"]]
    path = form_path(bundle, body)
    if body["type"] == "task_submitted":
        told = shown(bundle.files, path, data, words.named) if path else shown_freely(data)
        return (*told, *_retried(body))
    if body["type"] in ("data_corrected", "pending_corrected"):
        parts = [_corrected(words, bundle, name, value) for name, value in data["data"].items()]
        return (*(each for part in parts for each in part), Shown("reason", "原因", data["reason"]))
    titles = {} if _is_free(words, body) else DATA_TITLES.get(body["type"], {})
    plain = (
        Shown(key, title.format(noun=words.noun), str(data[key]))
        for key, title in titles.items()
        if data.get(key)
    )
    return (*_details(words, body["type"], data), *plain, *_brought(words, body, data), *_retried(body))


def _brought(words: _Words, body: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Shown, ...]:
    """What came along with a start, a message or a signal of a procedure whose messages have no words of ours."""
    if body["type"] == "case_started":
        return shown_freely({**(body.get("variables") or {}), **_payload(body.get("start") or {})})
    return shown_freely(data) if _is_free(words, body) else ()


def _is_free(words: _Words, body: Mapping[str, Any]) -> bool:
    return words.noun == MATTER and body["type"] in ("message_received", "signal_received")


def _payload(start: Mapping[str, Any]) -> dict[str, Any]:
    payload = start.get("payload")
    return (
        dict(payload) if isinstance(payload, Mapping) else {"payload": payload} if payload is not None else {}
    )


def _retried(body: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Who let a stopped case try again, and what was found out."""
    retry = body.get("retry") or body.get("pending", {}).get("retry")
    return (Shown("retry", "重试", f"{retry['by']['name']}：{retry['reason']}"),) if retry else ()


def _corrected(words: _Words, bundle: Bundle, name: str, value: Any) -> tuple[Shown, ...]:
    path = form_of(bundle, name)
    if path:
        return shown(bundle.files, path, value, words.named)
    if isinstance(value, Mapping):
        return tuple(fact_shown(words.told, key, given) for key, given in value.items())
    return (Shown(name, name, free_text(value)),)


def _details(words: _Words, type: str, data: Mapping[str, Any]) -> tuple[Shown, ...]:
    """What a steering event holds beside its reason."""
    if type == "case_returned":
        return (Shown("to", "退回到", words.elements.get(data["to"]) or data["to"]),)
    if type == "facts_corrected":
        return tuple(fact_shown(words.told, name, value) for name, value in data["facts"].items())
    if type == "calendar_applied":
        return tuple(fact_shown(words.told, name, value) for name, value in data.items())
    if type == "incident_opened" and data.get("name"):
        return (Shown("name", "停在", data["name"]),)
    if type in ("task_skipped", "skip_refused"):
        return (Shown("asked", "申请", f"{data['asked']['by']}：{data['asked']['reason']}"),)
    if type == "case_moved":
        return (
            Shown("moves", "接着办理", "、".join(dict.fromkeys(name for *_, name in data["moves"] if name))),
        )
    return ()
