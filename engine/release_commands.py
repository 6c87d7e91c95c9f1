"""Commands of `roundtable` on versions of a procedure: check, deploy, export, play, move. Knows arguments and words."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine import definitions, entitlement, gatekeeping
from engine.bpmn.step import Bundle
from engine.commands import Deploy, MoveCase
from engine.engine import Engine
from engine.errors import Conflict, DeploymentRefused, Refused
from engine.folder import files_in
from engine.reading import moving
from engine.stories import play_all
from engine.terminal import acting, actor, command, named, opened, print_problems, somebody
from engine.work import Reader


def add_commands(commands: Any) -> None:
    """Hang them below the `roundtable` parser; each sets `run`."""
    _add_deploy(commands)
    _add_move(commands)
    export = command(
        commands,
        "export",
        "把发布的流程版本原样导出到文件夹：放在其中的 processes/流程编号 和 forms/流程编号",
        _export,
    )
    export.add_argument("process", help="流程编号，例如 roundtable")
    export.add_argument("folder", type=Path, help="导出到的文件夹")
    _folders(command(commands, "check", "检查流程能不能发布，逐条说明问题", _check))
    play = command(commands, "play", "演练流程旁的全部案例（*.story.toml）", _play)
    _folders(play)
    play.add_argument("--only", default="", help="只演练名称中含有这段文字的案例")


def _add_deploy(commands: Any) -> None:
    deploy = command(commands, "deploy", "检查并发布一个流程版本，正在办理的留在原版本", _deploy)
    _folders(deploy)
    who = deploy.add_mutually_exclusive_group(required=True)
    who.add_argument("--by", type=somebody, default=None, help="发布人的岗位编号或人员编号")
    who.add_argument(
        "--as",
        dest="founder",
        type=somebody,
        default=None,
        metavar="人员编号",
        help="发布人；数据库里还没有名录时，先建立只有这一个人的名录",
    )
    deploy.add_argument("--note", default="", help="发布说明")


def _add_move(commands: Any) -> None:
    going = command(commands, "move", "把正在办理的换到流程的另一个版本，每件单独办理", _move)
    going.add_argument("process", nargs="?", default="roundtable", help="流程编号，默认 roundtable")
    going.add_argument("--to", type=int, required=True, metavar="版本", help="换到第几版")
    going.add_argument("--case", type=named, default=None, help="只换这一件；不写则换全部正在办理的")
    acting(going)
    going.add_argument("--reason", default="", help="换版本的原因，记入每一件的办理经过")
    going.add_argument("--dry-run", action="store_true", help="只看哪些能换、哪些不能换，什么也不改动")


def _folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "process",
        nargs="?",
        default="roundtable",
        help="流程编号，默认 roundtable；或者放着自己的 *.bpmn 的文件夹",
    )
    parser.add_argument("--processes", type=Path, default=Path("processes"), help="流程文件夹")
    parser.add_argument("--forms", type=Path, default=Path("forms"), help="表单文件夹")
    parser.add_argument("--name", default="", help="自己的文件夹：流程编号，默认文件夹的名称")
    parser.add_argument("--main", default="", help="自己的文件夹：从哪一个流程（process 的编号）开始")


def _bundle(args: argparse.Namespace) -> Bundle:
    """A procedure of the house goes before a folder of the same name; raises Refused where there is neither."""
    if (args.processes / args.process).is_dir() and not Path(args.process).is_absolute():
        return definitions.from_folders(args.processes, args.forms, args.process)
    if not Path(args.process).is_dir():
        raise Refused(
            f"没有流程“{args.process}”", help=f"请写{args.processes}里的流程编号，或放着 *.bpmn 的文件夹。"
        )
    return definitions.bundle_of(files_in(args.process, args.name, args.main))


def _deploy(args: argparse.Namespace) -> int:
    try:
        bundle = _bundle(args)
        engine = opened(args)
        if args.founder:
            _found(engine, args.founder)
        outcome = engine.handle(Deploy(bundle.files, args.note), by=args.by or args.founder)
    except DeploymentRefused as refusal:
        print_problems(refusal.problems)
        print(refusal.message)
        return 1
    print(f"已发布第{outcome.detail['number']}版，校验值{outcome.detail['hash']}。")
    if reminders := len(gatekeeping.problems(bundle)):  # judged a moment ago, and remembered
        print(f"另有{reminders}处提醒，用 check 查看。")
    return 0


def _found(engine: Engine, person: str) -> None:
    """A database that has a directory keeps it, and knows its people."""
    with suppress(Conflict):
        if engine.found(person):
            print(f"数据库里还没有名录，已建立只有{person}一个人的名录。")


def _check(args: argparse.Namespace) -> int:
    try:
        problems = gatekeeping.problems(_bundle(args))
    except DeploymentRefused as refusal:
        problems = tuple(refusal.problems)
    print_problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    print("检查通过。" if not errors else f"有{errors}处问题，不能发布。")
    return 1 if errors else 0


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


def _play(args: argparse.Namespace) -> int:
    played = play_all(_bundle(args), args.only)
    for result in played:
        print(f"{'通过' if result.passed else '未通过'}：{result.title}")
        if result.why:
            print(f"　　{result.why}")
    if not played:
        print("没有可以演练的案例。案例写在流程旁的 *.story.toml；写了 --only 的，请核对名称。")
    failed = sum(not result.passed for result in played)
    print(f"共演练{len(played)}个案例，{len(played) - failed}个通过，{failed}个未通过。")
    return 1 if failed or not played else 0


def _move(args: argparse.Namespace) -> int:
    """Each case is a command of its own: one that is refused holds up no other."""
    engine = opened(args)
    args.by = actor(engine, args)
    told = engine.read(_plan_of_move, args.by, args.process, args.to, args.case or "")
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
