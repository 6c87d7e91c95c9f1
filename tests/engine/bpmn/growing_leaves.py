"""The smallest parts of a random model: one activity or event each. A share of what `growing` can draw."""

from tests.engine.bpmn.paper import MESSAGES, SIGNALS
from tests.engine.bpmn.sketch import (
    catch,
    extension,
    keep,
    loop,
    many,
    message,
    node,
    rule,
    script,
    service,
    simple,
    throw,
    user,
)


class Leaves:
    def _leaf(self, level):
        if self.risky and self.chance.random() < 0.3:
            return self._risk(level)
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
        ways += [self._walk, self._walk, self._walk_over_news]
        ways += [self._say] * (4 * bool(level.escalations))
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
        told = self.chance.choice(("{'n': 2}", "{'papers': {'b': [{'b': 1, 'a': 2}], 'a': []}, 'n': 2}"))
        payload = extension(f"<spiffworkflow:messagePayload>{told}</spiffworkflow:messagePayload>")
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
        name, ref = self.name("up"), level.page.use("escalation", self.one_of(level.escalations))
        return self._one(level, throw(name, simple("escalation", ref)), name)

    def _marker(self, enough="", **outputs):
        counted = ("", "", "numberOfCompletedInstances >= 2", "numberOfActiveInstances == 1",
                   "numberOfCompletedInstances * 2 > numberOfInstances + numberOfTerminatedInstances")  # fmt: skip
        enough = enough or self.chance.choice(counted)
        given = {"cardinality": str(self.chance.randint(1, 3))} if self.chance.random() < 0.5 else {
            "items": "rows", "item": self.name("i")}  # fmt: skip
        return many(sequential=self.chance.random() < 0.5, completion=enough, **given, **outputs)

    def _loop(self, text):
        before, most = self.chance.random() < 0.3, self.chance.choice(("2", "3"))
        counted = self.chance.choice(("", "", " and loopCounter < 2", " or loopCounter % 3 == 1"))
        return loop(text + counted, before, most)

    def _many(self, level):
        name = self.name("u")
        seen = self.chance.choice(("", "", f"count({name}, 'n', 3) + count({name}, 'n', 4) > 0"))
        named = {"output": "n", "outputs": f"all_{name}"} if self.chance.random() < 0.3 else {}
        return self._hosted(level, name, user(name, self._marker(seen, **named)))

    def _looped(self, level):
        name = self.name("u")
        counted = self.chance.choice(("", "", " and loopCounter < 3", " or loopCounter == 1"))
        return self._hosted(level, name, user(name, loop(f"{self.said(name)} > 4{counted}")))

    def _many_scripts(self, level):
        name = self.name("p")
        item = self.name("i")
        marker = many("rows", item, self.chance.random() < 0.5, output=f"o{name}", outputs=f"all_{name}")
        return self._one(level, script(name, f"o{name} = {item} + 'z'", marker), name)

    def _looped_script(self, level):
        name = self.name("p")
        return self._one(level, script(name, "x = x + 1", self._loop("x % 4 > 0")), name)
