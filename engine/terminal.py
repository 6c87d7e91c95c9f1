"""What the commands of `roundtable` share: the database they name, who acts, a JSON value. Knows no command.

Exit codes: 0 done, 1 refused or found wrong, 2 wrong arguments.
"""

import argparse
import errno
import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine import founding
from engine.bpmn.step import Problem
from engine.clock import KeptClock
from engine.engine import Engine
from engine.errors import FormRejected, Refused, RoundtableError, Unavailable
from engine.settings import PORTS, Settings, from_environment
from engine.work import Reader

Run = Callable[[argparse.Namespace], int]
# What stops a command without being a mistake of ours.
STOPS = (RoundtableError, OSError, DBAPIError, sqlite3.Error, UnicodeDecodeError)
_MAX_CHARACTERS = 2_000_000
_SYSTEM = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "这里只能读，不能写",
    errno.EEXIST: "已经有同名的文件",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名称太长",
    errno.EADDRINUSE: "已经被别的程序占用",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址",
}


def command(commands: Any, name: str, help: str, run: Run) -> argparse.ArgumentParser:
    """A command below `commands` that opens a database; `run` gives its exit code."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.add_argument("--data", type=Path, default=None, help="数据文件夹，默认 data")
    parser.add_argument("--database", default=None, help="数据库地址，默认数据文件夹里的 SQLite")
    parser.set_defaults(run=run)
    return parser


def opened(args: argparse.Namespace) -> Engine:
    """The engine of the data folder or database that the arguments name, by the clock that it keeps."""
    settings = settings_of(args)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = Engine.open(settings.url, settings=settings)
    if not settings.demo:
        engine.clock = KeptClock(engine.database)
    return engine


def settings_of(args: argparse.Namespace) -> Settings:
    return from_environment(data=args.data, database=args.database, demo=getattr(args, "demo", None) or None)


def named(text: str) -> str:
    """What a person wrote to name a case, a task or a message: an empty shell variable names none."""
    if not text.strip():
        raise argparse.ArgumentTypeError("不能是空的")
    return text


def somebody(text: str) -> str:
    """Who acts; an empty shell variable is nobody, and not whoever else there is."""
    if not text.strip():
        raise argparse.ArgumentTypeError("不能是空的：请写岗位编号或人员编号")
    return text


def why(text: str) -> str:
    """A reason that says something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("不能是空的：请写明原因，它会记入办理经过")
    return text


def port(text: str) -> int:
    """A port as an argument."""
    if not (text.isdecimal() and int(text[:6]) in PORTS):
        raise argparse.ArgumentTypeError("不是 1 到 65535 的整数")
    return int(text)


def told_by_system(failure: OSError) -> str:
    """What the operating system refused, in Chinese, and the file it is about."""
    why = _SYSTEM.get(failure.errno or 0, f"系统不允许（错误 {failure.errno}）")
    return f"{failure.filename}：{why}" if failure.filename is not None else why


def acting(parser: argparse.ArgumentParser) -> None:
    """The argument that `actor` reads."""
    parser.add_argument(
        "--by", type=somebody, default=None, help="办理人的岗位编号或人员编号；名录里只有一个人时可以不写"
    )


def actor(engine: Engine, args: argparse.Namespace) -> str:
    """Who acts: as written, else the only person there is. Raises Refused."""
    return str(args.by or engine.read(_only_person))


def giving(parser: argparse.ArgumentParser, what: str) -> None:
    """The two arguments that `given` reads."""
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--json", default="", metavar="内容", help=f"{what}，一个 JSON 值")
    ways.add_argument("--file", type=Path, default=None, metavar="文件", help=f"{what}，一个 JSON 文件")


def given(args: argparse.Namespace, otherwise: Any) -> Any:
    """The JSON value on the line or in the file. Raises Refused for what is not JSON, or says a key twice."""
    if args.file is None and not args.json:
        return otherwise
    try:
        return read_json(_text(args.file) if args.file else args.json)
    except (OSError, UnicodeDecodeError) as cause:
        raise _unreadable(cause) from cause


def given_object(args: argparse.Namespace) -> dict[str, Any]:
    """As `given`, of what must be an object with something in it."""
    value = given(args, {})
    if not isinstance(value, dict) or not value:
        raise Refused("没有写明要改什么", help='请用 --json 写一个对象，例如 {"amount": 5}，只写要改的。')
    return value


def read_json(text: str) -> Any:
    """A JSON value. Raises Refused for what is none, is too large, or says a key twice."""
    if len(text) > _MAX_CHARACTERS:
        raise Refused("内容太大", help=f"最多{_MAX_CHARACTERS}个字。")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as cause:
        raise _unreadable(cause) from cause


def why_stopped(stop: Exception) -> str:
    """What, why and what helps, for whatever stops a command."""
    if isinstance(stop, Unavailable | DBAPIError):
        return (
            "数据库没有建立、不能连接、被占用或已满，没有办理任何内容。请检查 --data 或 --database，再运行一次；"
            "还没有数据库的，用 db upgrade 建立，或者 deploy 文件夹 --as 名字 一并建立。"
        )
    if isinstance(stop, OSError):
        return f"文件或文件夹不能用：{told_by_system(stop)}。请核对路径和权限，换一个再运行。"
    if isinstance(stop, sqlite3.Error):
        return "数据库文件打不开或写不进，没有办完。请核对路径、权限和磁盘空间，换一个文件再运行。"
    if isinstance(stop, UnicodeDecodeError):
        return "文件读不出来：不是 UTF-8 文字。请另存为 UTF-8 再运行。"
    if isinstance(stop, FormRejected):
        told = [_joined("问题", one.field, f"{one.message} {one.help}".strip()) for one in stop.problems]
        return "\n".join([*told, stop.message])
    return " ".join(part for part in (str(stop), getattr(stop, "help", "")) if part)


def print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        kind = "问题" if problem.severity == "error" else "提醒"
        where = " ".join(part for part in (problem.file, problem.element) if part)
        print(_joined(kind, where, f"{problem.message} {problem.help}".strip()))


def _joined(*parts: str) -> str:
    """Without a hole where nothing is to be said."""
    return "：".join(part for part in parts if part)


def _text(file: Path) -> str:
    with file.open(encoding="utf-8") as content:
        return content.read(_MAX_CHARACTERS + 1)


def _unreadable(cause: Exception) -> Refused:
    return Refused(
        f"内容读不出来：{_unread(cause)}", help='请写成 JSON，例如 {"amount": 5}，同一个键只写一次。'
    )


def _unread(cause: Exception) -> str:
    if isinstance(cause, OSError):
        return told_by_system(cause)
    if isinstance(cause, json.JSONDecodeError):
        return f"第{cause.lineno}行第{cause.colno}列不合 JSON 的写法"
    if isinstance(cause, UnicodeDecodeError):
        return "文件不是 UTF-8 文字"
    return "嵌套太深" if isinstance(cause, RecursionError) else "有一个数字太长"


def _only_person(reader: Reader) -> str:
    return founding.only_person(reader.db)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise Refused("内容读不出来：同一个键写了两次", help="同一个键只写一次。")
    return record
