"""Message flows between cases: an arrow out of the drawing, and one to where a case of the procedure begins."""

from tests.engine.bpmn import sketch
from tests.engine.conversing import begun_by, hearing

PARTNER = '<bpmn:participant id="partner" name="对方"/>'


def arrows(*ends, pools, others=""):
    drawn = "".join(
        f'<bpmn:messageFlow id="arrow{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(ends)
    )
    return sketch.participants(*pools).replace(
        "</bpmn:collaboration>", f"{others}{drawn}</bpmn:collaboration>"
    )


def calling():
    """Calls the partner; its own second pool hears the same message, too."""
    listening = sketch.process(
        "listening", sketch.node("startEvent", "called", sketch.message("notice")), sketch.user("wake"),
        sketch.end("woken"), sketch.flows("called wake woken"),
    )  # fmt: skip
    return sketch.process(
        "calling", sketch.start(), sketch.user("write"), sketch.throw("call", sketch.message("notice", "'来'")),
        sketch.end(), sketch.flows("start write call end"),
    ) + listening  # fmt: skip


def test_an_arrow_to_an_undrawn_partner_never_leads_to_a_case_of_the_same_procedure(engine, clock, talking):
    collaboration = arrows(("call", "partner"), pools=("calling", "listening"), others=PARTNER)
    talking.release("calling", collaboration + calling(), messages="notice")
    talking.release("hearing", hearing(), messages="notice")
    waiting_longer, caller = talking.start("calling"), talking.start("calling")
    partner = talking.start("hearing")

    talking.do(caller, "write")
    engine.tick()

    assert talking.open(partner) == ["read"]
    assert talking.open(waiting_longer) == ["write"]


def test_without_a_partner_the_message_of_such_an_arrow_is_kept_and_begins_nothing_of_its_own(
    engine, talking
):
    beginning = begun_by("calling", sketch.message("notice"), sketch.start("plainly"), sketch.user("write"),
                         sketch.throw("call", sketch.message("notice")),
                         flows="begin look end; plainly write call end")  # fmt: skip
    talking.release("calling", arrows(("call", "partner"), pools=("calling",), others=PARTNER) + beginning,
                    messages="notice")  # fmt: skip
    caller = talking.start("calling")

    talking.do(caller, "write")
    engine.tick()

    assert talking.of("calling") == [caller]
    assert [row.status for row in talking.messages()] == ["kept"]


def test_an_arrow_to_the_start_of_the_main_process_begins_a_case_of_it_and_of_no_other(engine, talking):
    asked = sketch.end("asked", sketch.message("notice"))
    office = sketch.process(
        "office", sketch.start("s"), sketch.user("ask"), asked, sketch.flows("s ask asked")
    )
    main = begun_by(
        "serving", sketch.message("notice"), sketch.start("plainly"), flows="begin look end; plainly look"
    )
    talking.release("serving", arrows(("asked", "begin"), pools=("serving", "office")) + main + office,
                    messages="notice")  # fmt: skip
    talking.release("another", begun_by("another", sketch.message("notice")), messages="notice")
    case = talking.start("serving")

    talking.do(case, "ask")
    engine.tick()

    assert len(talking.of("serving")) == 2
    assert talking.of("another") == []
