"""Where a random model branches, joins and goes round. A share of what `growing` can draw."""

from tests.engine.bpmn.sketch import (
    both,
    catch,
    end,
    link,
    node,
    simple,
    some,
    throw,
    user,
    xor,
)


class Gateways:
    def ask(self, level):
        """A task whose answer decides what comes next."""
        return self._plain_user(level)

    def _plain_user(self, level):
        name = self.name("a")
        return self._one(level, user(name), name)[0]

    def _branches(self, level, size):
        count = self.chance.randint(2, 3)
        return [self.sequence(level, max(1, size // count)) for _ in range(count)]

    def _parallel(self, level, size):
        fork, join, ends = self.name("fork"), self.name("join"), self._branches(level, size)
        level.add(both(fork), both(join))
        level.link(*(f"{fork} {first}" for first, _ in ends), *(f"{last} {join}" for _, last in ends))
        return fork, join

    def _inclusive(self, level, size):
        asked, split, meet = self.ask(level), self.name("split"), self.name("meet")
        ends = self._branches(level, size)
        level.add(some(split, f"{split}-{ends[0][0]}"), some(meet))
        level.link(f"{asked} {split} {ends[0][0]}", *(f"{last} {meet}" for _, last in ends))
        level.link(
            *(
                f"{split} {first}: {self.said(asked)} // {2**i} % 2 == 1"
                for i, (first, _) in enumerate(ends[1:])
            )
        )
        return asked, meet

    def _conditional(self, level, size):
        """Conditional and default flows straight out of a task, coming together at an inclusive gateway."""
        asked, meet, ends = self.name("a"), self.name("meet"), self._branches(level, size)
        level.add(node("userTask", asked, name=asked, default=f"{asked}-{ends[0][0]}"), some(meet))
        level.link(f"{asked} {ends[0][0]}", *(f"{last} {meet}" for _, last in ends))
        level.link(
            *(f"{asked} {first}: {self.said(asked)} % {i + 2} == 1" for i, (first, _) in enumerate(ends[1:]))
        )
        return asked, meet

    def _choice(self, level, size):
        asked, split, merge, ends = (
            self.ask(level),
            self.name("g"),
            self.name("m"),
            self._branches(level, size),
        )
        level.add(xor(split, f"{split}-{ends[0][0]}"), xor(merge))
        level.link(f"{asked} {split} {ends[0][0]}", *(f"{last} {merge}" for _, last in ends))
        level.link(
            *(f"{split} {first}: {self.said(asked)} % {i + 2} == 1" for i, (first, _) in enumerate(ends[1:]))
        )
        return asked, merge

    def _skip(self, level, size):
        """A choice that may end the branch: at an end event, which may also stop everything or throw something."""
        asked, split, (first, last) = self.ask(level), self.name("g"), self.sequence(level, size)
        out, event = self.name("end"), self._end_event(level)
        level.add(xor(split, f"{split}-{first}"), end(out, event))
        level.link(f"{asked} {split} {first}", f"{split} {out}: {self.said(asked)} > 6")
        return asked, last

    def _fail(self, level, size):
        """A choice of which one way throws an error that somebody outside catches."""
        if not level.errors:
            return self._skip(level, size)
        asked, split, (first, last) = self.ask(level), self.name("g"), self.sequence(level, size)
        out, code = self.name("bad"), level.page.use("error", self.one_of(level.errors))
        level.add(xor(split, f"{split}-{first}"), end(out, simple("error", code)))
        level.link(f"{asked} {split} {first}", f"{split} {out}: {self.said(asked)} > 3")
        return asked, last

    def _again(self, level, size):
        merge, split, (first, last) = self.name("m"), self.name("g"), self.sequence(level, size)
        asked, out = self.ask(level), self.name("t")
        level.add(xor(merge), xor(split, f"{split}-{out}"), node("task", out))
        level.link(
            f"{merge} {first}", f"{last} {asked} {split} {out}", f"{split} {merge}: {self.said(asked)} > 4"
        )
        return merge, out

    def _jump(self, level, ends):
        """From behind one block to before another, forwards or back: no block any more."""
        a, b = self.chance.randrange(len(ends)), self.chance.randrange(len(ends))
        asked, split, merge = self.ask(level), self.name("g"), self.name("m")
        out = self.name("t")
        level.add(xor(split, f"{split}-{out}"), xor(merge), node("task", out))
        level.link(f"{merge} {ends[b][0]}")
        ends[b] = (merge, ends[b][1])
        level.link(f"{ends[a][1]} {asked} {split} {out}", f"{split} {merge}: {self.said(asked)} > 4")
        ends[a] = (ends[a][0], out)

    def _link(self, level, size):
        (first, last), (then, out) = (
            self.sequence(level, size // 2 or 1),
            self.sequence(level, size // 2 or 1),
        )
        to, back, name = self.name("to"), self.name("from"), self.name("页")
        level.add(throw(to, link(name)), catch(back, link(name)))
        level.link(f"{last} {to}", f"{back} {then}")
        return first, out
