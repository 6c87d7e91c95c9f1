"""The designer's view: procedures and versions, the working copy, what its files are, which choices a panel offers."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine import definitions, designs, forms, gatekeeping, procedure
from engine.bpmn import gate, outline, step
from engine.bpmn.step import Bundle
from engine.cases import Case
from engine.definitions import Definition, Release
from engine.designs import DesignFile, file_hash
from engine.errors import DeploymentRefused, NotAllowed, NotFound, Refused
from engine.operations import OPERATIONS
from engine.people import Actor
from engine.reading.history import AUDITING
from engine.work import Reader

Problem = step.Problem  # under a name that the web may know
# What a service task may ask for, in words: operation → title and the titles of its parameters.
OPERATION_WORDS = {
    "case/number": ("取议题编号", ()),
    "filing/number": ("取备案号", ()),
    "calendar/working_days_after": ("推算若干工作日后的日期", (("date", "起算日期"), ("days", "工作日数"))),
    "calendar/working_days_between": (
        "计算两个日期之间的工作日",
        (("start", "开始日期"), ("end", "结束日期")),
    ),
    "calendar/notice_end": ("推算公示期满时间", (("posted_on", "张贴日期"), ("days", "工作日数"))),
    "calendar/last_working_day": ("当月最后一个工作日", (("date", "日期"),)),
    "calendar/first_saturday": ("当月第一个星期六", (("date", "日期"),)),
    "people/holder": ("查某日任某岗位的人", (("role", "岗位"), ("date", "日期"))),
    "people/council_size": ("查民情理事会人数", (("date", "日期"),)),
    "notice/open": ("开始公示", (("posted_on", "张贴日期"), ("working_days", "工作日数"))),
    "notice/withdraw": ("撤回公示", (("number", "公示编号"),)),
    "notice/close": ("结束公示", (("number", "公示编号"),)),
    "objection/reply": (
        "答复公示异议",
        (("objection", "异议"), ("reply", "答复"), ("sustained", "是否成立")),
    ),
    "platform/upload": ("上传平台", (("platform", "平台"),)),
    "committee/register": ("登记监督委员会", (("members", "成员"),)),
}


@dataclass(frozen=True)
class Version:
    """One release; `running` are the cases still on it."""

    number: int
    hash: str
    released_at: datetime
    released_by: str
    note: str
    basis: tuple[tuple[str, str], ...]
    running: int
    current: bool


@dataclass(frozen=True)
class ProcedureLine:
    id: str
    title: str
    versions: tuple[Version, ...]
    changed: int  # files in the working copy


@dataclass(frozen=True)
class File:
    """One file of the working copy or of a release."""

    path: str
    kind: str  # diagram | form | story | table | text
    title: str
    changed_by: str
    changed_at: datetime | None
    size: int


@dataclass(frozen=True)
class WorkingCopy:
    """`problem` says why process.toml of the copy cannot be read, "" when it can."""

    process: str
    title: str
    files: tuple[File, ...]
    released: int
    problem: str = ""


@dataclass(frozen=True)
class Opened:
    """A file to be edited, with the hash that a later save must name."""

    path: str
    content: bytes
    hash: str


@dataclass(frozen=True)
class Choices:
    """What the properties panel offers, each as id and title; an operation also with its parameters."""

    forms: tuple[tuple[str, str], ...]
    diagrams: tuple[tuple[str, str], ...]
    operations: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    messages: tuple[tuple[str, str], ...]


def procedures(reader: Reader) -> tuple[ProcedureLine, ...]:
    ids = reader.db.scalars(select(Definition.process).distinct().order_by(Definition.process))
    return tuple(_procedure(reader, id) for id in ids)


def working_copy(reader: Reader, process: str) -> WorkingCopy:
    """Raises NotFound for a procedure that was never released."""
    release = definitions.current(reader.db, process)
    changed = {
        row.path: row for row in reader.db.scalars(select(DesignFile).where(DesignFile.process == process))
    }
    bundle = bundle_of(reader, process)
    titles = _drawn_titles(bundle, process)
    files = tuple(
        _file(path, content, titles, changed.get(path)) for path, content in sorted(bundle.files.items())
    )
    try:
        return WorkingCopy(process, _told(bundle).title, files, release.number)
    except Refused as no:
        return WorkingCopy(process, process, files, release.number, f"{no.message}。{no.help}")


def released_files(reader: Reader, process: str, number: int) -> tuple[Version, tuple[File, ...]]:
    """Raises NotFound."""
    version = next((each for each in _versions(reader, process) if each.number == number), None)
    if version is None:
        raise NotFound("没有找到这个流程版本", help="请从流程列表重新打开。")
    bundle = definitions.bundle(reader.db, version.hash)
    titles = {f"{drawn.id}.bpmn": drawn.title for drawn in outline.diagrams(bundle, process)}
    return version, tuple(
        _file(path, content, titles, None) for path, content in sorted(bundle.files.items())
    )


def bundle_of(reader: Reader, process: str) -> Bundle:
    """The working copy as a bundle, ready to be checked or played."""
    return definitions.bundle_of(designs.files(reader.db, process))


def open_file(reader: Reader, process: str, path: str) -> Opened:
    """Raises NotFound."""
    content = designs.files(reader.db, process).get(path)
    if content is None:
        raise NotFound("没有找到这个文件", help="请从流程文件列表重新打开。")
    return Opened(path, content, file_hash(content))


def released_bundle(reader: Reader, process: str, number: int) -> Bundle:
    """The files exactly as they were released. Raises NotFound."""
    return definitions.bundle(reader.db, released_files(reader, process, number)[0].hash)


def problems(
    reader: Reader, process: str, path: str = "", content: bytes | None = None
) -> tuple[Problem, ...]:
    """What stands against releasing the working copy, with `content` laid over `path` before it is saved."""
    files = designs.files(reader.db, process)
    if path and content is not None:
        files = {**files, path: content}
    return in_order(gatekeeping.problems(definitions.bundle_of(files)))


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors first, then by file and place: as one goes through a list and mends."""
    return tuple(
        sorted(found, key=lambda each: (each.severity != "error", each.file, each.line, each.column))
    )


def check_is_drawing(path: str, content: bytes) -> None:
    """A draft may be half done, but it must be a drawing. Raises DeploymentRefused with what stands against it."""
    found = gate.sheet(path, content)
    if isinstance(found, list):
        help = "；".join(f"{problem.message}，{problem.help}" for problem in found[:3])
        raise DeploymentRefused(f"{path} 不能作为流程图保存：{help}", found)


def form_problems(reader: Reader, process: str, path: str, content: bytes) -> tuple[Problem, ...]:
    """What stands against one form, not yet saved."""
    return in_order(forms.check({**designs.files(reader.db, process), path: content}, path))


def choices(reader: Reader, process: str, diagram: str) -> Choices:
    bundle = bundle_of(reader, process)
    told = _told(bundle)
    facts = _titled(told.facts)
    known = tuple((id, title, given) for id, (title, given) in OPERATION_WORDS.items() if id in OPERATIONS)
    return Choices(
        forms=tuple(_forms(bundle, f"forms/{diagram}/")),
        diagrams=tuple((each.id, each.title) for each in outline.diagrams(bundle, told.main)),
        operations=(("case/set", "写入办件事实", facts), *known),
        messages=_titled(told.messages),
    )


def check_may_look(actor: Actor) -> None:
    """The drawings are worked on by designers; those who audit may read them."""
    if not actor.roles & {"designer", *AUDITING}:
        raise NotAllowed("流程设计由流程设计人员办理", help="流程图可以在公示栏的“怎么办事”里查看。")


def _told(bundle: Bundle) -> procedure.Procedure:
    """What process.toml says; that of a working copy may be broken. Raises Refused."""
    try:
        return procedure.of(bundle)
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise Refused(
            f"工作稿里的 process.toml 不能读取（{cause}）", help="请放弃工作稿的改动，或者换上正确的文件。"
        ) from cause


def _drawn_titles(bundle: Bundle, main: str) -> dict[str, str]:
    """Of a copy in which a drawing may be broken: then files are shown by their names."""
    try:
        return {f"{drawn.id}.bpmn": drawn.title for drawn in outline.diagrams(bundle, main)}
    except SyntaxError:  # what lxml raises for broken XML
        return {}


def _forms(bundle: Bundle, prefix: str) -> Iterator[tuple[str, str]]:
    """File name and title of every form of a diagram."""
    for path in sorted(bundle.files):
        if path.startswith(prefix) and path.endswith("-schema.json"):
            yield path.removeprefix(prefix), _form_title(bundle.files[path], path)


def _title(path: str, kind: str, content: bytes, titles: dict[str, str]) -> str:
    if kind == "story":
        return _story_title(content, path)
    return _form_title(content, path) if kind == "form" else titles.get(path, path)


def _story_title(content: bytes, path: str) -> str:
    """Of a story that may be half written."""
    try:
        return str(tomllib.loads(content.decode())["story"])
    except (ValueError, KeyError):
        return path


def _form_title(content: bytes, path: str) -> str:
    """Of a form that may be half written."""
    try:
        return str(json.loads(content)["title"])
    except (ValueError, KeyError, TypeError):
        return path


def _procedure(reader: Reader, id: str) -> ProcedureLine:
    changed = (
        reader.db.scalar(select(func.count()).select_from(DesignFile).where(DesignFile.process == id)) or 0
    )
    versions = _versions(reader, id)
    title = procedure.of(definitions.bundle(reader.db, versions[0].hash)).title if versions else id
    return ProcedureLine(id, title, versions, changed)


def _versions(reader: Reader, process: str) -> tuple[Version, ...]:
    """Newest first."""
    rows = reader.db.scalars(
        select(Release).where(Release.process == process).order_by(Release.number.desc())
    ).all()
    counted = reader.db.execute(
        select(Case.definition_hash, func.count())
        .where(Case.ended_at.is_(None))
        .group_by(Case.definition_hash)
    )
    running: dict[str, int] = {row[0]: row[1] for row in counted}
    return tuple(
        Version(
            row.number,
            row.definition_hash,
            row.released_at,
            row.released_by,
            row.note,
            tuple((key, str(value)) for key, value in row.basis.items()),
            running.get(row.definition_hash, 0),
            row is rows[0],
        )
        for row in rows
    )


def _file(path: str, content: bytes, titles: dict[str, str], changed: DesignFile | None) -> File:
    kind = _kind(path)
    return File(
        path,
        kind,
        _title(path, kind, content, titles),
        changed.changed_by if changed else "",
        changed.changed_at if changed else None,
        len(content),
    )


def _kind(path: str) -> str:
    if path.endswith(".bpmn"):
        return "diagram"
    if path.endswith("-schema.json"):
        return "form"
    if path.endswith(".story.toml"):
        return "story"
    return "table" if path.endswith(".dmn") else "text"


def _titled(told: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(entry.get("title", name))) for name, entry in told.items())
