"""The engine's commands of `roundtable`. Knows arguments and what is printed; what is done is the engine's matter.

Exit codes: 0 done, 1 refused or found wrong, 2 wrong arguments.
"""

import argparse
import json
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Any

from engine import backup, definitions, directory_file, entitlement, founding, gatekeeping, migrate
from engine.audit import verify
from engine.commands import Deploy, MoveCase
from engine.connectors.stand_in import StandIn
from engine.demo import making
from engine.engine import Engine
from engine.errors import DeploymentRefused, Refused, RoundtableError
from engine.reading import moving
from engine.settings import Settings, from_environment
from engine.stories import play_all
from engine.waking.dispatcher import Dispatcher, addresses_of
from engine.work import Reader

Run = Callable[[argparse.Namespace], int]


def add_commands(commands: Any) -> None:
    """Hang every command below the `roundtable` parser; each sets `run`."""
    demo = _command(
        commands, "demo", "建立演示区：12个街道(镇)、152个社区(村)，约30件办到各步骤的议题", _demo
    )
    demo.add_argument("--cases", type=int, default=30, help="议题数量，默认30")
    database = commands.add_parser("db", help="数据库", description="数据库")
    steps = database.add_subparsers(dest="step", required=True, title="操作")
    _command(steps, "upgrade", "把数据库表结构升级到本版本", _upgrade)
    deploy = _command(commands, "deploy", "检查并发布一个流程版本，运行中的议题留在原版本", _deploy)
    _folders(deploy)
    deploy.add_argument("--by", required=True, help="发布人的岗位编号或人员编号")
    deploy.add_argument("--note", default="", help="发布说明")
    going = _command(commands, "move", "把正在办理的议题换到流程的另一个版本，每件单独办理", _move)
    going.add_argument("process", nargs="?", default="roundtable", help="流程编号，默认 roundtable")
    going.add_argument("--to", type=int, required=True, metavar="版本", help="换到第几版")
    going.add_argument("--case", default="", help="只换这件议题；不写则换全部正在办理的议题")
    going.add_argument("--by", required=True, help="办理人的岗位编号或人员编号，须是流程设计人员或运维人员")
    going.add_argument("--reason", default="", help="换版本的原因，记入每件议题的办理经过")
    going.add_argument("--dry-run", action="store_true", help="只看哪些能换、哪些不能换，不改动任何议题")
    export = _command(commands, "export", "把发布的流程版本原样导出到文件夹", _export)
    export.add_argument("process", help="流程编号，例如 roundtable")
    export.add_argument("folder", type=Path, help="导出到的文件夹")
    checking = _command(commands, "check", "检查流程能不能发布，逐条说明问题", _check)
    _folders(checking)
    play = _command(commands, "play", "演练流程旁的全部案例（*.story.toml）", _play)
    _folders(play)
    play.add_argument("--only", default="", help="只演练名称中含有这段文字的案例")
    _command(commands, "tick", "处理到期的计时事项", _tick)
    _command(commands, "worker", "持续处理到期事项和待上传事项", _worker)
    verifying = _command(
        commands,
        "verify",
        "核验历史：先核对链条，再逐步重新执行；名录、工作日历和发布的历史只核对链条",
        _verify,
    )
    verifying.add_argument("case", nargs="?", default="", help="议题编号；不写则核验全部议题")
    operator = commands.add_parser("operator", help="运维人员账号", description="运维人员账号")
    actions = operator.add_subparsers(dest="action", required=True, title="操作")
    adding = _command(actions, "add", "建立运维人员账号（正式部署的第一个账号）", _operator_add)
    adding.add_argument("login", help="登录名")
    adding.add_argument("name", help="姓名")
    listing = _command(commands, "directory", "导入名录：单位、人员、岗位、任职（TOML 文件）", _directory)
    listing.add_argument("file", type=Path, help="名录文件，写法见 docs/operations.md")
    saving = _command(commands, "backup", "在线备份嵌入式数据库", _backup)
    saving.add_argument("file", type=Path, help="备份文件")
    standing = _command(commands, "stand-in", "启动两个平台的替身，供演示和联调使用", _stand_in)
    standing.add_argument("--port", type=int, default=8901, help="端口，默认8901")


def opened(args: argparse.Namespace) -> Engine:
    """The engine of the data folder or database that the arguments name."""
    settings = settings_of(args)
    settings.data.mkdir(parents=True, exist_ok=True)
    return Engine.open(settings.url, settings=settings)


def settings_of(args: argparse.Namespace) -> Settings:
    return from_environment(data=args.data, database=args.database, demo=getattr(args, "demo", None) or None)


def _command(commands: Any, name: str, help: str, run: Run) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.add_argument("--data", type=Path, default=None, help="数据文件夹，默认 data")
    parser.add_argument("--database", default=None, help="数据库地址，默认数据文件夹里的 SQLite")
    parser.set_defaults(run=run)
    return parser


def _folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("process", nargs="?", default="roundtable", help="流程编号，默认 roundtable")
    parser.add_argument("--processes", type=Path, default=Path("processes"), help="流程文件夹")
    parser.add_argument("--forms", type=Path, default=Path("forms"), help="表单文件夹")


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


def _deploy(args: argparse.Namespace) -> int:
    bundle = definitions.from_folders(args.processes, args.forms, args.process)
    try:
        outcome = opened(args).handle(Deploy(bundle.files, args.note), by=args.by)
    except DeploymentRefused as refusal:
        _print_problems(refusal.problems)
        print(refusal.message)
        return 1
    print(f"已发布第{outcome.detail['number']}版，校验值{outcome.detail['hash']}。")
    return 0


def _move(args: argparse.Namespace) -> int:
    """Each case is a command of its own: one that is refused holds up no other."""
    engine = opened(args)
    told = engine.read(_plan_of_move, args.by, args.process, args.to, args.case)
    refused = 0
    for line in told.lines:
        no = _not_moved(engine, line, args)
        print(_told_of(line, told.to, args.dry_run, no))
        refused += no is not None
    went = len(told.lines) - refused
    print(f"共{len(told.lines)}件，{went}件{'可以换' if args.dry_run else '已换'}，{refused}件不能换。")
    return 1 if refused else 0


def _plan_of_move(reader: Reader, by: str, process: str, to: int, case: str) -> moving.DryRun:
    return moving.dry_run(reader, entitlement.actor(reader.db, by, reader.today), process, to, case)


def _not_moved(engine: Engine, line: moving.Line, args: argparse.Namespace) -> tuple[str, str] | None:
    """What stands against moving the case and what would help; None when it was, or could be, moved."""
    if not line.allowed:
        return "；".join(refusal.message for refusal in line.refusals), line.refusals[0].help
    if args.dry_run:
        return None
    try:
        engine.handle(MoveCase(line.case, args.to, args.reason), by=args.by)
    except Refused as refusal:
        return refusal.message, refusal.help
    return None


def _told_of(line: moving.Line, to: int, dry: bool, no: tuple[str, str] | None) -> str:
    case = f"{line.case} {line.title}（第{line.version}版）"
    if no is not None:
        return f"不能换：{case}：{no[0]}。{no[1]}。"
    waiting = "、".join(line.waiting) or "没有待办"
    return f"{'可以换' if dry else '已换'}：{case}→第{to}版，接着办理：{waiting}"


def _export(args: argparse.Namespace) -> int:
    files = opened(args).read(_released_files, args.process)
    for path, content in files.items():
        home = Path("forms") if path.startswith("forms/") else Path("processes")
        target = args.folder / home / args.process / path.removeprefix("forms/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    print(f"已导出{len(files)}个文件到{args.folder}。")
    return 0


def _released_files(reader: Any, process: str) -> dict[str, bytes]:
    release = definitions.current(reader.db, process)
    return dict(definitions.bundle(reader.db, release.definition_hash).files)


def _check(args: argparse.Namespace) -> int:
    bundle = definitions.from_folders(args.processes, args.forms, args.process)
    problems = gatekeeping.problems(bundle)
    _print_problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    print("检查通过。" if not errors else f"有{errors}处问题，不能发布。")
    return 1 if errors else 0


def _print_problems(problems: Any) -> None:
    for problem in problems:
        kind = "问题" if problem.severity == "error" else "提醒"
        print(f"{kind}：{problem.file} {problem.element}：{problem.message} {problem.help}")


def _play(args: argparse.Namespace) -> int:
    bundle = definitions.from_folders(args.processes, args.forms, args.process)
    played = play_all(bundle, args.only)
    for result in played:
        print(f"{'通过' if result.passed else '未通过'}：{result.title}")
        if result.why:
            print(f"　　{result.why}")
    failed = sum(not result.passed for result in played)
    print(f"共演练{len(played)}个案例，{len(played) - failed}个通过，{failed}个未通过。")
    return 1 if failed or not played else 0


def _tick(args: argparse.Namespace) -> int:
    print(f"已处理{opened(args).tick()}项到期事项。")
    return 0


def _worker(args: argparse.Namespace) -> int:
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
        print(_said(verdict))
    wrong = sum(not verdict.sound for verdict in verdicts)
    print(f"共核验{len(verdicts)}件，{len(verdicts) - wrong}件一致，{wrong}件不一致。")
    district = engine.read(verify.verify_district)
    print(f"名录、工作日历和发布的历史：{_said(district)}")
    return 1 if wrong or not district.sound else 0


def _said(verdict: verify.Verdict) -> str:
    if verdict.finding is None:
        return (
            f"{verdict.case}：一致，{verdict.events}条记录，重新执行{verdict.executed}条，"
            f"末条校验值{verdict.head}"
        )
    found = verdict.finding
    return (
        f"{verdict.case}：不一致，第{found.seq}条（{found.at}，{found.actor}，{found.element}）：{found.what}"
    )


def _operator_add(args: argparse.Namespace) -> int:
    engine = opened(args)
    migrate.upgrade(engine.database)
    password = getpass("密码：")
    if password != getpass("再输入一次："):
        print("两次输入的密码不一致，账号没有建立。")
        return 1
    try:
        engine.small(founding.add_operator, args.login, args.name, password, engine.now())
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


def _stand_in(args: argparse.Namespace) -> int:
    stand_in = StandIn(args.port)
    addresses = {platform: stand_in.address(platform) for platform in ("party_cloud", "service_365")}
    print(json.dumps(addresses, ensure_ascii=False))
    try:
        stand_in.serve()
    except KeyboardInterrupt:
        stand_in.stop()
    return 0
