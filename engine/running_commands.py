"""Commands of `roundtable` on running cases: start, tasks, complete, message, signal, show. Knows words, no rule."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from engine.audit import verify
from engine.clock import SHANGHAI
from engine.commands import (
    CancelCase,
    Command,
    Outcome,
    PublishMessage,
    ResumeCase,
    RetryIncident,
    SendMessage,
    SendSignal,
    StartCase,
    SubmitTask,
    SuspendCase,
)
from engine.engine import Engine
from engine.reading import running, under_way
from engine.reading.running import Item, Wait
from engine.terminal import acting, actor, command, given, giving, named, opened

STATES = {
    running.ACTIVE: "正在办理",
    running.WAITING: "等待时间或消息",
    running.SUSPENDED: "已暂停",
    running.INCIDENT: "停下来等待处理",
    running.COMPLETED: "已办结",
    running.CANCELLED: "已撤销",
}
STEERING: Mapping[str, tuple[Callable[[str, str], Command], str]] = {
    "retry": (RetryIncident, "停下来的一件：原因排除以后再试一次"),
    "suspend": (SuspendCase, "暂停一件：不能办理，定时不触发"),
    "resume": (ResumeCase, "恢复暂停的一件"),
    "cancel": (CancelCase, "撤销一件：不再办理"),
}
KINDS = {"timer": "定时", "message": "消息", "signal": "信号"}
WHAT = {"entered": "进入", "left": "离开", "cancelled": "取消", "skipped": "跳过"}


def add_commands(commands: Any) -> None:
    """Hang them below the `roundtable` parser; each sets `run`."""
    start = command(commands, "start", "发起一件：按流程的现行版本", _start)
    start.add_argument("process", type=named, help="流程编号")
    start.add_argument("--unit", default="", help="单位编号，默认办理人自己的单位")
    start.add_argument("--title", default="", help="名称，默认流程的名称")
    start.add_argument("--at", default="", metavar="开始事件", help="从哪一个由事件触发的开始事件发起")
    giving(start, "一开始就有的流程变量，或者开始事件带来的内容")
    acting(start)
    tasks = command(commands, "tasks", "列出待办：编号、件、位置、名称、办理人、期限", _tasks)
    tasks.add_argument("--case", type=named, default=None, help="只列这一件的")
    tasks.add_argument("--by", default="", help="只列这个岗位或人员可以办的")
    cases = command(commands, "cases", "列出办理的每一件：标识、流程、现在怎样、名称", _cases)
    cases.add_argument("process", type=named, nargs="?", default=None, help="只列这个流程的")
    complete = command(commands, "complete", "办理一项待办", _complete)
    complete.add_argument("item", type=named, help="待办编号，由 tasks 列出")
    giving(complete, "填报的内容")
    acting(complete)
    _add_messages(commands)
    for name, (steer, help) in STEERING.items():
        steering = command(commands, name, help, partial(_steer, steer))
        steering.add_argument("case", type=named, help="议题编号或标识")
        steering.add_argument("--reason", required=True, metavar="原因", help="记入办理经过")
        acting(steering)
    show = command(commands, "show", "查看一件：状态、待办、等待、数据、停下的原因、经过", _show)
    show.add_argument("case", type=named, help="议题编号或标识")


def _add_messages(commands: Any) -> None:
    message = command(commands, "message", "发送消息：给一件，或给等着它的那一件", _message)
    message.add_argument("name", type=named, help="消息名称")
    message.add_argument(
        "--case", type=named, default=None, help="给这一件；不写则给等着它的那一件，没有则由它发起"
    )
    giving(message, "消息内容")
    acting(message)
    signal = command(commands, "signal", "发出信号：所有等着它的都收到", _signal)
    signal.add_argument("name", type=named, help="信号名称")
    giving(signal, "信号内容")
    acting(signal)
    command(commands, "messages", "列出还没有送达的消息和信号，和到时间会自己发起的办件", _messages)


def _start(args: argparse.Namespace) -> int:
    engine = opened(args)
    asked = StartCase(args.process, unit=args.unit, title=args.title, at=args.at, payload=given(args, None))
    outcome = engine.handle(asked, by=actor(engine, args))
    print(f"已发起：{outcome.case}")
    return _print_next(engine, outcome)


def _tasks(args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case) if args.case else ""
    items = engine.read(running.open_items, case, args.by)
    for item in items:
        print(_told(item))
    print(f"共{len(items)}项待办。")
    return 0


def _cases(args: argparse.Namespace) -> int:
    lines = opened(args).read(running.all_cases, args.process or "")
    for line in lines:
        print(f"{line.id} {line.process} {STATES[line.state]} {line.title}")
    print(f"共{len(lines)}件。")
    return 0


def _complete(args: argparse.Namespace) -> int:
    engine = opened(args)
    outcome = engine.handle(SubmitTask(args.item, given(args, {})), by=actor(engine, args))
    print(f"已办理：{outcome.case}")
    return _print_next(engine, outcome)


def _message(args: argparse.Namespace) -> int:
    engine = opened(args)
    by, payload = actor(engine, args), given(args, {})
    if args.case:
        case = engine.read(verify.case_named, args.case)
        outcome = engine.handle(SendMessage(case, args.name, payload), by=by)
        print(f"已送达：{outcome.case}")
        return _print_next(engine, outcome)
    sent = engine.handle(PublishMessage(args.name, payload), by=by).detail["message"]
    print(f"消息“{args.name}”已发出，送达并处理了{engine.tick()}项。")
    failed = [line.error for line in engine.read(under_way.messages) if line.id == sent and line.error]
    for why in failed:
        print(f"没有送达：{why} 请核对消息内容；它仍在途中，用 messages 查看。")
    return 1 if failed else 0


def _signal(args: argparse.Namespace) -> int:
    engine = opened(args)
    engine.handle(SendSignal(args.name, given(args, None)), by=actor(engine, args))
    print(f"信号“{args.name}”已发出，送达并处理了{engine.tick()}项。")
    return 0


def _messages(args: argparse.Namespace) -> int:
    """What an operator looks at when an answer stays out."""
    engine = opened(args)
    lines, starts = engine.read(under_way.messages), engine.read(under_way.starts)
    for line in lines:
        keys = _json(dict(line.correlation)) if line.correlation else ""
        to = line.to and f"给{line.to}"
        told = (KINDS[line.kind], line.name, keys, to, line.words, _time(line.sent_at), line.id, line.error)
        print(" ".join(part for part in told if part))
    for start in starts:
        print(
            f"发起 {start.process} {start.element} {start.rule} {_time(start.due_at)} {start.error}".rstrip()
        )
    print(f"共{len(lines)}条没有送达，{len(starts)}个开始时间。")
    return 0


def _steer(steer: Callable[[str, str], Command], args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case)
    outcome = engine.handle(steer(case, args.reason), by=actor(engine, args))
    print(f"已记入{outcome.case}的办理经过。")
    return _print_next(engine, outcome)


def _show(args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case)
    print(f"{case}：{STATES[engine.read(running.state, case)]}")
    for line in _sheet(engine, case):
        print(line)
    return 0


def _sheet(engine: Engine, case: str) -> Iterator[str]:
    yield from (f"待办：{_told(item)}" for item in engine.read(running.open_items, case))
    yield from (f"等待：{_awaited(wait)}" for wait in engine.read(running.waits, case))
    for stop in engine.read(running.incidents, case):
        closed = f"，{_time(stop.closed_at)}已处理" if stop.closed_at else ""
        yield f"停下：{stop.path}：{stop.message} {stop.help}（{_time(stop.opened_at)}{closed}）"
    yield f"数据：{_json(engine.read(running.data, case))}"
    for entry in engine.read(running.trace, case):
        undone = "（已退回，不再算数）" if entry.undone else ""
        yield f"经过：{entry.seq} {_time(entry.at)} {WHAT[entry.what]} {entry.path}{undone}"


def _print_next(engine: Engine, outcome: Outcome) -> int:
    """What is to be done now, or how the case stands; the exit code."""
    state = engine.read(running.state, outcome.case)
    items = engine.read(running.open_items, outcome.case)
    for item in items:
        print(f"待办：{_told(item)}")
    if not items or state != running.ACTIVE:
        print(f"现在：{STATES[state]}")
    if "incident" not in outcome.detail:
        return 0
    stop = engine.read(running.incidents, outcome.case)[-1]
    print(f"停下：{stop.path}：{stop.message} {stop.help}")
    return 1


def _told(item: Item) -> str:
    name = item.name or item.element
    due = f" {item.due_on.isoformat()}前" if item.due_on else ""
    label = f"（{item.label}）" if item.label else ""
    return f"{item.id} {item.case} {item.path} {name}{label} {'、'.join(item.who)}{due}"


def _awaited(wait: Wait) -> str:
    keys = f" {_json(dict(wait.correlation))}" if wait.correlation else ""
    due = f" {_time(wait.due)}" if wait.due else ""
    return f"{KINDS[wait.kind]} {wait.name}{due}{keys} {wait.path}"


def _time(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
