"""The `roundtable` command: the engine's commands and `serve`. Knows arguments and the server, no rule."""

import argparse
import logging
import sys
from pathlib import Path

from waitress import create_server

from engine import cli, migrate
from engine.arguments import Parser
from engine.audit.self_check import self_check
from engine.connectors.stand_in import StandIn
from engine.engine import Engine
from engine.settings import Settings, from_environment
from engine.terminal import STOPS, port, told_by_system, why_stopped
from engine.texts import unfit
from engine.waking.dispatcher import Dispatcher, addresses_of
from web.app import create_app

THREADS = 8


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 refused or found wrong, 2 wrong arguments."""
    parser = _parser()
    args = parser.parse_args(arguments)
    _check_texts(parser, args)
    logging.getLogger("engine").addHandler(logging.NullHandler())  # what is logged is no output of a command
    try:
        return int(args.run(args))
    except STOPS as stop:
        print(why_stopped(stop), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="roundtable", description="幸福圆桌：七步流程的办理、公示与核验")
    commands = parser.add_subparsers(dest="command", required=True, title="命令", metavar="命令")
    cli.add_commands(commands)
    serving = commands.add_parser("serve", help="启动网页服务", description="启动网页服务，并处理到期事项")
    serving.add_argument("--data", type=Path, default=None, help="数据文件夹，默认 data")
    serving.add_argument("--database", default=None, help="数据库地址，默认数据文件夹里的 SQLite")
    serving.add_argument("--port", type=port, default=None, help="端口，默认 8000")
    serving.add_argument("--host", default=None, help="监听的地址，默认只限本机 127.0.0.1")
    serving.add_argument("--demo", action="store_true", help="演示区：提供角色选择页和可调时钟")
    serving.set_defaults(run=_serve)
    return parser


def _check_texts(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Bytes that are no text come as halves of signs: they could be neither kept nor printed. A path may be any."""
    for name, value in vars(args).items():
        if wrong := unfit(value):
            parser.error(f"参数 {name} 里{wrong}，请用 UTF-8 重新写")


def _serve(args: argparse.Namespace) -> int:
    settings = from_environment(
        data=args.data, database=args.database, demo=args.demo or None, port=args.port, host=args.host
    )
    settings.data.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    self_check()
    engine = Engine.open(settings.url, settings=settings)
    migrate.upgrade(engine.database)
    app = create_app(engine, settings)
    try:
        server = create_server(
            app, host=settings.host, port=settings.port, threads=THREADS, ident="roundtable"
        )
    except OSError as failure:
        print(
            f"端口 {settings.port} 不能使用：{told_by_system(failure)}。请用 --port 换一个端口。",
            file=sys.stderr,
        )
        return 1
    dispatcher = Dispatcher(engine, _platforms(settings)).start()
    print(f"幸福圆桌已启动：http://{settings.host}:{settings.port}/", flush=True)
    try:
        server.run()
    finally:
        dispatcher.stop()
    return 0


def _platforms(settings: Settings) -> dict[str, str]:
    """Addresses of the two platforms. In a demonstration a stand-in answers for the first of them; the receipt
    of the second is entered by hand, so that both ways can be seen (D9).
    """
    addresses = addresses_of(settings)
    if settings.demo and not any(addresses.values()):
        addresses["party_cloud"] = StandIn().start().address("party_cloud")
    return addresses
