"""A small procedure that waits five days and then divides by the number of mentions. Knows how to start its cases."""

from engine import cases, definitions, journal
from engine.commands import StartCase
from tests.engine.bpmn import sketch

FACTS = ("unit", "title", "submissions", "mentions", "channel", "direction")
ABOUT = """
id = "waiting"
title = "等待"
main = "main"

[start]
roles = ["community_party_org"]

[facts]
""" + "".join(f"{fact} = {{ set_at_start = true }}\n" for fact in FACTS)


class WaitingCases:
    """Releases the procedure; `start` starts a case of it, `mentions = 0` a poisoned one."""

    def __init__(self, engine):
        self.engine = engine
        drawn = sketch.main(
            sketch.start(),
            sketch.catch("pause", sketch.timer("P5D", "timeDuration")),
            sketch.script("divide", "share = 100 // case.mentions"),
            sketch.user("look"),
            sketch.end(),
            sketch.flows("start pause divide look end"),
            about=ABOUT,
        )
        engine.small(_release, definitions.bundle_of(drawn.files), engine.now())

    def start(self, mentions=1):
        command = StartCase("waiting", "u001", "等待", channel="hotline", mentions=mentions)
        return self.engine.handle(command, by="u001.secretary").case

    def poison(self):
        return self.start(mentions=0)

    def fired(self, case):
        """Due times of the timers that were fired, as events write them."""
        history = self.engine.read(lambda reader: list(journal.of_case(reader.db, case)))
        return [event.body["data"]["due"] for event in history if event.type == "timer_fired"]

    def status(self, case):
        return self.engine.read(lambda reader: cases.load(reader.db, case).status)


def _release(db, bundle, at):
    """Beside the gate and the district's stream: the gate asks for a drawing, which these diagrams have not."""
    definitions.store(db, "waiting", bundle)
    definitions.release(db, "waiting", bundle.hash, at, "测试", "", {})
