"""The governing document's words, and the names of the lanes. Knows no diagram."""

from __future__ import annotations

from drawing.diagram import Diagram

DOCUMENT = "西办发〔2021〕17号"

LANES = {
    "party_org": "社区(村)党组织",
    "secretary": "社区(村)党组织书记",
    "council": "民情理事会",
    "street_office": "街道(镇)",
    "street_leader": "挂点街道(镇)领导",
    "district_leader": "挂点区领导",
    "org_department": "区委组织部",
    "civil_affairs": "区民政局",
    "chair": "主持人",
    "committee": "监督委员会",
    "consent_party": "征求同意对象",
    "executing_party": "项目经办方",
}


def clause(words: str, *rules: str) -> str:
    """The words a task rests on, and the rules they were numbered as."""
    return f"“{words}”（{DOCUMENT}，四、实施步骤第3项；规则 {'、'.join(rules)}）"


def lane(diagram: Diagram, id: str, *rows: int) -> None:
    diagram.lane(id, LANES[id], *rows)
