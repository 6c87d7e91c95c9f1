"""Folders of BPMN files made elsewhere run unchanged: every one is deployed and walked, on both databases.

A folder of `foreign/` holds what a stranger would bring, and `walk.toml`: what is done with it and what is then.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import (
    CancelCase,
    DelegateTask,
    Deploy,
    Engine,
    MoveCase,
    PublishMessage,
    ResumeCase,
    SendMessage,
    SendSignal,
    StartCase,
    SubmitTask,
    SuspendCase,
    definitions,
    directory_file,
    files_in,
)
from engine.audit import verify
from engine.bpmn.undeclared import declared
from engine.clock import SetClock
from engine.errors import Conflict, DeploymentRefused, FormRejected, NotAllowed, NotFound, Refused
from engine.reading import running
from engine.settings import Settings
from tests.engine.commanding import commanded, typed

FOLDERS = Path(__file__).parent / "foreign"
WALKS = sorted(path.parent.name for path in FOLDERS.glob("*/walk.toml"))
NOW = datetime(2026, 9, 14, 1, tzinfo=UTC)


@pytest.fixture
def engine(migrated_url, tmp_path):
    """Founded for one person, with a clock that stands still."""
    engine = Engine.open(migrated_url, clock=SetClock(NOW), settings=Settings(data=tmp_path))
    engine.found("anna")
    yield engine
    engine.database.dispose()


@dataclass
class Walk:
    engine: Engine
    case: str

    def take(self, step):
        if "refused" in step:
            with pytest.raises(FormRejected) as no:
                self.do(step)
            assert [problem.field for problem in no.value.problems] == [step["refused"]]
        elif "do" in step:
            self.do(step)
        elif "wait" in step:
            self.engine.clock.at += timedelta(**step["wait"])
            assert self.engine.tick() == step["fired"]
        elif "message" in step:
            self.engine.handle(SendMessage(self.case, step["message"], step["payload"]), by="anna")
        elif "signal" in step:
            self.engine.handle(SendSignal(step["signal"]), by="anna")
            self.engine.tick()

    def do(self, step):
        item = next(item for item in self.items() if item.path == step["do"])
        self.engine.handle(SubmitTask(item.id, step.get("fill", {})), by="anna")

    def check(self, step):
        items = self.items()
        if "then" in step:
            assert sorted(item.path.partition("[")[0] for item in items) == step["then"]
        if "labels" in step:
            assert sorted(item.label for item in items) == step["labels"]
        if "state" in step:
            assert self.engine.read(running.state, self.case) == step["state"]
        known = self.engine.read(running.data, self.case)
        assert {name: known.get(name) for name in step.get("data", {})} == step.get("data", {})
        if "ended" in step:
            assert self.engine.read(running.trace, self.case)[-1].element == step["ended"]

    def items(self):
        return self.engine.read(running.open_items, self.case)


def deployed(engine, name, **more):
    engine.handle(Deploy(files_in(FOLDERS / name, **more)), by="anna")
    return engine.handle(StartCase(name), by="anna").case


def released(engine, name):
    return engine.read(lambda reader: definitions.current(reader.db, name))


@pytest.mark.parametrize("name", WALKS)
def test_a_folder_made_elsewhere_is_deployed_and_walked_unchanged(engine, name):
    walk = Walk(engine, deployed(engine, name))

    for step in tomllib.loads((FOLDERS / name / "walk.toml").read_text())["step"]:
        walk.take(step)
        walk.check(step)

    assert engine.read(verify.verify_case, walk.case).finding is None


def test_there_are_at_least_ten_folders():
    assert len(WALKS) >= 10


@pytest.mark.parametrize("name", ["order_approval", "travel_request"])
def test_what_was_made_elsewhere_is_kept_and_exported_byte_for_byte(engine, migrated_url, tmp_path, name):
    engine.handle(Deploy(files_in(FOLDERS / name)), by="anna")

    assert commanded("export", name, tmp_path / "out", "--database", migrated_url).returncode == 0

    homes = [tmp_path / "out" / "processes", tmp_path / "out" / "forms"]
    assert definitions.from_folders(*homes, name).hash == released(engine, name).definition_hash
    brought = [path for path in (FOLDERS / name).iterdir() if path.suffix != ".toml"]
    assert len(brought) >= 2
    for path in brought:
        assert (homes[path.suffix == ".json"] / name / path.name).read_bytes() == path.read_bytes()


def test_settings_of_other_tools_lie_in_the_definition_as_they_came(engine_on_sqlite):
    engine_on_sqlite.handle(Deploy(files_in(FOLDERS / "order_approval")), by="anna")

    hash = released(engine_on_sqlite, "order_approval").definition_hash
    drawing = engine_on_sqlite.read(lambda reader: definitions.bundle(reader.db, hash)).files[
        "order approval.bpmn"
    ]
    assert drawing == (FOLDERS / "order_approval" / "order approval.bpmn").read_bytes()
    for setting in (b'camunda:assignee="${initiator}"', b"camunda:properties", b"spiffworkflow:allowGuest"):
        assert setting in drawing


def test_a_name_that_hides_the_engines_is_refused_when_it_is_given_and_nothing_is_done(engine_on_sqlite):
    case = deployed(engine_on_sqlite, "plain_code")
    item = engine_on_sqlite.read(running.open_items, case)[0]

    with pytest.raises(FormRejected) as no:
        engine_on_sqlite.handle(SubmitTask(item.id, {"case": 1, "jobs": [0.5]}), by="anna")

    assert [problem.field for problem in no.value.problems] == ["case", "jobs"]
    assert [open_.id for open_ in engine_on_sqlite.read(running.open_items, case)] == [item.id]


def test_where_it_cannot_be_seen_where_to_begin_the_option_is_named():
    files = {
        f"{name}.bpmn": (FOLDERS / name / f"{name}.bpmn").read_bytes() for name in ("payment", "discount")
    }

    with pytest.raises(DeploymentRefused) as no:
        declared(files, "both")

    assert b'main     = "Process_payment"' in declared(files, "both", main="Process_payment")
    assert "Process_discount、Process_payment" in no.value.problems[0].message
    assert "--main" in no.value.problems[0].help


def test_a_folder_without_drawings_is_refused(tmp_path):
    with pytest.raises(NotFound):
        files_in(tmp_path)


def test_a_procedure_with_a_legal_basis_may_not_do_without_forms_or_be_as_drawn(engine_on_sqlite):
    files = files_in(FOLDERS / "plain_code")
    files["process.toml"] += b'[basis]\ndocument = "x"\n'

    with pytest.raises(DeploymentRefused) as no:
        engine_on_sqlite.handle(Deploy(files), by="anna")

    said = "".join(problem.message for problem in no.value.problems if problem.severity == "error")
    assert "as_drawn" in said
    assert "没有表单" in said


def test_a_folder_is_deployed_started_told_completed_and_looked_at_on_the_command_line(
    database_url, tmp_path
):
    def say(*words, code=0, run=commanded):
        done = run(*words, "--data", tmp_path, "--database", database_url)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
        return done.stdout + done.stderr

    def item(name):
        return next(line.split()[0] for line in say("tasks").splitlines() if f" {name} " in line)

    told = say("deploy", FOLDERS / "hiring", "--as", "anna", run=typed)
    assert "已建立只有anna一个人的名录" in told
    assert "已发布第1版" in told

    case = re.search("已发起：(.+)", say("start", "hiring", "--title", "一名司机"))[1]
    assert "还没有到" not in say("tick")
    assert "小数" in say("complete", item("interview"), "--json", '{"mark": 1.5}', code=1)
    assert "同一个键" in say("complete", item("interview"), "--json", '{"mark": 1, "mark": 2}', code=1)
    assert "待办" in say("complete", item("interview"), "--json", '{"mark": 1}')
    (tmp_path / "offer.json").write_text('{"salary": 900000}')
    assert "等待时间或消息" in say("complete", item("offer"), "--file", tmp_path / "offer.json")
    assert "消息 offer accepted" in say("show", case)
    told = say("message", "offer accepted", "--case", case, "--json", '{"from": "2026-12-01"}')
    assert "Sign the contract" in told
    assert "已办结" in say("complete", item("contract"))

    told = say("show", case, run=typed)
    assert f"{case}：已办结" in told
    assert '"salary": 900000' in told
    assert "离开 Event_hired" in told
    assert "一致" in say("verify", case)


def test_who_is_unknown_to_a_directory_gets_in_by_no_option(engine, migrated_url):
    for who in ("--by", "--as"):
        done = commanded("deploy", FOLDERS / "payment", who, "mallory", "--database", migrated_url)

        assert done.returncode == 1
        assert "没有找到这名人员" in done.stderr


def test_founding_again_changes_nothing_and_another_person_is_not_let_in(engine):
    assert not engine.found("anna")

    with pytest.raises(Conflict):
        engine.found("ben")
    with pytest.raises(NotFound):
        engine.handle(Deploy(files_in(FOLDERS / "payment")), by="ben")


def test_a_task_is_for_whoever_started_and_may_be_handed_to_another(migrated_url, tmp_path):
    engine = Engine.open(migrated_url, clock=SetClock(NOW), settings=Settings(data=tmp_path))
    engine.found("anna", "ben")
    case = deployed(engine, "payment")
    item = engine.read(running.open_items, case)[0]

    assert item.who == ("person:anna",)
    with pytest.raises(NotAllowed):
        engine.handle(SubmitTask(item.id, {"paid": True}), by="ben")
    engine.handle(DelegateTask(item.id, "ben", "on leave"), by="anna")
    engine.handle(SubmitTask(item.id, {"paid": True}), by="ben")

    assert engine.read(running.open_items, case)[0].who == ("person:anna",)
    engine.database.dispose()


def test_a_case_is_suspended_resumed_and_cancelled_by_whom_it_belongs_to(engine):
    case = deployed(engine, "payment")

    engine.handle(SuspendCase(case, "later"), by="anna")
    assert engine.read(running.state, case) == "suspended"
    engine.handle(ResumeCase(case, "now"), by="anna")
    engine.handle(CancelCase(case, "no longer wanted"), by="anna")

    assert engine.read(running.state, case) == "cancelled"
    assert engine.read(running.open_items, case) == ()


def test_what_fails_stops_the_case_and_says_where(engine_on_sqlite):
    case = deployed(engine_on_sqlite, "plain_code")
    item = engine_on_sqlite.read(running.open_items, case)[0]

    engine_on_sqlite.handle(SubmitTask(item.id, {"task": "nobody asked for jobs"}), by="anna")

    stop = engine_on_sqlite.read(running.incidents, case)[0]
    assert engine_on_sqlite.read(running.state, case) == "incident"
    assert "jobs" in stop.message
    assert stop.closed_at is None


def test_a_message_begins_a_case_and_so_does_whoever_has_heard_of_it(engine):
    engine.handle(Deploy(files_in(FOLDERS / "complaint")), by="anna")

    engine.handle(PublishMessage("complaint", {"about": "noise"}), by="anna")
    engine.tick()
    told = StartCase("complaint", at="Event_received", payload={"about": "dirt"})
    engine.handle(told, by="anna")
    with pytest.raises(Refused):
        engine.handle(StartCase("complaint"), by="anna")

    items = engine.read(running.open_items, by="anna")
    heard = [engine.read(running.data, item.case)["complaint"] for item in items]
    assert sorted(one["about"] for one in heard) == ["dirt", "noise"]
    for item in items:
        engine.handle(SubmitTask(item.id, {"done": True}), by="anna")
    assert {line.state for line in engine.read(running.all_cases, "complaint")} == {"completed"}


def test_a_case_may_begin_with_variables_and_executes_the_same_again(engine):
    engine.handle(Deploy(files_in(FOLDERS / "plain_code")), by="anna")

    case = engine.handle(StartCase("plain_code", payload={"jobs": ["clean"]}), by="anna").case
    assert engine.read(running.data, case) == {"jobs": ["clean"]}
    with pytest.raises(FormRejected):
        engine.handle(StartCase("plain_code", payload={"case": 1}), by="anna")
    item = engine.read(running.open_items, case)[0]
    engine.handle(SubmitTask(item.id, {}), by="anna")

    assert [item.element for item in engine.read(running.open_items, case)] == ["clean"]
    assert engine.read(verify.verify_case, case).finding is None


def test_a_running_case_goes_on_under_a_new_version(engine_on_sqlite):
    case = deployed(engine_on_sqlite, "payment")
    files = files_in(FOLDERS / "payment")
    files["payment.bpmn"] = files["payment.bpmn"].replace(b"Charge the card", b"Charge the credit card")
    engine_on_sqlite.handle(Deploy(files), by="anna")

    engine_on_sqlite.handle(MoveCase(case, 2, "better words"), by="anna")

    [item] = engine_on_sqlite.read(running.open_items, case)
    assert item.name == "Charge the credit card"
    assert engine_on_sqlite.read(verify.verify_case, case).finding is None


def test_nobody_becomes_an_owner_by_importing_a_directory():
    with pytest.raises(Refused):
        directory_file.read('[[post]]\nid = "p"\nunit = "u"\nrole = "owner"\ntitle = "t"\n')


def test_the_legal_basis_of_a_procedure_is_not_shaken_off(engine_on_sqlite):
    root = FOLDERS.parents[2]
    bundle = definitions.from_folders(root / "processes", root / "forms", "roundtable")
    engine_on_sqlite.handle(Deploy(bundle.files), by="anna")

    with pytest.raises(DeploymentRefused) as no:
        engine_on_sqlite.handle(Deploy(files_in(FOLDERS / "payment", name="roundtable")), by="anna")

    assert "[basis]" in no.value.problems[0].message
    assert released(engine_on_sqlite, "roundtable").number == 1
