"""The deployment gate over whole definitions: the real procedure passes, and each slip is found where it is."""

import re
from pathlib import Path

import pytest

from engine import definitions, forms
from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from engine.operations import PARAMETERS

ROOT = Path(__file__).parents[3]
ATTACKS = Path(__file__).parents[1] / "attacks"
ABOUT = """
id = "attack"
title = "流程"
main = "attack"
[lanes]
staff = "clerk"
doer = "performer"
[roles]
clerk = "经办人"
performer = "办理方"
[start]
roles = ["clerk"]
[facts]
total = { title = "合计" }
[messages]
reply = { title = "答复", from = "outside" }
[ends]
done = { title = "办结" }
refused = { title = "不通过" }
"""


@pytest.fixture(scope="module")
def roundtable():
    return definitions.from_folders(ROOT / "processes", ROOT / "forms", "roundtable")


def small(**changes):
    """The harmless drawing with its form; `changes` replace, add or (None) remove files."""
    files = {
        "process.toml": ABOUT.encode(),
        "attack.bpmn": (ATTACKS / "harmless.bpmn").read_bytes(),
        "forms/attack/fill-schema.json": (ATTACKS / "harmless.json").read_bytes(),
    }
    renamed = {path.replace("__", "."): content for path, content in changes.items()}
    files.update({path: content for path, content in renamed.items() if content is not None})
    return Bundle(
        {path: content for path, content in files.items() if renamed.get(path, b"") is not None}, ""
    )


def edited(bundle, path, old, new):
    content = bundle.files[path].decode()
    assert old in content
    return Bundle({**bundle.files, path: content.replace(old, new).encode()}, "")


def redrawn(*changes):
    """The harmless drawing with parts replaced."""
    drawing = (ATTACKS / "harmless.bpmn").read_text("utf-8")
    for old, new in changes:
        assert old in drawing, old
        drawing = drawing.replace(old, new)
    return small(attack__bpmn=drawing.encode())


def errors(bundle):
    return [problem for problem in check(bundle, PARAMETERS, forms.check) if problem.severity == "error"]


def warnings(bundle):
    return [problem for problem in check(bundle, PARAMETERS) if problem.severity == "warning"]


def assert_found(found, element, says):
    assert any(p.element == element and says in p.message for p in found), found
    assert all(problem.help for problem in found)


def test_the_roundtable_procedure_may_be_deployed(roundtable):
    assert errors(roundtable) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "element", "says"),
    [
        ("step1_topic.bpmn", "screen_topic.handling", "screen_topic.handlin", None, "没有字段“handlin”"),
        ("step1_topic.bpmn", "screen_topic.handling", "screen_topics.handling", None, "没有“screen_topics”"),
        ("step1_topic.bpmn", "screen_topic.handling", "register_topic.proposer_name", None, "个人信息"),
        ("step3_analysis.bpmn", "case.meetings", "case.meeting", None, "没有办件事实 case.meeting"),
        ("step5_publicity.bpmn", "notice/open", "notice/opens", "open_notice", "“notice/opens”不存在"),
        ("step5_publicity.bpmn", "publish_notice-schema", "notice-schema", "publish_notice", "不存在"),
        (
            "roundtable.bpmn",
            'calledElement="step2_opinions"',
            'calledElement="step2"',
            "call_opinions",
            "不存在",
        ),
        ("process.toml", "closed_off              =", "closing =", None, "没有声明"),
        ("process.toml", "end_ordinary ", "end_small ", "end_ordinary", "没有说明结果"),
        ("process.toml", "end_ordinary ", "end_small ", "", "没有画结束事件“end_small”"),
        ("process.toml", 'main    = "roundtable"', 'main = "round"', "", "主流程“round”没有图"),
        ("process.toml", "council                 =", "people =", "", "岗位“council”没有声明"),
        ("process.toml", "committee       =", "board =", "committee", "没有对应的岗位"),
        ("process.toml", 'roles = ["community_party_org"]', 'roles = ["mayor"]', "", "发起岗位“mayor”"),
    ],
)
def test_a_slip_in_the_procedure_is_found(roundtable, path, old, new, element, says):
    found = errors(edited(roundtable, path, old, new))

    assert any(says in problem.message and element in (None, problem.element) for problem in found), found


def test_a_task_that_reads_the_list_of_a_multi_instance_as_one_answer_is_told_how(roundtable):
    found = errors(
        edited(
            roundtable,
            "step5_publicity.bpmn",
            'count(give_consent, "opinion", "disagree")',
            "give_consent.opinion",
        )
    )

    assert any("是一个列表" in problem.message and "pluck" in problem.help for problem in found), found


def test_the_smallest_procedure_may_be_deployed():
    assert errors(small()) == []
    assert [problem.message for problem in warnings(small())] == []


def test_a_bundle_needs_a_process_toml_and_a_drawing():
    assert_found(errors(small(process__toml=None)), "", "没有 process.toml")
    assert_found(errors(small(attack__bpmn=None)), "", "没有流程图")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id = ", "读不出来"),
        (b"\xff", "读不出来"),
        (b'id = "attack"\ntitle = "x"', "缺少 main"),
        (b'id = "a"\ntitle = "x"\nmain = "a"\nlanes = 1', "lanes 应当是一张表"),
    ],
)
def test_a_broken_process_toml_is_refused(content, says):
    assert_found(errors(small(process__toml=content)), "", says)


def test_a_form_of_no_task_is_pointed_out():
    form = (ATTACKS / "harmless.json").read_bytes()
    bundle = small()

    found = warnings(Bundle({**bundle.files, "forms/attack/other-schema.json": form}, ""))

    assert_found(found, "", "没有任务使用")


def test_a_task_without_a_form_is_pointed_out():
    bundle = redrawn(("fill.amount &gt; 0 and fill.approved", "True"), ("fill.amount * 2", "2"))
    files = {path: content for path, content in bundle.files.items() if not path.startswith("forms/")}

    assert_found(warnings(Bundle(files, "")), "fill", "没有表单")
    assert errors(Bundle(files, "")) == []


def test_without_a_gate_for_forms_their_texts_are_still_checked():
    for name, says in (("import_in_rule", "下划线"), ("two_keys", "两次"), ("deep", "读不出来")):
        bundle = small()
        content = (ATTACKS / f"{name}.json").read_bytes()
        found = check(Bundle({**bundle.files, "forms/attack/fill-schema.json": content}, ""))

        assert any(says in problem.message for problem in found), found


def test_answers_merged_flat_are_names_of_their_own():
    flat = ABOUT.replace("[lanes]", 'answers = "flat"\n[lanes]', 1)
    bundle = redrawn(("fill.amount &gt; 0 and fill.approved", "amount &gt; 0"), ("fill.amount * 2", "amount"))

    assert errors(Bundle({**bundle.files, "process.toml": flat.encode()}, "")) == []
    assert_found(errors(bundle), "flow_yes", "没有“amount”")


STORY = """
story = "一件小事"
process = "attack"
now = 2026-03-05T09:00:00+08:00
[[step]]
task = "fill"
then = ["pause"]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('then = ["pause"]', 'then = ["fill#2[3]"]', ""),
        ('then = ["pause"]', "", ""),
        ('task = "fill"', 'task = "fil"', "没有任务“fil”"),
        ('then = ["pause"]', 'then = ["paus"]', "没有任务“paus”"),
        ('process = "attack"', 'process = "other"', "讲的不是流程"),
        ('task = "fill"', 'task = "fill"\nfact = { "case.totl" = 1 }', "没有办件事实“case.totl”"),
        ('task = "fill"', 'task = "fill"\nrefused = "R999"', "没有规则 R999"),
        ('story = "一件小事"', "story = ", "读不出来"),
    ],
)
def test_a_story_speaks_of_existing_things(old, new, says):
    rules = b'[rule.R001]\ntext = "x"\n'
    told = STORY.replace('then = ["pause"]', "") if "then" not in old else STORY
    files = {**small().files, "rules.toml": rules, "a.story.toml": told.replace(old, new).encode()}

    found = [problem for problem in errors(Bundle(files, "")) if problem.file == "a.story.toml"]

    assert any(says in problem.message for problem in found) if says else found == []


LANES = (
    '<bpmn:startEvent id="begin"',
    '<bpmn:laneSet id="lanes"><bpmn:lane id="{}" name="泳道">{}</bpmn:lane></bpmn:laneSet><bpmn:startEvent id="begin"',
)
LANE_SHAPE = (
    '<bpmndi:BPMNShape id="fill_di"',
    '<bpmndi:BPMNShape id="lane_di" bpmnElement="{}"><dc:Bounds x="0" y="0" width="9" height="9" />'
    '</bpmndi:BPMNShape><bpmndi:BPMNShape id="fill_di"',
)


def in_lane(lane, *members):
    references = "".join(f"<bpmn:flowNodeRef>{member}</bpmn:flowNodeRef>" for member in members)
    return redrawn((LANES[0], LANES[1].format(lane, references)), (LANE_SHAPE[0], LANE_SHAPE[1].format(lane)))


def test_a_task_lies_in_a_lane_once_lanes_are_drawn():
    assert errors(in_lane("staff", "fill")) == []
    assert_found(errors(in_lane("staff", "begin")), "fill", "不在任何泳道里")
    assert_found(errors(in_lane("staff", "fill", "ghost")), "staff", "不存在的“ghost”")


def test_a_task_done_by_its_performer_names_him():
    assert_found(errors(in_lane("doer", "fill")), "fill", "却没有写谁是办理方")


SCRIPT = (
    '<bpmn:scriptTask id="calculate" name="计算" scriptFormat="python">\n'
    "      <bpmn:script>total = fill.amount * 2</bpmn:script>\n    </bpmn:scriptTask>"
)


def test_a_repeated_task_is_complete():
    many = (
        '<bpmn:userTask id="fill" name="填报"><bpmn:multiInstanceLoopCharacteristics id="each">{}'
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )
    plain = '<bpmn:userTask id="fill" name="填报" />'
    items = "<bpmn:loopDataInputRef>parties</bpmn:loopDataInputRef>"
    item = '<bpmn:inputDataItem id="{0}" name="{0}" />'

    def found(inner):
        return errors(
            redrawn(
                (plain, many.format(inner)),
                ("fill.amount &gt; 0 and fill.approved", "True"),
                (SCRIPT, SCRIPT.replace("fill.amount", "1")),
            )
        )

    assert_found(found(""), "fill", "二者取一")
    assert_found(found(items), "fill", "没有给分项起名字")
    assert_found(found(items + item.format("party")), "fill", "没有“parties”")
    assert_found(
        found("<bpmn:loopCardinality>2</bpmn:loopCardinality>" + item.format("len")),
        "fill",
        "分项名“len”不能用",
    )
    assert found("<bpmn:loopCardinality>2</bpmn:loopCardinality>" + item.format("number")) == []


def test_a_called_diagram_that_nobody_waits_in_makes_a_circle_restless():
    call = '<bpmn:callActivity id="calculate" name="计算" calledElement="other" />'
    circle = [
        (SCRIPT, call),
        ('value="total"', 'value="1"'),
        ('sourceRef="calculate" targetRef="record"', 'sourceRef="calculate" targetRef="decide"'),
    ]
    other = (ATTACKS / "harmless.bpmn").read_text("utf-8").replace('"attack"', '"other"')
    other = other.replace('"fill"', '"fill_other"').replace("fill.", "fill_other.")
    bundle = redrawn(*circle)
    about = ABOUT.replace('done = { title = "办结" }', "")

    with_wait = Bundle({**bundle.files, "other.bpmn": other.encode(), "process.toml": about.encode()}, "")

    assert not any("不停的循环" in problem.message for problem in errors(with_wait))
    assert any("走不到" in problem.message for problem in errors(with_wait))


def test_a_script_may_not_use_the_name_of_a_task_and_a_result_needs_a_lawful_name():
    operator = '<spiffworkflow:serviceTaskOperator id="case/set">'

    named = redrawn((operator, operator.replace(">", ' resultVariable="case">')))
    taken = redrawn((operator, operator.replace(">", ' resultVariable="fill">')))

    assert_found(errors(named), "record", "结果变量“case”不能用")
    assert_found(errors(taken), "record", "结果变量“fill”不能用")


def test_a_gateway_without_a_default_is_pointed_out():
    bundle = redrawn(
        (' default="flow_no" />', " />"),
        (
            '<bpmn:sequenceFlow id="flow_no" name="否" sourceRef="decide" targetRef="refused" />',
            '<bpmn:sequenceFlow id="flow_no" name="否" sourceRef="decide" targetRef="refused">'
            "<bpmn:conditionExpression>not fill.approved</bpmn:conditionExpression></bpmn:sequenceFlow>",
        ),
    )

    assert errors(bundle) == []
    assert_found(warnings(bundle), "decide", "没有默认流向")


def test_cdata_and_literal_dates_are_fine():
    bundle = redrawn(
        ("total = fill.amount * 2", "<![CDATA[\n  total = 1\n  if fill.amount > 2:\n      total = 2\n]]>"),
        ("timeDuration", "timeDate"),
        (">P5D<", ">2026-03-05T09:00:00+08:00<"),
    )

    assert errors(bundle) == []


def test_a_timer_may_be_a_date_computed_from_an_answer():
    assert errors(redrawn(("timeDuration", "timeDate"), (">P5D<", ">add_days(today(), fill.amount)<"))) == []
    assert_found(errors(redrawn((">P5D<", '>"P0D"<'))), "pause", "不成立")
    assert_found(errors(redrawn((">P5D<", "><"))), "pause", "定时是空的")


def test_a_line_of_a_script_is_named():
    found = errors(redrawn(("total = fill.amount * 2", "total = 1\nimport os")))

    assert [(problem.element, problem.line, problem.column) for problem in found][:1] == [("calculate", 2, 1)]


FORK = """<bpmn:parallelGateway id="fork" /><bpmn:parallelGateway id="join" />
<bpmn:sequenceFlow id="flow_into" sourceRef="begin" targetRef="fork" />
<bpmn:sequenceFlow id="flow_one" sourceRef="fork" targetRef="one" />
<bpmn:sequenceFlow id="flow_two" sourceRef="fork" targetRef="two" />
<bpmn:scriptTask id="one"><bpmn:script>{}</bpmn:script></bpmn:scriptTask>
<bpmn:scriptTask id="two"><bpmn:script>{}</bpmn:script></bpmn:scriptTask>
<bpmn:sequenceFlow id="flow_one_in" sourceRef="one" targetRef="join" />
<bpmn:sequenceFlow id="flow_two_in" sourceRef="two" targetRef="join" />
<bpmn:sequenceFlow id="flow_joined" sourceRef="join" targetRef="fill" />"""
PLACES = {"fork": (0, 400), "one": (200, 300), "two": (200, 500), "join": (400, 400)}


def forked(one, two):
    """The harmless drawing with two scripts in parallel before its task."""
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}"><dc:Bounds x="{x}" y="{y}" width="50" height="50" />'
        "</bpmndi:BPMNShape>"
        for id_, (x, y) in PLACES.items()
    )
    places = {**PLACES, "begin": (100, 100), "fill": (250, 100)}
    for flow, source, target in (
        ("flow_into", "begin", "fork"),
        ("flow_one", "fork", "one"),
        ("flow_two", "fork", "two"),
        ("flow_one_in", "one", "join"),
        ("flow_two_in", "two", "join"),
        ("flow_joined", "join", "fill"),
    ):
        ends = "".join('<di:waypoint x="{}" y="{}" />'.format(*places[end]) for end in (source, target))
        shapes += f'<bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}">{ends}</bpmndi:BPMNEdge>'
    drawing = (ATTACKS / "harmless.bpmn").read_text("utf-8")
    drawing = re.sub(r' *<bpmndi:BPMNEdge id="flow_begin_di".*\n', "", drawing)
    drawing = re.sub(r' *<bpmn:sequenceFlow id="flow_begin".*\n', FORK.format(one, two), drawing)
    return small(attack__bpmn=drawing.replace("</bpmndi:BPMNPlane>", shapes + "</bpmndi:BPMNPlane>").encode())


def test_two_branches_that_write_one_name_are_pointed_out():
    assert errors(forked("a = 1", "b = 2")) == []
    assert warnings(forked("a = 1", "b = 2")) == []
    assert_found(warnings(forked("a = 1", "a = 2")), "fork", "两条支路都写“a”")


def test_a_join_behind_a_choice_is_pointed_out():
    bundle = forked("a = 1", "b = 2")
    stuck = edited(
        bundle,
        "attack.bpmn",
        '<bpmn:parallelGateway id="fork" />',
        '<bpmn:exclusiveGateway id="fork" default="flow_one" />',
    )
    stuck = edited(
        stuck,
        "attack.bpmn",
        'targetRef="two" />',
        'targetRef="two"><bpmn:conditionExpression>case.total == 1</bpmn:conditionExpression></bpmn:sequenceFlow>',
    )

    assert_found(warnings(stuck), "join", "可能永远等不齐")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("".join(f'<bpmn:userTask id="t{i}" />' for i in range(420)), "超过 400 个节点"),
        ("".join(f'<bpmn:textAnnotation id="t{i}" />' for i in range(5_001)), "超过 5000 个"),
        (f"<bpmn:documentation>{'长' * 340_000}</bpmn:documentation>", "超过 1 MB"),
        (
            "<bpmn:userTask id='t' " + " ".join(f"xmlns:n{i}='n' n{i}:a{i}='1'" for i in range(61)) + " />",
            "属性",
        ),
    ],
    ids=["nodes", "elements", "bytes", "attributes"],
)
def test_a_drawing_has_limits(more, says):
    bundle = redrawn(('<bpmn:endEvent id="done"', more + '<bpmn:endEvent id="done"'))

    assert any(says in problem.message for problem in errors(bundle))


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../outside.bpmn", "不能有这个文件"),
        ("run.py", "不能有这个文件"),
        ("forms/attack/../../x-schema.json", "不能有这个文件"),
        ("levels.dmn", "XML 不完整"),
    ],
)
def test_a_bundle_holds_only_files_of_known_kinds(path, says):
    assert_found(errors(Bundle({**small().files, path: b""}, "")), "", says)


def test_a_bundle_has_limits():
    assert_found(errors(Bundle({**small().files, "a.story.toml": b" " * 20_000_001}, "")), "", "太多或太大")
