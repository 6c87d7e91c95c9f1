"""三、分析研判: council meeting, feasibility, the plan and the roster of the roundtable, its notice."""

from __future__ import annotations

from drawing.diagram import Diagram

from roundtable.words import clause, lane

CLAUSE = (
    "三是分析研判。社区（村）党组织针对确定的协商方案，在广泛征求意见的基础上，组织召开民情理事会会议，进行分析研究，"
    "开展议题调研、可行性分析，对议题的性质、内容、影响、范围等进行初步了解，拟定“幸福圆桌会”的议事方案，明确时间、地点、"
    "参与对象、议事议程及召开会议的有关要求和注意事项等，涉及到区级层面协调的提前与区领导沟通。"
    "（西办发〔2021〕17号，四、实施步骤第3项）"
)
ROSTER = 'len(distinct(pluck(draft_roster.roster, "name")))'


def describe() -> Diagram:
    d = Diagram("step3_analysis", "三、分析研判", CLAUSE, gaps={4: 76})
    lane(d, "street_leader", 140)
    lane(d, "street_office")
    lane(d, "party_org", 140, 120)
    lane(d, "council", 150)
    _study(d)
    _level(d)
    _roster(d)
    _notice(d)
    return d


def _study(d: Diagram) -> None:
    d.start("start_analysis", "意见已征求", ("party_org", 0, 0))
    d.gateway("gw_first", "已经开过圆桌会？", ("party_org", 1, 0))
    d.user(
        "hold_council_meeting",
        "召开民情理事会会议",
        ("council", 2, 0),
        "“组织召开民情理事会会议，进行分析研究”：记下开会日期、到会成员和会议纪要。",
        clause("组织召开民情理事会会议，进行分析研究", "R100"),
    )
    d.user(
        "analyse_topic",
        "议题调研与可行性分析",
        ("council", 3, 0),
        "写清议题的**性质、内容、影响、范围**四项，判断是否可行、是否合法合规，列出所有涉及到的利益相关方。"
        "认为层级应当调整的，写明建议和理由。",
        clause(
            "开展议题调研、可行性分析，对议题的性质、内容、影响、范围等进行初步了解", "R101", "R102", "R045"
        ),
    )
    d.gateway("gw_feasible", "是否可行？", ("council", 4, 0), label="bottom")
    d.user(
        "reply_not_feasible",
        "答复提出人",
        ("party_org", 5, 1),
        "经研判不可行的，把理由和今后可以怎么办答复提出人。",
        clause("开展议题调研、可行性分析", "R101", "R015"),
    )
    d.script("mark_not_feasible", "结果：不可行", ("party_org", 6, 1), 'analysis_outcome = "not_feasible"')
    d.end("end_analysis_not_feasible", "不可行，已答复", ("party_org", 7, 1))
    d.chain("start_analysis", "gw_first")
    d.flow("gw_first", "hold_council_meeting", "第一次", "not case.meetings", leave="bottom", enter="left")
    d.flow("gw_first", "draft_meeting_plan", "再次开会", leave="right", enter="left")
    d.chain("hold_council_meeting", "analyse_topic", "gw_feasible")
    d.flow(
        "gw_feasible",
        "reply_not_feasible",
        "不可行",
        'analyse_topic.feasibility == "not_feasible"',
        leave="right",
        enter="bottom",
    )
    d.chain("reply_not_feasible", "mark_not_feasible", "end_analysis_not_feasible")


def _level(d: Diagram) -> None:
    d.gateway("gw_level_change", "层级要调整吗？", ("party_org", 4, 1), label="nw")
    d.user(
        "confirm_level_change",
        "核定层级调整",
        ("street_office", 5, 0),
        "民情理事会建议调整协商层级，请核定并写明理由。层级决定由谁主持圆桌会。请在2个工作日内办理。",
        clause(
            "需要区级层面协调帮助解决的民生实事……街道（镇）层面协商解决的“幸福微实事”", "R091", "R092", "R093"
        ),
        due="2 working days",
    )
    d.service(
        "set_changed_level",
        "记入调整后的层级",
        ("street_office", 6, 0),
        "case/set",
        level="confirm_level_change.level",
    )
    d.flow("gw_feasible", "gw_level_change", "可行", leave="top", enter="bottom")
    d.flow(
        "gw_level_change",
        "confirm_level_change",
        "要调整",
        'analyse_topic.level_opinion == "change"',
        enter="left",
    )
    d.flow("gw_level_change", "draft_meeting_plan", "不调整")
    d.chain("confirm_level_change", "set_changed_level", "draft_meeting_plan")


def _roster(d: Diagram) -> None:
    d.user(
        "draft_meeting_plan",
        "拟定议事方案",
        ("party_org", 7, 0),
        "明确**时间、地点、参与对象、议事议程、有关要求、注意事项**，六项缺一不可。"
        "会议至少提前3个工作日通知，开会日期请留足。",
        clause(
            "拟定“幸福圆桌会”的议事方案，明确时间、地点、参与对象、议事议程及召开会议的有关要求和注意事项等",
            "R103",
        ),
    )
    d.user(
        "draft_roster",
        "拟定参会人员名单",
        ("party_org", 8, 0),
        "固定人员必须有区级领导(至少1名)、街道(镇)挂点领导、社区(村)“两委”干部；机动人员按议题邀请利益相关方。"
        "一般15—25人，超出或不足要写明理由，由挂点街道(镇)领导审批。",
        "“固定人员与机动人员相结合的弹性机制，一般由15-25人组成（可根据实际情况进行调整）”"
        "（西办发〔2021〕17号，四、实施步骤第1项；规则 R062—R066）",
    )
    d.gateway("gw_roster_size", "是否15—25人？", ("party_org", 9, 0), label="bottom")
    d.user(
        "approve_roster_size",
        "审批人数调整",
        ("street_leader", 9, 0),
        "名单人数不在15—25人之间。请看理由，同意或者退回重拟，并写明意见。",
        "“一般由15-25人组成（可根据实际情况进行调整）”（西办发〔2021〕17号，四、实施步骤第1项；规则 R063）",
    )
    d.gateway("gw_roster_approved", "同意调整？", ("street_leader", 10, 0), label="bottom")
    d.chain("draft_meeting_plan", "draft_roster", "gw_roster_size")
    d.flow(
        "gw_roster_size",
        "approve_roster_size",
        "否",
        f"{ROSTER} < 15 or {ROSTER} > 25",
        leave="top",
        enter="bottom",
    )
    d.flow("gw_roster_size", "gw_advance", "是")
    d.chain("approve_roster_size", "gw_roster_approved")
    d.flow(
        "gw_roster_approved",
        "draft_roster",
        "退回",
        'approve_roster_size.decision == "return"',
        leave="top",
        enter="top",
    )
    d.flow("gw_roster_approved", "gw_advance", "同意", leave="right", enter="top")


def _notice(d: Diagram) -> None:
    d.gateway("gw_advance", "涉及区级层面协调？", ("party_org", 11, 0), label="sw")
    d.user(
        "communicate_with_leader",
        "提前与区领导沟通",
        ("party_org", 12, 0),
        "“涉及到区级层面协调的提前与区领导沟通”：至少在会前**3个工作日**，记下日期、方式和区领导的意见。",
        clause("涉及到区级层面协调的提前与区领导沟通", "R104"),
    )
    d.user(
        "prepare_meeting",
        "街道做好会前准备",
        ("street_office", 13, 0),
        "主动对接挂点区领导，联系挂点帮扶单位，协调做好各项准备，三项都办妥后提交。",
        "“各街道（镇）要主动对接挂点区领导，联系各挂点帮扶单位，协调做好开展‘幸福圆桌会’的各项准备工作”"
        "（西办发〔2021〕17号，五、工作要求第2项；规则 R135）",
    )
    d.user(
        "issue_meeting_notice",
        "发出会议通知",
        ("party_org", 14, 0),
        "通知名单上的每个人：时间、地点、议程、要求。通知日与开会日之间至少隔**3个工作日**。",
        clause("明确时间、地点、参与对象、议事议程及召开会议的有关要求和注意事项等", "R103"),
    )
    d.service(
        "set_meeting_on",
        "记入开会日期",
        ("party_org", 15, 0),
        "case/set",
        meeting_on="issue_meeting_notice.meeting_on",
    )
    d.script("mark_feasible", "结果：准备开会", ("party_org", 16, 0), 'analysis_outcome = "feasible"')
    d.end("end_analysis_feasible", "准备开会", ("party_org", 17, 0))
    d.flow("gw_advance", "communicate_with_leader", "是", 'case.level == "district"')
    d.flow("gw_advance", "issue_meeting_notice", "否", leave="bottom", enter="bottom")
    d.chain("communicate_with_leader", "prepare_meeting", "issue_meeting_notice")
    d.chain("issue_meeting_notice", "set_meeting_on", "mark_feasible", "end_analysis_feasible")
