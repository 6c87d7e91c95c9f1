"""What the expressions of a form may read: the same for the page that proposes and the command that checks."""

from engine import context, definitions
from engine.bpmn import run
from engine.cases import load
from engine.commands import RegisterSubmission


def known(engine, walker, item):
    def read(reader):
        case = load(reader.db, walker.case)
        running = run.revive(definitions.model(reader.db, case.definition_hash), case.state)
        return context.of_task(reader.db, case.id, running, item.path)

    return engine.read(read)


def test_a_form_reads_earlier_answers_facts_and_the_submission_but_nothing_personal(engine, walker):
    answers = walker.filled("submission", original_wording="楼道的灯坏了很久没有人修")
    assert answers["submitter_phone"]
    raised = engine.handle(RegisterSubmission("u001", answers), by="u001.secretary").detail["submission"]
    walker.start(submissions=(raised,))
    walker.do("register_topic", proposer_phone="13900000099")

    told = known(engine, walker, walker.item("screen_topic"))

    assert told["submission"]["original_wording"] == "楼道的灯坏了很久没有人修"
    assert told["case"]["unit"] == "u001"
    assert told["register_topic"]["title"]
    assert answers["submitter_phone"] not in str(told)
    assert "13900000099" not in str(told)


def test_without_a_submission_there_is_an_empty_one(engine, walker):
    walker.start()

    assert known(engine, walker, walker.item("register_topic"))["submission"] == {}
