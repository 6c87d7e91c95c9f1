"""The gate over the drawings of constructs/: each passes as it is, and each slip in it is found where it is."""

import pytest

from engine.bpmn.check import check
from engine.bpmn.step import Bundle
from tests.engine.bpmn import constructs


def changed(name, old, new, path=""):
    bundle, expected = constructs.read(name)
    path = path or f"{name}.bpmn"
    content = bundle.files[path].decode()
    assert old in content
    files = {**bundle.files, path: content.replace(old, new).encode()}
    return check(Bundle(files, ""), dict.fromkeys(expected.get("world", {})))


@pytest.mark.parametrize(
    ("name", "old", "new", "element", "says"),
    [
        ("links", 'id="l3" name="下一页"', 'id="l3" name="别的页"', "to", "同名的链接"),
        ("links", 'sourceRef="from" targetRef="b"', 'sourceRef="to" targetRef="b"', "to", "后面不能有连线"),
        ("links", 'sourceRef="g" targetRef="to"', 'sourceRef="g" targetRef="from"', "from", "画得不对"),
        ("data_objects", "plan_shape</bpmn:targetRef>", "busy</bpmn:targetRef>", "draft", "没有连着一个数据对象"),
        ("data_objects", "plan.n", "plans.n", "g-busy", "没有“plans”"),
        ("data_objects", 'dataObjectRef="plan"', 'dataObjectRef="busy"', "plan_shape", "连着不存在的"),
        ("business_rule_task", ">level<", ">levels<", "decide", "决策表“levels”不存在"),
        ("message_start", 'id="begin"', 'id="begin" isInterrupting="true"', "begin", "由事件发起"),
        ("executable_pools", 'processRef="office"', 'processRef="executable_pools"', "", "2 个"),
        ("executable_pools", 'id="office" isExecutable="true"', 'id="office" isExecutable="false"',
         "office_pool", "可执行"),
        ("message_correlation", ">unit<", ">unit +<", "unit_key", "关联值"),
        ("event_sub_process_message_interrupting", 'triggeredByEvent="true"', "", "on", ""),
        ("event_sub_process_error", "<bpmn:errorEventDefinition errorRef=\"error_E1\"/>\n      </bpmn:startEvent>",
         "<bpmn:conditionalEventDefinition><bpmn:condition/></bpmn:conditionalEventDefinition></bpmn:startEvent>",
         "repair_start", "条件事件"),
    ],
)  # fmt: skip
def test_a_slip_is_found_where_it_is(name, old, new, element, says):
    found = changed(name, old, new)

    assert any(says in one.message and (not element or one.element == element) for one in found), found
    assert all(problem.help for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hitPolicy="UNIQUE"', 'hitPolicy="PRIORITY"', "命中策略"),
        ('hitPolicy="UNIQUE"', 'hitPolicy="COLLECT" aggregation="SUM"', "命中策略"),
        ('name="quorum"', 'name="quorum of"', "结果名“quorum of”不能用"),
        ('name="quorum"', 'name="level"', "同名"),
        ('name="quorum"', 'name="a"', "是任务编号"),
        ("a.households", "b.households +", "输入"),
        ("&lt; 50", "&lt; unknown", "没有“unknown”"),
        ("&lt; 50", "__import__('os')", "第2行条件"),
        ("<text>15</text>", "<text>open('x')</text>", "第2行结果"),
        ("<definitions", "<!DOCTYPE x><definitions", "DOCTYPE"),
    ],
)
def test_a_slip_in_a_decision_table_is_found(old, new, says):
    found = changed("business_rule_task", old, new, "level.dmn")

    assert any(says in one.message for one in found if one.severity == "error"), found
    assert all(problem.help for problem in found)
