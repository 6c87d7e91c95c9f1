"""Who of the 监督委员会 is asked to inspect and to accept."""

from engine import worklist


def test_members_who_carry_out_the_work_are_not_asked_to_inspect_it(walker):
    walker.start()
    walker.to("form_committee")
    members = [
        {"name": "罗春生", "party": "party_org", "head": "yes"},
        {"name": "付金根", "party": "stakeholder", "head": "no"},
        {"name": "邓海涛", "party": "executing", "head": "no", "person": "u001.cadre1"},
        {"name": "喻冬香", "party": "resident", "head": "no", "person": "u001.council1"},
        {"name": "章建平", "party": "resident", "head": "no"},
    ]

    walker.do("form_committee", members=members)

    item = walker.item("inspect_project")
    asked = walker.engine.read(lambda reader: worklist.candidates(reader.db, item.id))
    assert list(asked) == ["person:u001.council1"]
