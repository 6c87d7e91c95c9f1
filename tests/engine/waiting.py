"""Two small procedures: one waits five days and then divides, one uploads to both platforms; and their cases."""

from engine import cases, definitions, journal
from engine.commands import StartCase
from tests.engine.bpmn import sketch

FACTS = ("unit", "title", "submissions", "mentions", "channel", "direction")
ABOUT = """
id = "{name}"
title = "等待"
main = "main"

[start]
roles = ["community_party_org"]

[facts]
""" + "".join(f"{fact} = {{{{ set_at_start = true }}}}\n" for fact in FACTS)
RECEIPTS = ("receipt_cloud_received", "receipt_service_received")


def pausing():
    return (
        sketch.start(),
        sketch.catch("pause", sketch.timer("P5D", "timeDuration")),
        sketch.script("divide", "share = 100 // case.mentions"),
        sketch.user("look"),
        sketch.end(),
        sketch.flows("start pause divide look end"),
    )


def reminding():
    """A task whose people are reminded every hour."""
    return (
        sketch.start(),
        sketch.user("look"),
        sketch.boundary("remind", "look", sketch.timer("R9999/PT1H", "timeCycle"), interrupting=False),
        sketch.end(),
        sketch.end("reminded"),
        sketch.flows("start look end") + sketch.flows("remind reminded"),
    )


class WaitingCases:
    """Releases the procedure; `start` starts a case of it, `mentions = 0` a poisoned one."""

    def __init__(self, engine, name="waiting", parts=pausing):
        self.engine, self.name = engine, name
        drawn = sketch.main(*parts(), about=ABOUT.format(name=name))
        engine.small(_release, name, drawn, engine.now())

    def start(self, mentions=1):
        command = StartCase(self.name, "u001", "等待", channel="hotline", mentions=mentions)
        return self.engine.handle(command, by="u001.secretary").case

    def poison(self):
        return self.start(mentions=0)

    def fired(self, case):
        """Due times of the timers that were fired, as events write them."""
        history = self.engine.read(lambda reader: list(journal.of_case(reader.db, case)))
        return [event.body["data"]["due"] for event in history if event.type == "timer_fired"]

    def status(self, case):
        return self.engine.read(lambda reader: cases.load(reader.db, case).status)


def start_uploading(engine):
    """A case whose uploads to both platforms wait; "close_off" opens when both receipts have come."""
    drawn = sketch.main(
        sketch.start(),
        sketch.service("cloud", "platform/upload", platform="'party_cloud'"),
        sketch.service("service", "platform/upload", platform="'service_365'"),
        *[sketch.catch(name, sketch.message(name)) for name in RECEIPTS],
        sketch.user("close_off"),
        sketch.end(),
        sketch.flows("start cloud service receipt_cloud_received receipt_service_received close_off end"),
        messages=" ".join(RECEIPTS),
        about=ABOUT.format(name="uploading"),
    )
    engine.small(_release, "uploading", drawn, engine.now())
    command = StartCase("uploading", "u001", "上传", channel="hotline")
    return engine.handle(command, by="u001.secretary").case


def _release(db, process, drawn, at):
    """Beside the gate and the district's stream: the gate asks for a drawing, which these diagrams have not."""
    bundle = definitions.bundle_of(drawn.files)
    definitions.store(db, process, bundle)
    definitions.release(db, process, bundle.hash, at, "测试", "", {})
