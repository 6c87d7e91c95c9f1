"""跳过: asked by one, approved by another, only where process.toml says so; the history shows it and re-executes."""

import pytest

from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.commands import DecideSkip, RequestSkip, ReturnTask, SuspendCase
from engine.errors import AlreadyDone, Conflict, NotAllowed, Refused
from engine.handlers import progress
from tests.engine import failing
from tests.engine.bpmn import sketch

pytestmark = pytest.mark.usefixtures("sound")

APPROVER = "u001.street_leader"
SKIPS = '\n[skips]\nask = "street_liaison_leader"\n\n[returns]\nlook = ["ask"]\n'


@pytest.fixture
def case(engine):
    """A case at the task `ask`, which may be skipped; a condition after it asks for its answers."""
    drawn = failing.drawn(
        sketch.start(), sketch.user("ask"), sketch.xor("many", default="many-look"), sketch.user("check"),
        sketch.user("look"), sketch.end(),
        sketch.flows("start ask many; many check: ask.households == 7; many look; check end; look end"),
        about=SKIPS,
    )  # fmt: skip
    case = failing.FailingCase(engine, drawn)
    case.start()
    return case


def request(case, reason="入户已在上一轮完成"):
    return case.engine.handle(RequestSkip(case.items()[0].id, reason), by=failing.SECRETARY)


def decide(case, approved=True, by=APPROVER, reason="同意"):
    return case.engine.handle(DecideSkip(case.items()[0].id, approved, reason), by=by)


def test_a_task_is_skipped_when_another_approves_and_its_answers_are_those_of_none(case):
    request(case)
    assert case.open() == ["ask"]

    decide(case)

    assert case.open() == ["look"]
    skipped = case.last()
    assert skipped["type"] == "task_skipped"
    assert skipped["actor"]["post"] == APPROVER
    assert skipped["data"]["asked"]["reason"] == "入户已在上一轮完成"
    assert skipped["trace"][0][:2] == ["skipped", "ask"]
    assert case.verdict().sound


def test_a_request_is_refused_and_the_task_is_done_as_drawn(case):
    request(case)

    decide(case, approved=False, reason="请入户")

    assert case.types() == ["case_started", "skip_requested", "skip_refused"]
    case.submit(households=7)
    assert case.open() == ["check"]
    with pytest.raises(Conflict):
        decide(case)


def test_until_it_is_decided_the_task_can_still_be_done(case):
    request(case)
    item = case.items()[0].id

    case.submit()

    with pytest.raises(AlreadyDone):
        case.engine.handle(DecideSkip(item, True, "同意"), by=APPROVER)


@pytest.mark.parametrize("by", [failing.SECRETARY, failing.OPERATOR, "u002.street_leader"])
def test_nobody_but_the_named_role_approves(case, by):
    request(case)

    with pytest.raises(NotAllowed):
        decide(case, by=by)
    assert case.open() == ["ask"]


def test_who_asks_does_not_approve(engine):
    drawn = failing.after(
        "submit", sketch.script("fail", "x = 1"), about='\n[skips]\nask = "community_secretary"\n'
    )
    case = failing.FailingCase(engine, drawn)
    case.start()
    request(case)

    with pytest.raises(NotAllowed) as refusal:
        decide(case, by=failing.SECRETARY)
    assert "申请人" in refusal.value.message


def test_a_task_that_the_procedure_does_not_name_is_not_skipped(case):
    case.submit()

    with pytest.raises(NotAllowed):
        request(case)
    assert case.open() == ["look"]


def test_a_reason_is_needed_and_a_second_request_is_one_too_many(case):
    with pytest.raises(Refused):
        request(case, reason=" ")
    request(case)
    with pytest.raises(Conflict):
        request(case)


def test_only_who_may_do_the_task_asks(case):
    with pytest.raises(NotAllowed):
        case.engine.handle(RequestSkip(case.items()[0].id, "不用办"), by="u002.secretary")


def test_a_suspended_case_is_not_skipped_through(case):
    request(case)
    case.engine.handle(SuspendCase(case.case, "等上级意见"), by=failing.SECRETARY)

    with pytest.raises(Conflict):
        decide(case)


def test_a_skipped_task_is_returned_to_and_done(case):
    request(case)
    decide(case)

    case.engine.handle(ReturnTask(case.items()[0].id, "ask", "还是要入户"), by=failing.SECRETARY)
    case.submit(households=7)

    assert case.open() == ["check"]
    assert case.verdict().sound


def test_what_fails_after_a_skipped_task_is_an_incident_and_the_retry_skips(engine):
    drawn = failing.after("submit", sketch.script("fail", "x = 1 // case.divisor"), about=SKIPS)
    case = failing.FailingCase(engine, drawn)
    case.start()
    request(case)

    assert progress.stopped(decide(case))
    case.correct(divisor=2)
    case.retry()

    assert case.open() == ["look"]
    assert case.last()["type"] == "task_skipped"
    assert case.verdict().sound


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ('[skips]\nnobody = "council"\n', "不是图上的任务"),
        ('[skips]\nregister_topic = "emperor"\n', "不能用"),
        ('[skips]\nregister_topic = "chair"\n', "不能用"),
        ('[skips]\nregister_topic = "council"\n', "硬性关口"),
        ('skips = "all"\n', "应当是表"),
    ],
)
def test_the_gate_refuses_skips_of_unknown_tasks_by_unknown_roles_and_of_hard_gates(bundle, declared, words):
    about = bundle.files["process.toml"].decode()
    changed = declared + about if declared.startswith("skips") else f"{about}\n{declared}"

    found = check(Bundle({**bundle.files, "process.toml": changed.encode()}, "x"))

    assert any(words in problem.message and problem.severity == "error" for problem in found)


def test_the_gate_refuses_a_return_to_a_task_that_is_not_drawn(bundle):
    about = (
        bundle.files["process.toml"].decode().replace("[returns]", '[returns]\nregister_topic = ["nowhere"]')
    )

    found = check(Bundle({**bundle.files, "process.toml": about.encode()}, "x"))

    assert any("nowhere" in problem.message for problem in found)


def test_our_procedure_lets_nothing_be_skipped(bundle):
    """Both documents say of every step that it is done; none of them lets a step be left out."""
    assert b"[skips]" not in bundle.files["process.toml"]
    assert check(bundle) == ()
