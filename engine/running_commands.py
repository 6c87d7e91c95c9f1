"""Commands of `roundtable` on running cases: start, tasks, complete, message, signal, show. Knows words, no rule."""

import argparse
from collections.abc import Iterator
from typing import Any

from engine.audit import verify
from engine.commands import PublishMessage, SendMessage, SendSignal, StartCase, SubmitTask
from engine.engine import Engine
from engine.errors import Refused
from engine.lines import KINDS, awaited, json_text, moment, print_next, told
from engine.reading import running, under_way
from engine.terminal import acting, actor, command, given, giving, named, opened, read_json, somebody

WAITS = "待这一件恢复办理时依次交付；到时不属于它的不会办理，用 messages 查看原因。"
WHAT = {"entered": "进入", "left": "离开", "cancelled": "取消", "skipped": "跳过"}


def add_commands(commands: Any) -> None:
    """Hang them below the `roundtable` parser; each sets `run`."""
    start = command(commands, "start", "发起一件：按流程的现行版本", _start)
    start.add_argument("process", type=named, help="流程编号")
    start.add_argument("--unit", type=named, default=None, help="单位编号，默认办理人自己的单位")
    start.add_argument("--title", default="", help="名称，默认流程的名称")
    start.add_argument(
        "--at", type=named, default=None, metavar="开始事件", help="从哪一个由事件触发的开始事件发起"
    )
    giving(start, "一开始就有的流程变量，或者开始事件带来的内容")
    acting(start)
    tasks = command(commands, "tasks", "列出待办：编号、件、位置、名称、办理人、期限", _tasks)
    tasks.add_argument("--case", type=named, default=None, help="只列这一件的")
    tasks.add_argument("--by", type=somebody, default=None, help="只列这个岗位或人员可以办的")
    cases = command(commands, "cases", "列出办理的每一件：标识、流程、现在怎样、名称", _cases)
    cases.add_argument("process", type=named, nargs="?", default=None, help="只列这个流程的")
    complete = command(commands, "complete", "办理一项待办", _complete)
    complete.add_argument("item", type=named, help="待办编号，由 tasks 列出")
    giving(complete, "填报的内容")
    acting(complete)
    _add_messages(commands)
    show = command(commands, "show", "查看一件：状态、待办、等待、数据、停下的原因、经过", _show)
    show.add_argument("case", type=named, help="标识或编号，由 cases 列出")


def _add_messages(commands: Any) -> None:
    message = command(commands, "message", "发送消息：给一件，或给等着它的那一件", _message)
    message.add_argument("name", type=named, help="消息名称")
    message.add_argument(
        "--case", type=named, default=None, help="给这一件；不写则给等着它的那一件，没有则由它发起"
    )
    giving(message, "消息内容")
    message.add_argument(
        "--correlation",
        default=None,
        metavar="内容",
        help='凭什么认出是哪一件：一个 JSON 对象，例如 {"order": 7}；不写则照图从消息内容里取',
    )
    _for_unit(message)
    acting(message)
    signal = command(commands, "signal", "发出信号：所有等着它的都收到", _signal)
    signal.add_argument("name", type=named, help="信号名称")
    giving(signal, "信号内容")
    _for_unit(signal)
    acting(signal)
    command(commands, "messages", "列出还没有送达的消息和信号，和到时间会自己发起的办件", _messages)


def _for_unit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", type=named, default=None, help="替哪个单位发出；由它发起的归这个单位")


def _start(args: argparse.Namespace) -> int:
    engine = opened(args)
    asked = StartCase(
        args.process,
        unit=args.unit or "",
        title=args.title.strip(),
        at=args.at or "",
        payload=given(args, None),
    )
    outcome = engine.handle(asked, by=actor(engine, args))
    print(f"已发起：{outcome.case}")
    return print_next(engine, outcome)


def _tasks(args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case) if args.case else ""
    items = engine.read(running.open_items, case, args.by or "")
    for item in items:
        print(told(item))
    print(f"共{len(items)}项待办。")
    return 0


def _cases(args: argparse.Namespace) -> int:
    lines = opened(args).read(running.all_cases, args.process or "")
    for line in lines:
        print(f"{line.id} {line.process} {running.WORDS[line.state]} {line.title}")
    print(f"共{len(lines)}件。")
    return 0


def _complete(args: argparse.Namespace) -> int:
    engine = opened(args)
    outcome = engine.handle(SubmitTask(args.item, given(args, {})), by=actor(engine, args))
    print(f"已办理：{outcome.case}")
    return print_next(engine, outcome)


def _message(args: argparse.Namespace) -> int:
    engine = opened(args)
    by, payload, keys = actor(engine, args), given(args, {}), _correlation(args)
    if args.case:
        if args.unit:
            raise Refused("写了 --case 就不写 --unit", help="消息给这一件，单位就是它的单位。")
        case = engine.read(verify.case_named, args.case)
        outcome = engine.handle(SendMessage(case, args.name, payload, correlation=keys), by=by)
        kept = outcome.detail.get("message")
        print(f"已收下：{kept}，{WAITS}" if kept else f"已送达：{outcome.case}")
        return print_next(engine, outcome)
    asked = PublishMessage(args.name, payload, keys or {}, args.unit or "")
    sent = engine.handle(asked, by=by).detail["message"]
    print(f"消息“{args.name}”已发出，送达并处理了{engine.tick()}项。")
    return _print_arrival(engine, sent)


def _correlation(args: argparse.Namespace) -> dict[str, Any] | None:
    if args.correlation is None:
        return None
    keys = read_json(args.correlation)
    if not isinstance(keys, dict) or not keys:
        raise Refused("--correlation 不是 JSON 对象", help='请写成 {"键": 值}，键照图上的关联属性写。')
    return keys


def _print_arrival(engine: Engine, sent: str) -> int:
    """Where a message went; one that could not be delivered gives exit code 1."""
    line = engine.read(under_way.message, sent)
    if line is None or not line.error:
        print(f"现在：{line.words}{f'（{line.case}）' if line.case else ''}" if line else "现在：已处理")
        return 0
    print(f"没有送达：{line.error} 请核对消息内容；它仍在途中，用 messages 查看。")
    return 1


def _signal(args: argparse.Namespace) -> int:
    engine = opened(args)
    engine.handle(SendSignal(args.name, given(args, None), args.unit or ""), by=actor(engine, args))
    print(f"信号“{args.name}”已发出，送达并处理了{engine.tick()}项。")
    return 0


def _messages(args: argparse.Namespace) -> int:
    """What an operator looks at when an answer stays out."""
    engine = opened(args)
    lines, starts = engine.read(under_way.messages), engine.read(under_way.starts)
    for line in lines:
        keys = json_text(dict(line.correlation)) if line.correlation else ""
        to = line.to and f"给{line.to}"
        parts = (KINDS[line.kind], line.name, keys, to, line.words, moment(line.sent_at), line.id, line.error)
        print(" ".join(part for part in parts if part))
    for start in starts:
        print(
            f"发起 {start.process} {start.element} {start.rule} {moment(start.due_at)} {start.error}".rstrip()
        )
    print(f"共{len(lines)}条没有送达，{len(starts)}个开始时间。")
    return 0


def _show(args: argparse.Namespace) -> int:
    engine = opened(args)
    case = engine.read(verify.case_named, args.case)
    print(f"{case}：{running.WORDS[engine.read(running.state, case)]}")
    for line in _sheet(engine, case):
        print(line)
    return 0


def _sheet(engine: Engine, case: str) -> Iterator[str]:
    yield from (f"待办：{told(item)}" for item in engine.read(running.open_items, case))
    yield from (f"等待：{awaited(wait)}" for wait in engine.read(running.waits, case))
    for stop in engine.read(running.incidents, case):
        closed = f"，{moment(stop.closed_at)}已处理" if stop.closed_at else ""
        yield f"停下：{stop.path}：{stop.message} {stop.help}（{moment(stop.opened_at)}{closed}）"
    waiting = (
        engine.read(running.kept, case) if engine.read(running.state, case) == running.INCIDENT else None
    )
    if waiting and waiting.subject:
        written = json_text({waiting.subject: waiting.data})
        yield f"待执行：{written}（更正照这样写，只写要改的几项）"
    yield f"数据：{json_text(engine.read(running.data, case))}"
    for entry in engine.read(running.trace, case):
        undone = "（已退回，不再算数）" if entry.undone else ""
        yield f"经过：{entry.seq} {moment(entry.at)} {WHAT[entry.what]} {entry.path}{undone}"
