"""The house keeps its own rules: walls, one commit, one clock, one name, no address, no English on a page.

Each rule of `house_rules` and `house_names` is applied to the whole house, and first to a wrong sample: a rule
that finds nothing in a wrong sample guards nothing.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import house_names, house_rules
from tests.house_names import Procedure

ROOT = Path(__file__).resolve().parent.parent
PROCEDURES = sorted(folder.parent.name for folder in ROOT.glob("processes/*/process.toml"))

# Where a rule is broken on purpose, and why.
MAY_COMMIT = {
    "engine/database.py": "the one transaction that everything uses",
    "engine/migrate.py": "changing the schema is no command",
}
MAY_OPEN_WRITING = {
    "engine/engine.py": "the only door",
    "engine/database.py": "where it is made",
}
MAY_BE_RANDOM = {
    "engine/clock.py": "the system's clock, read once per command",
    "engine/bpmn/determinism.py": "takes chance out of the library",
    "engine/work.py": "ids that the event then records",
    "engine/personal.py": "salts and keys",
    "engine/accounts.py": "session tokens",
    "engine/attachments.py": "ids of uploads, which are no command",
    "engine/backup.py": "names a file by the system's clock",
    "engine/waking/dispatcher.py": "leases use the system's clock",
    "web/secret.py": "the key that signs cookies",
    "web/forms.py": "the key that makes a form's second sending harmless",
}
MAY_CATCH_ALL = {
    "web/errors.py": "the outermost edge of the web",
    "engine/waking/dispatcher.py": "the outermost edge of a worker's loop",
    "engine/engine.py": "one timer that fails must not hold up the others",
}
MAY_NEED_INSTALLED = {"tools/pictures.py": "takes pictures of a running demonstration; installs nothing"}


def tracked_files() -> list[str]:
    """What a clone would hold, files not yet committed included."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(path for path in done.stdout.split("\0") if path and (ROOT / path).is_file())


def modules(*rooms: str) -> list[str]:
    return [path for path in tracked_files() if path.endswith(".py") and path.startswith(rooms)]


def source(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def found_in(rule: Callable[[str, str], list[str]], paths: list[str]) -> list[str]:
    return [breach for path in paths for breach in rule(path, source(path))]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("engine/inbox.py", "from flask import request"),
        ("engine/inbox.py", "import lxml.etree"),
        ("engine/inbox.py", "from SpiffWorkflow.bpmn import parser"),
        ("engine/bench/whole_state.py", "from SpiffWorkflow.task import Task"),
        ("engine/bench/plain_library.py", "import lxml.etree"),
        ("engine/worklist.py", "from engine.handlers import HANDLERS"),
        ("engine/bpmn/run.py", "from sqlalchemy.orm import Session"),
        ("engine/bpmn/run.py", "from engine import journal"),
        ("web/inbox.py", "import sqlalchemy as sa"),
        ("web/inbox.py", "from engine.bpmn import run"),
    ],
)
def test_the_wall_rule_finds_a_breach(path: str, line: str) -> None:
    assert house_rules.wall_breaches(path, line)


def test_no_room_imports_through_a_wall() -> None:
    assert found_in(house_rules.wall_breaches, modules("engine/", "web/")) == []


def test_the_rule_on_late_imports_finds_one() -> None:
    assert house_rules.late_imports("a.py", "def f():\n    import os\n    return os") != []


def test_nothing_is_imported_inside_a_function() -> None:
    assert found_in(house_rules.late_imports, modules("engine/", "web/", "tools/", "tests/")) == []


def test_the_rule_on_calls_finds_a_commit() -> None:
    assert house_rules.calls_of("a.py", "def f(db):\n    db.session.commit()", ["commit"]) != []
    assert house_rules.calls_of("a.py", "committed = record(db)", ["commit"]) == []


def test_only_the_door_commits() -> None:
    paths = [path for path in modules("engine/", "web/") if path not in MAY_COMMIT]

    assert [b for p in paths for b in house_rules.calls_of(p, source(p), ["commit"])] == []


def test_only_the_door_opens_a_transaction_that_writes() -> None:
    paths = [path for path in modules("engine/", "web/") if path not in MAY_OPEN_WRITING]

    assert [b for p in paths for b in house_rules.calls_of(p, source(p), ["writing"])] == []


@pytest.mark.parametrize(
    "sample",
    [
        "import random",
        "from uuid import uuid4",
        "import secrets",
        "t = datetime.now(UTC)",
        "d = date.today()",
    ],
)
def test_the_rule_on_chance_finds_it(sample: str) -> None:
    assert house_rules.chances("a.py", sample) != []


def test_only_the_door_reads_the_clock_and_nobody_throws_dice() -> None:
    paths = [path for path in modules("engine/", "web/") if path not in MAY_BE_RANDOM]

    assert found_in(house_rules.chances, paths) == []


def test_the_rule_on_broad_excepts_finds_them() -> None:
    assert len(house_rules.broad_excepts("a.py", "try:\n    f()\nexcept Exception:\n    g()")) == 1
    assert len(house_rules.broad_excepts("a.py", "try:\n    f()\nexcept:\n    g()")) == 1
    assert house_rules.broad_excepts("a.py", "try:\n    f()\nexcept ValueError:\n    g()") == []


def test_everything_is_caught_at_the_outermost_edge_only() -> None:
    paths = [path for path in modules("engine/", "web/") if path not in MAY_CATCH_ALL]

    assert found_in(house_rules.broad_excepts, paths) == []


def test_the_rule_on_docstrings_finds_a_silent_module() -> None:
    assert house_rules.missing_docstring("a.py", "import os") != []
    assert house_rules.missing_docstring("a.py", "") == []


def test_every_module_says_what_it_is_for() -> None:
    assert found_in(house_rules.missing_docstring, modules("engine/", "web/", "tools/", "tests/")) == []


def test_modules_are_named_after_what_they_hold() -> None:
    assert house_rules.vague_name("engine/utils.py") != []
    assert [b for path in modules("engine/", "web/", "tools/") for b in house_rules.vague_name(path)] == []


def test_what_installs_the_house_needs_nothing_installed() -> None:
    own = {Path(path).parts[1].removesuffix(".py") for path in modules("tools/")}

    assert house_rules.foreign_imports("tools/a.py", "import requests", own) != []
    paths = [path for path in modules("tools/") if path not in MAY_NEED_INSTALLED]
    assert [b for p in paths for b in house_rules.foreign_imports(p, source(p), own)] == []


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    assert house_rules.addresses("a.txt", f"--index-url https://{house_rules.REGISTRY_HOSTS[0]}/simple") != []
    assert found_in(house_rules.addresses, [path for path in tracked_files() if _is_text(path)]) == []


def test_python_locks_hold_versions_and_hashes_and_no_address() -> None:
    sample = "--index-url x\nlxml>=6\nnh3==0.3.8 \\\n    --hash=sha256:" + "0" * 64

    assert house_rules.unpinned_python("a.txt", sample) == ["a.txt: --index-url", "a.txt: lxml>=6"]
    assert found_in(house_rules.unpinned_python, [p for p in tracked_files() if _is_python_lock(p)]) == []


def test_npm_packages_are_pinned_and_no_lock_says_where_they_come_from() -> None:
    packages = [path for path in tracked_files() if Path(path).name == "package.json"]
    locks = [path for path in tracked_files() if Path(path).name == "package-lock.json"]

    assert house_rules.unpinned_npm("package.json", '{"dependencies": {"a": "^1.0.0"}}') != []
    assert len(house_rules.resolved_npm("lock", '{"packages": {"a": {"resolved": "https://x"}}}')) == 2
    assert packages
    assert len(packages) == len(locks)
    assert found_in(house_rules.unpinned_npm, packages) == []
    assert found_in(house_rules.resolved_npm, locks) == []


def test_continuous_integration_runs_what_a_newcomer_runs() -> None:
    commands = [line for line in source(".ci/run").splitlines() if line.startswith("make")]

    assert commands == ["make check", "make test"]


def test_the_rule_on_english_finds_it_in_text_and_attributes_only() -> None:
    assert house_rules.english_in_template("a", "<p>Please sign in</p>") != []
    assert house_rules.english_in_template("a", '<input placeholder="Search">') != []
    assert (
        house_rules.english_in_template("a", '{% if a and b %}<a class="btn btn primary">待办</a>{% endif %}')
        == []
    )


def test_pages_are_chinese() -> None:
    templates = [path for path in tracked_files() if path.startswith("web/templates/")]

    assert found_in(house_rules.english_in_template, templates) == []


@pytest.mark.parametrize(
    "sample",
    ["<script>go()</script>", '<p style="color: red">', '<a onclick="go()">', '<a href="javascript:go()">'],
)
def test_the_rule_on_inline_code_finds_it(sample: str) -> None:
    assert house_rules.inline_code("a", sample) != []
    assert house_rules.inline_code("a", "<script src=\"{{ asset('forms.js') }}\" defer></script>") == []


def test_pages_hold_no_inline_script_or_style() -> None:
    templates = [path for path in tracked_files() if path.startswith("web/templates/")]

    assert found_in(house_rules.inline_code, templates) == []


def test_our_own_code_is_never_mocked() -> None:
    mocks = [
        (path, m) for path in modules("tests/") for _, m in house_rules.imports(source(path)) if "mock" in m
    ]

    assert mocks == []


def sample_procedure() -> Procedure:
    """Everything in it is wrong once."""
    return Procedure(
        tasks={
            "step1": {"decide": "other-schema.json", "visit": "visit-schema.json"},
            "step2": {"visit": ""},
        },
        lanes={"step1": {"council", "nobody"}},
        ends={"end_closed_off"},
        forms={
            "step1/decide-schema.json": {"x-basis": ["R1"]},
            "step1/decides-schema.json": {},
            "registers/objection-schema.json": {},
        },
        stories={
            "a.story.toml": {"step": [{"task": "decided", "then": ["call_x/visit#2[1]"], "refused": "R2"}]}
        },
        about={"lanes": {"council": "council"}, "ends": {"end_closed": {}}},
        rules={"R2"},
    )


NAME_RULES = {
    house_names.forms_without_task: ["step1/decides-schema.json belongs to no user task"],
    house_names.tasks_without_form: [
        "step1: visit has no form visit-schema.json",
        "step2: visit has no form visit-schema.json",
    ],
    house_names.tasks_with_another_form: [
        "step1: decide names the form other-schema.json",
        "step2: visit names the form nothing",
    ],
    house_names.tasks_drawn_twice: ["visit is drawn 2 times"],
    house_names.unknown_lanes: ["step1: lane nobody is not in process.toml"],
    house_names.unknown_ends: ["process.toml: no diagram has the end end_closed"],
    house_names.unknown_in_stories: ["a.story.toml: step 1 names decided, which no diagram has"],
    house_names.unknown_rules: ["step1/decide-schema.json cites R1, which rules.toml lacks"],
}


@pytest.mark.parametrize("rule", NAME_RULES, ids=lambda rule: rule.__name__)
def test_each_rule_on_names_finds_the_wrong_one(rule: Callable[[Procedure], list[str]]) -> None:
    assert rule(sample_procedure()) == NAME_RULES[rule]


@pytest.mark.parametrize("rule", NAME_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", PROCEDURES)
def test_diagrams_forms_and_stories_use_one_name(name: str, rule: Callable[[Procedure], list[str]]) -> None:
    procedure = house_names.read_procedure(ROOT / "processes" / name, ROOT / "forms" / name)

    assert rule(procedure) == []


def _is_text(path: str) -> bool:
    rules_themselves = path == "tests/house_rules.py"
    return not rules_themselves and b"\0" not in (ROOT / path).read_bytes()[:4096]


def _is_python_lock(path: str) -> bool:
    return Path(path).name.startswith("requirements") and path.endswith(".txt")
