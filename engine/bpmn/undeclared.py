"""What a folder of drawings without process.toml would have declared: its name and where it begins, the rest as drawn.

Diagrams made with other tools bring no process.toml. What is written here is kept in the definition like any other
file, so that cases go on and re-execute under what was decided at the deployment. Judges no drawing.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from engine.bpmn import gate
from engine.bpmn.drawing import BPMN
from engine.bpmn.parse import outermost, read_xml
from engine.bpmn.step import Problem
from engine.errors import DeploymentRefused

ABOUT = "process.toml"
STARTER = (
    "starter"  # the fact that says who started a case; what is drawn in no lane of ours is offered to him
)

_LAWFUL_NAME = re.compile(r"[\w-]{1,60}")
_TEMPLATE = """\
# 这个文件夹没有 process.toml，这一份是发布时补写的；写一份自己的，就按自己的办。
id       = {id}
title    = {title}
main     = {main}
answers  = "flat"    # 填报的内容直接成为流程变量
as_drawn = true      # 照图办理：泳道、消息、结束事件不另作声明，任务可以没有表单

[facts]
unit    = {{ title = "单位编号", set_at_start = true }}
title   = {{ title = "名称", set_at_start = true }}
starter = {{ title = "发起人", set_at_start = true }}
"""


def declared(files: Mapping[str, bytes], name: str, main: str = "") -> bytes:
    """The process.toml of a folder that has none. `main` is needed where several processes may begin a case.

    Raises DeploymentRefused when the name cannot name a procedure, or when it cannot be seen where a case begins.
    """
    if not _LAWFUL_NAME.fullmatch(name):
        raise _refused(f"“{name}”不能作流程编号", "请用 --name（name=）写一个由字母、数字、下划线组成的编号")
    roots = {path: root for path, data in sorted(files.items()) if (root := _root(path, data)) is not None}
    begins = main or _only(_plainly_begun(roots, outermost(roots)))
    told = {"id": name, "title": _title(roots, begins) or name, "main": begins}
    return _TEMPLATE.format(
        **{key: json.dumps(text, ensure_ascii=False) for key, text in told.items()}
    ).encode()


def needed(files: Mapping[str, bytes], main: str) -> dict[str, bytes]:
    """The files without the drawings that `main` neither is drawn in nor calls, however far: other procedures."""
    roots = {path: root for path, data in sorted(files.items()) if (root := _root(path, data)) is not None}
    if _process(roots, main) is None:
        raise _refused(f"没有编号是“{main}”的流程", f"--main（main=）可写：{'、'.join(outermost(roots))}")
    wanted, ahead = set[str](), [main]
    while ahead:
        process = ahead.pop()
        for path, root in roots.items():
            if path not in wanted and _process({path: root}, process) is not None:
                wanted.add(path)
                ahead += [call.get("calledElement", "") for call in root.iter(f"{{{BPMN}}}callActivity")]
    return {path: data for path, data in files.items() if path not in roots or path in wanted}


def _root(path: str, data: bytes) -> Any:
    """None for what is no readable drawing: the gate will say so in better words."""
    if not path.endswith(".bpmn") or any(gate.readable(path, data)):
        return None
    try:
        return read_xml(data)
    except etree.XMLSyntaxError:
        return None


def _plainly_begun(roots: Mapping[str, Any], mains: list[str]) -> list[str]:
    """Of several participants only those that wait for nobody: the others begin when their event happens."""
    if len(mains) < 2:
        return mains
    return [
        id_ for id_ in mains if any(map(_is_plain, _process(roots, id_).iterfind(f"{{{BPMN}}}startEvent")))
    ]


def _is_plain(start: Any) -> bool:
    return not any(str(part.tag).endswith("EventDefinition") for part in start)


def _process(roots: Mapping[str, Any], id_: str) -> Any:
    processes = (node for root in roots.values() for node in root.iterfind(f"{{{BPMN}}}process"))
    return next((node for node in processes if node.get("id") == id_), None)


def _only(mains: list[str]) -> str:
    if not mains:
        raise _refused(
            "没有可以执行的流程", "请在流程图编辑器里选中流程，勾选“可执行”（isExecutable），再保存"
        )
    if len(mains) > 1:
        raise _refused(
            f"看不出从哪个流程开始：{'、'.join(mains)}", "请用 --main（main=）写明从哪一个流程开始"
        )
    return mains[0]


def _title(roots: Mapping[str, Any], main: str) -> str:
    process = _process(roots, main)
    name = "" if process is None else process.get("name", "")
    return "".join(sign for sign in " ".join(name.split()) if sign.isprintable())[:100]


def _refused(message: str, help: str) -> DeploymentRefused:
    return DeploymentRefused(message, [Problem(ABOUT, "", message, help)])
