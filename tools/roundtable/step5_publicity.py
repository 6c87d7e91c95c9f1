"""五、项目公示: plan book, consent in principle of four groups, five working days of notice, objections."""

from __future__ import annotations

from drawing.diagram import Diagram, Event, Items

from roundtable.words import clause, lane

CLAUSE = (
    "五是项目公示。社区（村）党组织针对协商决议，指定专人制定项目攻坚任务计划书和时间表、路线图、责任人，在征求相关单位、"
    "职能部门和相关领导、利益相关方原则同意后，将项目计划书进行不少于5个工作日的公示。（西办发〔2021〕17号，四、实施步骤第3项）"
)


def describe() -> Diagram:
    d = Diagram("step5_publicity", "五、项目公示", CLAUSE)
    lane(d, "party_org", 160, 130)
    lane(d, "consent_party", 176)
    _plan(d)
    _consent(d)
    _notice(d)
    _objection(d)
    return d


def _plan(d: Diagram) -> None:
    d.start("start_publicity", "已形成决议", ("party_org", 0, 1))
    d.user(
        "assign_author",
        "指定专人",
        ("party_org", 1, 1),
        "针对协商决议，指定一名专人制定项目攻坚任务计划书，写明完成日期。",
        clause("针对协商决议，指定专人制定项目攻坚任务计划书", "R117", "R050"),
    )
    d.user(
        "draft_plan_book",
        "制定项目攻坚任务计划书",
        ("party_org", 2, 1),
        "写清**时间表、路线图、责任人**：每项任务由哪一方负责、责任人是谁、哪天完成；资金从哪里来、多少、是否落实。",
        clause("制定项目攻坚任务计划书和时间表、路线图、责任人", "R117", "R118", "R029"),
    )
    d.user(
        "list_consent_parties",
        "列出征求同意对象",
        ("party_org", 3, 1),
        "相关单位、职能部门、相关领导、利益相关方**四类**都要列；某一类确实没有的，写明理由。议题的利益相关方一个不能漏。",
        clause("在征求相关单位、职能部门和相关领导、利益相关方原则同意后", "R119", "R045"),
    )
    d.script(
        "take_consent_parties",
        "取征求同意名单",
        ("party_org", 4, 1),
        "consent_parties = list_consent_parties.parties",
    )
    d.chain(
        "start_publicity", "assign_author", "draft_plan_book", "list_consent_parties", "take_consent_parties"
    )


def _consent(d: Diagram) -> None:
    d.user(
        "give_consent",
        "原则同意",
        ("consent_party", 4, 0),
        "请看项目攻坚任务计划书，答复**同意、同意并附意见**或者**不同意**。没有答复不算同意；"
        "没有账号的单位和居民由社区(村)党组织代填，附签字的同意单。",
        clause("在征求相关单位、职能部门和相关领导、利益相关方原则同意后", "R119"),
        items=Items("consent_parties", "party"),
        performer="party.performer",
        item_label="party.name",
    )
    d.gateway("gw_consent", "都原则同意？", ("consent_party", 5, 0), label="right")
    d.chain("take_consent_parties", "give_consent", "gw_consent")
    d.flow(
        "gw_consent",
        "draft_plan_book",
        "有不同意，修改计划书",
        'count(give_consent, "opinion", "disagree") > 0',
        leave="bottom",
        enter="bottom",
    )
    d.flow("gw_consent", "publish_notice", "都同意", leave="top", enter="bottom")


def _notice(d: Diagram) -> None:
    d.user(
        "publish_notice",
        "张贴公示",
        ("party_org", 5, 1),
        "公示的是**项目计划书**，“不少于5个工作日”，张贴当天不算。写明公示地点和方式，附张贴时的照片。",
        clause("将项目计划书进行不少于5个工作日的公示", "R120", "R122"),
    )
    d.service(
        "open_notice",
        "公示开始",
        ("party_org", 6, 1),
        "notice/open",
        "open_notice",
        posted_on="publish_notice.posted_on",
        working_days="publish_notice.working_days",
    )
    d.service(
        "set_notice",
        "记入公示期限",
        ("party_org", 7, 1),
        "case/set",
        notice="open_notice.number",
        notice_ends="open_notice.ends",
    )
    d.await_first("await_notice", "先到哪一个？", ("party_org", 8, 1), label="bottom")
    d.catch("notice_ended", "公示期满", ("party_org", 9, 1), Event(date="case.notice_ends"))
    d.user(
        "close_notice",
        "公示期满",
        ("party_org", 10, 1),
        "公示期已满。附公示结束时的照片，写明公示结果。",
        clause("进行不少于5个工作日的公示", "R120", "R122"),
    )
    d.service(
        "settle_notice",
        "公示结束",
        ("party_org", 11, 1),
        "notice/close",
        number="case.notice",
    )
    d.script("mark_published", "结果：公示完成", ("party_org", 12, 1), 'publicity_outcome = "published"')
    d.end("end_publicity", "公示完成", ("party_org", 13, 1))
    d.chain("publish_notice", "open_notice", "set_notice", "await_notice", "notice_ended", "close_notice")
    d.chain("close_notice", "settle_notice", "mark_published", "end_publicity")


def _objection(d: Diagram) -> None:
    d.catch(
        "objection_received",
        "收到异议",
        ("party_org", 9, 0),
        Event("objection_received", "objection"),
        label="bottom",
    )
    d.user(
        "answer_objection",
        "书面答复异议",
        ("party_org", 10, 0),
        "每一条异议都要**书面答复**。异议成立、需要修改计划书的，撤回公示，改好后重新征求同意、重新公示满期。",
        clause("将项目计划书进行不少于5个工作日的公示", "R121"),
    )
    d.service(
        "reply_objection",
        "送达书面答复",
        ("party_org", 11, 0),
        "objection/reply",
        objection="objection.objection",
        reply="answer_objection.reply",
        sustained='answer_objection.sustained == "yes"',
    )
    d.gateway("gw_sustained", "异议成立？", ("party_org", 12, 0), label="right")
    d.service("withdraw_notice", "撤回公示", ("party_org", 7, 0), "notice/withdraw", number="case.notice")
    d.flow("await_notice", "objection_received", leave="top", enter="left")
    d.chain("objection_received", "answer_objection", "reply_objection", "gw_sustained")
    d.flow("gw_sustained", "await_notice", "不成立，继续公示", leave="bottom")
    d.flow(
        "gw_sustained",
        "withdraw_notice",
        "成立",
        'answer_objection.sustained == "yes"',
        leave="top",
        enter="top",
    )
    d.flow("withdraw_notice", "draft_plan_book", leave="left", enter="top")
