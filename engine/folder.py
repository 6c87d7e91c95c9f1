"""A folder of somebody's own BPMN files, as the files of one definition. Reads the disk; judges nothing.

Beside the drawings may lie decision tables, forms and, for who wants to say more, process.toml. Forms are what is
called *-schema.json, below `forms/` or beside the drawings, and whatever JSON file a drawing names. Everything is taken
byte for byte; what is neither is left where it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from engine.bpmn.undeclared import ABOUT, declared, needed
from engine.errors import NotFound

_TAKEN = ("*.bpmn", "*.dmn", "*.story.toml", ABOUT, "rules.toml", "samples.toml")
_UNLAWFUL = re.compile(r"[^\w-]+")  # in the name of a procedure
_FORMS = ("-schema.json", "-uischema.json")


def files_in(folder: str | Path, name: str = "", main: str = "") -> dict[str, bytes]:
    """The files for `Deploy`: path in the definition → bytes.

    Without process.toml one is added: the procedure is called `name` (else as the folder), begins in the process
    `main` (else in the only one that nobody calls), and everything else is as drawn, with answers merged flat into
    the data. With `main`, drawings that it does not call are left out: a folder may hold several procedures.
    Raises NotFound for a folder without drawings, DeploymentRefused where it cannot be seen where to begin.
    """
    home = Path(folder).resolve()
    files = dict(_read(home))
    if not any(path.endswith(".bpmn") for path in files):
        raise NotFound(f"文件夹“{folder}”里没有流程图", help="请写放着 *.bpmn 文件的文件夹。")
    if ABOUT not in files:
        files = needed(files, main) if main else files
        files[ABOUT] = declared(files, name or _UNLAWFUL.sub("_", home.name).strip("_"), main)
    return files


def _read(home: Path) -> Iterator[tuple[str, bytes]]:
    for pattern in _TAKEN:
        for path in sorted(home.glob(pattern)):
            yield path.name, path.read_bytes()
    drawings = b"".join(path.read_bytes() for path in home.glob("*.bpmn"))
    for root, paths in ((home, home.glob("*.json")), (home / "forms", (home / "forms").rglob("*.json"))):
        for path in sorted(paths):
            if path.name.endswith(_FORMS) or f'"{path.name}"'.encode() in drawings:
                yield f"forms/{path.relative_to(root).as_posix()}", path.read_bytes()
