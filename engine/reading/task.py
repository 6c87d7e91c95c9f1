"""One task as its page shows it: the form, what it rests on, what came before, and what was typed so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from engine import (
    attachments,
    cases,
    context,
    definitions,
    drafts,
    entitlement,
    forms,
    journal,
    people,
    procedure,
    worklist,
)
from engine.bpmn import run
from engine.bpmn.questions import questions
from engine.bpmn.step import Bundle, OpenItem
from engine.cases import Case
from engine.database import dumps
from engine.directory import Person, Post
from engine.forms import Form
from engine.operations import Live
from engine.people import Actor
from engine.personal import SEALED
from engine.reading import case as cases_reading
from engine.reading import entries, steering
from engine.reading.choices import Choice, for_unit, unit_name
from engine.reading.counted import undone
from engine.reading.due import days_left
from engine.reading.entries import Entry
from engine.reading.named import namer
from engine.reading.steps import StepName, noun, step_of
from engine.work import Reader, Work
from engine.worklist import WorkItem

Pairs = tuple[tuple[str, str], ...]
# Variable of a repeated task → its field that names the party for which the task stands.
PARTIES = {"party": "name", "plan_item": "executing_party"}
TOLD_BEFORE = ("task_submitted", "case_returned", "task_withdrawn")


@dataclass(frozen=True)
class File:
    id: str
    name: str
    size: int


@dataclass(frozen=True)
class TaskPage:
    """`typed` is the draft, or what the form proposes; `mine` says whether the actor may complete it now."""

    id: str
    name: str
    label: str
    step: StepName | None
    lane: str
    status: str
    mine: bool
    candidates: tuple[str, ...]  # in words
    claimed_by: str
    claimed_by_me: bool
    claimable: bool
    due_on: date | None
    due_provisional: bool
    days_left: int | None
    done_by: str
    done_at: datetime | None
    case: str
    case_title: str
    case_number: str
    case_status: str
    level: str
    noun: str  # what a case of its procedure is called
    procedure: str  # its title
    unit: str
    unit_name: str
    instructions: str
    form: Form | None
    typed: Pairs
    draft_at: datetime | None
    before: tuple[Entry, ...]
    files: dict[str, File]
    choices: dict[str, tuple[Choice, ...]]
    on_behalf_of: str  # whose answer the unit enters for them, "" when one answers for oneself
    returns: tuple[steering.Target, ...]  # earlier tasks to which it may be sent back now


def page(reader: Reader, actor: Actor, work_item: str) -> TaskPage:
    """Raises NotFound when the task is not there or its case not the actor's to see."""
    item = worklist.find(reader.db, work_item)
    row = cases_reading.visible(reader, actor, item.case_id)
    bundle = definitions.bundle(reader.db, row.definition_hash)
    offered = worklist.candidates(reader.db, item.id)
    mine = people.may_act(reader.db, actor.person, offered, reader.today) is not None
    is_open = item.status == worklist.OPEN and row.status != cases.COMPLETED
    form = forms.load(bundle.files, item.form) if item.form else None
    draft = drafts.find(reader.db, actor.person, item.id)
    running = _running(reader, row) if is_open else None
    events = list(journal.of_case(reader.db, row.id))
    before = _before(reader, bundle, events)
    typed = _typed(reader, actor, row, item, form, running, draft, _undone(events, item)) if mine else ()
    claimer = reader.db.get(Person, item.claimed_by) if item.claimed_by else None
    return TaskPage(
        id=item.id,
        name=item.name,
        label=item.label,
        step=step_of(item.diagram),
        lane=item.lane_name,
        status=item.status,
        mine=mine and is_open,
        candidates=people.named(reader.db, offered, reader.today),
        claimed_by=claimer.name if claimer else "",
        claimed_by_me=item.claimed_by == actor.person,
        claimable=is_open and not item.claimed_by and len(offered) > 1,
        due_on=item.due_on,
        due_provisional=item.due_provisional,
        days_left=days_left(reader)(item.due_on),
        done_by=item.done_by_name,
        done_at=item.done_at,
        case=row.id,
        case_title=row.title,
        case_number=row.number,
        case_status=row.status,
        level=row.level,
        noun=noun(bundle.files),
        procedure=procedure.of(bundle).title,
        unit=row.unit_id,
        unit_name=unit_name(reader, row.unit_id),
        instructions=_open_item(running, item).instructions if running else "",
        form=form,
        typed=typed,
        draft_at=draft.saved_at if draft else None,
        before=before,
        files=files_of(reader, row.unit_id, _attachment_ids(before, form, typed)),
        choices=for_unit(reader, row.unit_id) if mine else {},
        on_behalf_of=_on_behalf_of(reader, item, offered, running),
        returns=steering.targets(procedure.of(bundle), item.element, events) if mine and is_open else (),
    )


def files_of(reader: Reader, unit: str, ids: Iterable[str]) -> dict[str, File]:
    """Names and sizes of attachments of a unit; unknown ids are left out."""
    found = attachments.of_unit(reader.db, unit, ids)
    return {id: File(id, row.name, row.size) for id, row in found.items()}


def _running(reader: Reader, row: Case) -> run.Running:
    return run.revive(definitions.model(reader.db, row.definition_hash), row.state)


def _open_item(running: run.Running, item: WorkItem) -> OpenItem:
    return next(opened for opened in run.items(running) if opened.path == item.path)


def _typed(
    reader: Reader,
    actor: Actor,
    row: Case,
    item: WorkItem,
    form: Form | None,
    running: run.Running | None,
    draft: drafts.Draft | None,
    again: Mapping[str, Any],
) -> Pairs:
    """The draft as typed; without one, what was filled in before a return, or what the form proposes."""
    if draft is not None:
        return tuple((name, text) for name, text in draft.typed)
    if form is None or running is None:
        return ()
    work = Work(reader.db, reader.now, actor, reader.settings)
    known = context.of_task(reader.db, row.id, running, item.path)
    asked = questions(reader.now, Live(work, row, row.seq + 1))
    return tuple(form.pairs({**form.prefill(known, asked), **again}))


def _undone(events: Sequence[journal.Recorded], item: WorkItem) -> Mapping[str, Any]:
    """What was last submitted here before the case was returned, to be corrected and not typed again.

    Personal values are sealed and must be typed anew; with one of them a whole table is.
    """
    gone = undone(events)
    earlier = [
        event.body["data"]
        for event in events
        if event.seq in gone and event.type == "task_submitted" and event.body["task"]["path"] == item.path
    ]
    last = earlier[-1] if earlier else {}
    return {key: value for key, value in last.items() if SEALED not in dumps(value)}


def _before(reader: Reader, bundle: Bundle, events: Sequence[journal.Recorded]) -> tuple[Entry, ...]:
    """What was done, returned and withdrawn so far, the latest first."""
    versions = partial(definitions.bundle, reader.db)
    log = entries.log(versions, procedure.of(bundle), events, namer(reader))
    shown = [told for told, event in zip(log, events, strict=True) if event.type in TOLD_BEFORE]
    return tuple(reversed(shown))


def _attachment_ids(before: Iterable[Entry], form: Form | None, typed: Pairs) -> set[str]:
    named = {field.key for field in form.fields if field.kind == "attachments"} if form else set()
    earlier = {id for entry in before for answer in entry.answers for id in answer.attachments}
    return earlier | {text for name, text in typed if name in named and text}


def _on_behalf_of(reader: Reader, item: WorkItem, offered: Iterable[str], running: run.Running | None) -> str:
    """Parties without an account answer through the unit's own people, with the signed slip attached."""
    posts = [reader.db.get(Post, text.removeprefix("post:")) for text in offered if text.startswith("post:")]
    own = any(post is not None and post.unit_id == item.unit_id for post in posts)
    if not own or running is None:
        return ""
    told = run.data(running, item.path)
    return next((str(told[one].get(key) or "") for one, key in PARTIES.items() if told.get(one)), "")


def unit_of(reader: Reader, actor: Actor, work_item: str) -> str:
    """The unit whose files may be attached here. Raises NotFound, or NotAllowed for somebody else's task."""
    item = worklist.find(reader.db, work_item)
    cases_reading.visible(reader, actor, item.case_id)
    entitlement.check_may_act(reader.db, actor, worklist.candidates(reader.db, item.id), reader.today)
    return item.unit_id


def opened_names(reader: Reader, work_items: Iterable[str]) -> tuple[str, ...]:
    """What is open after a command, in words: the task and who does it."""
    items = (worklist.find(reader.db, id) for id in work_items)
    return tuple(
        dict.fromkeys(f"{item.name}（{item.lane_name}）" if item.lane_name else item.name for item in items)
    )
