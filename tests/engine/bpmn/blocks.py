"""Random models of blocks in blocks: every one can be drawn, and what is drawn is always finished in the end.

Knows elements and flows, no tokens and no library. For models of all constructs see growing.py.
"""

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


class Items:
    """A parallel multi-instance task."""

    def __init__(self, name, count):
        self.name, self.count = name, count

    def draw(self, drawing):
        drawing.parts.append(user(self.name, many(cardinality=str(self.count))))
        return self.name, self.name


class Sequence:
    def __init__(self, blocks):
        self.blocks = blocks

    def draw(self, drawing):
        ends = [block.draw(drawing) for block in self.blocks]
        drawing.links += [f"{a[1]} {b[0]}" for a, b in pairwise(ends)]
        return ends[0][0], ends[-1][1]


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
