"""Rules of the house that no linter holds, as functions: source text in, sentences about what is wrong out.

`tests/test_house.py` applies them to the house, and to a small wrong sample each. They know no file of it.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

# Who may not import what: a folder (or file) and the packages that stay outside it.
WALLS = {
    "engine": ("web", "flask", "flask_wtf", "werkzeug", "jinja2", "wtforms", "waitress", "tests", "tools"),
    "engine/bpmn": ("sqlalchemy", "alembic", "psycopg", "sqlite3", "engine.database", "engine.clock"),
    "web": (
        "sqlalchemy",
        "alembic",
        "psycopg",
        "sqlite3",
        "SpiffWorkflow",
        "lxml",
        "engine.bpmn",
        "tests",
        "tools",
    ),
}
ONLY_IN = {"engine/bpmn": ("SpiffWorkflow", "lxml"), "engine": ("sqlalchemy", "alembic")}
# What we are measured against is the library itself.
MAY_KNOW = {"engine/bench/plain_library.py": ("SpiffWorkflow",)}
KERNEL_MAY_IMPORT = ("engine.bpmn", "engine.errors")  # what else of ours engine/bpmn may know
DOOR_ONLY = {"engine.handlers": ("engine/engine.py", "engine/handlers/")}  # a room that only its door opens
VAGUE_NAMES = (
    "utils",
    "util",
    "helpers",
    "helper",
    "base",
    "manager",
    "service",
    "services",
    "common",
    "misc",
)
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime"}
CHANCES = {"random", "secrets", "uuid.uuid4", "uuid.uuid1", "uuid4", "uuid1", "os.urandom"}
REGISTRY_HOSTS = tuple(
    ".".join(name)
    for name in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "npmmirror", "com"),
        ("deb", "debian", "org"),
        ("mirrors", "aliyun", "com"),
        ("tuna", "tsinghua", "edu", "cn"),
    )
)
MACHINE_PATHS = tuple(
    "/".join(("", *parts)) for parts in (("work", "main"), ("work", "shared"), ("root", ""), ("opt", "pypi"))
)
ENGLISH_WORDS = re.compile(
    r"[A-Za-z][a-z']+(?:[ ,]+[a-z][a-z']*)+|\b(?:Submit|Cancel|Save|Delete|Error|Search|Back|Next)\b"
)
INLINE_CODE = re.compile(
    r"""(?is)<script\b(?![^>]*\bsrc\s*=)(?![^>]*type="application/json")|<style\b|<[a-z][^>]*\s(?:style|on[a-z]+)\s*=|"""
    r"""javascript:"""
)
READ_ATTRIBUTES = re.compile(
    r"""\b(?:title|placeholder|alt|aria-label|label)\s*=\s*(?:"([^"]*)"|'([^']*)')"""
)


def wall_breaches(path: str, source: str) -> list[str]:
    """Imports that cross a wall of the house."""
    return [
        f"{path}:{line} imports {module}, which {reason}"
        for line, module in imports(source)
        for reason in _wall_reasons(path, module)
    ]


def late_imports(path: str, source: str) -> list[str]:
    """Imports inside functions: they hide cycles."""
    return [
        f"{path}:{node.lineno} imports inside {function.name}()"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def calls_of(path: str, source: str, names: Iterable[str]) -> list[str]:
    """Calls of `name(…)` or `….name(…)`: `commit` finds `db.commit()`, `datetime.now` only that."""
    wanted = tuple(names)
    return [
        f"{path}:{node.lineno} calls {called}()"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for called in [ast.unparse(node.func)]
        if any(called == name or called.endswith(f".{name}") for name in wanted)
    ]


def chances(path: str, source: str) -> list[str]:
    """Randomness and the machine's clock: what makes the same command give another history."""
    found = [
        f"{path}:{line} imports {module}" for line, module in imports(source) if _is_or_in(module, CHANCES)
    ]
    return found + calls_of(path, source, CLOCKS)


def foreign_imports(path: str, source: str, own: Iterable[str]) -> list[str]:
    """Imports from outside the standard library, for what runs before anything is installed."""
    known = {*sys.stdlib_module_names, *own}
    return [f"{path}:{line} imports {m}" for line, m in imports(source) if m.split(".")[0] not in known]


def missing_docstring(path: str, source: str) -> list[str]:
    """Every module's first line says what the room is for; an empty `__init__.py` has nothing to say."""
    tree = ast.parse(source)
    return [] if not tree.body or ast.get_docstring(tree) else [f"{path} does not say what it is for"]


def vague_name(path: str) -> list[str]:
    return [f"{path}: name it after what it holds"] if PurePosixPath(path).stem in VAGUE_NAMES else []


def broad_excepts(path: str, source: str) -> list[str]:
    """`except Exception` and bare `except` outside the outermost edge."""
    return [
        f"{path}:{node.lineno} catches everything"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]


def addresses(path: str, text: str) -> list[str]:
    """Registry hosts and paths of one machine, which no file that others clone may name."""
    return [f"{path} names {word}" for word in (*REGISTRY_HOSTS, *MACHINE_PATHS) if word in text]


def unpinned_python(path: str, lock: str) -> list[str]:
    """In a Python lock every package has one version and hashes, and nothing says where it comes from."""
    entries = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", lock)).splitlines()
    return [
        f"{path}: {entry.split()[0]}"
        for entry in entries
        if entry.strip()
        and not re.fullmatch(r"[\w.\[\]-]+==\S+(?: ;[^#]*?)?(?: +--hash=sha256:\w{64})+ *", entry)
    ]


def unpinned_npm(path: str, package: str) -> list[str]:
    """In a package.json every version is exact."""
    kinds = json.loads(package)
    wanted = {**kinds.get("dependencies", {}), **kinds.get("devDependencies", {})}
    return [f"{path}: {n} {v}" for n, v in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", v)]


def resolved_npm(path: str, lock: str) -> list[str]:
    """In an npm lock no package says where it comes from, and each has a hash."""
    packages = {name: entry for name, entry in json.loads(lock)["packages"].items() if name}
    found = [f"{path}: {name} has an address" for name, entry in packages.items() if "resolved" in entry]
    return found + [f"{path}: {n} has no hash" for n, entry in packages.items() if "integrity" not in entry]


def english_in_template(path: str, template: str) -> list[str]:
    """English that a reader of the page would see; Jinja and markup do not count."""
    plain = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", template)
    plain = re.sub(r"(?s)<(script|style|code|pre)\b.*?</\1>", " ", plain)
    read = ["".join(match) for match in READ_ATTRIBUTES.findall(plain)]
    return [
        f"{path}: {words!r}" for words in english_in("\n".join([*read, re.sub(r"(?s)<[^>]*>", "\n", plain)]))
    ]


def inline_code(path: str, template: str) -> list[str]:
    """Scripts and styles inside a page, which the content security policy blocks without a word to the author."""
    markup = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", template)
    return [f"{path}: {match.group()[:60]!r}" for match in INLINE_CODE.finditer(markup)]


def english_in(text: str) -> list[str]:
    """Runs of English words, and single words of buttons. Names such as SQLite or JSON Schema are no sentences."""
    return [match.group() for match in ENGLISH_WORDS.finditer(text)]


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported; `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def _wall_reasons(path: str, module: str) -> Iterator[str]:
    for room, outside in WALLS.items():
        if _is_or_in(path, (room,), "/") and _is_or_in(module, outside):
            yield f"{room} must not know"
    for room, inside in ONLY_IN.items():
        known = _is_or_in(module, MAY_KNOW.get(path, ()))
        if not known and not _is_or_in(path, (room,), "/") and _is_or_in(module, inside):
            yield f"only {room} may know"
    for room, doors in DOOR_ONLY.items():
        if _is_or_in(module, (room,)) and not _is_or_in(path, doors, ""):
            yield f"only {', '.join(doors)} may open"
    of_ours = _is_or_in(module, ("engine",)) and not _is_or_in(module, KERNEL_MAY_IMPORT)
    if of_ours and _is_or_in(path, ("engine/bpmn",), "/"):
        yield "the kernel must not know"


def _is_or_in(name: str, parents: Iterable[str], mark: str = ".") -> bool:
    return any(name == parent or name.startswith(parent + mark) for parent in parents)
