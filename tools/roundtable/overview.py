"""The whole procedure on one page."""

from __future__ import annotations

from drawing.diagram import Diagram

from roundtable.words import lane

CLAUSE = (
    "“幸福圆桌会”坚持党的统一领导，原则上由社区（村）党组织每月围绕一个议题召开一次，议事协商必须坚持“依法依规、各方平等、"
    "主体多元”的原则进行，按照“确定议题、征求意见、分析研判、协商议事、项目公示、项目实施、监督执行”七步流程开展。"
    "（西办发〔2021〕17号，四、实施步骤第3项；2021年6月21日，经十二届区委第107次常委会会议审议通过）"
)


def describe() -> Diagram:
    d = Diagram("roundtable", "社区(村)党组织主办的幸福圆桌会", CLAUSE)
    d.pool("residents", "居民群众", above=True)
    d.pool("platforms", "区网络党建云平台、“党群服务365”智慧管理平台", above=False)
    lane(d, "committee", 140)
    lane(d, "council", 140)
    lane(d, "party_org", 150, 84, 84, 84, 84)
    lane(d, "chair", 150)
    _steps(d)
    _ways(d)
    _messages(d)
    return d


def _steps(d: Diagram) -> None:
    d.start("start_case", "从登记的诉求发起", ("party_org", 0, 0))
    d.call("call_topic", "一、确定议题", ("party_org", 1, 0), "step1_topic")
    d.gateway("gw_topic", "怎样办理？", ("party_org", 2, 0), label="se")
    d.call("call_opinions", "二、征求意见", ("council", 3, 0), "step2_opinions")
    d.gateway("gw_opinions", "情况属实？", ("party_org", 3, 0), label="sw")
    d.call("call_analysis", "三、分析研判", ("party_org", 4, 0), "step3_analysis")
    d.gateway("gw_analysis", "可行？", ("party_org", 5, 0))
    d.call("call_meeting", "四、协商议事", ("chair", 6, 0), "step4_meeting")
    d.gateway("gw_meeting", "形成决议？", ("chair", 7, 0), label="right")
    d.call("call_publicity", "五、项目公示", ("party_org", 8, 0), "step5_publicity")
    d.parallel("fork_project", "", ("party_org", 9, 0))
    d.call("call_implementation", "六、项目实施", ("party_org", 10, 0), "step6_implementation")
    d.call("call_supervision", "七、监督执行", ("committee", 10, 0), "step7_supervision")
    d.parallel("join_project", "", ("party_org", 11, 0))
    d.end("end_closed_off", "销号", ("party_org", 12, 0))
    d.end("end_not_confirmed", "经核实不属实，已答复", ("party_org", 3, 1), label="right")
    d.end("end_withdrawn", "撤回或并入其他议题", ("party_org", 3, 2), label="right")
    d.end("end_ordinary", "小事基层协商办结", ("party_org", 3, 3), label="right")
    d.end("end_redirected", "个体诉求，已答复转办", ("party_org", 3, 4), label="right")
    d.end("end_not_feasible", "研判不可行，已答复", ("party_org", 6, 0))


def _ways(d: Diagram) -> None:
    d.chain("start_case", "call_topic", "gw_topic")
    d.flow("gw_topic", "call_opinions", "上圆桌会", 'topic_outcome == "accepted"', leave="top", enter="left")
    d.flow("gw_topic", "end_withdrawn", "撤回或并入", leave="bottom", enter="left")
    d.flow("gw_topic", "end_ordinary", "小事", 'topic_outcome == "ordinary"', leave="bottom", enter="left")
    d.flow(
        "gw_topic",
        "end_redirected",
        "个体诉求",
        'topic_outcome == "redirected"',
        leave="bottom",
        enter="left",
    )
    d.flow("call_opinions", "gw_opinions", leave="bottom", enter="top")
    d.flow("gw_opinions", "call_analysis", "属实", 'opinions_outcome == "confirmed"')
    d.flow("gw_opinions", "end_not_confirmed", "不属实", leave="bottom", enter="top")
    d.chain("call_analysis", "gw_analysis")
    d.flow(
        "gw_analysis", "call_meeting", "可行", 'analysis_outcome == "feasible"', leave="bottom", enter="left"
    )
    d.flow("gw_analysis", "end_not_feasible", "不可行")
    d.chain("call_meeting", "gw_meeting")
    d.flow(
        "gw_meeting", "call_publicity", "已形成", 'meeting_outcome == "reached"', leave="top", enter="left"
    )
    d.flow("gw_meeting", "call_analysis", "未形成，另行开会", leave="bottom", enter="bottom")
    d.chain("call_publicity", "fork_project", "call_implementation", "join_project", "end_closed_off")
    d.flow("fork_project", "call_supervision", leave="top", enter="left")
    d.flow("call_supervision", "join_project", leave="right", enter="top")


def _messages(d: Diagram) -> None:
    d.message("residents", "call_topic", "反映诉求", -36)
    d.message("call_topic", "residents", "逐件答复", 36)
    d.message("call_opinions", "residents", "入户走访", -36)
    d.message("residents", "call_opinions", "意见建议", 36)
    d.message("call_publicity", "residents", "公示", -36)
    d.message("residents", "call_publicity", "异议", 36)
    d.message("call_supervision", "residents", "定期通报", 0)
    d.message("call_implementation", "platforms", "上传项目", -36)
    d.message("platforms", "call_implementation", "回执", 36)
