"""Automatic steps of a random model that fail at times, each in a way that data or facts can mend.

A share of what `growing` can draw.
"""

from tests.engine.bpmn.sketch import (
    catch,
    loop,
    many,
    message,
    rule,
    script,
    service,
    table,
    throw,
    timer,
    user,
    xor,
)

STRICT = table("strict", ["x % 5"], ["rank"], [(["< 3"], ["1"]), (["3"], ["2"]), (["> 2"], ["3"])])
_PARTS = "x % 3", "x % 4", "(case.k or 0) - 1", "(case.k or 0) % 2"  # divided by; at times 0


class Risks:
    def _risk(self, level):
        ways = (self._risky_script, self._risky_service, self._risky_rule, self._risky_wait, self._risky_choice,
                self._risky_loop, self._risky_items, self._risky_message)  # fmt: skip
        return self.chance.choice(ways)(level)

    def risky_date(self):
        return timer(f"add_days('2026-03-09', 4 // ({self._part()}))")

    def _part(self):
        return self.chance.choice(_PARTS)

    def _risky_script(self, level):
        name = self.name("p")
        return self._one(level, script(name, f"{name} = 1\nx = x + 12 // ({self._part()})"), name)

    def _risky_service(self, level):
        name = self.name("v")
        return self._one(level, service(name, "ledger/seal", f"got_{name}", year="x", k="case.k"), name)

    def _risky_rule(self, level):
        name = self.name("d")
        return self._one(level, rule(name, "strict"), name)

    def _risky_wait(self, level):
        name = self.name("w")
        return self._one(level, catch(name, self.risky_date()), name)

    def _risky_choice(self, level):
        """No way out may be open."""
        asked, split, merge = self.ask(level), self.name("g"), self.name("m")
        level.add(xor(split), xor(merge))
        level.link(f"{asked} {split}", f"{split} {merge}: {self.said(asked)} % 3 < 2")
        name = self.name("t")
        level.add(script(name, "x = x + 2"))
        level.link(f"{split} {name}: {self.said(asked)} == 5", f"{name} {merge}")
        return asked, merge

    def _risky_loop(self, level):
        name = self.name("u")
        return self._hosted(level, name, user(name, loop(f"4 // ({self._part()}) > 1", maximum="3")))

    def _risky_items(self, level):
        name = self.name("u")
        marker = many(
            cardinality=f"6 // ({self._part()})",
            completion=f"numberOfCompletedInstances // ({self._part()}) > 1",
        )
        return self._hosted(level, name, user(name, marker))

    def _risky_message(self, level):
        name, ref = self.name("say"), level.page.use("message", "m2")
        return self._one(level, throw(name, message(ref, payload=f"{{'n': 6 // ({self._part()})}}")), name)
