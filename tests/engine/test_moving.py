"""Running cases on another version of their procedure: planned, recorded, undone by returning or moving back."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import cases, definitions, journal, release_commands, timers
from engine.audit import verify
from engine.commands import Deploy, MoveCase, RaiseObjection, ReturnTask, SuspendCase
from engine.database import writing
from engine.entitlement import PUBLIC, SYSTEM
from engine.errors import Conflict, FormRejected, NotAllowed, NotFound, Refused
from engine.people import Actor
from engine.reading import moving
from engine.records.notices import Notice
from web.cli import main

pytestmark = pytest.mark.usefixtures("sound")

OPERATOR = "o_data.operator"
TOPIC, PUBLICITY = "step1_topic.bpmn", "step5_publicity.bpmn"
LOOK_AGAIN = (
    '<bpmn:userTask id="look_again" name="再看一遍"/><bpmn:sequenceFlow id="on" sourceRef="look_again" '
    'targetRef="gw_affair"/></bpmn:process>'
)
LOOK_AGAIN_FORM = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "再看一遍",
    "type": "object",
    "additionalProperties": False,
    "properties": {"seen": {"type": "string", "title": "看到什么", "maxLength": 20}},
    "required": ["seen"],
}


@pytest.fixture
def versions(engine, bundle):
    """Releases a version with files changed by functions over their text: path → function; gives its number.

    Beside the gate, which asks for shapes.
    """

    def release(changes, **more):
        files = {path: change(bundle.files[path].decode()).encode() for path, change in changes.items()}
        new = definitions.bundle_of({**bundle.files, **files, **more.get("files", {})})
        with writing(engine.database) as db:
            definitions.store(db, "roundtable", new)
            return definitions.release(db, "roundtable", new.hash, engine.now(), "测试", "", {}).number

    return release


def relabelled(text):
    return re.sub(r'(<bpmn:userTask id="\w+" name=")', r"\1新版", text)


def with_look_again(text):
    """A task more behind `screen_topic`."""
    text = text.replace(
        'sourceRef="screen_topic" targetRef="gw_affair"', 'sourceRef="screen_topic" targetRef="look_again"'
    )
    return text.replace("</bpmn:process>", LOOK_AGAIN)


def without_screening(text):
    """`screen_topic` is drawn no more."""
    text = re.sub(r'<bpmn:userTask id="screen_topic".*?</bpmn:userTask>', "", text, flags=re.DOTALL)
    text = re.sub(r"<bpmn:flowNodeRef>screen_topic</bpmn:flowNodeRef>", "", text)
    text = re.sub(r'<bpmn:sequenceFlow id="flow_screen_topic_to_gw_affair"[^>]*/>', "", text)
    text = re.sub(
        r'<bpmndi:BPMN(Shape|Edge) [^>]*bpmnElement="[^"]*screen_topic[^"]*".*?</bpmndi:BPMN\1>',
        "",
        text,
        flags=re.DOTALL,
    )
    return text.replace('targetRef="screen_topic"', 'targetRef="gw_affair"')


def moved(engine, walker, to, by=OPERATOR):
    return engine.handle(MoveCase(walker.case, to, "新版更清楚"), by=by)


def standing(engine, walker):
    return engine.read(lambda reader: cases.load(reader.db, walker.case))


def state(engine, walker):
    return engine.read(lambda reader: cases.load(reader.db, walker.case).state)


def history(engine, walker):
    return engine.read(lambda reader: [event.body for event in journal.of_case(reader.db, walker.case)])


def is_sound(engine, walker):
    verdict = engine.read(verify.verify_case, walker.case)
    assert verdict.sound, verdict.finding


def test_an_open_case_moves_and_meets_the_task_that_was_added(engine, walker, versions, bundle):
    walker.start()
    walker.to("screen_topic")
    item = walker.item("screen_topic").id
    form = {"forms/step1_topic/look_again-schema.json": json.dumps(LOOK_AGAIN_FORM).encode()}
    number = versions({TOPIC: with_look_again}, files=form)

    moved(engine, walker, number)

    event = history(engine, walker)[-1]
    assert event["type"] == "case_moved"
    assert event["data"]["from"] == bundle.hash
    assert event["data"]["to"] == event["definition"] == standing(engine, walker).definition_hash
    assert event["data"]["moves"] == [["item", "call_topic/screen_topic", "screen_topic", "审查议题性质"]]
    assert event["data"]["reason"] == "新版更清楚"
    assert event["environment"]["engine"]
    assert walker.item("screen_topic").id == item
    walker.do("screen_topic")
    assert walker.open() == ["look_again"]
    walker.do("look_again", seen="无误")
    walker.to("confirm_level")
    is_sound(engine, walker)


def test_a_case_at_a_task_that_the_new_version_lacks_stays_and_is_told_its_name(engine, walker, versions):
    walker.start()
    walker.to("screen_topic")
    before, frozen = standing(engine, walker), state(engine, walker)
    number = versions({TOPIC: without_screening})

    with pytest.raises(Refused) as refusal:
        moved(engine, walker, number)

    assert "审查议题性质" in refusal.value.message
    assert f"第{number}版" in refusal.value.message
    assert refusal.value.help
    after = standing(engine, walker)
    assert (after.seq, after.definition_hash) == (before.seq, before.definition_hash)
    assert state(engine, walker) == frozen


def test_a_running_notice_keeps_its_end(engine, walker, versions, clock):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    due = engine.next_due()
    number = versions({PUBLICITY: relabelled})
    clock.at += timedelta(days=2)

    moved(engine, walker, number)

    assert engine.next_due() == due
    assert [one[0] for one in history(engine, walker)[-1]["data"]["moves"]] == ["timer", "message"]
    walker.pass_time()
    assert walker.open() == ["close_notice"]
    assert walker.item("close_notice").name.startswith("新版")
    is_sound(engine, walker)


def test_a_notice_whose_window_is_reckoned_otherwise_stays_on_its_version(engine, walker, versions):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    number = versions(
        {PUBLICITY: lambda text: text.replace(">case.notice_ends<", ">add_days(case.notice_ends, 1)<")}
    )

    with pytest.raises(Refused) as refusal:
        moved(engine, walker, number)

    assert "公示期满" in refusal.value.message
    assert "计时" in refusal.value.message


def test_an_open_task_takes_the_new_form(engine, walker, bundle):
    walker.start()
    walker.to("screen_topic")
    path = "forms/step1_topic/screen_topic-schema.json"
    form = json.loads(bundle.files[path])
    form["properties"]["newly_asked"] = {"type": "string", "title": "新版才问", "maxLength": 20}
    form["required"] = [*form["required"], "newly_asked"]
    files = {**bundle.files, path: json.dumps(form, ensure_ascii=False).encode()}
    number = engine.handle(Deploy(files, "第二版"), by=SYSTEM).detail["number"]

    moved(engine, walker, number, by="o_civil.designer")

    with pytest.raises(FormRejected):
        walker.do("screen_topic")
    walker.do("screen_topic", newly_asked="已核对")
    is_sound(engine, walker)


def test_a_form_under_another_name_is_found_by_the_open_task_and_again_after_moving_back(
    engine, walker, versions, bundle
):
    walker.start()
    walker.to("screen_topic")
    old = "forms/step1_topic/screen_topic-schema.json"
    new = "forms/step1_topic/screening-schema.json"
    number = versions(
        {TOPIC: lambda text: text.replace("screen_topic-schema.json", "screening-schema.json")},
        files={new: bundle.files[old]},
    )

    moved(engine, walker, number)
    assert walker.item("screen_topic").form == new
    moved(engine, walker, 1)

    assert walker.item("screen_topic").form == old
    assert standing(engine, walker).definition_hash == bundle.hash
    walker.do("screen_topic")
    is_sound(engine, walker)


def test_consent_half_given_goes_over_with_what_was_answered(engine, walker, versions):
    walker.start()
    walker.to("give_consent")
    parties = walker.open().count("give_consent")
    walker.do("give_consent")
    number = versions({PUBLICITY: relabelled})

    moved(engine, walker, number)

    assert walker.open() == ["give_consent"] * (parties - 1)
    walker.to("publish_notice")
    is_sound(engine, walker)


def test_an_objection_that_nobody_has_caught_yet_must_still_have_a_catcher(engine, walker, versions):
    """The second one waits while the first is being answered."""
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    notice = engine.read(lambda reader: reader.db.scalars(select(Notice)).one()).number
    for _ in range(2):
        engine.handle(RaiseObjection(notice, walker.answers("objection")), by=PUBLIC)
    deaf = versions({PUBLICITY: lambda text: text.replace('name="objection_received"', 'name="heard"')})
    hearing = versions({PUBLICITY: relabelled})

    with pytest.raises(Refused) as refusal:
        moved(engine, walker, deaf)
    assert "objection_received" in refusal.value.message
    moved(engine, walker, hearing)

    walker.do("answer_objection", sustained="no")
    assert walker.open() == ["answer_objection"]
    is_sound(engine, walker)


def test_a_return_goes_back_over_the_change_of_version_too(engine, walker, versions, bundle):
    walker.start()
    walker.to("propose_level")
    number = versions({TOPIC: relabelled})
    moved(engine, walker, number)
    newer = standing(engine, walker).definition_hash
    assert newer != bundle.hash
    item = walker.item("propose_level")

    engine.handle(ReturnTask(item.id, "screen_topic", "性质要再看"), by=walker.who(item))

    assert walker.open() == ["screen_topic"]
    assert standing(engine, walker).definition_hash == bundle.hash
    assert walker.item("screen_topic").name == "审查议题性质"
    is_sound(engine, walker)
    moved(engine, walker, number)
    walker.to("confirm_level")
    item = walker.item("confirm_level")
    engine.handle(ReturnTask(item.id, "propose_level", "依据不足"), by=walker.who(item))
    assert standing(engine, walker).definition_hash == newer
    walker.to("decide_topic")
    is_sound(engine, walker)


def test_moving_back_undoes_a_move(engine, walker, versions, bundle):
    walker.start()
    walker.to("record_visits")
    number = versions({TOPIC: relabelled, PUBLICITY: relabelled})
    before = standing(engine, walker)

    moved(engine, walker, number)
    moved(engine, walker, bundle.hash)

    after = standing(engine, walker)
    digests = [body["digest"] for body in history(engine, walker)[-3:]]
    assert after.definition_hash == before.definition_hash
    assert len(set(digests)) == 1
    walker.to("verify_findings")
    is_sound(engine, walker)


def test_a_lane_that_belongs_to_another_post_now_is_refused(engine, walker, versions):
    walker.start()
    walker.to("screen_topic")
    number = versions(
        {
            "process.toml": lambda text: text.replace(
                'party_org       = "community_party_org"', 'party_org       = "council"'
            )
        }
    )

    with pytest.raises(Refused) as refusal:
        moved(engine, walker, number)

    assert "岗位" in refusal.value.message


def test_only_designers_and_operators_move_cases_and_say_why(engine, walker, versions):
    walker.start()
    number = versions({TOPIC: relabelled})

    with pytest.raises(NotAllowed):
        moved(engine, walker, number, by="u001.secretary")
    with pytest.raises(Refused):
        engine.handle(MoveCase(walker.case, number, "  "), by=OPERATOR)
    with pytest.raises(NotFound):
        moved(engine, walker, 99)
    with pytest.raises(Refused) as refusal:
        moved(engine, walker, 1)
    assert "已经在这个版本" in refusal.value.message


def test_a_suspended_case_is_not_moved(engine, walker, versions):
    walker.start()
    number = versions({TOPIC: relabelled})
    engine.handle(SuspendCase(walker.case, "等上级意见"), by="u001.secretary")

    with pytest.raises(Conflict):
        moved(engine, walker, number)


def test_a_dry_run_tells_of_every_running_case_and_changes_nothing(engine, walker, versions, clock):
    walker.start("甲")
    walker.to("screen_topic")
    clock.at += timedelta(minutes=1)
    walker.start("乙")
    walker.to("propose_level")
    number = versions({TOPIC: without_screening})
    designer = Actor("p1", "设计", roles=frozenset({"designer"}))

    told = engine.read(moving.dry_run, designer, "roundtable", number)

    assert [(line.title, line.version, line.allowed) for line in told.lines] == [
        ("甲", 1, False),
        ("乙", 1, True),
    ]
    assert "审查议题性质" in told.lines[0].refusals[0].message
    assert told.lines[1].waiting == ("提出协商层级",)
    assert [line.title for line in told.allowed] == ["乙"]
    assert told.numbers == (number, 1)
    moved(engine, walker, number)
    assert [line.title for line in engine.read(moving.dry_run, designer, "roundtable").lines] == ["甲"]
    with pytest.raises(NotAllowed):
        engine.read(moving.dry_run, Actor("x", "某人"), "roundtable", number)


def test_a_state_that_cannot_be_read_is_told_in_the_dry_run_and_never_moved(engine, walker, versions):
    walker.start()
    number = versions({TOPIC: relabelled})
    good = state(engine, walker)
    spoil(engine, walker, b"no state at all")

    with pytest.raises(Refused) as refusal:
        moved(engine, walker, number)

    assert "读不出来" in refusal.value.message
    spoil(engine, walker, good)


def spoil(engine, walker, state):
    with writing(engine.database) as db:
        cases.load(db, walker.case).state = state


def test_verification_finds_a_case_put_on_a_version_that_its_history_does_not_know(
    engine, walker, versions, bundle
):
    walker.start()
    number = versions({TOPIC: relabelled})
    newer = engine.read(lambda reader: definitions.current(reader.db, "roundtable"))
    assert newer.number == number

    put_on(engine, walker, newer.definition_hash)

    verdict = engine.read(verify.verify_case, walker.case)
    assert "流程版本" in verdict.finding.what
    put_on(engine, walker, bundle.hash)


def put_on(engine, walker, definition):
    with writing(engine.database) as db:
        cases.load(db, walker.case).definition_hash = definition


def test_timers_keep_their_rows_when_a_case_moves(engine, walker, versions):
    walker.start()
    walker.to("publish_notice")
    walker.do("publish_notice")
    row = engine.read(due, walker.case)

    moved(engine, walker, versions({TOPIC: relabelled}))

    assert engine.read(due, walker.case) == row


def due(reader, case):
    return [(one.path, one.due_at, one.rule) for one in reader.db.query(timers.Timer).filter_by(case_id=case)]


@pytest.fixture
def roundtable(engine, monkeypatch):
    """The command, on this engine: one of its own would keep its connections."""
    monkeypatch.setattr(release_commands, "opened", lambda _: engine)
    return lambda *words: main(["move", *words])


def test_the_command_moves_what_can_go_and_ends_with_1_when_something_stays(
    engine, walker, versions, clock, roundtable, capsys
):
    walker.start("甲")
    walker.to("screen_topic")
    stays = walker.case
    walker.start("乙")
    walker.to("propose_level")
    number = str(versions({TOPIC: without_screening}))

    assert roundtable("--to", number, "--by", OPERATOR, "--dry-run") == 1
    told = capsys.readouterr().out
    assert "可以换：" in told
    assert "共2件，1件可以换，1件不能换。" in told
    assert standing(engine, walker).seq == 3
    assert roundtable("--to", number, "--by", OPERATOR) == 1
    assert "请写明原因" in capsys.readouterr().out
    assert roundtable("--to", number, "--by", OPERATOR, "--reason", "新版更清楚") == 1

    told = capsys.readouterr().out
    assert "「审查议题性质」正等着办理，在新版里没有了" in told
    assert "接着办理：提出协商层级" in told
    assert history(engine, walker)[-1]["type"] == "case_moved"
    assert roundtable("--to", "1", "--by", OPERATOR, "--reason", "换回来", "--case", walker.case) == 0
    assert roundtable("--to", "1", "--by", OPERATOR, "--reason", "换回来", "--case", stays) == 1
    assert "已经在这个版本" in capsys.readouterr().out
    assert roundtable("--to", "1", "--by", "u001.secretary", "--dry-run") == 1
