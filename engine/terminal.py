"""What the commands of `roundtable` share: the database they name, who acts, a JSON value. Knows no command.

Exit codes: 0 done, 1 refused or found wrong, 2 wrong arguments.
"""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine import founding
from engine.bpmn.step import Problem
from engine.engine import Engine
from engine.errors import Refused
from engine.settings import Settings, from_environment
from engine.work import Reader

Run = Callable[[argparse.Namespace], int]
_MAX_CHARACTERS = 2_000_000


def command(commands: Any, name: str, help: str, run: Run) -> argparse.ArgumentParser:
    """A command below `commands` that opens a database; `run` gives its exit code."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.add_argument("--data", type=Path, default=None, help="数据文件夹，默认 data")
    parser.add_argument("--database", default=None, help="数据库地址，默认数据文件夹里的 SQLite")
    parser.set_defaults(run=run)
    return parser


def opened(args: argparse.Namespace) -> Engine:
    """The engine of the data folder or database that the arguments name."""
    settings = settings_of(args)
    settings.data.mkdir(parents=True, exist_ok=True)
    return Engine.open(settings.url, settings=settings)


def settings_of(args: argparse.Namespace) -> Settings:
    return from_environment(data=args.data, database=args.database, demo=getattr(args, "demo", None) or None)


def named(text: str) -> str:
    """What a person wrote to name a case, a task or a message: an empty shell variable names none."""
    if not text.strip():
        raise argparse.ArgumentTypeError("不能是空的")
    return text


def acting(parser: argparse.ArgumentParser) -> None:
    """The argument that `actor` reads."""
    parser.add_argument("--by", default="", help="办理人的岗位编号或人员编号；名录里只有一个人时可以不写")


def actor(engine: Engine, args: argparse.Namespace) -> str:
    """Who acts: as written, else the only person there is. Raises Refused."""
    return str(args.by) or engine.read(_only_person)


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
        text = args.file.read_text(encoding="utf-8") if args.file else args.json
        if len(text) > _MAX_CHARACTERS:
            raise Refused("内容太大", help=f"最多{_MAX_CHARACTERS}个字。")
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError, OSError) as cause:
        raise Refused(
            f"内容读不出来：{cause}", help='请写成 JSON，例如 {"amount": 5}，同一个键只写一次。'
        ) from cause


def print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        kind = "问题" if problem.severity == "error" else "提醒"
        print(f"{kind}：{problem.file} {problem.element}：{problem.message} {problem.help}")


def _only_person(reader: Reader) -> str:
    return founding.only_person(reader.db)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("同一个键写了两次")
    return record
