"""Everything that must be refused at deployment: one small drawing each, refused where it is, why, and with what helps.

A drawing is the harmless one below with one thing changed. Each is refused on the element named here, in words
that hold `says`, with a help that holds `helps`: what a designer is to draw or write instead.
"""

from dataclasses import dataclass

import pytest
from lxml import etree

from engine import forms
from engine.bpmn import check as gate
from engine.bpmn.check import check
from engine.bpmn.sheet import Sheet
from engine.bpmn.step import Bundle
from tests.engine.bpmn import sketch as s

ABOUT = """id = "main"
title = "流程"
main = "main"
as_drawn = true
[facts]
level = { title = "层级" }
"""
OPERATIONS = {"notice/open": {"posted_on": True, "working_days": False}, "case/number": {}}
NAMED = {"messages": "m", "signals": "s", "errors": "E", "escalations": "U"}
HERE = s.flows("start a end")
XPATH = "http://www.w3.org/1999/XPath"
FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"
PLACES = {
    "file": 'name="file"',
    "kinds": ' namespace="t">',
    "decision": '<decision id="level" name="level">',
    "input": '<input id="in0">',
    "result": '<output id="out0" name="quorum"/>',
    "typed": '<output id="out0" name="quorum"',
    "expression": '<inputExpression id="of0"',
    "entry": '<inputEntry id="r0i0"',
    "text": '<outputEntry id="r0o0"><text>1',
}


@dataclass(frozen=True)
class Wrong:
    """What is drawn, and where and how it must be refused."""

    what: str
    element: str
    says: str
    helps: str
    bundle: Bundle
    severity: str = "error"

    def __str__(self):
        return self.what


def drawn(*parts, **files):
    """A procedure of one process with these parts; `files` are other diagrams (`other="…"`), tables and forms."""
    return s.bundle(
        s.diagram(s.process("main", *parts), **NAMED),
        *(content for path, content in files.items() if not path.endswith("dmn")),
        about=ABOUT,
        **{path: content for path, content in files.items() if path.endswith("dmn")},
    )


def wrong(what, element, says, helps, *parts, severity="error", **files):
    return Wrong(what, element, says, helps, drawn(*parts, **files), severity)


def around(node):
    """start → a → end, with `node` as a."""
    return s.start(), node, s.end(), HERE


def beside(*parts, flows=""):
    """The harmless process, and something more."""
    return s.start(), s.user("a", name="审批"), s.end(), HERE, *parts, s.flows(flows)


def waiting(text, kind):
    """A timer where its kind may stand: a cycle on the border of a task, others in the way."""
    if kind == "timeCycle":
        return beside(
            s.boundary("t", "a", s.timer(text, kind), interrupting=False), s.end("late"), flows="t late"
        )
    return s.start(), s.catch("t", s.timer(text, kind)), s.end(), s.flows("start t end")


def chosen(text):
    """An exclusive gateway with this condition on g-b."""
    parts = s.start(), s.xor("g", default="g-c"), s.user("b"), s.user("c"), s.end()
    return *parts, s.flows(f"g b: {text}"), s.flows("start g c end; b end")


def decided(cell="1", output="1", over="1", name="quorum", **changed):
    """A decision table with one rule; `changed` are texts of the file, by what is written before them."""
    drawn = s.table("level", [over], [name], [([cell], [output])]).decode()
    for before, more in changed.items():
        assert drawn.count(PLACES[before]) == 1
        opened = PLACES[before].removesuffix("/>") + ">" if before == "result" else PLACES[before]
        drawn = drawn.replace(PLACES[before], opened + more)
    return drawn.encode()


def stating(attributes, *parts):
    """A drawing with more on its `definitions`."""
    given = drawn(*parts)
    (path,) = (path for path in given.files if path.endswith(".bpmn"))
    changed = given.files[path].replace(b' id="file"', f' id="file" {attributes}'.encode())
    assert changed != given.files[path]
    return Bundle({**given.files, path: changed}, given.hash)


def linked(throw, catch):
    """One link event that goes on at another, named n, both drawn with these insides."""
    return s.start(), s.throw("t", throw), s.catch("c", catch), s.end(), s.flows("start t; c end")


def joined(kind="exclusiveGateway", joining="", parting=""):
    """A fork and its join with these directions."""
    gates = (
        s.node(kind, id_, gatewayDirection=stated, **default)
        for id_, stated, default in (("f", parting, {"default": "f-b"}), ("j", joining, {}))
    )
    return (
        *gates,
        s.start(),
        s.user("a"),
        s.user("b"),
        s.end(),
        s.flows("start f b j end; f a: case.level == 1; a j"),
    )


# fmt: off
ACCEPTED_BY_THE_LIBRARY = [  # fact 19
    wrong("a boundary event attached to nothing", "b", "连着不存在的“ghost”", "重画",
          *beside(s.boundary("b", "ghost", s.timer("P1D", "timeDuration")), s.end("late"), flows="b late")),
    wrong("a boundary event on a gateway", "b", "没有贴在等人办的活动上", "贴在用户任务",
          s.start(), s.both("a"), s.end(), HERE, s.boundary("b", "a", s.timer("P1D", "timeDuration")),
          s.end("late"), s.flows("b late")),
    wrong("a flow into a sub-process", "start-inner", "跨出了子流程", "连到子流程的边框",
          s.start(), s.sub("a", s.start("begin"), s.user("inner"), s.end("done"), s.flows("begin inner done")),
          s.end(), HERE, s.flows("start inner")),
    wrong("a flow out of a sub-process", "inner-end", "跨出了子流程", "连到子流程的边框",
          s.start(), s.sub("a", s.start("begin"), s.user("inner"), s.end("done"), s.flows("begin inner done")),
          s.end(), HERE, s.flows("inner end")),
    wrong("a flow into a boundary event", "a-b", "指向「b」", "前面不能有连线",
          *beside(s.boundary("b", "a", s.timer("P1D", "timeDuration")), s.end("late"), flows="b late; a b")),
    wrong("a flow into a start event", "a-start", "指向「start」", "前面不能有连线", *beside(flows="a start")),
    wrong("a flow out of an end event", "end-x", "后面还有连线", "中间事件",
          *beside(s.user("x"), s.end("late"), flows="end x late")),
    wrong("a default flow of another gateway", "g", "默认流向“a-end”不是它的连线", "重新选默认流向",
          s.start(), s.user("a"), s.xor("g", default="a-end"), s.end(), s.end("e2"),
          s.flows("start g; g a: True; g e2: True; a end")),
    wrong("a task that nothing leads to", "x", "走不到", "连线过来", *beside(s.user("x"), s.end("e2"), flows="x e2")),
    wrong("two elements with one id", "a", "属性 id 不合", "要唯一", *beside(s.user("a"))),
    wrong("a flow that leads to nothing", "a-ghost", "连着不存在的“ghost”", "重画", *beside(flows="a ghost")),
    wrong("a task that leads nowhere", "x", "后面没有连线", "连到下一步",
          s.start(), s.both("g"), s.user("a"), s.user("x"), s.end(), s.flows("start g a end; g x")),
]

IDS = [
    wrong(f"the id {id_}", id_, f"编号“{id_}”不能用", "编号由字母", s.start("begin"), s.user(id_), s.end("done"),
          s.flows(f"begin {id_} done"))
    for id_ in ("Start", "End", "Root", "a.BoundaryEventSplit", "a.b")
] + [
    wrong("a task named like a function", "len", "任务编号“len”不能写进条件", "不用函数名",
          s.start(), s.user("len", s.many("xs", "one")), s.end(),
          s.flows("start len end")),
    wrong("an item named like a function", "a", "分项名“sum”不能用", "不用函数名",
          *around(s.user("a", s.many("xs", "sum")))),
    wrong("a result named like the facts", "a", "结果变量“case”不能用", "换一个名字",
          *around(s.service("a", "case/number", "case"))),
]

CALLS = [
    wrong("a call of nobody", "a", "没有写调用哪个流程", "可以调用的流程", *around(s.node("callActivity", "a"))),
    wrong("a call of a diagram that does not exist", "a", "调用的“ghost”不存在", "可以调用的流程",
          *around(s.call("a", "ghost"))),
    wrong("a diagram that calls itself", "main", "流程互相调用成了圈：main → main", "循环标记",
          *around(s.call("a", "main"))),
    wrong("two diagrams that call each other", "main", "main → other → main", "循环标记", *around(s.call("a", "other")),
          other=s.diagram(s.process("other", s.start(), s.call("b", "main"), s.end(),
                                    s.flows("start b end")))),
    wrong("a call of what waits for a message", "a", "没有普通的开始事件", "没有事件类型的开始事件",
          *around(s.call("a", "other")),
          other=s.diagram(s.process("other", s.node("startEvent", "start", s.message("m")), s.user("c"), s.end(),
                                    s.flows("start c end")), messages="m")),
]

TIMERS = [
    wrong(f"the {kind} {text}", "t", says, helps, *waiting(text, kind))
    for kind, text, says, helps in (
        ("timeDuration", "P", "时长「P」不成立", "P5D"),
        ("timeDuration", "PT0S", "时长「PT0S」不成立", "不能为零"),
        ("timeDuration", "P1Q", "时长「P1Q」不成立", "P5D"),
        ("timeDuration", "P999999999999M", "不成立", "P5D"),
        ("timeDuration", "-P1D", "时长「-P1D」不成立", "P5D"),
        ("timeDuration", '"P0D"', "时长「P0D」不成立", "不能为零"),
        ("timeDate", "2026-13-01", "不是日期", "2026-03-05"),
        ("timeDate", "2026-03-05T09:00:00", "没有写时区", "+08:00"),
        ("timeDate", "tomorrow(", "的定时：第1行：看不懂", "括号"),
        ("timeCycle", "R/PT0S", "周期「R/PT0S」不成立", "次数必须写明"),
        ("timeCycle", "R/P1D", "周期「R/P1D」不成立", "次数必须写明"),
        ("timeCycle", "R99999/P1D", "不成立", "R3/P1D"),
        ("timeCycle", "R3/PT1S", "太短", "至少1分钟"),
        ("timeCycle", "R3/2026-03-05T09:00:00Z/P1D", "写法不成立", "R3/P1D"),
        ("timeCycle", "R-1/P1D", "写法不成立", "R3/P1D"),
        ("timeCycle", "r3/p1d", "写法不成立", "R3/P1D"),
        ("timeDuration", "p1d", "写法不成立", "字母大写"),
        ("timeDate", "20260305T090000Z", "写法不成立", "2026-03-05"),
        ("timeDate", "2026-W10-4", "写法不成立", "2026-03-05"),
    )
]

EXPRESSIONS = [
    wrong(f"{what} that does not compile", element, says, helps, *parts)
    for what, element, says, helps, parts in (
        ("a condition", "g-b", "「g-b」的条件：第1行", "括号", chosen("a.b(")),
        ("a script", "a", "「a」的脚本：第1行", "括号", around(s.script("a", "x = "))),
        ("an import", "a", "不允许的语句 Import", "可用的函数", around(s.script("a", "import os"))),
        ("a loop condition", "a", "的循环条件：第1行", "括号", around(s.user("a", s.loop("x >")))),
        ("a list of items", "a", "元素 loopDataInputRef 不合", "编辑器", around(s.user("a", s.many("[1", "one")))),
        ("a number of items", "a", "的多实例个数：第1行", "括号", around(s.user("a", s.many(cardinality="1 +")))),
        ("a completion condition", "a", "的提前完成的条件：第1行", "括号",
         around(s.user("a", s.many("xs", "one", completion="> 3")))),
        *(("a condition with a word of other languages", "g-b", f"的条件写了 {word.split()[-1]}", ours, chosen(word))
          for word, ours in (("true", "True"), ("x == null", "None"), ("not false", "False"))),
        *(("a condition without a truth", "g-b", "不是成立与否的式子", "例如", chosen(text))
          for text in ("'no'", "0", "[]")),
        ("a loop condition without a truth", "a", "不是成立与否的式子", "例如",
         around(s.user("a", s.loop("1", maximum=2)))),
        ("a payload", "a", "的消息内容：第1行", "括号", around(s.throw("a", s.message("m", "{")))),
        ("a parameter", "a", "的参数 posted_on：第1行", "括号",
         around(s.service("a", "notice/open", posted_on="today("))),
        ("a due date", "a", "的办理期限：第1行", "括号", around(s.user("a", due="next week"))),
        ("a performer", "a", "的办理人：第1行", "括号", around(s.user("a", performer="x."))),
        ("a label", "a", "的分项名称：第1行", "用 + 连接", around(s.user("a", item_label="f'{x}'"))),
        ("a transformation", "a", "的数据对象 plan：第1行", "括号",
         (s.data_object("plan"), *around(s.user("a", s.keep("plan", "1 +"))))),
    )
] + [
    wrong("a loop that never ends", "a", "会永远循环", "写明最多几次", *around(s.user("a", s.loop("True")))),
    wrong("a negative number of items", "a", "个数不对", "0 到 500", *around(s.user("a", s.many(cardinality="-1")))),
    wrong("a million items", "a", "个数不对", "0 到 500", *around(s.user("a", s.many(cardinality="1000000")))),
    wrong("items without a name", "a", "没有给分项起名字", "inputDataItem", *around(s.user("a", s.many("xs")))),
    wrong("a cell that does not compile", "level", "第1行条件“1 +”", "括号", *around(s.rule("a", "level")),
          level__dmn=decided(cell="1 +")),
    wrong("an output that does not compile", "level", "不能以下划线开头", "换一个名字", *around(s.rule("a", "level")),
          level__dmn=decided(output="__import__('os')")),
    wrong("an input that does not compile", "level", "输入“x +”", "括号", *around(s.rule("a", "level")),
          level__dmn=decided(over="x +")),
    wrong("an output named like a function", "level", "结果名“max”不能用", "新的变量名", *around(s.rule("a", "level")),
          level__dmn=decided(name="max")),
]

MISSING = [
    wrong("a form that does not exist", "a", "的表单“forms/main/ghost-schema.json”不存在", "请建这张表单",
          *around(s.user("a", formJsonSchemaFilename="ghost-schema.json"))),
    wrong("a service that does not exist", "a", "服务操作“notice/opens”不存在", "notice/open",
          *around(s.service("a", "notice/opens", posted_on="today()"))),
    wrong("a service task without a service", "a", "没有选服务操作", "选一项", *around(s.node("serviceTask", "a"))),
    wrong("a parameter that is missing", "a", "缺少参数“posted_on”", "posted_on、working_days",
          *around(s.service("a", "notice/open", working_days="5"))),
    wrong("a parameter that nobody reads", "a", "没有参数“days”", "posted_on、working_days",
          *around(s.service("a", "notice/open", posted_on="today()", days="5"))),
    wrong("a parameter of an operation without any", "a", "没有参数“year”", "没有", *around(
        s.service("a", "case/number", year="2026"))),
    wrong("a fact that is not declared", "a", "办件事实“levels”没有声明", "[facts]",
          *around(s.service("a", "case/set", levels="1"))),
    wrong("a decision table that does not exist", "a", "决策表“ghost”不存在", "可用的决策表",
          *around(s.rule("a", "ghost"))),
    wrong("two branches that write one name", "f", "两条支路都写“x”", "自己的名字", s.start(), s.both("f"),
          s.script("a", "x = 1"), s.script("b", "x = 2"), s.both("j"), s.end(),
          s.flows("start f a j end; f b j"), severity="warning"),
    wrong("a join that waits for ever", "j", "永远等不齐", "并行网关",
          s.start(), s.xor("f", "f-b"), s.user("a"), s.user("b"),
          s.both("j"), s.end(), s.flows("start f b j end; f a: case.level == 1; a j"), severity="warning"),
]

CONSTRUCTS = [
    wrong("a complex gateway", "g", "「会商」用了不能执行的 complexGateway", "排他网关和并行网关",
          s.start(), s.node("complexGateway", "g", name="会商"), s.end(), s.flows("start g end")),
    wrong("an ad-hoc sub-process", "a", "「a」用了不能执行的 adHocSubProcess", "普通子流程",
          *around(s.node("adHocSubProcess", "a", s.start("b") + s.end("c") + s.flows("b c")))),
    wrong("a transaction", "a", "「a」用了不能执行的 transaction", "撤销的任务",
          *around(s.node("transaction", "a", s.start("b") + s.end("c") + s.flows("b c")))),
    wrong("an activity for compensation", "a", "isForCompensation 不能执行", "撤销的任务",
          *around(s.node("userTask", "a", isForCompensation="true"))),
    wrong("a compensation event on the border", "b", "补偿事件不能执行", "撤销的任务",
          *beside(s.boundary("b", "a", s.simple("compensate")), s.end("e2"), flows="b e2")),
    wrong("a compensation event in the way", "a", "补偿事件不能执行", "撤销的任务",
          *around(s.throw("a", s.simple("compensate")))),
    wrong("a compensation at the end", "end", "补偿事件不能执行", "撤销的任务",
          s.start(), s.user("a"), s.end("end", s.simple("compensate")), HERE),
    wrong("a cancel event", "b", "取消事件不能执行", "消息边界事件",
          *beside(s.boundary("b", "a", s.simple("cancel")), s.end("e2"), flows="b e2")),
    wrong("a start quantity", "a", "startQuantity 不能执行", "并行网关汇合",
          *around(s.node("userTask", "a", startQuantity="2"))),
    wrong("a completion quantity", "a", "completionQuantity 不能执行", "多实例",
          *around(s.node("userTask", "a", completionQuantity="2"))),
    wrong("a receive task that begins a case", "a", "instantiate 不能执行", "带消息的开始事件",
          *around(s.node("receiveTask", "a", messageRef="message_m", instantiate="true"))),
    wrong("an event that waits for several", "a", "parallelMultiple 不能执行", "并行网关",
          *around(s.node("intermediateCatchEvent", "a", s.timer("P1D", "timeDuration"), parallelMultiple="true"))),
    wrong("an event-based gateway that waits for all", "g", "eventGatewayType 不能执行", "并行网关",
          s.start(), s.node("eventBasedGateway", "g", eventGatewayType="Parallel"),
          s.catch("a", s.timer("P1D", "timeDuration")), s.catch("b", s.message("m")), s.end(),
          s.flows("start g a end; g b end")),
    wrong("two definitions in one event", "a", "几个事件类型", "分开画",
          *around(s.catch("a", s.timer("P1D", "timeDuration") + s.message("m")))),
    wrong("a conditional event", "a", "条件事件会在每一步重算", "排他网关",
          *around(s.catch("a", "<bpmn:conditionalEventDefinition><bpmn:condition>True</bpmn:condition>"
                               "</bpmn:conditionalEventDefinition>"))),
    wrong("an event sub-process that begins by a condition", "r_start", "条件事件会在每一步重算", "排他网关",
          *beside(s.on_event("r", "<bpmn:conditionalEventDefinition><bpmn:condition>True</bpmn:condition>"
                                  "</bpmn:conditionalEventDefinition>", s.end("re"), s.flows("r_start re")))),
    wrong("an event sub-process with a flow", "r", "不能连线", "去掉连线",
          *beside(s.on_event("r", s.message("m"), s.end("re"), s.flows("r_start re")), flows="a r")),
    wrong("a data store", "d", "数据存储会丢失", "服务任务",
          *beside(s.node("dataStoreReference", "d"))),
    wrong("a behaviour of many", "a", "behavior", "去掉",
          *around(s.user("a", s.many("xs", "one").replace("isSeq", 'behavior="None" isSeq')))),
    wrong("many within many", "b", "在多实例里又画了多实例", "展开",
          *around(s.sub("a", s.many("xs", "one"), s.start("c"), s.user("b", s.many("xs", "two")), s.end("d"),
                        s.flows("c b d")))),
    wrong("a receive task with a marker", "a", "「a」不能重复办理", "放进子流程",
          s.start(), s.node("receiveTask", "a", s.loop("case.level == 1"), messageRef="message_m"), s.end(), HERE),
    wrong("an error that a task does not throw", "b", "不会抛出错误", "调用活动或子流程",
          *beside(s.boundary("b", "a", s.simple("error", "E")), s.end("e2"), flows="b e2")),
    wrong("an error that does not interrupt", "b", "不能画成不中断的", "中断的",
          s.start(), s.sub("a", s.start("c"), s.user("i"), s.end("d", s.simple("error", "E")), s.flows("c i d")),
          s.end(), HERE, s.boundary("b", "a", s.simple("error", "E"), interrupting=False), s.end("e2"),
          s.flows("b e2")),
    wrong("an owner of a task", "a", "办理人由泳道决定", "泳道里",
          *around(s.user("a", "<bpmn:potentialOwner/>"))),
    wrong("inputs and outputs", "a", "数据输入输出不起作用", "任务编号.字段",
          *around(s.user("a", "<bpmn:ioSpecification><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>"))),
    wrong("a hidden script", "a", "画面上看不见", "脚本任务",
          *around(s.user("a", s.extension("<spiffworkflow:preScript>x = 1</spiffworkflow:preScript>")))),
    wrong("a circle without a wait", "a", "不停的循环", "用户任务",
          s.start(), s.script("a", "x = 1"), s.xor("g", "g-a"), s.end(),
          s.flows("start a g a; g end: case.level == 1")),
    wrong("a circle that waits for a date which passes", "a", "不停的循环", "按时长的定时",
          s.start(), s.catch("a", s.timer("2027-03-01")), s.xor("g", "g-a"), s.end(),
          s.flows("start a g a; g end: case.level == 1")),
    wrong("two starts", "main", "2 个开始事件", "要有一个", *beside(s.start("two"), flows="two a")),
    wrong("no end", "main", "没有结束事件", "画出结束事件", s.start(), s.user("a"), s.flows("start a a")),
    wrong("a condition behind a parallel gateway", "g", "不能有条件", "排他网关",
          s.start(), s.both("g"), s.user("a"), s.user("b"), s.end(), s.flows("start g a end; b end; g b: True")),
    wrong("a choice with a way that says nothing", "g-b", "连线没有条件", "默认流向",
          s.start(), s.xor("g"), s.user("a"), s.user("b"), s.end(),
          s.flows("start g b end; a end; g a: case.level == 1")),
    wrong("a race of one", "g", "至少两个事件", "各个事件",
          s.start(), s.race("g"), s.catch("a", s.message("m")), s.end(), s.flows("start g a end")),
    wrong("a race between tasks", "b", "不能放在事件网关后面", "捕获事件",
          s.start(), s.race("g"), s.catch("a", s.message("m")), s.user("b"), s.end(),
          s.flows("start g a end; g b end")),
    wrong("a race for one message", "b", "等的是同一个“m”", "排他网关分开",
          s.start(), s.race("g"), s.catch("a", s.message("m")), s.catch("b", s.message("m")), s.end(),
          s.flows("start g a end; g b end")),
    wrong("a receive task racing with a message event", "a", "同一个事件网关后面", "消息捕获事件",
          s.start(), s.race("g"), s.node("receiveTask", "a", messageRef="message_m"),
          s.catch("b", s.message("m")), s.end(), s.flows("start g a end; g b end")),
    wrong("a boundary event on what races", "a", "又贴着边界事件", "另一个事件",
          s.start(), s.race("g"), s.node("receiveTask", "a", messageRef="message_m"),
          s.catch("b", s.timer("PT1H")), s.boundary("late", "a", s.timer("PT1M")), s.end(),
          s.flows("start g a end; g b end; late end")),
    wrong("a boundary event on an event sub-process", "b", "贴在事件子流程上", "里面的任务",
          *beside(s.on_event("es", s.message("m"), s.user("x"), s.end("es_end"), s.flows("es_start x es_end")),
                  s.boundary("b", "es", s.simple("signal", "s")), s.user("y"), flows="b y end")),
    wrong("a condition that says nothing", "a-b", "条件是空白的", "写上条件",
          s.start(), s.user("a"), s.user("b"), s.end(), s.flows("start a b: TRUE; a end; b end").replace("TRUE", " ")),
    wrong("a default beside a way that is always taken", "a-d", "默认流向永远走不到", "去掉默认流向",
          s.start(), s.node("userTask", "a", default="a-d"), s.user("b"), s.user("c"), s.user("d"), s.end(),
          s.flows("start a c end; a d end; a b: case.level == 1; b end")),
    wrong("a link to nowhere", "l", "同名的链接", "链接捕获事件",
          s.start(), s.both("f"), s.throw("l", '<bpmn:linkEventDefinition name="next"/>'), s.user("a"), s.end(),
          s.flows("start f l; f a end")),
]

SAID_TWICE = [
    wrong("a join that is drawn with two ways out", "f", "只汇合（Converging），却有 2 条出线", "画成两个网关",
          *joined(joining="Converging", parting="Converging")),
    wrong("a fork that is drawn with two ways in", "j", "只分开（Diverging），却有 2 条入线", "画成两个网关",
          *joined(joining="Diverging", parting="Diverging")),
    wrong("a link whose target is another event", "t", "target 写着“start”", "同样的名称",
          *linked('<bpmn:linkEventDefinition name="n"><bpmn:target>start</bpmn:target></bpmn:linkEventDefinition>',
                  s.link("n"))),
    wrong("a link whose target does not exist", "t", "target 写着“ghost”", "删掉 source 和 target",
          *linked('<bpmn:linkEventDefinition name="n"><bpmn:target>ghost</bpmn:target></bpmn:linkEventDefinition>',
                  s.link("n"))),
    wrong("a link whose source is itself", "c", "source 写着“c”", "同样的名称",
          *linked(s.link("n"), '<bpmn:linkEventDefinition name="n"><bpmn:source>c</bpmn:source>'
                               "</bpmn:linkEventDefinition>")),
]

LANGUAGES = [
    Wrong(f"a drawing in {language}", "main", f"表达式语言是“{language}”", "definitions", stating(
        f'expressionLanguage="{language}"', *chosen("case.level == 1")))
    for language in ("FEEL", "http://www.omg.org/spec/FEEL/20140401", "JavaScript", "groovy", "juel", "mvel",
                     "http://www.w3.org/TR/xpath20", "http://www.java.com/java")
] + [
    Wrong("a drawing in XPath, with a condition", "main", "表达式语言是 XPath", "核对各处条件",
          stating(f'expressionLanguage="{XPATH}"', *chosen("case.level == 1")), "warning"),
] + [
    wrong(f"a table in {language}, said at its {place}", "level", f"不能用表达式语言“{language}”", "写 FEEL",
          *around(s.rule("a", "level")), level__dmn=decided(**{place: f' expressionLanguage="{language}"'}))
    for language in ("javascript", "juel", "http://www.w3.org/1999/XPath", "https://example.org/FEEL/")
    for place in ("file", "expression", "entry")
]

UNHEARD = [
    wrong(f"a table with {what}", "level", f"决策表「level」{says}", helps, *around(s.rule("a", "level")),
          level__dmn=decided(**changed))
    for what, says, helps, changed in (
        ("a default", "写了 defaultOutputEntry", "最后加一行，每个输入都写 -",
         {"result": "<defaultOutputEntry><text>1</text></defaultOutputEntry></output>"}),
        ("values that an input may have", "写了 inputValues", "各行的条件里写明",
         {"input": "<inputValues><text>1,2</text></inputValues>"}),
        ("values that a result may have", "写了 outputValues", "各行的结果",
         {"result": "<outputValues><text>1,2</text></outputValues></output>"}),
        ("values from elsewhere", "写了 importedValues", "写在格子里",
         {"input": '<importedValues importType="t" locationURI="values.csv"/>'}),
        ("two expressions for one input", "的一列输入写了几个表达式", "分成几列输入",
         {"input": '<inputExpression id="more"><text>case.level</text></inputExpression>'}),
        ("another table to be decided first", "写了 requiredDecision", "在前面用业务规则任务办那张表",
         {"decision": '<informationRequirement id="needs"><requiredDecision href="other.dmn#other"/>'
                      "</informationRequirement>"}),
        ("what is known elsewhere", "写了 requiredKnowledge", "把式子写在格子里",
         {"decision": '<knowledgeRequirement id="knows"><requiredKnowledge href="#own"/></knowledgeRequirement>'}),
        ("a kind of its own with values", "写了 allowedValues", "各行的条件里写明",
         {"kinds": '<itemDefinition name="own"><typeRef>string</typeRef><allowedValues><text>"a"</text>'
                   "</allowedValues></itemDefinition>"}),
        ("a comment within a cell", "的一格里夹着注释", "只留一段文字", {"text": "<!-- or --> + 1"}),
    )
]

OWN = '<itemDefinition name="own"{}><typeRef>{}</typeRef></itemDefinition>'
COLUMNS = [
    wrong(f"a column of {type_} with {cell}{output}", "level", says, "改这一列的类型", *around(s.rule("a", "level")),
          level__dmn=decided(cell or "-", output or "1", **changed))
    for type_, cell, output, says, changed in (
        ("texts", "> 5", "", "第1行条件“> 5”里写的是整数，这一列的类型（typeRef）是 string",
         {"expression": ' typeRef="string"'}),
        ("numbers", '"a", "b"', "", "里写的是文字，这一列的类型（typeRef）是 number",
         {"expression": ' typeRef="number"'}),
        ("numbers", '["2026-01-01".."2026-02-01"]', "", "里写的是文字", {"expression": ' typeRef="feel:number"'}),
        ("numbers", "not(true)", "", "里写的是是否", {"expression": ' typeRef="double"'}),
        ("whole numbers", "[0.5..2]", "", "里写的是数", {"expression": ' typeRef="integer"'}),
        ("yes or no", "1", "", "里写的是整数", {"expression": ' typeRef="boolean"'}),
        ("days", "> 20260101", "", "里写的是整数", {"expression": ' typeRef="feel:date and time"'}),
        ("texts", '["a", 7]', "", "里写的是整数", {"expression": ' typeRef="string"'}),
        ("texts", "", "5", "第1行结果“5”里写的是整数", {"typed": ' typeRef="string"'}),
        ("numbers", "", '"five"', "里写的是文字", {"typed": ' typeRef="number"'}),
        ("numbers", "", "[5]", "里写的是列表", {"typed": ' typeRef="number"'}),
        ("a decision of texts", "", "5", "里写的是整数", {"decision": '<variable name="level" typeRef="string"/>'}),
        ("a kind of its own that is text", "", "5", "这一列的类型（typeRef）是 own",
         {"typed": ' typeRef="own"', "kinds": OWN.format("", "string")}),
    )
]

HIDDEN = [
    wrong(what, element, "和数据对象同名，写了也读不到", "画箭头", s.data_object("amount"), *parts, **files)
    for what, element, parts, files in (
        ("a script that writes a variable named like a data object", "a", around(s.script("a", "amount = 5")), {}),
        ("a script whose arrow keeps something else", "a",
         around(s.script("a", "amount = 5", s.keep("amount", "1"))), {}),
        ("a result named like a data object", "a", around(s.service("a", "case/number", "amount")), {}),
        ("a message kept under the name of a data object", "a",
         around(s.catch("a", s.message("m", variable="amount"))), {}),
        ("an item named like a data object", "a", around(s.user("a", s.many("xs", "amount"))), {}),
        ("a script within a sub-process", "i",
         around(s.sub("a", s.start("b"), s.script("i", "amount = 5"), s.end("c"), s.flows("b i c"))), {}),
        ("a call of what writes such a variable", "a", around(s.call("a", "other")),
         {"other": s.diagram(s.process("other", s.start(), s.script("x", "amount = 5"), s.end(),
                                       s.flows("start x end")))}),
        ("a table whose result is named like a data object", "a", around(s.rule("a", "level")),
         {"level__dmn": s.table("level", ["1"], ["amount"], [(["1"], ["1"])])}),
    )
] + [
    Wrong("a field named like a data object", "a", "“amount”和数据对象同名", "画箭头", s.bundle(
        s.diagram(s.process("main", s.data_object("amount"), *around(s.user("a")))), about=f'answers = "flat"\n{ABOUT}',
        **{"forms/main/a-schema.json": b'{"type": "object", "properties": {"amount": {"type": "integer"}}}'})),
]

THROWING = (s.sub("a", s.start("c"), s.user("i"), s.throw("t", s.simple("escalation", "U")),
                  s.end("d", s.simple("error", "E")), s.flows("c i t d")), s.start(), s.end(), HERE)
RIVALS = [
    wrong(f"two boundary events for one {event}", "two", f"在同一处等同一个{word}“{name}”", "只留一个",
          *THROWING, s.boundary("one", "a", inside, interrupting=first),
          s.boundary("two", "a", inside, interrupting=second), s.end("e2"), s.end("e3"), s.flows("one e2; two e3"))
    for event, word, name, inside, first, second in (
        ("message", "消息", "m", s.message("m"), True, False),
        ("message", "消息", "m", s.message("m"), False, False),
        ("error", "错误", "E", s.simple("error", "E"), True, True),
        ("escalation", "升级", "U", s.simple("escalation", "U"), False, False),
        ("escalation", "升级", "U", s.simple("escalation", "U"), True, False),
        ("signal", "信号", "s", s.simple("signal", "s"), True, True),
    )
] + [
    wrong(f"two event sub-processes for one {event}", "two", f"在同一处等同一个{word}“{name}”", "只留一个",
          *THROWING, s.on_event("one", inside, s.end("e2"), s.flows("one_start e2"), interrupting=first),
          s.on_event("two", inside, s.end("e3"), s.flows("two_start e3"), interrupting=False))
    for event, word, name, inside, first in (
        ("message", "消息", "m", s.message("m"), False),
        ("escalation", "升级", "U", s.simple("escalation", "U"), False),
        ("signal", "信号", "s", s.simple("signal", "s"), True),
    )
]

RIVALS += [
    wrong(f"two timers of one moment, {first} and {second}", "two", "在同一处等同一个时间“P1D”", "只留一个",
          *beside(*(s.boundary(one, "a", s.timer("P1D", "timeDuration"), interrupting=interrupting)
                    for one, interrupting in (("one", first), ("two", second))), s.end("e2"), s.end("e3"),
                  flows="one e2; two e3"), severity="error" if first and second else "warning")
    for first, second in ((True, True), (True, False), (False, True))
] + [
    wrong("a receive task and an event on it for one message", "one", "在同一处等同一个消息“m”", "只留一个",
          *around(s.node("receiveTask", "a", messageRef="message_m")), s.boundary("one", "a", s.message("m")),
          s.end("e2"), s.flows("one e2")),
    wrong("two timers of one moment behind an event-based gateway", "two", "等的是同一个“P1D”", "排他网关",
          s.start(), s.race("g"), *(s.catch(one, s.timer("P1D", "timeDuration")) for one in ("one", "two")),
          s.end(), s.flows("start g one end; g two end")),
]

PICTURES = [
    Wrong("a pool that is only a picture", "pool_them", "只作说明，里面画的步骤不会执行", "勾选", s.bundle(
        s.diagram(s.participants("main", "them"), s.process("main", *beside()),
                  s.node("process", "them", s.node("complexGateway", "g"), isExecutable="false")), about=ABOUT),
          "warning"),
    Wrong("a pool of which nobody says whether it is executed", "them", "没有设为可执行", "isExecutable=false",
          s.bundle(s.diagram(s.participants("main", "them"), s.process("main", *beside()),
                  s.node("process", "them", s.start("t") + s.end("e2") + s.flows("t e2"))), about=ABOUT)),
    Wrong("a process that is not executed", "main", "没有设为可执行", "请在属性面板里勾选", s.bundle(
        s.diagram(s.node("process", "main", "".join(beside()), isExecutable="false")), about=ABOUT)),
]

FOREIGN = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
CORRELATED = '<bpmn:message id="message_m" name="m"><bpmn:extensionElements><zeebe:subscription ' \
             'correlationKey="=orderId"/></bpmn:extensionElements></bpmn:message>'
OF_OTHER_TOOLS = [
    Wrong(f"a setting of another tool on {what}", element, f"的设置 {setting} 是给别的软件的", "按本系统的写法",
          stating(FOREIGN, *parts), "warning")
    for what, element, setting, parts in (
        ("a marker", "a", "camunda:collection", around(s.user("a", s.many(cardinality="2").replace(
            "isSeq", 'camunda:collection="people" isSeq')))),
        ("an event definition", "b", "camunda:errorCodeVariable", (*THROWING, s.boundary("b", "a", s.simple(
            "error", "E").replace("errorRef", 'camunda:errorCodeVariable="code" errorRef')), s.end("e"),
            s.flows("b e"))),
        ("a condition", "g-b", "camunda:resource", tuple(part.replace(
            "<bpmn:conditionExpression ", '<bpmn:conditionExpression camunda:resource="x.groovy" ')
            for part in chosen("case.level == 1"))),
    )
] + [
    Wrong("a key for a message of another tool", "message_m", "zeebe:subscription 是给别的软件的", "按本系统的写法",
          Bundle({path: data.replace(b'<bpmn:message id="message_m" name="m"/>', CORRELATED.encode())
                  for path, data in stating(FOREIGN, *around(s.catch("a", s.message("m")))).files.items()}, "x"),
          "warning"),
]

INSIDE = (s.start("b"), s.script("w", "y = 3"), s.end("f"), s.flows("b w f"))
RESULTS = [
    wrong(f"a list of {what}", "a", says, helps, *around(part), severity=severity)
    for what, says, helps, severity, part in (
        ("results that nothing is said to give", "结果列表“ys”没有写收每一项的什么", "outputDataItem", "error",
         s.sub("a", s.many(cardinality="2", outputs="ys"), *INSIDE)),
        ("items with a result that goes nowhere", "没有写收进哪个列表，办完就没有了", "loopDataOutputRef", "error",
         s.sub("a", s.many(cardinality="2", output="y"), *INSIDE)),
        ("answers with a result that goes nowhere", "，只收在任务自己的名下", "outputDataItem", "warning",
         s.user("a", s.many(cardinality="2", output="y"))),
    )
]
ASKED = b'{"type": "object", "properties": {"n": {"type": "integer"}}%s}'
ASKING = [s.many(cardinality="2", output=one, outputs="ys").replace("_of", "") for one in "yn"]
RESULTS += [
    Wrong(f"a list of results that {form} does not ask for", "a", "分项结果“y”在表单里没有这个字段", "字段的名字",
          s.bundle(s.diagram(s.process("main", *around(s.user("a", ASKING[0])))), about=ABOUT,
                   **{"forms/main/a-schema.json": ASKED % more}), severity)
    for form, more, severity in (
        ("a form that takes nothing else", b', "additionalProperties": false', "error"),
        ("a form that takes more", b"", "warning"),
        ("a form that may lead elsewhere", b', "additionalProperties": false, "allOf": []', "warning"),
    )
]

OTHER_TYPES = [
    wrong(f"a {tag} that is typed as a {type_}", "a", f"xsi:type 写着 bpmn:{type_}", "去掉 xsi:type",
          *around(s.node(tag, "a", inside, **{"xsi:type": f"bpmn:{type_}"})))
    for tag, type_, inside in (
        ("task", "tUserTask", ""),
        ("subProcess", "tTransaction", s.start("b") + s.end("c") + s.flows("b c")),
        ("subProcess", "tAdHocSubProcess", s.start("b") + s.end("c") + s.flows("b c")),
    )
]

SEVERAL = [
    Wrong("a pool of which there are several", "pool_main", "有几份（participantMultiplicity）", "多实例", s.bundle(
        s.diagram(s.participants("main").replace(
            "/></bpmn:coll", f"><bpmn:participantMultiplicity {many}/></bpmn:participant></bpmn:coll"),
            s.process("main", *beside())), about=ABOUT))
    for many in ('minimum="2" maximum="3"', 'minimum="0" maximum="2"')
]

MARKED = [
    Wrong(f"a mark before a declaration of {encoding}", "", "UTF-8 以外的编码", "用 UTF-8 编码保存",
          Bundle({**drawn(*beside()).files, "diagram0.bpmn": b"\xef\xbb\xbf<?xml version='1.0' encoding='"
                  + encoding.encode() + b"'?>" + drawn(*beside()).files["diagram0.bpmn"]}, "x"))
    for encoding in ("gbk", "utf-16", "UTF-7", "iso-8859-1")
]

# fmt: on
ALL = ACCEPTED_BY_THE_LIBRARY + IDS + CALLS + TIMERS + EXPRESSIONS + MISSING + CONSTRUCTS
ALL += (
    SAID_TWICE
    + LANGUAGES
    + UNHEARD
    + COLUMNS
    + HIDDEN
    + RIVALS
    + PICTURES
    + OF_OTHER_TOOLS
    + OTHER_TYPES
    + RESULTS
    + SEVERAL
    + MARKED
)


def test_the_drawing_that_is_changed_is_itself_admitted():
    assert [
        problem for problem in check(drawn(*beside()), OPERATIONS, forms.check) if _forbids(problem)
    ] == []


# fmt: off
ADMITTED = [
    *(stating(f'expressionLanguage="{one}"', *chosen("case.level == 1")) for one in ("", "python", XPATH)),
    stating('typeLanguage="http://www.w3.org/2001/XMLSchema"', *chosen("case.level == 1")),
    drawn(*joined(joining="Converging", parting="Diverging")),
    drawn(*joined(joining="Unspecified", parting="Unspecified")),
    drawn(*linked('<bpmn:linkEventDefinition name="n"><bpmn:target>c</bpmn:target></bpmn:linkEventDefinition>',
                  '<bpmn:linkEventDefinition name="n"><bpmn:source>t</bpmn:source></bpmn:linkEventDefinition>')),
    *(drawn(*around(s.rule("a", "level")), level__dmn=decided(**{place: f' expressionLanguage="{language}"'}))
      for language in ("", "feel", "python", FEEL, "http://www.omg.org/spec/FEEL/20140401",
                       "http://www.omg.org/spec/DMN/20180521/FEEL/")
      for place in ("file", "entry")),
    drawn(*around(s.rule("a", "level")), level__dmn=decided(input="<inputValues><text/></inputValues>")),
    *(drawn(*around(s.rule("a", "level")), level__dmn=decided(cell, output, **changed))
      for cell, output, changed in (
          ("> 1.5, null, case.level", "1", {"expression": ' typeRef="number"'}),
          ("-", "5", {"typed": ' typeRef="feel:Any"', "expression": ' typeRef="own"'}),
          ("-", "[5]", {"typed": ' typeRef="own"', "kinds": OWN.format(' isCollection="true"', "number")}),
          ('< "2026-01-01"', '"2026-01-01"', {"typed": ' typeRef="date"', "expression": ' typeRef="dateTime"'}),
          ('case.level > 1, "a"', "null", {"typed": ' typeRef="string"', "expression": ' typeRef="string"'}),
      )),
    drawn(s.data_object("amount"), *around(s.script("a", "amount = 5", s.keep("amount")))),
    drawn(*around(s.user("a", s.many(cardinality="2", outputs="ys")))),
    s.bundle(s.diagram(s.process("main", *around(s.user("a", ASKING[1])))), about=ABOUT,
             **{"forms/main/a-schema.json": ASKED % b""}),
    drawn(*around(s.node("userTask", "a", **{"xsi:type": "bpmn:tUserTask"}))),
    s.bundle(s.diagram(s.participants("main").replace(
        "/></bpmn:coll", "><bpmn:participantMultiplicity/></bpmn:participant></bpmn:coll"),
        s.process("main", *beside())), about=ABOUT),
    drawn(*beside(*(s.boundary(one, "a", s.simple("signal", "s"), interrupting=one == "b1")
                    for one in ("b1", "b2", "b3")), *map(s.end, ("e1", "e2", "e3")), flows="b1 e1; b2 e2; b3 e3")),
    drawn(*beside(*(s.boundary(one, "a", s.timer("P1D", "timeDuration"), interrupting=False) for one in ("b1", "b2")),
                  s.end("e1"), s.end("e2"), flows="b1 e1; b2 e2")),
    drawn(*beside(*(s.on_event(one, s.simple("signal", "s"), s.end(f"e_{one}"), s.flows(f"{one}_start e_{one}"),
                               interrupting=False) for one in ("h1", "h2")))),
    drawn(*THROWING, s.boundary("b1", "a", s.simple("escalation", "U")),
          s.boundary("b2", "a", s.simple("escalation")), s.boundary("b3", "a", s.simple("error", "E")),
          *map(s.end, ("e1", "e2", "e3")), s.flows("b1 e1; b2 e2; b3 e3")),
    drawn(s.data_object("amount"), *around(s.call("a", "other", s.keep("amount"))),
          other=s.diagram(s.process("other", s.start(), s.script("x", "amount = 5"), s.end(), s.flows("start x end")))),
]
# fmt: on


@pytest.mark.parametrize("bundle", ADMITTED)
def test_what_says_nothing_else_than_the_drawing_is_admitted(bundle):
    assert [problem for problem in check(bundle, OPERATIONS, forms.check) if _forbids(problem)] == []


def test_a_drawing_in_xpath_by_habit_is_not_mentioned_where_nothing_is_read():
    assert check(stating(f'expressionLanguage="{XPATH}"', *beside())) == check(drawn(*beside()))


@pytest.mark.parametrize("case", ALL, ids=str)
def test_it_is_refused_where_it_is_with_what_helps(case):
    found = check(case.bundle, OPERATIONS, forms.check)

    named = [one for one in found if one.severity == case.severity and one.element == case.element]
    assert any(case.says in one.message and case.helps in one.help for one in named), found
    assert all(one.message and one.help for one in found)


@pytest.mark.parametrize("case", UNHEARD, ids=str)
def test_a_table_that_is_refused_is_not_said_to_be_missing_as_well(case):
    assert not any("不存在" in problem.message for problem in check(case.bundle, OPERATIONS, forms.check))


def test_what_is_drawn_and_not_parsed_is_refused():
    bundle = drawn(*beside())
    more = drawn(*beside(s.user("forgotten", name="落下"), flows="a forgotten end"))
    sheet = Sheet("main.bpmn", etree.fromstring(more.files["diagram0.bpmn"]))

    (problem,) = gate._parsed(bundle, [sheet])

    assert (problem.element, problem.severity) == ("forgotten", "error")
    assert "画了但不会执行" in problem.message
    assert "重画" in problem.help


def _forbids(problem):
    return problem.severity == "error"
