"""Chinese sentences for what a validator finds. Knows keywords and fields, nothing of rules or cases."""

from collections.abc import Sequence
from typing import Any

from engine.errors import FieldProblem
from engine.forms.schema import Field

SHOWN_KEY = 40  # an unknown key is quoted no further than this

FILL = {"choice": "请选择", "checkbox": "请确认", "checkboxes": "请选择", "attachments": "请上传"}
KIND = {
    "integer": "“{title}”要填写整数。",
    "money": "“{title}”要填写金额，单位元，最多两位小数。",
    "date": "“{title}”要填写日期，例如2026-03-05。",
    "datetime": "“{title}”要填写日期和时间。",
    "clock": "“{title}”要填写时间，例如14:30。",
    "phone": "“{title}”要填写手机号码或带区号的座机号码。",
    "checkbox": "“{title}”只能勾选或不勾选。",
    "table": "“{title}”要按行填写。",
    "attachments": "“{title}”里有一个附件无法识别，请重新上传。",
}
SENTENCES = {
    "maxLength": "“{title}”不能超过{limit}个字。",
    "minLength": "“{title}”至少要写{limit}个字。",
    "minimum": "“{title}”不能小于{limit}。",
    "maximum": "“{title}”不能大于{limit}。",
    "minItems": "“{title}”至少要有{limit}{counter}。",
    "maxItems": "“{title}”最多{limit}{counter}。",
    "uniqueItems": "“{title}”里有重复的内容。",
    "oneOf": "请在“{title}”的选项中选择。",
    "const": "请确认“{title}”。",
    "pattern": "“{title}”的格式不对。{help}",
}
COUNTERS = {"table": "行", "attachments": "个附件", "checkboxes": "项"}


def problem(
    fields: Sequence[Field], path: Sequence[str | int], kind: str, detail: dict[str, Any]
) -> FieldProblem:
    """The complaint about the value at `path` (as the validator names it) of a field that the form knows."""
    if kind == "required":
        path = (*path, detail["property"])
    field, row, column = _located(fields, path)
    message = sentence(column or field, kind, detail)
    return FieldProblem(field.key, _prefix(row, len(path)) + message, row, column.key if column else "")


def unknown(key: str) -> FieldProblem:
    return FieldProblem("", f"表单里没有“{_shown(key)}”这一项，没有保存。", help="请刷新页面后重新填写。")


def foreign_cell(table: Field, row: int, key: Any) -> FieldProblem:
    return FieldProblem(table.key, f"第{row}行有表单以外的内容“{_shown(key)}”，没有保存。", row)


def sentence(field: Field, kind: str, detail: dict[str, Any]) -> str:
    if kind == "required":
        return f"{FILL.get(field.kind, '请填写')}“{field.title}”。"
    if kind == "const":
        return SENTENCES["const"].format(title=field.title)
    if kind in ("type", "format"):
        return KIND.get(field.kind, "“{title}”要填写文字。").format(title=field.title)
    template = SENTENCES.get(kind, "“{title}”填写得不对。")
    return template.format(
        title=field.title,
        limit=_limit(field, detail.get("limit")),
        counter=COUNTERS.get(field.kind, "项"),
        help=field.help,
    )


def _located(fields: Sequence[Field], path: Sequence[str | int]) -> tuple[Field, int, Field | None]:
    field = next(field for field in fields if field.key == path[0])
    if len(path) < 2 or not isinstance(path[1], int):
        return field, 0, None
    column = next((column for column in field.columns if len(path) > 2 and column.key == path[2]), None)
    return field, path[1] + 1, column


def _prefix(row: int, depth: int) -> str:
    return f"第{row}行" if row and depth > 2 else ""


def _limit(field: Field, limit: Any) -> Any:
    if field.kind == "money" and isinstance(limit, int):
        return f"{limit // 100}元" if limit % 100 == 0 else f"{limit / 100:.2f}元"
    return limit


def _shown(key: Any) -> str:
    text = str(key).encode(errors="replace").decode()
    return text if len(text) <= SHOWN_KEY else text[:SHOWN_KEY] + "…"
