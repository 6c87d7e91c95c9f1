"""一、确定议题: from the registered claim to a numbered topic, or to an honest answer."""

from __future__ import annotations

from drawing.diagram import Diagram

from roundtable.words import clause, lane

CLAUSE = (
    "一是确定议题。社区（村）党组织针对收集汇总的各方面、各渠道反映的议题，突出公共事务，聚焦需要区级层面协调帮助解决的"
    "民生实事和街道（镇）层面协商解决的“幸福微实事”等，确定“幸福圆桌会”协商议题。协商议题要注意公共事务与个体利益、"
    "个人诉求的严格区分，防止偏离方向。（西办发〔2021〕17号，四、实施步骤第3项）"
)


def describe() -> Diagram:
    d = Diagram("step1_topic", "一、确定议题", CLAUSE)
    lane(d, "street_office")
    lane(d, "secretary", 140)
    lane(d, "party_org", 124, 124, 116, 116)
    _screening(d)
    _answers(d)
    _decision(d)
    return d


def _screening(d: Diagram) -> None:
    d.start("start_topic", "收到诉求", ("party_org", 0, 1))
    d.user(
        "register_topic",
        "登记议题",
        ("party_org", 1, 1),
        "按提出人的**原话**登记，不改写、不概括；写明所在小区、议题类型和事项性质。"
        "提出人要求匿名的，指定一名社区工作人员代为说明。紧急的请勾选“紧急”。",
        clause("针对收集汇总的各方面、各渠道反映的议题", "R087", "R089", "R070"),
    )
    d.user(
        "screen_topic",
        "审查议题性质",
        ("party_org", 2, 1),
        "先分清是**公共事务**还是**个体利益、个人诉求**：“协商议题要注意公共事务与个体利益、个人诉求的严格区分，防止偏离方向”。"
        "再定办法：小事基层协商干，大事圆桌议事干。本社区(村)没有在任的民情理事会成员，不能进入下一步。",
        clause(
            "突出公共事务……协商议题要注意公共事务与个体利益、个人诉求的严格区分，防止偏离方向",
            "R090",
            "R095",
            "R016",
        ),
    )
    d.gateway("gw_affair", "是公共事务还是个体诉求？", ("party_org", 3, 1), label="nw")
    d.user(
        "split_claims",
        "分拆个体诉求",
        ("party_org", 4, 0),
        "议题里夹着个人诉求的，逐条分出来，写明转到哪里、怎样答复；留下的公共事务继续往下走。",
        clause("公共事务与个体利益、个人诉求的严格区分", "R095"),
    )
    d.gateway("gw_handling", "怎样办理？", ("party_org", 6, 1), label="ne")
    d.chain("start_topic", "register_topic", "screen_topic", "gw_affair")
    d.flow("gw_affair", "gw_handling", "公共事务")
    d.flow(
        "gw_affair", "split_claims", "两者兼有", 'screen_topic.affair == "mixed"', leave="top", enter="left"
    )
    d.flow("gw_affair", "redirect_claim", "个体诉求", 'screen_topic.affair == "individual"', leave="bottom")
    d.flow("split_claims", "gw_handling", enter="top")


def _answers(d: Diagram) -> None:
    d.user(
        "redirect_claim",
        "答复并转办个体诉求",
        ("party_org", 3, 2),
        "个人诉求不能成为协商议题，但要有着落：写清理由，转到人民调解、信访、12345热线或便民服务窗口，并答复提出人。",
        clause("公共事务与个体利益、个人诉求的严格区分，防止偏离方向", "R095", "R015"),
    )
    d.script("mark_redirected", "结果：已转办", ("party_org", 4, 2), 'topic_outcome = "redirected"')
    d.end("end_topic_redirected", "已答复转办", ("party_org", 5, 2))
    d.chain("redirect_claim", "mark_redirected", "end_topic_redirected")
    d.user(
        "handle_ordinarily",
        "基层协商办理",
        ("party_org", 7, 2),
        "“小事基层协商干”：不开圆桌会，由社区(村)与当事各方协商办好，写明结果和日期；办结照样计入统计。",
        "“实现小事基层协商干、大事圆桌议事干”（西办发〔2021〕17号，一、指导思想；规则 R016）",
    )
    d.script("mark_ordinary", "结果：基层协商", ("party_org", 8, 2), 'topic_outcome = "ordinary"')
    d.end("end_topic_ordinary", "基层协商办结", ("party_org", 9, 2))
    d.chain("handle_ordinarily", "mark_ordinary", "end_topic_ordinary")
    d.user(
        "reply_submitter",
        "答复提出人",
        ("party_org", 7, 3),
        "议题撤回或并入其他议题的，向提出人说清原因和并入哪件议题。",
        "“从群众中来，到群众中去，为群众服务”（西办发〔2021〕17号，一、指导思想；规则 R015）",
    )
    d.script("mark_withdrawn", "结果：撤回或并入", ("party_org", 8, 3), 'topic_outcome = "withdrawn"')
    d.end("end_topic_withdrawn", "撤回或并入", ("party_org", 9, 3))
    d.chain("reply_submitter", "mark_withdrawn", "end_topic_withdrawn")
    d.flow(
        "gw_handling",
        "handle_ordinarily",
        "小事基层协商",
        'screen_topic.handling == "ordinary"',
        leave="bottom",
        enter="left",
    )
    d.flow(
        "gw_handling",
        "reply_submitter",
        "并入或撤回",
        'screen_topic.handling == "merge" or screen_topic.handling == "withdraw"',
        leave="bottom",
        enter="left",
    )


def _decision(d: Diagram) -> None:
    d.user(
        "propose_level",
        "提出协商层级",
        ("party_org", 7, 1),
        "按事情要谁才能解决来提：区级层面协调帮助解决的民生实事、街道(镇)层面协商解决的“幸福微实事”、"
        "社区(村)层面协商解决的公共事务。写明理由，由街道(镇)核定。",
        clause(
            "聚焦需要区级层面协调帮助解决的民生实事和街道（镇）层面协商解决的“幸福微实事”等",
            "R091",
            "R092",
            "R093",
        ),
    )
    d.user(
        "confirm_level",
        "核定协商层级",
        ("street_office", 7, 0),
        "核定社区(村)提出的层级。层级决定由谁主持圆桌会。与社区(村)所提不同的，必须写明理由。请在2个工作日内办理。",
        clause("需要区级层面协调帮助解决的民生实事……街道（镇）层面协商解决的“幸福微实事”", "R091", "R092"),
        due="2 working days",
    )
    d.service(
        "set_level",
        "记入层级和类型",
        ("street_office", 8, 0),
        "case/set",
        level="confirm_level.level",
        category="register_topic.category",
    )
    d.user(
        "decide_topic",
        "确定议题",
        ("secretary", 9, 0),
        "由党组织集体研究确定，写明日期和参加人。原则上每月围绕**一个**议题召开一次，同月再定第二个议题的要写明理由。",
        clause("确定“幸福圆桌会”协商议题", "R094", "R056", "R057"),
    )
    d.service("number_case", "编议题编号", ("party_org", 10, 1), "case/number", "number_case")
    d.service(
        "set_number",
        "记入编号和名称",
        ("party_org", 11, 1),
        "case/set",
        number="number_case",
        title="decide_topic.title",
    )
    d.script("mark_accepted", "结果：议题已确定", ("party_org", 12, 1), 'topic_outcome = "accepted"')
    d.end("end_topic_accepted", "议题已确定", ("party_org", 13, 1))
    d.flow("gw_handling", "propose_level", "上圆桌会")
    d.chain("propose_level", "confirm_level", "set_level", "decide_topic", "number_case")
    d.chain("number_case", "set_number", "mark_accepted", "end_topic_accepted")
