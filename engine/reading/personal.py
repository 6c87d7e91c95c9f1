"""Where personal values lie sealed, for those who may read them, and who has read them. Opens none itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import select

from engine import definitions, entitlement, forms, journal, people, personal, procedure
from engine.cases import Case
from engine.directory import Person, Post
from engine.errors import NotFound
from engine.forms import Field
from engine.people import Actor
from engine.personal import sealed_in
from engine.reading import case as cases_reading
from engine.reading import entries, history
from engine.reading import submissions as submissions_reading
from engine.records import submissions
from engine.records.notices import Notice, Objection
from engine.records.submissions import Submission
from engine.work import Reader

REGISTERS = "forms/registers/"
SINCE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sealed:
    """One value: its field in words, what it was collected for, and the commitment that opens it."""

    path: str
    title: str
    purpose: str
    commitment: str


@dataclass(frozen=True)
class Record:
    """One entry that holds personal values: `id` names it in a request."""

    id: str
    title: str
    who: str
    at: datetime
    values: tuple[Sealed, ...]


@dataclass(frozen=True)
class Holder:
    """Whose personal values: a case or a submission."""

    id: str
    title: str
    records: tuple[Record, ...]

    def record(self, id: str) -> Record:
        """Raises NotFound."""
        found = next((record for record in self.records if record.id == id), None)
        if found is None:
            raise NotFound("这里没有这条个人信息", help="请选择要查看哪一条记录。")
        return found


@dataclass(frozen=True)
class Access:
    """Somebody read personal values of a case."""

    at: datetime
    who: str
    post: str
    fields: tuple[str, ...]
    purpose: str


def of_case(reader: Reader, actor: Actor, case: str) -> Holder:
    """Raises NotFound for a case that is not the actor's to see, NotAllowed where only the unit may read."""
    row = cases_reading.visible(reader, actor, case)
    entitlement.check_may_read_personal(reader.db, actor, row.unit_id)
    return Holder(row.id, row.title, records(reader, row))


def of_submission(reader: Reader, actor: Actor, submission: str) -> Holder:
    """Raises as `of_case`."""
    row = submissions.find(reader.db, submission, people.scope(reader.db, actor))
    entitlement.check_may_read_personal(reader.db, actor, row.unit_id)
    return Holder(row.id, f"诉求 {row.number}", tuple(_of_register(reader, row)))


def records(reader: Reader, row: Case) -> tuple[Record, ...]:
    """Everything of a case in which personal values lie sealed, oldest first."""
    found = (*_of_tasks(reader, row), *_of_objections(reader, row))
    return tuple(sorted(found, key=lambda record: record.at))


def accesses(reader: Reader, actor: Actor, case: str) -> tuple[Access, ...]:
    """Who read personal values of the case and of the submissions behind it, newest first. For auditors."""
    history.check_may_audit(actor)
    row = cases_reading.visible(reader, actor, case)
    raised = submissions.of_case(reader.db, row.id)
    keys = [row.id, *(f"submission:{each.id}" for each in raised)]
    until = reader.now + timedelta(days=1)
    found = [each for key in keys for each in personal.accesses(reader.db, SINCE, until, case=key)]
    told = (*records(reader, row), *(record for each in raised for record in _of_register(reader, each)))
    titles = {value.path: value.title for record in told for value in record.values}
    newest = sorted(found, key=lambda each: each.at, reverse=True)
    return tuple(_access(reader, each, titles) for each in newest)


def _of_tasks(reader: Reader, row: Case) -> Iterator[Record]:
    bundle = definitions.bundle(reader.db, row.definition_hash)
    events = list(journal.of_case(reader.db, row.id))
    versions = partial(definitions.bundle, reader.db)
    log, at = entries.log(versions, procedure.of(bundle), events), entries.in_force(versions, events)
    for told, event in zip(log, events, strict=True):
        sealed = tuple(sealed_in(event.body.get("data") or {}))
        if sealed:
            then = at[event.seq]
            values = _values(then.files, entries.form_path(then, event.body), sealed)
            yield Record(f"event-{event.seq}", told.title, told.who, told.at, values)


def _of_objections(reader: Reader, row: Case) -> Iterator[Record]:
    files = definitions.bundle(reader.db, row.definition_hash).files
    query = select(Objection).join(Notice, Notice.number == Objection.notice_number)
    for objection in reader.db.scalars(query.where(Notice.case_id == row.id)):
        values = _values(files, REGISTERS + "objection-schema.json", objection.sealed.items())
        title = f"公示异议（公示 {objection.notice_number}）"
        if values:
            yield Record(f"objection-{objection.id}", title, "居民群众", objection.made_at, values)


def _of_register(reader: Reader, row: Submission) -> Iterator[Record]:
    release = definitions.current(reader.db, submissions_reading.PROCESS)
    files = definitions.bundle(reader.db, release.definition_hash).files
    values = _values(files, submissions_reading.FORMS["submission"], row.sealed.items())
    if values:
        yield Record("submission", f"诉求登记 {row.number}", row.made_by_name, row.at, values)


def _values(files: Mapping[str, bytes], path: str, sealed: Iterable[tuple[str, str]]) -> tuple[Sealed, ...]:
    fields = forms.load(files, path).fields if path in files else ()
    return tuple(_value(fields, path, commitment) for path, commitment in sealed)


def _value(fields: Iterable[Field], path: str, commitment: str) -> Sealed:
    """`members.0.phone` → 人员名单第1行 电话."""
    words, purpose, known = [], "", {field.key: field for field in fields}
    for part in path.split("."):
        field = known.get(part)
        words.append(f"第{int(part) + 1}行 " if part.isdecimal() else field.title if field else part)
        if field is not None:
            purpose, known = _purpose(field), {column.key: column for column in field.columns} or known
    return Sealed(path, "".join(words), purpose, commitment)


def _purpose(field: Field) -> str:
    return field.personal.purpose if field.personal else ""


def _access(reader: Reader, row: personal.PersonalAccess, titles: Mapping[str, str]) -> Access:
    person, post = reader.db.get(Person, row.person_id), reader.db.get(Post, row.post_id)
    fields = tuple(titles.get(path, path) for path in row.paths)
    return Access(row.at, person.name if person else "", post.title if post else "", fields, row.purpose)
