"""What service tasks and expressions may ask of the house: operation → function. The live side of `Outside`.

Every answer is recorded in the event, in order, as (operation, arguments, result), so that re-execution can
play it back without asking anybody and without writing anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from engine import calendar, definitions, epochs, outbox, people
from engine.bpmn import run
from engine.bpmn.step import JSON
from engine.bpmn.values import in_order
from engine.cases import Case
from engine.clock import SHANGHAI
from engine.errors import HistoryBroken, OperationFailed, Refused
from engine.records import notices, numbers
from engine.work import Work
from engine.working_days import WorkingDays

PLATFORMS = {"party_cloud": "区网络党建云平台", "service_365": "“党群服务365”智慧管理平台"}


@dataclass
class Live:
    """Answers from the rooms of the house; `asked` is what the event will keep."""

    work: Work
    case: Case
    seq: int
    asked: list[list[JSON]] = field(default_factory=list)

    @cached_property
    def known(self) -> Mapping[str, JSON]:
        """The variables of the case before this command."""
        if not self.case.seq:
            return {}
        model = definitions.model(self.work.db, self.case.definition_hash)
        return run.data(run.revive(model, self.case.state))

    def ask(self, operation: str, arguments: Mapping[str, JSON]) -> JSON:
        """Raises OperationFailed for an unknown operation, and what the room refuses; that is recorded too."""
        try:
            result = in_order(self._answer(operation, arguments))  # as it will be played back
        except Refused as refusal:
            told = {"message": refusal.message, "rule": refusal.rule, "help": refusal.help}
            self.asked.append([operation, dict(arguments), None, told])
            raise
        self.asked.append([operation, dict(arguments), result])
        return result

    def _answer(self, operation: str, arguments: Mapping[str, JSON]) -> JSON:
        answer = OPERATIONS.get(operation)
        if answer is None:
            raise OperationFailed(f"没有“{operation}”这项服务操作", help="请流程设计人员检查服务任务的设置。")
        try:
            return answer(self, arguments)
        except (KeyError, TypeError, ValueError) as cause:
            raise OperationFailed(
                f"服务操作“{operation}”缺少或写错了参数：{cause}", help="请流程设计人员检查服务任务的参数。"
            ) from cause


@dataclass
class Played:
    """Answers played back from an event, with the refusal that stopped a case. What is asked otherwise is a finding."""

    asked: list[list[JSON]]
    position: int = 0

    def ask(self, operation: str, arguments: Mapping[str, JSON]) -> JSON:
        """Raises HistoryBroken when the question is not the one that was recorded."""
        if self.position >= len(self.asked):
            raise HistoryBroken(f"重新执行时多问了一次“{operation}”")
        recorded, given, result, *refused = self.asked[self.position]
        self.position += 1
        if [recorded, given] != [operation, dict(arguments)]:
            raise HistoryBroken(f"重新执行时第{self.position}个外部问题与记录不同：“{recorded}”")
        if refused:
            raise OperationFailed(refused[0]["message"], rule=refused[0]["rule"], help=refused[0]["help"])
        return result


def _working_days_after(live: Live, told: Mapping[str, JSON]) -> JSON:
    return _days(live).working_days_after(_date(told["date"]), int(told["days"])).isoformat()


def _working_days_between(live: Live, told: Mapping[str, JSON]) -> JSON:
    return _days(live).working_days_between(_date(told["start"]), _date(told["end"]))


def _notice_end(live: Live, told: Mapping[str, JSON]) -> JSON:
    end = _days(live).notice_end(
        _date(told["posted_on"]), int(told["days"]), count_posting_day=live.work.settings.count_posting_day
    )
    return end.astimezone(SHANGHAI).isoformat()


def _last_working_day(live: Live, told: Mapping[str, JSON]) -> JSON:
    return _days(live).last_working_day(_date(told["date"]), provisional=True).isoformat()


def _first_saturday(live: Live, told: Mapping[str, JSON]) -> JSON:
    return _days(live).first_saturday(_date(told["date"]), provisional=True).proposed.isoformat()


def _holder(live: Live, told: Mapping[str, JSON]) -> JSON:
    found = people.holder(live.work.db, told["role"], live.case.unit_id, _date(told["date"]))
    return {"person": found.person, "name": found.name, "post": found.post} if found else None


def _council_size(live: Live, told: Mapping[str, JSON]) -> JSON:
    return people.council_size(live.work.db, live.case.unit_id, _date(told["date"]))


def _case_number(live: Live, _told: Mapping[str, JSON]) -> JSON:
    year = live.work.today.year
    return f"XFYZ-{year}-{numbers.allot(live.work.db, f'case/{year}'):04d}"


def _filing_number(live: Live, _told: Mapping[str, JSON]) -> JSON:
    """R115: 区-街道-单位-年-序号."""
    unit, year = live.case.unit_id, live.work.today.year
    above = [id.upper() for id in reversed(people.above(live.work.db, unit))]
    return "-".join([*above, str(year), f"{numbers.allot(live.work.db, f'filing/{unit}/{year}'):03d}"])


def _open_notice(live: Live, told: Mapping[str, JSON]) -> JSON:
    """R120: the plan book is what is published; the window is statutory."""
    posted_on, working_days = _date(told["posted_on"]), int(told.get("working_days") or 5)
    counted = live.work.settings.count_posting_day
    ends = _days(live).notice_end(posted_on, working_days, count_posting_day=counted)
    year = live.work.today.year
    number = f"GS-{year}-{numbers.allot(live.work.db, f'notice/{year}'):04d}"
    live.work.db.add(
        notices.Notice(
            number=number,
            case_id=live.case.id,
            unit_id=live.case.unit_id,
            title=live.case.title,
            posted_on=posted_on,
            working_days=working_days,
            ends_at=ends,
            plan=_last_answers(live, "draft_plan_book"),
            calendar=_days(live).version,
        )
    )
    return {"number": number, "ends": ends.astimezone(SHANGHAI).isoformat()}


def _withdraw_notice(live: Live, told: Mapping[str, JSON]) -> JSON:
    notices.end(live.work.db, told.get("number") or live.case.facts["notice"], notices.WITHDRAWN)
    return True


def _close_notice(live: Live, told: Mapping[str, JSON]) -> JSON:
    notices.end(live.work.db, told.get("number") or live.case.facts["notice"], notices.CLOSED)
    return True


def _reply_objection(live: Live, told: Mapping[str, JSON]) -> JSON:
    """R121: a written reply for each objection."""
    notices.reply(live.work.db, told["objection"], told["reply"], bool(told["sustained"]), live.work.now)
    return True


def _upload(live: Live, told: Mapping[str, JSON]) -> JSON:
    """R125, R126: nothing leaves the house inside the transaction; the outbox sends after commit."""
    platform = told["platform"]
    if platform not in PLATFORMS:
        raise OperationFailed(f"没有“{platform}”这个平台", help="可用的平台：party_cloud、service_365。")
    epoch = epochs.current(live.work.db)  # the platform may know the plain key from before a restore
    id = f"{live.case.id}-{live.seq}-{platform}" + (f"-{epoch}" if epoch else "")
    outbox.put(live.work.db, id, live.case.id, platform, _package(live), live.work.now)
    return {"outbox": id}


def _register_committee(_live: Live, told: Mapping[str, JSON]) -> JSON:
    """R130: the committee of this project, as the form gave it."""
    return [dict(member) for member in told["members"]]


OPERATIONS: dict[str, Callable[[Live, Mapping[str, JSON]], JSON]] = {
    "calendar/working_days_after": _working_days_after,
    "calendar/working_days_between": _working_days_between,
    "calendar/notice_end": _notice_end,
    "calendar/last_working_day": _last_working_day,
    "calendar/first_saturday": _first_saturday,
    "people/holder": _holder,
    "people/council_size": _council_size,
    "case/number": _case_number,
    "filing/number": _filing_number,
    "notice/open": _open_notice,
    "notice/withdraw": _withdraw_notice,
    "notice/close": _close_notice,
    "objection/reply": _reply_objection,
    "platform/upload": _upload,
    "committee/register": _register_committee,
}

# What each operation is given, by name, and whether it must be: the deployment gate compares it with the drawing.
PARAMETERS: dict[str, dict[str, bool]] = {
    "calendar/working_days_after": {"date": True, "days": True},
    "calendar/working_days_between": {"start": True, "end": True},
    "calendar/notice_end": {"posted_on": True, "days": True},
    "calendar/last_working_day": {"date": True},
    "calendar/first_saturday": {"date": True},
    "people/holder": {"role": True, "date": True},
    "people/council_size": {"date": True},
    "case/number": {},
    "filing/number": {},
    "notice/open": {"posted_on": True, "working_days": False},
    "notice/withdraw": {"number": False},
    "notice/close": {"number": False},
    "objection/reply": {"objection": True, "reply": True, "sustained": True},
    "platform/upload": {"platform": True},
    "committee/register": {"members": True},
}


def _days(live: Live) -> WorkingDays:
    return calendar.current(live.work.db)


def _date(text: JSON) -> date:
    return date.fromisoformat(str(text)[:10])


def _last_answers(live: Live, element: str) -> dict[str, Any]:
    """The newest answers to a task as the case knew them before this command, without personal fields."""
    found = live.known.get(element)
    answers = found if isinstance(found, dict) else {}
    return {
        key: value for key, value in answers.items() if not (isinstance(value, dict) and "$personal" in value)
    }


def _package(live: Live) -> dict[str, Any]:
    """What a platform gets of a project; `number` makes a second delivery recognisable."""
    facts = live.case.facts
    return {
        "number": facts.get("number"),
        "title": facts.get("title"),
        "unit": live.case.unit_id,
        "level": facts.get("level"),
        "filing_number": facts.get("filing_number"),
        "notice": facts.get("notice"),
        "plan": _last_answers(live, "draft_plan_book"),
    }
