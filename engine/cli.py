"""The engine's commands of `roundtable`. Knows arguments and what is printed; what is done is the engine's matter.

Exit codes: 0 done, 1 refused or found wrong, 2 wrong arguments.
"""

import argparse
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import Any

from engine import (
    backup,
    directory_file,
    epochs,
    founding,
    migrate,
    release_commands,
    running_commands,
    steering_commands,
)
from engine.audit import verify
from engine.bench import command as bench
from engine.commands import Command, PauseUploads, ResumeUploads
from engine.connectors.stand_in import StandIn
from engine.demo import making
from engine.errors import FormRejected, RoundtableError
from engine.reading.verdicts import said
from engine.restoring import restore
from engine.terminal import acting, actor, command, named, opened, port, settings_of
from engine.waking.dispatcher import Dispatcher, addresses_of

SWITCHES: Mapping[str, tuple[Callable[[str], Command], str]] = {
    "pause": (PauseUploads, "暂停上传：用 PostgreSQL 的工具恢复数据库以后，启动服务以前"),
    "resume": (ResumeUploads, "恢复上传：与两个平台核对以后"),
}


def add_commands(commands: Any) -> None:
    """Hang every command below the `roundtable` parser; each sets `run`."""
    demo = command(commands, "demo", "建立演示区：12个街道(镇)、152个社区(村)，约30件办到各步骤的议题", _demo)
    demo.add_argument("--cases", type=int, default=30, help="议题数量，默认30")
    database = commands.add_parser("db", help="数据库", description="数据库")
    steps = database.add_subparsers(dest="step", required=True, title="操作")
    command(steps, "upgrade", "把数据库表结构升级到本版本", _upgrade)
    release_commands.add_commands(commands)
    running_commands.add_commands(commands)
    steering_commands.add_commands(commands)
    command(commands, "tick", "处理到期的计时事项", _tick)
    command(commands, "worker", "持续处理到期事项和待上传事项", _worker)
    verifying = command(
        commands,
        "verify",
        "核验历史：先核对链条，再逐步重新执行；名录、工作日历和发布的历史只核对链条",
        _verify,
    )
    verifying.add_argument("case", type=named, nargs="?", default=None, help="标识或编号；不写则全部核验")
    operator = commands.add_parser("operator", help="运维人员账号", description="运维人员账号")
    actions = operator.add_subparsers(dest="action", required=True, title="操作")
    adding = command(actions, "add", "建立运维人员账号（正式部署的第一个账号）", _operator_add)
    adding.add_argument("login", help="登录名")
    adding.add_argument("name", help="姓名")
    listing = command(commands, "directory", "导入名录：单位、人员、岗位、任职（TOML 文件）", _directory)
    listing.add_argument("file", type=Path, help="名录文件，写法见 docs/operations.md")
    saving = command(commands, "backup", "在线备份嵌入式数据库", _backup)
    saving.add_argument("file", type=Path, help="备份文件，校验值写在旁边的 .sha256 文件里")
    restoring = command(commands, "restore", "把备份恢复到新的数据文件夹，先核对，从不覆盖", _restore)
    restoring.add_argument("file", type=Path, help="备份文件")
    uploads = commands.add_parser("uploads", help="上传", description="上传")
    switching = uploads.add_subparsers(dest="action", required=True, title="操作")
    for name, (switch, help) in SWITCHES.items():
        switched = command(switching, name, help, partial(_switch, switch))
        switched.add_argument("--reason", required=True, metavar="原因", help="记入区级历史")
        acting(switched)
    bench.add_command(commands)
    standing = command(commands, "stand-in", "启动两个平台的替身，供演示和联调使用", _stand_in)
    standing.add_argument("--port", type=port, default=8901, help="端口，默认8901")


def _demo(args: argparse.Namespace) -> int:
    args.demo = True
    settings = settings_of(args)
    made = making.make(settings, args.cases, print)
    print(f"演示区已建立：{made.units}个社区(村)，{made.people}人，{made.cases}件议题。")
    return 0


def _upgrade(args: argparse.Namespace) -> int:
    migrate.upgrade(opened(args).database)
    print("数据库表结构已是最新。")
    return 0


def _tick(args: argparse.Namespace) -> int:
    print(f"已处理{opened(args).tick()}项到期事项。")
    return 0


def _worker(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    engine = opened(args)
    dispatcher = Dispatcher(engine, addresses_of(engine.settings)).start()
    print("正在处理到期事项，按 Ctrl-C 停止。")
    try:
        dispatcher.wait()
    except KeyboardInterrupt:
        dispatcher.stop()
    return 0


def _verify(args: argparse.Namespace) -> int:
    engine = opened(args)
    if args.case:
        verdicts = [engine.read(verify.verify_case, engine.read(verify.case_named, args.case))]
    else:
        verdicts = [engine.read(verify.verify_case, case) for case in engine.read(verify.all_cases)]
    for verdict in verdicts:
        print(engine.read(said, verdict))
    wrong = sum(not verdict.sound for verdict in verdicts)
    print(f"共核验{len(verdicts)}件，{len(verdicts) - wrong}件一致，{wrong}件不一致。")
    district = engine.read(verify.verify_district)
    print(engine.read(said, district))
    return 1 if wrong or not district.sound else 0


def _operator_add(args: argparse.Namespace) -> int:
    engine = opened(args)
    migrate.upgrade(engine.database)
    password = getpass("密码：")
    if password != getpass("再输入一次："):
        print("两次输入的密码不一致，账号没有建立。")
        return 1
    try:
        engine.small(founding.add_operator, args.login, args.name, password, engine.now())
    except FormRejected as refusal:
        print(f"账号没有建立：{'；'.join(problem.message for problem in refusal.problems)}。请换一个密码。")
        return 1
    except RoundtableError as refusal:
        print(f"账号没有建立：{refusal}")
        return 1
    print(f"已建立运维人员账号{args.login}。")
    return 0


def _directory(args: argparse.Namespace) -> int:
    engine = opened(args)
    migrate.upgrade(engine.database)
    told = directory_file.read(args.file.read_text(encoding="utf-8"))
    engine.small(founding.import_directory, told, engine.now())
    print(
        f"已导入{len(told.units)}个单位、{len(told.people)}人、{len(told.posts)}个岗位、{len(told.appointments)}条任职。"
    )
    return 0


def _backup(args: argparse.Namespace) -> int:
    backup.copy(opened(args).database, args.file)
    print(f"已备份到{args.file}。")
    return 0


def _restore(args: argparse.Namespace) -> int:
    restored = restore(args.file, settings_of(args))
    checked = "校验值相符" if restored.compared else "旁边没有 .sha256 文件，没有核对校验值"
    print(f"备份可用：{checked}，数据库完整，{restored.cases}件议题的历史首尾相接。")
    print(f"已恢复到{restored.place}，原来的登录都已失效。请再核验一遍，逐条重新执行。")
    print("上传已暂停：运维人员与两个平台核对以后，在“上传与回执”里恢复。")
    return 0


def _switch(switch: Callable[[str], Command], args: argparse.Namespace) -> int:
    engine = opened(args)
    engine.handle(switch(args.reason), by=actor(engine, args))
    waits = engine.read(lambda reader: epochs.paused(reader.db)) is not None
    print("上传已暂停，什么也不会送出。" if waits else "已恢复上传。")
    return 0


def _stand_in(args: argparse.Namespace) -> int:
    stand_in = StandIn(args.port)
    addresses = {platform: stand_in.address(platform) for platform in ("party_cloud", "service_365")}
    print(json.dumps(addresses, ensure_ascii=False))
    try:
        stand_in.serve()
    except KeyboardInterrupt:
        stand_in.stop()
    return 0
