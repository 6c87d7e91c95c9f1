"""`roundtable bench`: arguments, progress on the error output, the table on the output. Knows no measurement."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.bench import run
from engine.bench.promises import promises
from engine.bench.report import Plan, as_json
from engine.bench.table import table

HELP = "测速：本系统与 SpiffWorkflow 本身、与最低限度的事务相比，SQLite 和 PostgreSQL 各测一遍"
MORE = "结果只供比较，不算失败。测速文件放在系统的临时文件夹，用环境变量 TMPDIR 换到要测的磁盘；测完即删。"


def add_command(commands: Any) -> None:
    """Hang `bench` below the `roundtable` parser."""
    parser: argparse.ArgumentParser = commands.add_parser("bench", help=HELP, description=f"{HELP}。{MORE}")
    parser.add_argument("--quick", action="store_true", help="短测：循环只到第1,000轮，次数少")
    parser.add_argument("--json", type=Path, default=None, metavar="文件", help="结果另存为 JSON，供比较")
    parser.add_argument(
        "--postgres", default="", metavar="地址", help="用这个空的 PostgreSQL 数据库；不写则自己启动一个"
    )
    parser.add_argument("--sqlite-only", action="store_true", help="只测 SQLite")
    parser.set_defaults(run=lambda args: bench(run.QUICK if args.quick else run.FULL, args))


def bench(plan: Plan, args: argparse.Namespace) -> int:
    """Measure, print the table, write the JSON. What is too slow is said, and is no failure."""
    with TemporaryDirectory(prefix="roundtable-bench-") as folder:
        report = run.run(Path(folder), plan, _say, postgres_url=args.postgres, sqlite_only=args.sqlite_only)
    kept = promises(report)
    print(table(report, kept))
    if args.json:
        told = as_json(report, [asdict(promise) for promise in kept])
        args.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
