"""What verification found, as people read it: which case, and the first event that differs. Judges nothing."""

from datetime import datetime

from sqlalchemy import select

from engine import definitions, procedure
from engine.audit.readable import readable
from engine.audit.verify import Finding, Verdict
from engine.bpmn import outline
from engine.cases import Case
from engine.clock import SHANGHAI
from engine.errors import HistoryBroken, NotFound
from engine.journal import DISTRICT
from engine.work import Reader


def said(reader: Reader, verdict: Verdict) -> str:
    """One line of Chinese."""
    name = _case(reader, verdict.case)
    if verdict.finding:
        return f"{name}：不一致。{found(reader, verdict.finding)}"
    again = f"，重新执行{verdict.executed}条" if verdict.executed else ""
    return f"{name}：一致，{verdict.events}条记录{again}，末条校验值{verdict.head}"


def found(reader: Reader, finding: Finding) -> str:
    """The first event that differs: by whom, when, at which step, which element."""
    if not finding.seq:
        return finding.what
    named = (
        finding.actor or "办理人不详",
        _moment(finding.at) or "时间不详",
        _step(reader, finding),
        f"“{finding.name or finding.element}”" if finding.element else "",
    )
    return f"第{finding.seq}条（{'，'.join(part for part in named if part)}）：{finding.what}"


def _case(reader: Reader, case: str) -> str:
    if case == DISTRICT:
        return "名录、工作日历和发布的历史"
    try:  # a row may be unreadable: then that is what was found
        with readable(case):
            row = reader.db.execute(select(Case.number, Case.title).where(Case.id == case)).first()
    except HistoryBroken:
        return case
    return f"{row.number or case} “{row.title}”" if row else case


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _step(reader: Reader, finding: Finding) -> str:
    """The diagram in which the element is drawn, in its own words. What was forged names nothing."""
    try:
        bundle = definitions.bundle(reader.db, finding.definition)
    except (NotFound, HistoryBroken):
        return ""
    drawn = outline.diagrams(bundle, procedure.of(bundle).main)
    return next((diagram.title for diagram in drawn if finding.diagram in diagram.processes), "")
