"""Random graphs without blocks: gateways of all kinds join and split where chance puts them, loops included."""

from tests.engine.bpmn.sketch import (
    both,
    some,
    xor,
)


class Tangle:
    """A graph without blocks: gateways of all kinds join and split where chance puts them, loops included."""

    def __init__(self, grower):
        self.grower, self.chance = grower, grower.chance

    def draw(self, level, size):
        count = max(3, size)
        kinds = [self.chance.choice(("xor", "xor", "or", "and", "task")) for _ in range(count)]
        ways = {(self.chance.randrange(i), i) for i in range(1, count)}
        ways |= {(i, self.chance.randrange(i + 1, count)) for i in range(count - 1)}
        for _ in range(count // 3):
            a, b = self.chance.randrange(1, count - 1), self.chance.randrange(1, count - 1)
            if a != b and kinds[a] != "and":
                ways.add((a, b))
        places = [self._place(level, kind, i, ways) for i, kind in enumerate(kinds)]
        for a, b in sorted(ways):
            self._connect(
                level, places, kinds[a], [target for source, target in sorted(ways) if source == a], a, b
            )
        return places[0][0], places[-1][1]

    def _place(self, level, kind, number, ways):
        """What joins, works and splits at one place of the graph."""
        coming = sum(b == number for _, b in ways)
        going = sum(a == number for a, _ in ways)
        draw = {"xor": xor, "or": some, "and": both}
        work = self.grower._plain_user(level)
        first = last = work
        if coming > 1 and kind != "task":
            level.add(draw[kind](first := self.grower.name("j")))
            level.link(f"{first} {work}")
        if going > 1:
            last = self.grower.name("g")
            level.link(f"{work} {last}")
        return first, last, work

    def _connect(self, level, places, kind, targets, a, b):
        (_, last, work), (first, _, _) = places[a], places[b]
        if len(targets) == 1:
            level.link(f"{last} {first}")
            return
        default = f"{last}-{places[targets[-1]][0]}"
        if b == targets[0]:
            level.add({"or": some, "and": lambda id_, _: both(id_)}.get(kind, xor)(last, default))
        plain = kind == "and" or b == targets[-1]
        level.link(
            f"{last} {first}"
            + ("" if plain else f": {self.grower.said(work)} // {2 ** targets.index(b)} % 2 == 1")
        )
