"""七、监督执行: the project's committee, and its monthly rounds until close-off."""

from __future__ import annotations

from drawing.diagram import Diagram, Event

from roundtable.words import clause, lane

CLAUSE = (
    "七是监督执行。在项目推进过程中要成立由社区（村）党组织、相关利益方、项目经办方等成员组成的监督委员会，对项目进展情况、"
    "质量情况、完成时限等进行全程监督，并及时将项目办结情况，通过各种方式定期通报，确保项目建设按时限、高质量完成。"
    "（西办发〔2021〕17号，四、实施步骤第3项）"
)


def step() -> Diagram:
    d = Diagram("step7_supervision", "七、监督执行", CLAUSE)
    lane(d, "party_org")
    lane(d, "committee", 160)
    d.start("start_supervision", "公示完成", ("party_org", 0, 0))
    d.user(
        "form_committee",
        "成立监督委员会",
        ("party_org", 1, 0),
        "由社区(村)党组织、相关利益方、项目经办方等成员组成，**三方都要有**；人数为单数、不少于3人，"
        "负责人不能是经办方，至少有1名居民。任务开工前成立。",
        clause("成立由社区（村）党组织、相关利益方、项目经办方等成员组成的监督委员会", "R129", "R130"),
    )
    d.service(
        "register_committee",
        "登记监督委员会",
        ("party_org", 2, 0),
        "committee/register",
        "register_committee",
        members="form_committee.members",
    )
    d.service(
        "set_committee", "记入监督委员会", ("party_org", 3, 0), "case/set", committee="register_committee"
    )
    d.call(
        "supervise",
        "每月监督，直到销号",
        ("committee", 4, 0),
        "supervision_round",
        loop="not case.closed_off",
        documentation=clause("对项目进展情况、质量情况、完成时限等进行全程监督", "R131", "R132"),
    )
    d.boundary("closed_off_announced", "项目已销号", "supervise", Event("closed_off"))
    d.user(
        "publish_final_circular",
        "办结通报",
        ("party_org", 5, 0),
        "“及时将项目办结情况，通过各种方式定期通报”：写明通报方式和内容，附通报的照片或截图。",
        clause("及时将项目办结情况，通过各种方式定期通报", "R132"),
    )
    d.end("end_supervision", "监督完成", ("party_org", 6, 0))
    d.chain("start_supervision", "form_committee", "register_committee", "set_committee", "supervise")
    d.flow("supervise", "publish_final_circular", leave="right", enter="bottom")
    d.flow("closed_off_announced", "publish_final_circular", enter="bottom")
    d.chain("publish_final_circular", "end_supervision")
    return d


def round_() -> Diagram:
    d = Diagram("supervision_round", "监督执行：一轮监督", CLAUSE)
    lane(d, "district_leader")
    lane(d, "street_leader", 140)
    lane(d, "committee", 150)
    lane(d, "party_org", 140)
    d.start("start_round", "一轮开始", ("committee", 0, 0))
    d.user(
        "inspect_project",
        "监督检查",
        ("committee", 1, 0),
        "每月至少检查一次，**进展情况、质量情况、完成时限**三项都要写；发现问题的写明问题和要求。",
        clause("对项目进展情况、质量情况、完成时限等进行全程监督", "R131"),
        due="last_working_day(today())",
    )
    d.service(
        "count_inspection",
        "记入检查次数",
        ("committee", 2, 0),
        "case/set",
        inspections="(case.inspections or 0) + 1",
    )
    d.gateway("gw_superior", "由哪级领导挂帅督办？", ("committee", 3, 0), label="bottom")
    supervise = clause("需要上级部门协调解决的事项，挂点区领导或街道（镇）领导要亲自挂帅督办", "R127", "R128")
    told = "请记下本月督办情况、协调了哪些资源和资金。“要亲自挂帅督办”，每月至少记录一次。"
    d.user(
        "lead_by_district",
        "区领导挂帅督办",
        ("district_leader", 4, 0),
        told,
        supervise,
        due="last_working_day(today())",
    )
    d.user(
        "lead_by_street",
        "街道领导挂帅督办",
        ("street_leader", 4, 0),
        told,
        supervise,
        due="last_working_day(today())",
    )
    d.service(
        "count_leader_record",
        "记入督办次数",
        ("street_leader", 5, 0),
        "case/set",
        leader_records="(case.leader_records or 0) + 1",
    )
    d.user(
        "publish_circular",
        "定期通报",
        ("party_org", 5, 0),
        "每月最后一个工作日前通报项目进展，至少一种方式，附通报的照片或截图。",
        clause("及时将项目办结情况，通过各种方式定期通报", "R132"),
        due="last_working_day(today())",
    )
    d.service(
        "count_circular",
        "记入通报次数",
        ("party_org", 6, 0),
        "case/set",
        circulars="(case.circulars or 0) + 1",
    )
    d.catch("next_round", "到下月1日", ("party_org", 7, 0), Event(date="next_month(today())"))
    d.end("end_round", "一轮结束", ("party_org", 8, 0))
    d.chain("start_round", "inspect_project", "count_inspection", "gw_superior")
    d.flow(
        "gw_superior", "lead_by_district", "区级议题", 'case.level == "district"', leave="top", enter="left"
    )
    d.flow(
        "gw_superior", "lead_by_street", "街道(镇)议题", 'case.level == "street"', leave="top", enter="left"
    )
    d.flow("gw_superior", "publish_circular", "社区(村)议题", leave="right")
    d.flow("lead_by_district", "count_leader_record", leave="right", enter="top")
    d.flow("lead_by_street", "count_leader_record", leave="right", enter="left")
    d.flow("count_leader_record", "publish_circular", leave="bottom", enter="top")
    d.chain("publish_circular", "count_circular", "next_round", "end_round")
    return d
