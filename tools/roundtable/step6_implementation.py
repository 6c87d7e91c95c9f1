"""六、项目实施: ledger, tasks of the executing parties, acceptance, uploads to two platforms, close-off."""

from __future__ import annotations

from drawing.diagram import Diagram, Event, Items

from roundtable.words import clause, lane

CLAUSE = (
    "六是项目实施。社区（村）党组织将建立项目工作台帐，实行销号处理，同时上传区网络党建云平台及“党群服务365”智慧管理平台。"
    "特别是需要上级部门协调解决的事项，挂点区领导或街道（镇）领导要亲自挂帅督办，积极协调各方资源、汇聚各方力量，"
    "争取项目资金。（西办发〔2021〕17号，四、实施步骤第3项）"
)


def describe() -> Diagram:
    d = Diagram("step6_implementation", "六、项目实施", CLAUSE)
    lane(d, "executing_party")
    lane(d, "party_org", 124, 124)
    lane(d, "committee", 140)
    _work(d)
    _acceptance(d)
    _uploads(d)
    _close(d)
    return d


def _work(d: Diagram) -> None:
    d.start("start_implementation", "公示完成", ("party_org", 0, 0.5))
    d.user(
        "open_ledger",
        "建立项目工作台帐",
        ("party_org", 1, 0.5),
        "“建立项目工作台帐，实行销号处理”：记下开工日期和资金落实情况。台帐随办理自动更新，不用另抄一份。",
        clause("建立项目工作台帐，实行销号处理", "R123"),
    )
    d.script("take_plan_items", "取任务清单", ("party_org", 2, 0.5), "plan_items = draft_plan_book.items")
    d.user(
        "carry_out_item",
        "落实任务",
        ("executing_party", 2, 0),
        "按项目攻坚任务计划书完成这项任务，写明结果和完成日期，附照片等依据。监督委员会成立后才能提交。",
        clause("时间表、路线图、责任人", "R118", "R129"),
        items=Items("plan_items", "plan_item"),
        performer="plan_item.performer",
        item_label="plan_item.content",
        due="plan_item.due_on",
    )
    d.user(
        "apply_close_off",
        "申请销号",
        ("party_org", 3, 0.5),
        "各项任务都完成了，写明完成情况，附有关材料，请监督委员会验收。",
        clause("实行销号处理", "R124"),
    )
    d.chain("start_implementation", "open_ledger", "take_plan_items", "carry_out_item", "apply_close_off")


def _acceptance(d: Diagram) -> None:
    d.user(
        "accept_project",
        "项目验收",
        ("committee", 4, 0),
        "对照计划书验收，写明意见和质量情况。验收前监督委员会至少要有过**1次**监督检查。不通过的退回整改。",
        clause("对项目进展情况、质量情况、完成时限等进行全程监督", "R124", "R131"),
    )
    d.gateway("gw_accepted", "验收通过？", ("committee", 5, 0), label="bottom")
    d.user(
        "rectify",
        "整改",
        ("party_org", 5, 0.5),
        "按验收意见整改，写明措施和完成日期，再请监督委员会验收。",
        clause("确保项目建设按时限、高质量完成", "R133"),
    )
    d.service("set_accepted", "记入验收通过", ("committee", 6, 0), "case/set", accepted="True")
    d.flow("apply_close_off", "accept_project", leave="right", enter="top")
    d.chain("accept_project", "gw_accepted")
    d.flow("gw_accepted", "rectify", "未通过", 'accept_project.accepted == "no"', leave="top", enter="bottom")
    d.flow("rectify", "accept_project", leave="left", enter="top")
    d.flow("gw_accepted", "set_accepted", "通过")


def _uploads(d: Diagram) -> None:
    d.parallel("fork_upload", "同时上传", ("party_org", 7, 0.5), label="nw")
    _upload(d, "cloud", 0, '"party_cloud"', "区网络党建云平台", clause("同时上传区网络党建云平台", "R125"))
    _upload(
        d,
        "service",
        1,
        '"service_365"',
        "党群服务365平台",
        clause("及“党群服务365”智慧管理平台", "R126"),
    )
    d.parallel("join_upload", "都有回执", ("party_org", 11, 0.5), label="se")
    d.flow("set_accepted", "fork_upload", leave="right", enter="left")


def _upload(d: Diagram, name: str, row: int, platform: str, title: str, basis: str) -> None:
    variable = f"{name}_receipt"
    upload, received, note = f"upload_{name}", f"receipt_{name}_received", f"set_receipt_{name}"
    d.service(
        upload,
        f"上传{title}",
        ("party_org", 8, row),
        "platform/upload",
        upload,
        documentation=basis,
        platform=platform,
    )
    d.catch(received, "收到回执", ("party_org", 9, row), Event(received, variable))
    d.service(
        note, "记入回执号", ("party_org", 10, row), "case/set", **{f"receipt_{name}": f"{variable}.receipt"}
    )
    sides = {"leave": "top" if row == 0 else "bottom", "enter": "left"}
    d.flow("fork_upload", upload, **sides)
    d.chain(upload, received, note)
    d.flow(note, "join_upload", leave="right", enter="top" if row == 0 else "bottom")


def _close(d: Diagram) -> None:
    d.user(
        "close_off",
        "销号",
        ("party_org", 12, 0.5),
        "验收通过、两个平台都有回执，才能销号；区级和街道(镇)议题还要有领导挂帅督办的记录。写明销号日期和群众满意情况。",
        clause(
            "实行销号处理，同时上传区网络党建云平台及“党群服务365”智慧管理平台",
            "R124",
            "R125",
            "R126",
            "R127",
        ),
    )
    d.service("set_closed_off", "记入已销号", ("party_org", 13, 0.5), "case/set", closed_off="True")
    d.throw("announce_closed_off", "告知：已销号", ("party_org", 14, 0.5), Event("closed_off"))
    d.end("end_implementation", "实施完成", ("party_org", 15, 0.5))
    d.flow("join_upload", "close_off", leave="right", enter="left")
    d.chain("close_off", "set_closed_off", "announce_closed_off", "end_implementation")
