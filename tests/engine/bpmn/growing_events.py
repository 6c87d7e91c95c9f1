"""Races, boundary events, what is inside of activities, and event sub-processes. A share of what `growing` can draw."""

from tests.engine.bpmn.paper import MESSAGES, SIGNALS, Level, Page
from tests.engine.bpmn.sketch import (
    boundary,
    call,
    catch,
    data_object,
    diagram,
    end,
    message,
    node,
    on_event,
    process,
    race,
    script,
    simple,
    start,
    sub,
    timer,
    xor,
)


class Events:
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
        if self.risky and self.chance.random() < 0.3:
            return self.risky_date()
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
            return simple(kind, level.page.use(kind, self.one_of(escalations))) if escalations else ""
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
            event = self._thrown(level, kind, code) or self._event(level, kind, on)
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

    def _thrown(self, level, kind, code):
        """What catches an error or an escalation of this code, or with none of any."""
        if kind not in ("error", "escalation"):
            return ""
        return simple(kind, level.page.use(kind, code)) if code else simple(kind)

    def _inside(self, level, size):
        """A sub-process or a call activity, once, looped or for many, with what catches on its boundary."""
        name, called = self.name("in"), self.chance.random() < 0.45
        codes = [("error", self.name("E"))] * (self.chance.random() < 0.4)
        codes += [("escalation", self.name("Q"))] * (self.chance.random() < 0.3)
        likely = {kind: 0.6 for kind, _ in codes}
        any_ = [
            (kind, "") for kind in ("error", "escalation") if self.chance.random() < likely.get(kind, 0.1)
        ]
        thrown = codes + [(kind, self.name("Z")) for kind, _ in any_]
        codes += any_
        self.chance.shuffle(codes)
        inner = Level(
            Page() if called else level.page,
            (*level.errors, *(code for kind, code in thrown if kind == "error")),
            (*level.escalations, *(code for kind, code in thrown if kind == "escalation")),
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
        outside = level.errors, level.escalations  # what is thrown in one is not for the other to catch
        return [self._handler(level, *outside) for _ in range(self.chance.choice((1, 1, 2)))]

    def _handler(self, level, errors, escalations):
        kind = self.chance.choice(("timer", "message", "signal", "error", "escalation"))
        code = self.name("E" if kind == "error" else "Q")
        outer = Level(level.page, errors, escalations, level.objects, level.depth + 1)
        if kind == "error":
            level.errors = (*level.errors, code)
        elif kind == "escalation":
            level.escalations = (*level.escalations, code)
        caught = code if self.chance.random() < 0.7 else ""

        def draw():
            name = self.name("sub")
            event = self._thrown(level, kind, caught)
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
