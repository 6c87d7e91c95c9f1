"""Reads constructs/<name>.bpmn with the <name>.toml beside it, and plays what is written there.

A construct is one drawing (`<name>.bpmn`, and `<name>.<called>.bpmn` for what it calls, `<name>.<table>.dmn`) and
the steps to take with all that must be seen after each: open items, trace, data, timers, messages awaited and
thrown, end. Data and answers are JSON, because TOML has no null.
"""

import hashlib
import json
import tomllib
from pathlib import Path

from lxml import etree

from engine.bpmn import run
from engine.bpmn.step import Bundle
from tests.engine.bpmn.sketch import Case, World

FOLDER = Path(__file__).parent / "constructs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def read(name):
    """The bundle, as it could be deployed, and the expectation."""
    expected = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    drawn = [FOLDER / f"{name}.bpmn", *sorted(FOLDER.glob(f"{name}.*.bpmn"))]
    files = {f"{_process_of(path)}.bpmn": path.read_bytes() for path in drawn}
    files |= {path.name.split(".", 1)[1]: path.read_bytes() for path in FOLDER.glob(f"{name}.*.dmn")}
    files["process.toml"] = about(name, files, expected)
    total = hashlib.sha256(b"".join(path.encode() + files[path] for path in sorted(files)))
    return Bundle(files, total.hexdigest()), expected


def played(name, case_type=Case):
    """The case after each step, beside what must be seen then."""
    bundle, expected = read(name)
    begin, *steps = expected["step"]
    world = World(**{name.replace("/", "__"): answer for name, answer in expected.get("world", {}).items()})
    case = case_type(
        bundle, expected.get("facts"), json.loads(expected.get("data", "{}")), world,
        at_start=begin["start"], payload=json.loads(begin.get("payload", "null")),
    )  # fmt: skip
    yield case, begin
    for step in steps:
        take(case, step)
        yield case, step


def take(case, step):
    if "do" in step:
        case.do(step["do"], **json.loads(step.get("answers", "{}")))
    elif "tell" in step:
        case.tell(step["tell"], json.loads(step.get("payload", "null")))
    else:
        case.wait(days=step["wait"])


def seen(case):
    """What can be seen of a case, in the words of the expectations."""
    step = case.step
    return {
        "open": case.open,
        "trace": case.trace,
        "data": step.data,
        "timers": [f"{timer.path} {timer.due:%Y-%m-%dT%H:%MZ}" for timer in step.timers],
        "awaited": sorted(one.path for one in step.awaited),
        "thrown": [one.name for one in step.thrown],
        "ended": step.ended,
    }


def told(step):
    """The same of an expectation; what is left out is empty."""
    empty = {"open": [], "trace": [], "data": "{}", "timers": [], "awaited": [], "thrown": [], "ended": ""}
    found = {key: step.get(key, value) for key, value in empty.items()}
    return {**found, "data": json.loads(found["data"])}


def about(name, files, expected):
    """The process.toml that such drawings would have."""
    roots = [etree.fromstring(data) for data in files.values()]
    ends = [node.get("id") for root in roots for node in root.iter(f"{_BPMN}endEvent") if _ends(node, name)]
    lanes = [node.get("id") for root in roots for node in root.iter(f"{_BPMN}lane")]
    messages = [node.get("name") for root in roots for node in root.iter(f"{_BPMN}message")]
    lines = [f'id = "{name}"', f'title = "{expected["title"]}"', f'main = "{name}"']
    lines += [f'answers = "{expected["answers"]}"'] if "answers" in expected else []
    for table, keys in (("lanes", lanes), ("roles", lanes), ("facts", expected.get("facts", {})),
                        ("messages", messages), ("ends", ends)):  # fmt: skip
        lines += [f"[{table}]", *(f'{key} = "{key}"' if table in ("lanes", "roles") else f"{key} = {{}}"
                                  for key in dict.fromkeys(keys))]  # fmt: skip
    return "\n".join(lines).encode()


class KeptWhole(Case):
    """A case that lives in memory from beginning to end."""

    running = None

    def _revived(self):
        if self.running is None:
            self.running = run.revive(self.model, self.steps[0].frozen)
        return self.running


def _process_of(path):
    return etree.parse(path).find(f"{_BPMN}process").get("id")


def _ends(node, main):
    """An end of the case: of its process, or of an event sub-process that interrupts it."""
    scope = node.getparent()
    if scope.get("triggeredByEvent") != "true":
        return scope.get("id") == main
    begin = scope.find(f"{_BPMN}startEvent")
    return scope.getparent().get("id") == main and begin.get("isInterrupting", "true") == "true"
