"""Ways beside the drawn flow that process.toml declares: tasks that may be sent back, tasks that may be skipped.

A hard gate (a rule of class H that the form of a task rests on) is passed by doing the work, so it is never skipped.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.bpmn.drawing import BY_PEOPLE
from engine.bpmn.fields import FormFields
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Bundle, Problem
from engine.bpmn.vocabulary import ABOUT, RULES

COMPUTED = frozenset(
    {"chair", "committee", "performer"}
)  # roles that a case, not the directory, gives to somebody
_HARD = "H"


def problems(bundle: Bundle, sheets: Iterable[Sheet], forms: Mapping[str, FormFields]) -> Iterator[Problem]:
    """`forms` are keyed by their task. Files that cannot be read are told of elsewhere."""
    about = tomllib.loads(bundle.files[ABOUT].decode())
    tasks = {
        node.id: node.name or node.id for sheet in sheets for node in sheet.nodes if node.kind in BY_PEOPLE
    }
    returns, skips = about.get("returns", {}), about.get("skips", {})
    if not isinstance(returns, dict) or not isinstance(skips, dict):
        yield Problem(ABOUT, "", "returns 和 skips 应当是表", "请写成 [returns] 和 [skips]")
        return
    yield from _returns(returns, tasks)
    hard = _hard_rules(tomllib.loads(bundle.files.get(RULES, b"").decode()))
    for task, role in skips.items():
        yield from _skip(task, role, tasks, about.get("roles", {}))
        gates = sorted(hard.intersection(forms[task].rules)) if task in forms else []
        if gates:
            yield Problem(
                ABOUT,
                task,
                f"“{tasks[task]}”把着硬性关口（{'、'.join(gates)}），不能跳过",
                "请从 [skips] 去掉；硬性规定只能照办",
            )


def _returns(returns: Mapping[str, Any], tasks: Mapping[str, str]) -> Iterator[Problem]:
    for task, targets in returns.items():
        for named in (task, *(targets if isinstance(targets, list) else [targets])):
            if named not in tasks:
                yield Problem(
                    ABOUT, str(named), f"[returns] 里的“{named}”不是图上的任务", "请写任务编号，或去掉这一项"
                )


def _skip(task: str, role: object, tasks: Mapping[str, str], roles: Mapping[str, Any]) -> Iterator[Problem]:
    if task not in tasks:
        yield Problem(ABOUT, task, f"[skips] 里的“{task}”不是图上的任务", "请写任务编号，或去掉这一项")
    if not isinstance(role, str) or role not in roles or role in COMPUTED:
        yield Problem(
            ABOUT, task, f"[skips] 里批准跳过“{task}”的岗位“{role}”不能用", "请写 [roles] 里声明的一个岗位"
        )


def _hard_rules(told: Mapping[str, Any]) -> frozenset[str]:
    rules = told.get("rule", told)
    return frozenset(
        id for id, rule in rules.items() if isinstance(rule, dict) and rule.get("class") == _HARD
    )
