"""Random models of all admitted constructs: blocks in blocks, goto-like flows between them, and tangles without blocks.

A seed and a size make a model, the same everywhere. Knows what may be drawn; not what it does, and no engine.
"""

import hashlib
import random
from dataclasses import dataclass, field
from itertools import pairwise

from engine.bpmn.step import Bundle
from tests.engine.bpmn.constructs import about
from tests.engine.bpmn.painted import painted
from tests.engine.bpmn.sketch import (
    both,
    boundary,
    call,
    catch,
    correlation,
    data_object,
    diagram,
    end,
    extension,
    flows,
    keep,
    link,
    loop,
    many,
    message,
    node,
    on_event,
    participants,
    process,
    race,
    rule,
    script,
    service,
    simple,
    some,
    start,
    sub,
    table,
    throw,
    timer,
    user,
    xor,
)

TABLE = table(
    "grade", ["x % 3"], ["grade"], [(["0"], ['"low"']), (["1"], ['"middle"']), (["-"], ['"high"'])], "FIRST"
)
BEGIN = "x = 1\nrows = ['p', 'q']"
OPERATIONS = {"ledger/number": None}
MESSAGES, SIGNALS = ("m0", "m1", "m2"), ("s0", "s1")


@dataclass
class Level:
    """A process or a sub-process under construction: its elements, its flows, and what it may throw outwards."""

    page: "Page"
    errors: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    depth: int = 0
    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def add(self, *parts):
        self.parts += parts

    def link(self, *ways):
        self.links += ways

    def drawn(self):
        return [*self.parts, flows("\n".join(self.links))]


@dataclass
class Page:
    """What a file declares."""

    names: dict[str, dict[str, None]] = field(default_factory=dict)

    def use(self, kind, name):
        self.names.setdefault(kind, {})[name] = None
        return name

    def declared(self):
        kinds = {"message": "messages", "signal": "signals", "error": "errors", "escalation": "escalations"}
        return {word: " ".join(self.names.get(kind, {})) for kind, word in kinds.items()}


def grown(seed, size):
    """A bundle that may be given to `check` and `load`, and the start event to begin at."""
    grower = Grower(random.Random(f"{seed} {size}"))
    return grower.bundle(size)


class Grower:
    def __init__(self, chance):
        self.chance = chance
        self.count = 0
        self.files = {}

    def bundle(self, size):
        pools = self.chance.random() < 0.15
        page = Page()
        level, begin = Level(page), self._begin(page)
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
        files = {name: painted(data) for name, data in sorted(self.files.items())} | {"grade.dmn": TABLE}
        files["process.toml"] = about("main", files, {"title": "随机", "facts": {"k": 0}})
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
        ways += [self._race, self._fail, self._link]
        return self.chance.choice(ways)(level, size - 1)

    def name(self, sort):
        self.count += 1
        return f"{sort}{self.count}"

    # leaves

    def _leaf(self, level):
        ways = [self._user] * 4 + [
            self._manual,
            self._script,
            self._script,
            self._service,
            self._rule,
            self._task,
        ]
        ways += [
            self._send,
            self._receive,
            self._timer,
            self._throw,
            self._signal,
            self._fact,
            self._say,
            self._many,
        ]
        ways += [self._many_scripts, self._looped, self._looped_script, self._signal_caught]
        return self.chance.choice(ways)(level)

    def _one(self, level, part, name):
        level.add(part)
        return name, name

    def _user(self, level, inside=""):
        name = self.name("u")
        arrow = (
            keep(self.chance.choice(level.objects)) if level.objects and self.chance.random() < 0.5 else ""
        )
        return self._hosted(level, name, user(name, arrow + inside))

    def _manual(self, level):
        name = self.name("h")
        return self._hosted(level, name, node("manualTask", name))

    def _task(self, level):
        name = self.name("t")
        return self._one(level, node("task", name), name)

    def _script(self, level):
        name = self.name("p")
        return self._one(
            level, script(name, self.chance.choice(("x = x + 1", "x = x * 2", f"{name} = x"))), name
        )

    def _service(self, level):
        name = self.name("v")
        return self._one(level, service(name, "ledger/number", f"got_{name}", year="x"), name)

    def _fact(self, level):
        name = self.name("f")
        return self._one(level, service(name, "case/set", k="(case.k or 0) + 1"), name)

    def _rule(self, level):
        name = self.name("d")
        return self._one(level, rule(name, "grade"), name)

    def _send(self, level):
        name, ref = self.name("o"), level.page.use("message", self.chance.choice(MESSAGES))
        payload = extension("<spiffworkflow:messagePayload>{'n': 2}</spiffworkflow:messagePayload>")
        return self._one(level, node("sendTask", name, payload, messageRef=f"message_{ref}"), name)

    def _receive(self, level):
        name, ref = self.name("r"), level.page.use("message", self.chance.choice(MESSAGES))
        return self._hosted(level, name, node("receiveTask", name, messageRef=f"message_{ref}"))

    def _timer(self, level):
        name = self.name("w")
        return self._one(level, catch(name, self._waiting()), name)

    def _throw(self, level):
        name, ref = self.name("say"), level.page.use("message", self.chance.choice(MESSAGES))
        return self._one(level, throw(name, message(ref, payload="{'n': x % 3}")), name)

    def _signal(self, level):
        name, ref = self.name("ring"), level.page.use("signal", self.chance.choice(SIGNALS))
        return self._one(level, throw(name, simple("signal", ref)), name)

    def _signal_caught(self, level):
        name, ref = self.name("ear"), level.page.use("signal", self.chance.choice(SIGNALS))
        return self._one(level, catch(name, simple("signal", ref)), name)

    def _say(self, level):
        """An escalation that somebody outside catches, if anybody does."""
        if not level.escalations:
            return self._task(level)
        name, ref = self.name("up"), level.page.use("escalation", self.chance.choice(level.escalations))
        return self._one(level, throw(name, simple("escalation", ref)), name)

    def _marker(self, enough="", **outputs):
        counted = ("", "", "numberOfCompletedInstances >= 2", "numberOfActiveInstances == 1")
        enough = enough or self.chance.choice(counted)
        given = {"cardinality": str(self.chance.randint(1, 3))} if self.chance.random() < 0.5 else {
            "items": "rows", "item": self.name("i")}  # fmt: skip
        return many(sequential=self.chance.random() < 0.5, completion=enough, **given, **outputs)

    def _loop(self, text):
        before, most = self.chance.random() < 0.3, self.chance.choice(("2", "3"))
        return loop(text, before, most)

    def _many(self, level):
        name = self.name("u")
        seen = self.chance.choice(("", "", f"count({name}, 'n', 3) + count({name}, 'n', 4) > 0"))
        return self._hosted(level, name, user(name, self._marker(seen)))

    def _looped(self, level):
        name = self.name("u")
        return self._hosted(level, name, user(name, loop(f"{name}.n > 4")))

    def _many_scripts(self, level):
        name = self.name("p")
        item = self.name("i")
        marker = many("rows", item, self.chance.random() < 0.5, output=f"o{name}", outputs=f"all_{name}")
        return self._one(level, script(name, f"o{name} = {item} + 'z'", marker), name)

    def _looped_script(self, level):
        name = self.name("p")
        return self._one(level, script(name, "x = x + 1", self._loop("x % 4 > 0")), name)

    # gateways

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
            *(f"{split} {first}: {asked}.n // {2**i} % 2 == 1" for i, (first, _) in enumerate(ends[1:]))
        )
        return asked, meet

    def _conditional(self, level, size):
        """Conditional and default flows straight out of a task, coming together at an inclusive gateway."""
        asked, meet, ends = self.name("a"), self.name("meet"), self._branches(level, size)
        level.add(node("userTask", asked, name=asked, default=f"{asked}-{ends[0][0]}"), some(meet))
        level.link(f"{asked} {ends[0][0]}", *(f"{last} {meet}" for _, last in ends))
        level.link(*(f"{asked} {first}: {asked}.n % {i + 2} == 1" for i, (first, _) in enumerate(ends[1:])))
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
        level.link(*(f"{split} {first}: {asked}.n % {i + 2} == 1" for i, (first, _) in enumerate(ends[1:])))
        return asked, merge

    def _skip(self, level, size):
        """A choice that may end the branch: at an end event, which may also stop everything or throw something."""
        asked, split, (first, last) = self.ask(level), self.name("g"), self.sequence(level, size)
        out, event = self.name("end"), self._end_event(level)
        level.add(xor(split, f"{split}-{first}"), end(out, event))
        level.link(f"{asked} {split} {first}", f"{split} {out}: {asked}.n > 6")
        return asked, last

    def _fail(self, level, size):
        """A choice of which one way throws an error that somebody outside catches."""
        if not level.errors:
            return self._skip(level, size)
        asked, split, (first, last) = self.ask(level), self.name("g"), self.sequence(level, size)
        out, code = self.name("bad"), level.page.use("error", self.chance.choice(level.errors))
        level.add(xor(split, f"{split}-{first}"), end(out, simple("error", code)))
        level.link(f"{asked} {split} {first}", f"{split} {out}: {asked}.n > 5")
        return asked, last

    def _again(self, level, size):
        merge, split, (first, last) = self.name("m"), self.name("g"), self.sequence(level, size)
        asked, out = self.ask(level), self.name("t")
        level.add(xor(merge), xor(split, f"{split}-{out}"), node("task", out))
        level.link(f"{merge} {first}", f"{last} {asked} {split} {out}", f"{split} {merge}: {asked}.n > 4")
        return merge, out

    def _jump(self, level, ends):
        """From behind one block to before another, forwards or back: no block any more."""
        a, b = self.chance.randrange(len(ends)), self.chance.randrange(len(ends))
        asked, split, merge = self.ask(level), self.name("g"), self.name("m")
        out = self.name("t")
        level.add(xor(split, f"{split}-{out}"), xor(merge), node("task", out))
        level.link(f"{merge} {ends[b][0]}")
        ends[b] = (merge, ends[b][1])
        level.link(f"{ends[a][1]} {asked} {split} {out}", f"{split} {merge}: {asked}.n > 4")
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

    # events

    def _waiting(self):
        days = self.chance.randint(1, 9)
        return self.chance.choice((timer(f"P{days}D", "timeDuration"), timer(f"2026-03-{days + 5:02}"),
                                   timer(f"add_days('2026-03-05', x % {days})")))  # fmt: skip

    def _race(self, level, size):
        gate, merge = self.name("race"), self.name("m")
        level.add(race(gate), xor(merge))
        for _ in range(self.chance.randint(2, 3)):
            name, (first, last) = self.name("e"), self.sequence(level, max(1, size // 3))
            kind = self.chance.choice(("timer", "message", "signal"))
            if kind == "message" and self.chance.random() < 0.4:
                ref = level.page.use("message", self.chance.choice(MESSAGES))
                level.add(node("receiveTask", name, messageRef=f"message_{ref}"))
            else:
                level.add(catch(name, self._waiting() if kind == "timer" else self._event(level, kind, name)))
            level.link(f"{gate} {name} {first}", f"{last} {merge}")
        return gate, merge

    def _event(self, level, kind, name):
        if kind == "message":
            ref = level.page.use("message", self.chance.choice(MESSAGES))
            return message(ref, variable=f"got_{name}" if self.chance.random() < 0.7 else "")
        if kind == "signal":
            return simple("signal", level.page.use("signal", self.chance.choice(SIGNALS)))
        text, sort = self.chance.choice((("P2D", "timeDuration"), ("R2/P2D", "timeCycle"), ("R3/P1D", "timeCycle"),
                                         ("2026-03-09", "timeDate")))  # fmt: skip
        return timer(text, sort)

    def _end_event(self, level):
        kind = self.chance.choice(("", "", "terminate", "message", "signal", "escalation"))
        if kind == "message":
            return message(level.page.use("message", self.chance.choice(MESSAGES)), payload="{'n': x % 3}")
        if kind == "signal":
            return simple("signal", level.page.use("signal", self.chance.choice(SIGNALS)))
        if kind == "escalation":
            escalations = level.escalations
            return simple(kind, level.page.use(kind, self.chance.choice(escalations))) if escalations else ""
        return simple(kind) if kind else ""

    def _hosted(self, level, name, part, codes=(), size=2):
        """An activity, perhaps with boundary events; those that interrupt may lead back into the branch."""
        level.add(part)
        wanted = [*codes]
        if self.chance.random() < 0.3:
            wanted += [(self.chance.choice(("timer", "message", "signal")), "")]
        back = []
        for kind, code in wanted:
            on, (first, last) = self.name("on"), self.sequence(level, self.chance.randint(1, size))
            interrupting = kind == "error" or self.chance.random() < 0.5
            event = simple(kind, level.page.use(kind, code)) if code else self._event(level, kind, on)
            level.add(boundary(on, name, event, interrupting))
            level.link(f"{on} {first}")
            if interrupting and self.chance.random() < 0.6:
                back.append(last)
            else:
                level.add(end(out := self.name("end")))
                level.link(f"{last} {out}")
        if not back:
            return name, name
        level.add(xor(merge := self.name("m")))
        level.link(f"{name} {merge}", *(f"{last} {merge}" for last in back))
        return name, merge

    def _inside(self, level, size):
        """A sub-process or a call activity, once, looped or for many, with what catches on its boundary."""
        name, called = self.name("in"), self.chance.random() < 0.45
        codes = [("error", self.name("E"))] * (self.chance.random() < 0.4)
        codes += [("escalation", self.name("Q"))] * (self.chance.random() < 0.3)
        inner = Level(
            Page() if called else level.page,
            (*level.errors, *(code for kind, code in codes if kind == "error")),
            (*level.escalations, *(code for kind, code in codes if kind == "escalation")),
            () if called else level.objects, level.depth + 1,
        )  # fmt: skip
        results = {"output": f"y_{name}", "outputs": f"all_{name}"} if self.chance.random() < 0.5 else {}
        marker = self.chance.choice(("", "", self._loop("x % 3 > 0"), self._marker(**results)))
        begin, finish = ("start", "end") if called else (f"{name}_s", f"{name}_e")
        self._keep_an_object(inner, name)
        first, last = self.scope(inner, size)
        inner.add(script(f"{name}_x", f"x = x + 1\ny_{name} = x"), start(begin), end(finish))
        inner.link(f"{begin} {first}", f"{last} {name}_x {finish}")
        if called:
            self.files[f"of_{name}.bpmn"] = diagram(
                process(f"of_{name}", *inner.drawn()), **inner.page.declared()
            )
            part = call(name, f"of_{name}", marker)
        else:
            part = sub(name, marker, *inner.drawn())
        return self._hosted(level, name, part, codes)

    def _keep_an_object(self, level, name):
        if self.chance.random() < 0.2:
            level.objects = (*level.objects, f"obj_{name}")
            level.add(data_object(f"obj_{name}"))

    def _handlers(self, level, size):
        """Event sub-processes to draw when the rest is drawn: what they catch may be thrown there."""
        if level.depth > 2 or size < 3 or self.chance.random() < 0.6:
            return []
        return [self._handler(level) for _ in range(self.chance.choice((1, 1, 2)))]

    def _handler(self, level):
        kind = self.chance.choice(("timer", "message", "signal", "error", "escalation"))
        code = self.name("E" if kind == "error" else "Q")
        outer = Level(level.page, level.errors, level.escalations, level.objects, level.depth + 1)
        if kind == "error":
            level.errors = (*level.errors, code)
        elif kind == "escalation":
            level.escalations = (*level.escalations, code)

        def draw():
            name = self.name("sub")
            event = simple(kind, level.page.use(kind, code)) if kind in ("error", "escalation") else None
            first, last = self.sequence(outer, 2)
            outer.add(end(f"{name}_end"))
            outer.link(f"{name}_start {first}", f"{last} {name}_end")
            interrupting = kind == "error" or self.chance.random() < 0.5
            level.add(
                on_event(
                    name, event or self._event(level, kind, name), *outer.drawn(), interrupting=interrupting
                )
            )

        return draw

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


@dataclass
class Beginning:
    parts: list[str]
    last: str
    at: str


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
        level.link(f"{last} {first}" + ("" if plain else f": {work}.n // {2 ** targets.index(b)} % 2 == 1"))
