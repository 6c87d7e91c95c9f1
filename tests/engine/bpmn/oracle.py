"""What BPMN says should be open, computed without the kernel: block-structured models interpreted as trees.

A block can be drawn (as elements and flows) and it can be walked: `start` opens it, `do` completes one of its
tasks and says whether the block is through. It knows paths (rounds, items, calls) and the data people gave, but
no tokens, no task tree and no library.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from tests.engine.bpmn.sketch import (
    both,
    call,
    end,
    flows,
    loop,
    many,
    node,
    process,
    some,
    start,
    sub,
    user,
    xor,
)


@dataclass
class Scope:
    """One process instance: where its paths begin, and how often its elements were entered."""

    prefix: str
    data: dict
    rounds: dict = field(default_factory=dict)

    def path(self, element):
        self.rounds[element] = self.rounds.get(element, 0) + 1
        number = self.rounds[element]
        return self.prefix + element + (f"#{number}" if number > 1 else "")


class Drawing:
    """Collects elements and flows; each block adds itself and returns its first and last element."""

    def __init__(self):
        self.parts, self.links, self.called = [], [], []

    def process(self, id_, block):
        inner = Drawing()
        first, last = block.draw(inner)
        self.called += [*inner.called, process(id_, start(), *inner.parts, end(), inner._flows(first, last))]

    def sub(self, block, name):
        inner = Drawing()
        first, last = block.draw(inner)
        self.called += inner.called
        begin, finish = f"{name}_start", f"{name}_end"
        return [start(begin), end(finish), *inner.parts, inner._flows(first, last, begin, finish)]

    def _flows(self, first, last, begin="start", finish="end"):
        return flows("\n".join([f"{begin} {first}", f"{last} {finish}", *self.links]))


class Task:
    def __init__(self, name):
        self.name = name

    def draw(self, drawing):
        drawing.parts.append(user(self.name))
        return self.name, self.name

    def start(self, scope):
        self.scope = scope
        self.path = scope.path(self.name)
        scope.data.pop(self.name, None)
        return False

    def open(self):
        return [self.path]

    def do(self, path, answers):
        self.scope.data[self.name] = answers
        return True


class Items:
    """A parallel multi-instance task."""

    def __init__(self, name, count):
        self.name, self.count = name, count

    def draw(self, drawing):
        drawing.parts.append(user(self.name, many(cardinality=str(self.count))))
        return self.name, self.name

    def start(self, scope):
        self.scope, self.base = scope, scope.path(self.name)
        scope.data.pop(self.name, None)
        self.answers = [None] * self.count
        return False

    def open(self):
        return [f"{self.base}[{i}]" for i, given in enumerate(self.answers) if given is None]

    def do(self, path, answers):
        self.answers[int(path[len(self.base) + 1 : -1])] = answers
        if None in self.answers:
            return False
        self.scope.data[self.name] = self.answers
        return True


class Sequence:
    def __init__(self, blocks):
        self.blocks = blocks

    def draw(self, drawing):
        ends = [block.draw(drawing) for block in self.blocks]
        drawing.links += [f"{a[1]} {b[0]}" for a, b in pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def start(self, scope):
        self.scope, self.at = scope, 0
        return self._go_on(self.blocks[0].start(scope))

    def open(self):
        return self.blocks[self.at].open()

    def do(self, path, answers):
        return self._go_on(self.blocks[self.at].do(path, answers))

    def _go_on(self, through):
        while through and self.at + 1 < len(self.blocks):
            self.at += 1
            through = self.blocks[self.at].start(self.scope)
        return through


class Branches:
    """Parallel, or inclusive after a task whose answer says which branches are taken."""

    def __init__(self, name, blocks, asked=False):
        self.name, self.blocks = name, blocks
        self.asked = Task(f"ask_{name}") if asked else None

    def draw(self, drawing):
        split, join = f"split_{self.name}", f"join_{self.name}"
        ends = [block.draw(drawing) for block in self.blocks]
        drawing.links += [f"{last} {join}" for _, last in ends]
        if self.asked is None:
            drawing.parts += [both(split), both(join)]
            drawing.links += [f"{split} {first}" for first, _ in ends]
            return split, join
        first, _ = self.asked.draw(drawing)
        drawing.parts += [some(split, f"{split}-{ends[0][0]}"), some(join)]
        drawing.links += [f"{first} {split}", f"{split} {ends[0][0]}"]
        drawing.links += [
            f"{split} {entry}: {first}.n // {2**i} % 2 == 1" for i, (entry, _) in enumerate(ends) if i > 0
        ]
        return first, join

    def start(self, scope):
        self.scope, self.running = scope, []
        if self.asked is not None:
            return self.asked.start(scope)
        return self._take(self.blocks)

    def open(self):
        if self.asked is not None and not self.running:
            return self.asked.open()
        return [path for block in self.running for path in block.open()]

    def do(self, path, answers):
        if self.asked is not None and not self.running:
            self.asked.do(path, answers)
            chosen = [block for i, block in enumerate(self.blocks) if i and answers["n"] // 2**i % 2]
            return self._take(chosen or self.blocks[:1])
        block = next(block for block in self.running if path in block.open())
        if block.do(path, answers):
            self.running.remove(block)
        return not self.running

    def _take(self, blocks):
        self.running = [block for block in blocks if not block.start(self.scope)]
        return not self.running


class Choice:
    """An exclusive gateway after a task whose answer decides."""

    def __init__(self, name, blocks):
        self.name, self.blocks = name, blocks
        self.asked = Task(f"ask_{name}")

    def draw(self, drawing):
        split, merge = f"split_{self.name}", f"merge_{self.name}"
        first, _ = self.asked.draw(drawing)
        ends = [block.draw(drawing) for block in self.blocks]
        drawing.parts += [xor(split, f"{split}-{ends[0][0]}"), xor(merge)]
        drawing.links += [f"{first} {split}", f"{split} {ends[0][0]}"]
        drawing.links += [
            f"{split} {entry}: {first}.n % {len(ends)} == {i}" for i, (entry, _) in enumerate(ends) if i > 0
        ]
        drawing.links += [f"{last} {merge}" for _, last in ends]
        return first, merge

    def start(self, scope):
        self.scope, self.chosen = scope, None
        return self.asked.start(scope)

    def open(self):
        return (self.chosen or self.asked).open()

    def do(self, path, answers):
        if self.chosen is not None:
            return self.chosen.do(path, answers)
        self.asked.do(path, answers)
        self.chosen = self.blocks[answers["n"] % len(self.blocks)]
        return self.chosen.start(self.scope)


class Again:
    """A drawn loop: the body, then a task whose answer says whether it is done again."""

    def __init__(self, name, body):
        self.name, self.body = name, body
        self.asked = Task(f"ask_{name}")

    def draw(self, drawing):
        merge, split, out = f"merge_{self.name}", f"split_{self.name}", f"out_{self.name}"
        first, last = self.body.draw(drawing)
        asked, _ = self.asked.draw(drawing)
        drawing.parts += [xor(merge), xor(split, f"{split}-{out}"), node("task", out)]
        drawing.links += [
            f"{merge} {first}",
            f"{last} {asked} {split} {out}",
            f"{split} {merge}: {asked}.n > 5",
        ]
        return merge, out

    def start(self, scope):
        self.scope, self.asking = scope, False
        return self._then(self.body.start(scope))

    def open(self):
        return (self.asked if self.asking else self.body).open()

    def do(self, path, answers):
        if not self.asking:
            return self._then(self.body.do(path, answers))
        self.asked.do(path, answers)
        return self.start(self.scope) if answers["n"] > 5 else True

    def _then(self, through):
        if through:
            self.asking = True
            self.asked.start(self.scope)
        return False


class Called:
    """A call activity, or an embedded sub-process; looped when its last answer says so."""

    def __init__(self, name, body, embedded=False, looped=False):
        self.name, self.embedded, self.looped = name, embedded, looped
        self.last = Task(f"last_{name}")
        self.body = Sequence([body, self.last])

    def draw(self, drawing):
        marker = loop(f"last_{self.name}.n > 5") if self.looped else ""
        if self.embedded:
            drawing.parts.append(sub(self.name, marker, *drawing.sub(self.body, self.name)))
        else:
            drawing.process(f"of_{self.name}", self.body)
            drawing.parts.append(call(self.name, f"of_{self.name}", marker))
        return self.name, self.name

    def start(self, scope):
        self.scope = scope
        inner = Scope(scope.path(self.name) + "/", scope.data)
        return self.body.start(inner)

    def open(self):
        return self.body.open()

    def do(self, path, answers):
        if not self.body.do(path, answers):
            return False
        return self.start(self.scope) if self.looped and answers["n"] > 5 else True


def grown(chance, size=14):
    """A random model of about `size` tasks."""
    names = iter(range(10_000))
    return _Grower(chance, names).block(size)


class _Grower:
    def __init__(self, chance, names):
        self.chance, self.names = chance, names

    def block(self, size):
        name = f"b{next(self.names)}"
        if size <= 1:
            return Items(name, self.chance.randint(1, 3)) if self.chance.random() < 0.2 else Task(name)
        kind = self.chance.choice(
            ["sequence", "sequence", "parallel", "inclusive", "choice", "again", "called"]
        )
        if kind == "again":
            return Again(name, self.block(size - 1))
        if kind == "called":
            return Called(name, self.block(size - 1), self.chance.random() < 0.4, self.chance.random() < 0.5)
        blocks = self._several(size)
        if kind == "sequence":
            return Sequence(blocks)
        if kind == "choice":
            return Choice(name, blocks)
        return Branches(name, blocks, asked=kind == "inclusive")

    def _several(self, size):
        parts = self.chance.randint(2, min(3, size))
        return [self.block(max(1, size // parts)) for _ in range(parts)]
