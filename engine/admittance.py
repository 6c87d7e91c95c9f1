"""What a command, its author or a reading brings through the door must be fit to be kept. Knows no rule of a case.

Answers are left to their form, which names the field.
"""

from collections.abc import Iterable
from typing import Any

from engine.errors import NotAllowed, NotFound, Refused
from engine.texts import unfit, unfit_text

ANSWERS = "answers"
WORDS = {
    "title": "名称",
    "reason": "原因",
    "reply": "答复",
    "note": "说明",
    "receipt": "回执号",
    "name": "消息或信号的名称",
    "payload": "带来的内容",
    "correlation": "关联值",
    "facts": "事实",
    "data": "数据",
    "case": "办件的标识",
    "work_item": "待办的标识",
    "process": "流程",
    "unit": "单位",
    "key": "提交的标识（key）",
    "to": "去处",
    "mentions": "诉求次数",
}
HELP = "请删去看不见的字符，重新写一遍再提交；程序提交的，文字要是完整的 UTF-8，数超出64位的写成文字。"


def check_command(command: Any) -> None:
    """Raises Refused."""
    for name, value in vars(command).items():
        if name == ANSWERS or (type(value) is str and value.isascii() and "\0" not in value):
            continue  # every task passes here
        if wrong := unfit(value):
            raise Refused(f"“{WORDS.get(name, '提交的内容')}”里{wrong}，不能保存，没有办理", help=HELP)


def check_author(by: str) -> None:
    """Raises NotAllowed."""
    if wrong := unfit_text(by):
        raise NotAllowed(f"办理人的编号里{wrong}，没有这样的人员", help="请写名录中的岗位编号或人员编号。")


def check_question(arguments: Iterable[Any]) -> None:
    """Of a reading only its texts: they name something. Raises NotFound."""
    for one in arguments:
        if isinstance(one, str) and (wrong := unfit_text(one)):
            raise NotFound(f"要找的编号或名称里{wrong}，没有找到", help="请从列表重新打开。")
