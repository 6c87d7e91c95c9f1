"""What a browser posts and what it means: both ways, for any answers a form can hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms import Field, Option
from engine.forms.pairs import read, write

KINDS = "text textarea phone date clock choice person performer".split()
COLUMNS = (
    Field("name", "姓名", "text"),
    Field("count", "户数", "integer"),
    Field("amount", "金额", "money"),
    Field("on", "日期", "date"),
)
FIELDS = (
    *(Field(f"{kind}_field", kind, kind) for kind in KINDS),
    Field("at", "时间", "datetime"),
    Field("days", "天数", "integer"),
    Field("amount", "金额", "money"),
    Field("sure", "确认", "checkbox"),
    Field("media", "方式", "checkboxes", options=(Option("board", "公告栏"), Option("web", "网页"))),
    Field("proof", "照片", "attachments"),
    Field("rows", "名单", "table", columns=COLUMNS),
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1)
handles = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
moments = st.datetimes().map(lambda at: at.isoformat(timespec="seconds") + "+08:00")
wholes = st.integers(-(10**17), 10**17)
sums = st.integers(0, 10**16)
rows = st.fixed_dictionaries(
    {}, optional={"name": texts, "count": wholes, "amount": sums, "on": texts}
).filter(lambda row: any(row.values()))
answers = st.fixed_dictionaries(
    {"sure": st.booleans()},
    optional={
        **{f"{kind}_field": texts for kind in KINDS},
        "at": moments,
        "days": wholes,
        "amount": sums,
        "media": st.lists(st.sampled_from(["board", "web"]), min_size=1, unique=True),
        "proof": st.lists(handles, min_size=1),
        "rows": st.lists(rows, min_size=1, max_size=12),
    },
)


@given(answers)
def test_answers_survive_the_way_through_a_browser(given: dict[str, Any]) -> None:
    assert read(FIELDS, write(FIELDS, given)) == given


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30))))
def test_no_pairs_whatever_can_break_the_reading(pairs: list[tuple[str, str]]) -> None:
    assert isinstance(read(FIELDS, pairs), dict)


@pytest.mark.parametrize(
    ("pairs", "answers"),
    [
        ([("text_field", "")], {}),
        ([("text_field", "a"), ("text_field", "b")], {"text_field": "b"}),
        ([("text_field", "一\r\n二")], {"text_field": "一\n二"}),
        ([("days", " 5 ")], {"days": 5}),
        ([("days", "-5")], {"days": -5}),
        ([("days", "5.0")], {"days": "5.0"}),
        ([("days", "９")], {"days": "９"}),
        ([("days", "1" * 30)], {"days": "1" * 30}),
        ([("amount", "12,000.5")], {"amount": 1200050}),
        ([("amount", "0.07")], {"amount": 7}),
        ([("amount", "1.234")], {"amount": "1.234"}),
        ([("at", "2026-03-05T09:00")], {"at": "2026-03-05T09:00:00+08:00"}),
        ([("at", "2026-03-05T09:00:30")], {"at": "2026-03-05T09:00:30+08:00"}),
        ([("at", "2026-03-05T09:00:00+09:00")], {"at": "2026-03-05T09:00:00+09:00"}),
        ([("at", "tomorrow")], {"at": "tomorrow"}),
        ([("sure", "on")], {"sure": True}),
        ([("sure", ""), ("sure", "on")], {"sure": True}),
        ([("media", "web"), ("media", ""), ("media", "board")], {"media": ["web", "board"]}),
        ([("proof", "")], {}),
        ([("rows.7.name", "乙"), ("rows.2.name", "甲")], {"rows": [{"name": "甲"}, {"name": "乙"}]}),
        ([("rows.0.name", ""), ("rows.1.name", "甲"), ("rows.1.on", "")], {"rows": [{"name": "甲"}]}),
        ([("rows.0.count", "3"), ("rows.0.name", "甲")], {"rows": [{"count": 3, "name": "甲"}]}),
        ([("rows.0.stranger", "x")], {"rows": [{"stranger": "x"}]}),
        ([("stranger", "x")], {"stranger": "x"}),
        ([("stranger.0.name", "x")], {"stranger": [{"name": "x"}]}),
        ([("rows", "x")], {}),
    ],
)
def test_pairs_are_read_by_the_kind_of_the_field(
    pairs: list[tuple[str, str]], answers: dict[str, Any]
) -> None:
    assert read(FIELDS, pairs) == {"sure": False, **answers}


def test_a_tick_in_a_row_counts_only_beside_something_else() -> None:
    fields = (
        Field(
            "rows",
            "名单",
            "table",
            columns=(Field("name", "姓名", "text"), Field("head", "负责", "checkbox")),
        ),
    )

    found = read(
        fields, [("rows.0.name", "甲"), ("rows.0.head", "on"), ("rows.1.name", "乙"), ("rows.2.name", "")]
    )

    assert found == {"rows": [{"name": "甲", "head": True}, {"name": "乙", "head": False}]}


def test_money_is_written_in_yuan_and_times_without_their_zone() -> None:
    written = write(FIELDS, {"amount": 1200050, "at": "2026-03-05T09:00:00+08:00"})

    assert written == [("at", "2026-03-05T09:00"), ("amount", "12000.50")]
