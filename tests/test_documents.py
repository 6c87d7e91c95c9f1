"""What the documents say is so: settings, commands, targets, links, pictures, rules and the words on buttons.

Whatever is written like a command, a target or a file is looked up in the program. A rule that is given a wrong
sample must find it.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest

from engine import stories
from engine.bpmn.functions import KNOWN_FUNCTIONS
from engine.operations import OPERATIONS
from engine.settings import Settings
from tests.test_house import ROOT, tracked_files
from web.cli import main

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/operations.md",
    "docs/流程设计手册.md",
    "docs/design.md",
    "docs/engine.md",
)
HANDBOOK = "docs/流程设计手册.md"
LARGEST_PICTURE = 300_000  # bytes
TABLE = re.compile(r"<!-- 由 engine/settings.py 生成.*?-->\n(.*?)\n<!-- 到这里为止 -->", re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)|<img src=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`/])roundtable ((?:[a-z][a-z-]+)(?: (?:upgrade|add))?)")
TARGET = re.compile(r"(?:^|[\s`])make ([a-z][a-z-]+)")
RULE = re.compile(r"\bR\d{3}\b")
SETTING = re.compile(r"ROUNDTABLE_([A-Z][A-Z0-9_]*)")
KEY = re.compile(r"\bx-[a-z]+\b")
OPERATION = re.compile(r"`([a-z]+/[a-z_]+)`")
PRESSED = re.compile(r"点“([^”…]+)”")
FILE = re.compile(r"(?:processes|forms|engine|web|tests|tools|docs)/[\w./-]*\w/?")


def text(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def code(document: str) -> str:
    return "\n".join(CODE.findall(text(document)))


def settings_table() -> str:
    """What README.md holds between its two marks."""
    lines = ["| 设置 | 默认 | 说明 |", "| --- | --- | --- |"]
    for entry in fields(Settings):
        lines.append(f"| `{entry.name.upper()}` | {_said(entry.default)} | {entry.metadata['help']} |")
    return "\n".join(lines)


def _said(default: object) -> str:
    if isinstance(default, bool):
        return "是" if default else "否"
    return f"`{default}`" if str(default) else "空"


def missing_links(document: str, content: str) -> list[str]:
    """Relative links and pictures that lead nowhere."""
    targets = (unquote(first or second) for first, second in LINK.findall(content))
    return [to for to in targets if "://" not in to and not (ROOT / document).parent.joinpath(to).exists()]


def commands(content: str) -> Iterator[list[str]]:
    return (found.split() for found in sorted(set(COMMAND.findall(content))))


def help_of(command: list[str], capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether the program has such a command."""
    try:
        main([*command, "--help"])
    except SystemExit as end:
        capsys.readouterr()
        return end.code == 0
    return False


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


def test_the_table_of_settings_is_the_program_s() -> None:
    found = TABLE.search(text("README.md"))

    assert found is not None
    assert found.group(1) == settings_table()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_setting_named_exists(document: str) -> None:
    named = set(SETTING.findall(text(document)))

    assert named <= {entry.name.upper() for entry in fields(Settings)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_and_picture_is_there(document: str) -> None:
    assert missing_links(document, text(document)) == []


def test_a_dead_link_is_found() -> None:
    content = "[设计](docs/design.md) ![图](docs/pictures/gone.png) [外](https://example.org/)"

    assert missing_links("README.md", content) == ["docs/pictures/gone.png"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_named_exists(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = [command for command in commands(code(document)) if not help_of(command, capsys)]

    assert unknown == []


def test_a_command_that_does_not_exist_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    named = list(commands("`roundtable repair --data data` `.venv/bin/roundtable db upgrade`"))

    assert named == [["db", "upgrade"], ["repair"]]
    assert [help_of(command, capsys) for command in named] == [True, False]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_named_exists(document: str) -> None:
    assert set(TARGET.findall(code(document))) <= targets()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_rule_named_is_in_the_inventory(document: str) -> None:
    inventory = text("processes/roundtable/rules.toml")

    assert [
        rule for rule in sorted(set(RULE.findall(text(document)))) if f"[rule.{rule}]" not in inventory
    ] == []


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name != "docs/design.md"])
def test_every_file_named_is_there(document: str) -> None:
    """design.md also speaks of what later issues build."""
    named = {path.rstrip("/") for path in FILE.findall(code(document))}

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_readme_leads_to_every_document() -> None:
    documents = [path for path in tracked_files() if path.startswith("docs/") and path.endswith(".md")]

    unnamed = [path for path in documents if path not in text("README.md")]

    assert unnamed in ([], ["docs/plan.md"])  # the plan goes when its issue is done


def test_pictures_are_used_and_light() -> None:
    pictures = [path for path in tracked_files() if path.startswith("docs/pictures/")]

    assert pictures
    assert [path for path in pictures if path not in text("README.md")] == []
    assert [path for path in pictures if (ROOT / path).stat().st_size > LARGEST_PICTURE] == []


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md", "docs/流程设计手册.md"])
def test_every_button_named_is_on_a_page(document: str) -> None:
    """A tour that names a button which is gone leaves its reader standing."""
    assert unknown_words(text(document)) == []


def test_a_button_that_is_on_no_page_is_found() -> None:
    assert unknown_words("先点“提交”，再点“立刻批准”。") == ["立刻批准"]


def test_the_handbook_names_no_key_that_forms_do_not_have() -> None:
    dialect = text("engine/forms/dialect.json")

    assert [key for key in sorted(set(KEY.findall(text(HANDBOOK)))) if f'"{key}"' not in dialect] == []


def test_the_handbook_names_the_operations_that_there_are() -> None:
    asked_by_tasks = {name for name in OPERATIONS if not name.startswith(("calendar/", "people/"))}

    assert set(OPERATION.findall(section("五、服务操作"))) == asked_by_tasks | {"case/set"}


def test_the_handbook_names_every_function_of_the_language() -> None:
    table = section("四、数据怎么引用")

    assert [name for name in sorted(KNOWN_FUNCTIONS) if not re.search(rf"\b{name}\b", table)] == []


def test_the_handbook_names_every_word_of_a_story() -> None:
    told = section("七、案例")

    assert [word for word in sorted(stories.TOLD) if not re.search(rf"\b{word}\b", told)] == []


def section(title: str) -> str:
    """A chapter of the handbook."""
    return text(HANDBOOK).partition(f"## {title}\n")[2].partition("\n## ")[0]


def unknown_words(content: str) -> list[str]:
    """What is to be pressed, but stands on no page, in no diagram and in no case of the demonstration."""
    words = "".join(source.read_text("utf-8") for source in _sources())
    return [name for name in PRESSED.findall(content) if name not in words]


def _sources() -> Iterator[Path]:
    kinds = (".html", ".ts", ".py", ".bpmn", ".json", ".toml")
    rooms = ("web/", "engine/", "processes/", "forms/")
    return (ROOT / path for path in tracked_files() if path.startswith(rooms) and path.endswith(kinds))
