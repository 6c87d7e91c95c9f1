"""Commands of `roundtable` beside the drawn way: claim, hand over, return, withdraw, skip, correct, retry, give back,
suspend, cancel. Knows words, no rule.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from engine.audit import verify
from engine.commands import (
    CancelCase,
    ClaimTask,
    Command,
    CorrectData,
    CorrectFacts,
    DecideSkip,
    DelegateTask,
    GiveBackSubmission,
    ReleaseTask,
    RequestSkip,
    ResumeCase,
    RetryIncident,
    ReturnTask,
    SuspendCase,
    UndoMove,
    WithdrawTask,
)
from engine.engine import Engine
from engine.errors import Refused
from engine.lines import print_next
from engine.reading import running
from engine.terminal import acting, actor, command, given_object, giving, named, opened, why

CASES: Mapping[str, tuple[Callable[[str, str], Command], str]] = {
    "retry": (RetryIncident, "停下来的一件：原因排除以后再试一次"),
    "give-back": (GiveBackSubmission, "停下来的一件：待执行的提交不生效，交还办理人重填"),
    "withdraw": (WithdrawTask, "撤回自己刚办的一步，还没有人接着办的"),
    "suspend": (SuspendCase, "暂停一件：不能办理，定时不触发"),
    "resume": (ResumeCase, "恢复暂停的一件"),
    "cancel": (CancelCase, "撤销一件：不再办理"),
    "undo-move": (UndoMove, "撤销换版本，换了以后还没有人办理的"),
}


def add_commands(commands: Any) -> None:
    """Hang them below the `roundtable` parser; each sets `run`."""
    for name, (steer, help) in CASES.items():
        _of_case(command(commands, name, help, partial(_steer, steer)))
    correct = command(commands, "correct", "更正一件的数据：停下来的更正填报的内容或变量，再 retry", _correct)
    _of_case(correct)
    correct.add_argument(
        "--facts", action="store_true", help="更正办件事实，不必停下来；流程规定可以更正的才行"
    )
    giving(
        correct, '只写要改的：{"变量": 值}，分任务保存的写 {"任务编号": {"字段": 值}}；待执行的消息、发起同样'
    )
    _add_task_commands(commands)


def _add_task_commands(commands: Any) -> None:
    _of_item(command(commands, "claim", "认领一项待办：别人不能再办", partial(_task, ClaimTask)))
    _of_item(command(commands, "release", "退回认领的待办", partial(_task, ReleaseTask)))
    delegate = command(commands, "delegate", "把一项待办转交给本单位的另一个人", _delegate)
    _of_item(delegate)
    delegate.add_argument("--to", type=named, required=True, metavar="人员编号", help="转交给谁")
    _because(delegate)
    back = command(commands, "return", "退回：从一项待办退到流程允许退回的前一项任务", _return)
    _of_item(back)
    back.add_argument("--to", type=named, required=True, metavar="任务编号", help="退回到哪一项任务")
    _because(back)
    skip = command(
        commands, "skip", "跳过：申请跳过一项待办；另一个人用 --approve 批准或 --refuse 不同意", _skip
    )
    _of_item(skip)
    deciding = skip.add_mutually_exclusive_group()
    deciding.add_argument("--approve", action="store_true", help="批准申请")
    deciding.add_argument("--refuse", action="store_true", help="不同意申请")
    _because(skip)


def _of_case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", type=named, help="标识或编号，由 cases 列出")
    _because(parser)
    acting(parser)


def _of_item(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", type=named, help="待办编号，由 tasks 列出")
    acting(parser)


def _because(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", type=why, required=True, metavar="原因", help="记入办理经过")


def _steer(steer: Callable[[str, str], Command], args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case)
    return _noted(engine, steer(case, args.reason), args)


def _correct(args: argparse.Namespace) -> int:
    """What runs is not touched: of a case that has not stopped only facts can be corrected."""
    engine = opened(args)
    case = engine.read(verify.case_named, args.case)
    change = given_object(args)
    if args.facts:
        return _noted(engine, CorrectFacts(case, change, args.reason), args)
    if engine.read(running.state, case) != running.INCIDENT:
        raise Refused(
            "这一件没有停下来，数据不能更正",
            help="正在办理的，请退回（return）或撤回（withdraw）重办；办件事实用 --facts 更正。",
        )
    code = _noted(engine, CorrectData(case, change, args.reason), args)
    print("已更正，还没有执行：用 retry 再试一次。")
    return code


def _task(act: Callable[[str], Command], args: argparse.Namespace) -> int:
    engine = opened(args)
    return _noted(engine, act(args.item), args)


def _delegate(args: argparse.Namespace) -> int:
    engine = opened(args)
    return _noted(engine, DelegateTask(args.item, args.to, args.reason), args)


def _return(args: argparse.Namespace) -> int:
    engine = opened(args)
    return _noted(engine, ReturnTask(args.item, args.to, args.reason), args)


def _skip(args: argparse.Namespace) -> int:
    engine = opened(args)
    if args.approve or args.refuse:
        return _noted(engine, DecideSkip(args.item, bool(args.approve), args.reason), args)
    return _noted(engine, RequestSkip(args.item, args.reason), args)


def _noted(engine: Engine, asked: Command, args: argparse.Namespace) -> int:
    outcome = engine.handle(asked, by=actor(engine, args))
    print(f"已记入{outcome.case}的办理经过。")
    return print_next(engine, outcome)
