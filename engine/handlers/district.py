"""Commands on the district itself: appointments, the working-day calendar."""

from engine import (
    calendar,
    directory,
    entitlement,
)
from engine.commands import (
    AmendCalendar,
    Appoint,
    Outcome,
)
from engine.errors import Conflict
from engine.handlers.recording import tell_district
from engine.work import Work


def appoint(work: Work, command: Appoint) -> Outcome:
    entitlement.check_role(work.by, "operator")
    told = directory.appoint(
        work.db, command.person, command.post, command.from_date, until_date=command.until_date
    )
    return tell_district(work, told)


def amend_calendar(work: Work, command: AmendCalendar) -> Outcome:
    """Adopt a new version; running notices are counted again case by case (`apply_calendar`)."""
    entitlement.check_role(work.by, "operator")
    arrangement = calendar.read_toml(command.text)
    told = calendar.adopt(work.db, arrangement, note=command.note, at=work.now)
    if told is None:
        raise Conflict("工作日历没有变化", help="请核对要录入的日期。")
    return tell_district(work, told)
