"""Which files a bundle may hold: plain relative names of known kinds, not too many and not too large."""

import re
from collections.abc import Iterator

from engine.bpmn.step import Bundle, Problem

MAX_FILES = 1_000
MAX_BYTES = 20_000_000

_LAWFUL = re.compile(
    r"process\.toml|rules\.toml|samples\.toml|\w[\w .()-]*\.(bpmn|dmn)|[\w-]+\.story\.toml"
    r"|forms/[\w-]+/[\w-]+-(ui)?schema\.json|forms/\w[\w .()-]*\.json"
)


def too_large(bundle: Bundle) -> bool:
    """Whether so much was sent that nothing of it is read."""
    return len(bundle.files) > MAX_FILES or sum(map(len, bundle.files.values())) > MAX_BYTES


def problems(bundle: Bundle) -> Iterator[Problem]:
    if too_large(bundle):
        yield Problem("", "", "文件太多或太大", f"最多 {MAX_FILES} 个文件，一共 20 MB")
        return
    for path in sorted(bundle.files):
        if not _LAWFUL.fullmatch(path):
            yield Problem(
                path,
                "",
                "流程里不能有这个文件",
                "可以有 *.bpmn、*.dmn、process.toml、rules.toml、*.story.toml 和 forms/ 里的表单",
            )
