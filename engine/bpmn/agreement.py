"""What a drawing says twice must agree: other tools follow the one, this engine the other. Runs nothing.

A gateway's direction stands beside its flows, the other end of a link beside its name. Here the flows and the names
count, so whatever contradicts them is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.connections import is_link
from engine.bpmn.drawing import Drawn
from engine.bpmn.sheet import Sheet, element_id, local
from engine.bpmn.step import Problem


def problems(sheet: Sheet) -> Iterator[Problem]:
    yield from _directions(sheet)
    yield from _links(sheet)


def _directions(sheet: Sheet) -> Iterator[Problem]:
    flows = [flow for drawn in sheet.nodes for flow in drawn.flows]
    arriving = Counter(flow.target for flow in flows)
    for drawn in sheet.nodes:
        stated = sheet.by_id[drawn.id].get("gatewayDirection")
        if stated == "Converging" and len(drawn.flows) > 1:
            yield _direction(sheet, drawn, stated, f"却有 {len(drawn.flows)} 条出线")
        if stated == "Diverging" and arriving[drawn.id] > 1:
            yield _direction(sheet, drawn, stated, f"却有 {arriving[drawn.id]} 条入线")


def _direction(sheet: Sheet, drawn: Drawn, stated: str, instead: str) -> Problem:
    what = {"Converging": "只汇合", "Diverging": "只分开"}[stated]
    return sheet.problem(
        drawn,
        f"网关{sheet.title(drawn)}的方向写着{what}（{stated}），{instead}",
        "办理只看连线：请删掉 gatewayDirection，或把汇合和分开画成两个网关",
    )


def _links(sheet: Sheet) -> Iterator[Problem]:
    """BPMN 2.0.2 lets `source` and `target` name the other end, each from either side; here the name decides."""
    events = {drawn.id: drawn for drawn in sheet.nodes if drawn.event.kind == "link"}
    for definition in sheet.all("linkEventDefinition"):
        own = events.get(element_id(definition))
        for child in definition:
            if own and local(child) in ("source", "target") and not _meets(sheet, events, own, child):
                yield sheet.problem(
                    own,
                    f"链接{sheet.title(own)}的 {local(child)} 写着“{child.text}”，那里没有和它同名的另一端",
                    "链接按名称接着走：请把两端写成同样的名称，或删掉 source 和 target",
                )


def _meets(sheet: Sheet, events: Mapping[str, Drawn], own: Drawn, child: Any) -> bool:
    named = sheet.by_id.get((child.text or "").strip())
    other = None if named is None else events.get(element_id(named))
    return other is not None and (is_link(own, other) or is_link(other, own))
