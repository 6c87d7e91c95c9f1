"""The cases of the demonstration: about thirty invented matters of daily life, each standing at another step.

Everything is invented. `stop` is the task that stays open when the demonstration starts; "" runs to the end.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.demo.walk import RECEIPTS, Plot

_FIRST = date(2026, 9, 15)  # the last working day before the demonstration opens
_POSTED = {
    "publish_notice": date(2026, 9, 14)
}  # its five working days include the make-up Sunday, 20 September


def plots() -> list[Plot]:
    """In the order in which they are worth seeing first: fewer cases still stand at many steps."""
    return [
        _plot("u001", "楼道照明损坏，老人夜间上下楼不安全", 70, "publish_notice", "community", "safety"),
        _plot("u001", "小区充电桩不足，电动车飞线充电", 80, "close_notice", "street", "safety", held=_POSTED),
        _plot("u001", "背街小巷雨污管网堵塞", 150, "carry_out_item", "district", "environment"),
        _plot("u001", "楼上漏水要求社区赔偿", 12, "redirect_claim", "", "other", affair="individual"),
        _plot("u001", "老年食堂选址", 60, "record_attendance", "community", "care"),
        _plot("u001", "小区健身器材更新", 260, "", "community", "culture"),
        _plot("u001", "改造闲置自行车棚为议事亭", 8, "screen_topic", "community", "public_good"),
        _plot("u001", "占用消防通道停车", 20, "confirm_level", "street", "safety"),
        _plot("u002", "加装电梯意见征集", 40, "record_visits", "street", "care"),
        _plot("u003", "垃圾分类亭异味扰民", 45, "collect_opinions", "community", "environment"),
        _plot("u004", "暑期儿童托管场地", 50, "analyse_topic", "community", "care"),
        _plot("u005", "沿街餐饮油烟", 52, "draft_meeting_plan", "street", "environment"),
        _plot("u006", "片区积水点治理", 60, "communicate_with_leader", "district", "environment"),
        _plot("u007", "公交站台向小区门口迁移", 62, "chair_by_district", "district", "public_good"),
        _plot("u008", "文化广场夜间噪声", 66, "discuss_topic", "street", "culture"),
        _plot("u009", "危墙加固", 72, "sign_minutes", "street", "safety"),
        _plot("u010", "社区图书角开放时间", 72, "receive_filing", "community", "culture"),
        _plot("u011", "共享花园养护", 78, "draft_plan_book", "community", "environment"),
        _plot("u013", "小区出入口改造", 82, "give_consent", "street", "safety"),
        _plot("u014", "楼栋防盗门更换", 92, "close_notice", "community", "safety"),
        _plot("u015", "邻里互助食材分享点", 100, "form_committee", "community", "public_good"),
        _plot("u016", "学校周边交通疏导", 150, "inspect_project", "district", "safety"),
        _plot("u025", "夜间道路照明补建", 170, "accept_project", "street", "safety"),
        _plot("u001", "小区内非机动车集中停放点", 172, RECEIPTS, "street", "safety"),
        _plot("u026", "社区卫生服务点搬迁", 190, "close_off", "district", "care"),
        _plot("u037", "村级文化礼堂修缮", 250, "", "street", "culture"),
        _plot("u038", "集贸市场周边环境整治", 240, "", "district", "environment"),
        _plot("u050", "个人违建补偿诉求", 90, "", "", "other", affair="individual"),
        _plot("u051", "门禁卡补办", 100, "", "community", "other", handling="ordinary"),
        _plot("u062", "小区外立面统一刷新", 130, "", "community", "environment", feasibility="not_feasible"),
        _plot("u063", "居民议事章程修订", 120, "", "community", "public_good", handling="merge"),
        _plot("u074", "树木遮挡采光", 76, "answer_objection", "community", "environment", objection=True),
        _plot("u085", "河道边步道护栏", 15, "decide_topic", "street", "safety"),
    ]


def _plot(
    unit: str,
    title: str,
    days_before: int,
    stop: str,
    level: str,
    category: str,
    *,
    affair: str = "",
    handling: str = "",
    feasibility: str = "",
    objection: bool = False,
    held: Mapping[str, date] | None = None,
) -> Plot:
    changes: dict[str, Mapping[str, Any]] = {
        "register_topic": {"category": category, **_reason(category)},
        "propose_level": {"proposed_level": level},
        "confirm_level": {"level": level},
    }
    if affair:
        changes["screen_topic"] = {"affair": affair}
    if handling:
        changes["screen_topic"] = {"handling": handling, "handling_reason": "可由社区日常协商解决"}
    if feasibility:
        changes["analyse_topic"] = {"feasibility": feasibility}
    return Plot(
        unit,
        title,
        _FIRST - timedelta(days=days_before),
        stop,
        changes,
        {"category": category, **_reason(category)},
        "对施工范围有不同意见，希望先征求相邻楼栋同意。" if objection else "",
        held or {},
    )


def _reason(category: str) -> dict[str, str]:
    return {"category_reason": "不属于前五类事项"} if category == "other" else {}
