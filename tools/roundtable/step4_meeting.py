"""四、协商议事: who chairs, the five items of the agenda, minutes, resolution, filing."""

from __future__ import annotations

from drawing.diagram import Diagram

from roundtable.words import clause, lane

CLAUSE = (
    "四是协商议事。召开“幸福圆桌会”，对于需要区级层面协调帮助解决的民生实事，原则上由挂点的区领导主持；街道（镇）层面"
    "协商解决的“幸福微实事”，原则上由挂点的街道（镇）领导主持；社区（村）层面协商解决的公共事务，原则上由社区（村）党组织"
    "书记主持。会议要充分发扬民主，说明议题来源、审查情况、具体内容和协商议程；由议题提出人对议题进行说明；组织参会人员"
    "自由发表意见；主持人作会议小结、表态发言，现场形成协商决议。同时做好会议记录，对议事协商事项备案登记。"
    "（西办发〔2021〕17号，四、实施步骤第3项）"
)


def describe() -> Diagram:
    d = Diagram("step4_meeting", "四、协商议事", CLAUSE, gaps={5: 64})
    lane(d, "org_department", 124)
    lane(d, "district_leader", 124, 124)
    lane(d, "street_leader", 124, 124)
    lane(d, "secretary", 140)
    lane(d, "chair", 124)
    lane(d, "party_org", 140, 116)
    lane(d, "civil_affairs", 124)
    d.start("start_meeting", "会议通知已发出", ("party_org", 0, 0))
    d.gateway("gw_level", "在哪个层级协商？", ("party_org", 1, 0), label="right")
    d.chain("start_meeting", "gw_level")
    _chairs(d)
    _agenda(d)
    _minutes(d)
    _filing(d)
    return d


def _chairs(d: Diagram) -> None:
    _chair(
        d,
        "district",
        ("district_leader", "挂点区领导", "district_liaison_leader", "区领导确认主持"),
        ("org_department", 0, 0),
        clause("对于需要区级层面协调帮助解决的民生实事，原则上由挂点的区领导主持", "R105"),
        "区委组织部",
    )
    _chair(
        d,
        "street",
        ("street_leader", "挂点街道(镇)领导", "street_liaison_leader", "街道领导确认主持"),
        ("district_leader", 1, 0),
        clause("街道（镇）层面协商解决的“幸福微实事”，原则上由挂点的街道（镇）领导主持", "R106"),
        "挂点区领导",
    )
    _chair(
        d,
        "secretary",
        ("secretary", "社区(村)党组织书记", "community_secretary", "书记确认主持"),
        ("street_leader", 1, 0),
        clause("社区（村）层面协商解决的公共事务，原则上由社区（村）党组织书记主持", "R107"),
        "挂点街道(镇)领导",
    )
    d.flow("gw_level", "chair_by_district", "区级", 'case.level == "district"', leave="top", enter="left")
    d.flow("gw_level", "chair_by_street", "街道(镇)", 'case.level == "street"', leave="top", enter="left")
    d.flow("gw_level", "chair_by_secretary", "社区(村)", leave="top", enter="left")


def _chair(
    d: Diagram,
    level: str,
    planned: tuple[str, str, str, str],
    above: tuple[str, int, int],
    basis: str,
    approver: str,
) -> None:
    """Confirming, substituting and recording the chair is drawn alike for the three levels."""
    own, title, role, name = planned
    upper, upper_row, own_row = above
    by, approve, holder = f"chair_by_{level}", f"approve_chair_{level}", f'holder("{role}", case.meeting_on)'
    self_presides = f'{by}.presides != "substitute"'
    d.user(
        by,
        name,
        (own, 2, own_row),
        f"按规定，这次圆桌会原则上由{title}主持。请确认亲自主持；不能主持的，写明理由和代为主持的人，报{approver}审批。",
        basis,
    )
    d.gateway(f"gw_substitute_{level}", "由他人代为主持？", (own, 3, own_row), label="bottom")
    d.user(
        approve,
        "审批代为主持",
        (upper, 4, upper_row),
        f"{title}不能主持，提出由他人代为主持。请看理由，同意或者退回，并写明意见。",
        basis,
    )
    d.gateway(f"gw_approved_{level}", "同意？", (upper, 5, upper_row), label="right")
    d.service(
        f"set_chair_{level}",
        "记入主持人",
        (own, 5, own_row),
        "case/set",
        chair=f"{holder}.person if {self_presides} else {by}.substitute",
        chair_name=f"{holder}.name if {self_presides} else {by}.substitute_name",
        chair_planned=f"{holder}.person",
    )
    d.chain(by, f"gw_substitute_{level}")
    d.flow(
        f"gw_substitute_{level}", approve, "是", f'{by}.presides == "substitute"', leave="top", enter="left"
    )
    d.flow(f"gw_substitute_{level}", f"set_chair_{level}", "否，亲自主持")
    d.chain(approve, f"gw_approved_{level}")
    d.flow(f"gw_approved_{level}", by, "退回", f'{approve}.decision == "return"', leave="top", enter="top")
    d.flow(f"gw_approved_{level}", f"set_chair_{level}", "同意", leave="bottom", enter="top")
    d.flow(f"set_chair_{level}", "record_attendance", leave="right", enter="left")


def _agenda(d: Diagram) -> None:
    d.user(
        "record_attendance",
        "会议签到",
        ("party_org", 6, 0),
        "按名单逐人签到，请假的写明原因。到会人数不足名单的**三分之二**、主持人未到会，或者区级议题区领导未到会的，不能开会。",
        clause("召开“幸福圆桌会”……会议要充分发扬民主", "R113", "R064", "R108"),
    )
    d.user(
        "explain_topic",
        "说明议题",
        ("chair", 6, 0),
        "议程一。依次说明议题**来源、审查情况、具体内容、协商议程**。",
        clause("说明议题来源、审查情况、具体内容和协商议程", "R109"),
    )
    d.user(
        "present_topic",
        "议题提出人说明",
        ("chair", 7, 0),
        "议程二。请议题提出人对议题进行说明；匿名提出的由登记时指定的社区工作人员说明。",
        clause("由议题提出人对议题进行说明", "R110", "R048"),
    )
    d.user(
        "discuss_topic",
        "自由发表意见",
        ("chair", 8, 0),
        "议程三。充分发扬民主，参会人员自由发表意见，逐条记下发言人和要点。",
        clause("组织参会人员自由发表意见", "R111", "R108"),
    )
    d.user(
        "sum_up",
        "主持人小结表态",
        ("chair", 9, 0),
        "议程四。主持人作会议小结、表态发言，逐项写明承诺办什么、谁来办。",
        clause("主持人作会议小结、表态发言", "R112"),
    )
    d.user(
        "form_resolution",
        "现场形成协商决议",
        ("chair", 10, 0),
        "议程五。没有人坚持反对即为协商一致；否则表决，赞成须超过到会人数的**一半**。未形成决议的，另行开会再议。",
        clause("现场形成协商决议", "R113", "R116"),
    )
    d.chain(
        "record_attendance", "explain_topic", "present_topic", "discuss_topic", "sum_up", "form_resolution"
    )


def _minutes(d: Diagram) -> None:
    d.user(
        "write_minutes",
        "整理会议记录",
        ("party_org", 10, 0),
        "整理到会情况、每个人的发言和决议。任何人的发言都不能从记录里删去。",
        clause("做好会议记录", "R114", "R108"),
    )
    d.user(
        "sign_minutes",
        "会议记录签字",
        ("chair", 11, 0),
        "核对会议记录后签字。签字后不再修改，需要补充的另附说明。",
        clause("做好会议记录", "R114"),
    )
    d.service(
        "count_meeting",
        "记入开会次数",
        ("party_org", 11, 0),
        "case/set",
        meetings="(case.meetings or 0) + 1",
    )
    d.gateway("gw_reached", "形成决议了吗？", ("party_org", 12, 0))
    d.script("mark_not_reached", "结果：未形成决议", ("party_org", 12, 1), 'meeting_outcome = "not_reached"')
    d.end("end_meeting_not_reached", "未形成决议", ("party_org", 13, 1))
    d.chain("form_resolution", "write_minutes", "sign_minutes", "count_meeting", "gw_reached")
    d.flow(
        "gw_reached",
        "mark_not_reached",
        "未形成",
        'form_resolution.outcome == "not_reached"',
        leave="bottom",
        enter="top",
    )
    d.chain("mark_not_reached", "end_meeting_not_reached")


def _filing(d: Diagram) -> None:
    d.service("set_resolved", "记入已形成决议", ("party_org", 13, 0), "case/set", resolved="True")
    d.user(
        "file_resolution",
        "备案登记",
        ("party_org", 14, 0),
        "“对议事协商事项备案登记”：决议形成后**3个工作日**内报区民政局，抄送街道(镇)，附协商决议和会议记录。",
        clause("对议事协商事项备案登记", "R115"),
        due="3 working days",
    )
    d.user(
        "receive_filing",
        "受理备案",
        ("civil_affairs", 14, 0),
        "核对备案材料。齐全的受理；不齐的退回，并写明指导意见。",
        clause("对议事协商事项备案登记", "R115", "R031"),
    )
    d.gateway("gw_filing", "材料齐全？", ("civil_affairs", 15, 0), label="bottom")
    d.service(
        "allot_filing_number", "编备案号", ("civil_affairs", 16, 0), "filing/number", "allot_filing_number"
    )
    d.service(
        "set_filing_number",
        "记入备案号",
        ("party_org", 16, 0),
        "case/set",
        filing_number="allot_filing_number",
    )
    d.script("mark_reached", "结果：已形成决议", ("party_org", 17, 0), 'meeting_outcome = "reached"')
    d.end("end_meeting_reached", "已形成决议", ("party_org", 18, 0))
    d.flow("gw_reached", "set_resolved", "已形成")
    d.chain("set_resolved", "file_resolution", "receive_filing", "gw_filing")
    d.flow(
        "gw_filing",
        "file_resolution",
        "退回",
        'receive_filing.decision == "return"',
        leave="top",
        enter="right",
    )
    d.flow("gw_filing", "allot_filing_number", "受理")
    d.chain("allot_filing_number", "set_filing_number", "mark_reached", "end_meeting_reached")
