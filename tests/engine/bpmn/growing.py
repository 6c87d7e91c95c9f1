"""Random models of all admitted constructs: blocks in blocks, goto-like flows between them, and tangles without blocks.

A seed and a size make a model, the same everywhere. Knows what may be drawn; not what it does, and no engine.
"""

import hashlib
import random
from dataclasses import dataclass
from itertools import pairwise

from engine.bpmn.step import Bundle
from tests.engine.bpmn.constructs import about
from tests.engine.bpmn.growing_events import Events
from tests.engine.bpmn.growing_gateways import Gateways
from tests.engine.bpmn.growing_leaves import Leaves
from tests.engine.bpmn.growing_risks import STRICT, Risks
from tests.engine.bpmn.growing_walks import Walks
from tests.engine.bpmn.painted import painted
from tests.engine.bpmn.paper import MESSAGES, Level, Page
from tests.engine.bpmn.sketch import (
    correlation,
    diagram,
    end,
    flows,
    message,
    node,
    participants,
    process,
    script,
    start,
    table,
    timer,
    xor,
)
from tests.engine.bpmn.tangles import Tangle

TABLE = table(
    "grade", ["x % 3"], ["grade"], [(["0"], ['"low"']), (["1"], ['"middle"']), (["-"], ['"high"'])], "FIRST"
)
BEGIN = "x = 1\nn = 0\nrows = ['p', 'q']\npapers = {}"
OPERATIONS = {"ledger/number": None, "ledger/seal": None}


@dataclass
class Beginning:
    parts: list[str]
    last: str
    at: str


def grown(seed, size):
    """A bundle that may be given to `check` and `load`, and the start event to begin at."""
    grower = Grower(random.Random(f"{seed} {size}"))
    return grower.bundle(size)


class Grower(Leaves, Gateways, Events, Risks, Walks):
    def __init__(self, chance):
        self.chance = chance
        self.flat = chance.random() < 0.25  # answers are merged into the data
        self.risky = chance.random() < 0.4  # automatic steps that fail at times
        self.count = 0
        self.files = {}

    def bundle(self, size):
        pools = self.chance.random() < 0.15
        page = Page()
        uncaught = ("E0",) if self.chance.random() < 0.1 else ()
        level, begin = Level(page, errors=uncaught), self._begin(page)
        body = Tangle(self).draw(level, size) if self.chance.random() < 0.25 else self.scope(level, size)
        level.add(*begin.parts, script("begin_with", BEGIN), end("end"))
        level.link(f"{begin.last} begin_with {body[0]}", f"{body[1]} end")
        parts = [process("main", *level.drawn())]
        if pools:
            parts = [participants("main", "office"), *parts, self._office(page)]
        if self.chance.random() < 0.2:  # every message belongs to a conversation
            parts.insert(0, correlation("talk", **dict.fromkeys(MESSAGES, "n")))
            for name in MESSAGES:
                page.use("message", name)
        self.files["main.bpmn"] = diagram(*parts, **page.declared())
        files = {name: painted(data) for name, data in sorted(self.files.items())} | {
            "grade.dmn": TABLE,
            "strict.dmn": STRICT,
        }
        told = {"title": "随机", "facts": {"k": 0}} | ({"answers": "flat"} if self.flat else {})
        files["process.toml"] = about("main", files, told)
        total = hashlib.sha256(b"".join(name.encode() + files[name] for name in sorted(files)))
        return Bundle(files, total.hexdigest()), begin.at

    # what a process is made of

    def scope(self, level, size):
        """The body of a process or sub-process: a sequence, perhaps with event sub-processes beside it."""
        handlers = self._handlers(level, size)
        first, last = self.sequence(level, max(1, size - 2 * len(handlers)))
        for draw in handlers:
            draw()
        return first, last

    def sequence(self, level, size):
        """Blocks one after another, and flows that jump between them."""
        sizes = []
        while size > 0:
            sizes.append(min(size, self.chance.choice((1, 1, 2, 3, 4, 6))))
            size -= sizes[-1]
        ends = [self.block(level, one) for one in sizes]
        if len(ends) > 1 and self.chance.random() < 0.4:
            self._jump(level, ends)
        level.link(*(f"{a[1]} {b[0]}" for a, b in pairwise(ends)))
        return ends[0][0], ends[-1][1]

    def block(self, level, size):
        if size <= 1:
            return self._leaf(level)
        ways = [self._parallel, self._inclusive, self._choice, self._again, self._conditional, self._skip]
        if level.depth < 3:
            ways += [self._inside, self._inside, self._inside]
        ways += [self._race, self._link, *[self._fail] * (1 + 3 * bool(level.errors))]
        return self.chance.choice(ways)(level, size - 1)

    def name(self, sort):
        self.count += 1
        return f"{sort}{self.count}"

    def one_of(self, codes):
        """What may be thrown, more often for who is near: those come last."""
        return self.chance.choice(codes[-2:] if self.chance.random() < 0.6 else codes)

    def said(self, asked):
        """The number in the answer to a task, as an expression."""
        return "n" if self.flat else f"{asked}.n"

    # where it begins

    def _begin(self, page):
        """A plain start, one by message or timer, or both."""
        kind = self.chance.choice(("", "", "", "message", "timer", "signal"))
        if not kind:
            return Beginning([start("start")], "start", "")
        event = timer("R4/P1M", "timeCycle") if kind == "timer" else self._event(Level(page), kind, "begin")
        parts = [node("startEvent", "begin", event), start("start"), xor("begun"),
                 flows("begin begun; start begun")]  # fmt: skip
        return Beginning(parts, "begun", self.chance.choice(("begin", "")))

    def _office(self, page):
        """Another pool that answers whenever it is asked."""
        ref, back = page.use("message", "m0"), page.use("message", "m1")
        event = self.chance.choice((message(ref, variable="question"), ""))
        level = Level(page, depth=2)
        first, last = self.sequence(level, 2)
        level.add(node("startEvent", "asked", event), end("said", message(back, payload="{'n': 1}")))
        level.add(script("office_begins", BEGIN))
        level.link(f"asked office_begins {first}", f"{last} said")
        return process("office", *level.drawn())
