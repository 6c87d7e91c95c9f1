"""Records golden histories, once per release: `python -m tests.golden.recording` from the top folder.

One case of the roundtable, walked by its story on the real engine, goes into the package for the self-check. Here come
to lie small models of constructs/, three cases that talked to each other, and one that stopped and was mended. A
history that has been recorded once is never recorded again.
"""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import cases, definitions, journal, stories
from engine.audit import recorded, verify
from engine.audit.self_check import GOLDEN
from engine.clock import SetClock
from engine.commands import DecideSkip, RequestSkip, SendSignal
from engine.database import dumps
from engine.demo.making import ROOT, stage
from engine.engine import Engine
from tests.engine import failing
from tests.engine.bpmn import constructs, sketch
from tests.engine.bpmn.sketch import NOON, Case, World, simple
from tests.engine.conversing import Talking, both_released, hearing

HERE = Path(__file__).parent
STORY = "community_straight.story.toml"
SMALL = ("gateways_in_a_loop", "parallel_instances", "service_task")
OF_KIT_3 = (
    *(
        "order_of_conditions",
        "codes_before_any",
        "cleared_in_a_branch",
        "decision_expressions",
        "executable_pools",
    ),
    *("message_flows", "sequential_quorum", "event_sub_process_signal_interrupting", "inclusive_gateway"),
    *("boundary_rearmed_signal", "instances_of_a_call", "timer_cycle", "terminate", "links", "data_objects"),
)  # what rules mended with kits 2 and 3 decide, and what is most easily moved by a change
STOPPED = "stopped_and_mended"
TALKING = ("asking", "answering", "alarmed")


def main():
    if not (GOLDEN / "roundtable").exists():
        record_story(GOLDEN / "roundtable", STORY)
    for name in (*SMALL, *OF_KIT_3):
        if not (HERE / name).exists():
            record_construct(HERE / name, name)
    if not all((HERE / name).exists() for name in TALKING):
        record_conversation(HERE)
    if not (HERE / STOPPED).exists():
        record_incident(HERE / STOPPED)


def record_story(folder, story):
    """The scenes of a story, and then what they have left in the journal."""
    bundle = definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")
    told = tomllib.loads(bundle.files[story].decode())
    with TemporaryDirectory() as place:
        database = Path(place) / "stage.db"
        stage(f"sqlite:///{database}", bundle)
        with stories._scene(database, bundle, told) as scene:
            for step in told["step"]:
                stories.take(scene, step)
            lines = scene.engine.read(verify.read_lines, scene.case)
    recorded.write(folder, [line.body for line in lines], [bundle])


def record_construct(folder, name):
    bundle, expected = constructs.read(name)
    bundle = definitions.bundle_of(bundle.files)
    _, *steps = expected["step"]
    case = Recorded(bundle, expected.get("facts", {}), expected.get("world", {}))
    for step in steps:
        constructs.take(case, step)
    recorded.write(folder, case.events, [bundle])


def record_conversation(home):
    """A case asks, another begins by the question and answers, a signal ends it; on the real engine."""
    with TemporaryDirectory() as place:
        engine = Engine.open(f"sqlite:///{place}/house.db", clock=SetClock(NOON))
        engine.found("recorder")
        talking = both_released(Talking(engine, "own", "recorder"))
        talking.release("alarmed", hearing("alarmed", simple("signal", "alarm")), signals="alarm")
        alarmed, asking = talking.start("alarmed"), talking.start("asking")
        talking.do(asking, "number_it", number=7)
        engine.tick()
        (answering,) = talking.of("answering")
        talking.do(answering, "answer_it", text="已答复")
        engine.handle(SendSignal("alarm", {"what": "演练"}), by="recorder")
        engine.tick()
        talking.do(asking, "read")
        for name, case in zip(TALKING, (asking, answering, alarmed), strict=True):
            _write(engine, home / name, case)
        engine.database.dispose()


def record_incident(folder):
    """A service refuses, then a script fails; both are mended and retried, and the last task is skipped."""
    skips = '\n[skips]\nlook = "street_liaison_leader"\n'
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.service("upload", "platform/upload", platform="case.platform"),
        sketch.script("fail", "share = 100 // ask.households"), sketch.user("look"), sketch.end(),
        sketch.flows("start ask upload fail look end"), about=skips,
    )  # fmt: skip
    with TemporaryDirectory() as place:
        url = f"sqlite:///{place}/house.db"
        stage(url, definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable"))
        engine = Engine.open(url, clock=SetClock(NOON))
        case = failing.FailingCase(engine, drawn)
        case.start()
        case.submit()
        case.correct(platform="party_cloud")
        case.retry()
        case.put_right(ask={"households": 4})
        case.retry()
        (look,) = case.items()
        engine.handle(RequestSkip(look.id, "已当面看过"), by=failing.SECRETARY)
        engine.handle(DecideSkip(look.id, True, "同意"), by="u001.street_leader")
        _write(engine, folder, case.case)
        engine.database.dispose()


def _write(engine, folder, case):
    lines = engine.read(verify.read_lines, case)
    hash = engine.read(lambda reader: cases.load(reader.db, case).definition_hash)
    bundle = engine.read(lambda reader: definitions.bundle(reader.db, hash))
    recorded.write(folder, [line.body for line in lines], [bundle])


class Answering(World):
    """Keeps its answers as an event does."""

    def ask(self, operation, arguments):
        result = super().ask(operation, arguments)
        self.asked[-1] = [operation, dict(arguments), result]
        return result


class Recorded(Case):
    """A case of the kernel alone that writes the events which the engine would."""

    def __init__(self, bundle, facts, answers):
        self.definition, self.prev, self.events = bundle.hash, journal.GENESIS, []
        self.what = {"type": "case_started", "data": facts}
        world = Answering(**{name.replace("/", "__"): answer for name, answer in answers.items()})
        super().__init__(bundle, facts, world=world)

    def do(self, path, **answers):
        self.what = {"type": "task_submitted", "task": {"path": path}, "data": answers}
        return super().do(path, **answers)

    def fire(self, path):
        self.what = {"type": "timer_fired", "task": {"path": path}}
        return super().fire(path)

    def tell(self, name, payload=None, correlation=None):
        self.what = {"type": "message_received", "message": name, "data": payload}
        return super().tell(name, payload, correlation)

    def _took(self, step):
        body = dumps({
            "v": journal.VERSION, "case": "case", "seq": self.seq, "at": journal.written(self.at),
            "actor": {"id": "recorder", "name": "记录"}, "prev": self.prev, "definition": self.definition,
            "outside": self.world.asked, "digest": step.digest,
            "trace": [[entry.what, entry.path, entry.diagram, entry.flow] for entry in step.trace], **self.what,
        })  # fmt: skip
        self.events.append(body.encode())
        self.prev, self.world.asked = journal.digest(body), []
        return super()._took(step)


if __name__ == "__main__":
    main()
