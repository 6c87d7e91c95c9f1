"""二、征求意见: visits, verification, a preliminary plan, opinions on it."""

from __future__ import annotations

from drawing.diagram import Diagram

from roundtable.words import clause, lane

CLAUSE = (
    "二是征求意见。社区（村）党组织针对确定的“幸福圆桌会”协商议题，组织民情理事会成员上门入户进实地，深入开展调查核实，"
    "结合实际制定初步协商方案，广泛征求意见。（西办发〔2021〕17号，四、实施步骤第3项）"
)


def describe() -> Diagram:
    d = Diagram("step2_opinions", "二、征求意见", CLAUSE)
    lane(d, "party_org", 126, 130)
    lane(d, "council", 150)
    _verify(d)
    _answer(d)
    _collect(d)
    return d


def _verify(d: Diagram) -> None:
    d.start("start_opinions", "议题已确定", ("party_org", 0, 1))
    d.user(
        "assign_visits",
        "安排入户走访",
        ("party_org", 1, 1),
        "组织民情理事会成员上门入户进实地，至少安排**2名**成员，写明走访起止日期。",
        clause("组织民情理事会成员上门入户进实地", "R096"),
    )
    d.user(
        "record_visits",
        "上门入户进实地",
        ("council", 2, 0),
        "逐次记下走访：谁、何时、到哪里、看到和听到什么。至少**1次入户、1次到实地**，由2名以上成员完成。",
        clause("组织民情理事会成员上门入户进实地", "R096"),
    )
    d.user(
        "verify_findings",
        "调查核实",
        ("council", 3, 0),
        "“深入开展调查核实”：写明属实、部分属实还是不属实，并附上照片、记录等依据。",
        clause("深入开展调查核实", "R097"),
    )
    d.gateway("gw_finding", "情况是否属实？", ("council", 4, 0), label="bottom")
    d.chain("start_opinions", "assign_visits", "record_visits", "verify_findings", "gw_finding")


def _answer(d: Diagram) -> None:
    d.user(
        "reply_unconfirmed",
        "答复提出人",
        ("party_org", 5, 0),
        "经核实情况不属实的，把核实经过和结论答复提出人，议题到此为止。",
        "“从群众中来，到群众中去，为群众服务”（西办发〔2021〕17号，一、指导思想；规则 R015、R097）",
    )
    d.script("mark_not_confirmed", "结果：不属实", ("party_org", 6, 0), 'opinions_outcome = "not_confirmed"')
    d.end("end_opinions_not_confirmed", "不属实，已答复", ("party_org", 7, 0))
    d.flow(
        "gw_finding",
        "reply_unconfirmed",
        "不属实",
        'verify_findings.finding == "not_confirmed"',
        leave="top",
        enter="left",
    )
    d.chain("reply_unconfirmed", "mark_not_confirmed", "end_opinions_not_confirmed")


def _collect(d: Diagram) -> None:
    d.user(
        "draft_preliminary_plan",
        "制定初步协商方案",
        ("party_org", 5, 1),
        "“结合实际制定初步协商方案”：写清怎么办、谁来办、大致花费和难处，供大家提意见。",
        clause("结合实际制定初步协商方案", "R098"),
    )
    d.user(
        "collect_opinions",
        "广泛征求意见",
        ("council", 6, 0),
        "把初步方案交给居民群众和各方提意见：不少于**5天**或者不少于**10户**。"
        "每条意见都要写明采纳、部分采纳还是未采纳；没有全部采纳的写明理由。",
        clause("广泛征求意见", "R099"),
    )
    d.script("mark_confirmed", "结果：意见已征求", ("party_org", 7, 1), 'opinions_outcome = "confirmed"')
    d.end("end_opinions_confirmed", "意见已征求", ("party_org", 8, 1))
    d.flow("gw_finding", "draft_preliminary_plan", "属实或部分属实", leave="right", enter="bottom")
    d.chain("draft_preliminary_plan", "collect_opinions", "mark_confirmed", "end_opinions_confirmed")
