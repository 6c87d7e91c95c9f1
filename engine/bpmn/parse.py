"""From a bundle of files to a Model that cases can run on. Judges no drawing (check.py does), runs nothing.

SpiffWorkflow's parser builds the specs; this room only exchanges its classes for ours and keeps what is drawn
beside them. Loading is pure, and a Model never changes: it can be kept by its hash.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser, SpiffProcessParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser, SubWorkflowParser

from engine.bpmn import (
    arrows,
    conversations,
    decisions,
    drawing,
    events,
    fields,
    gateways,
    pictures,
    repetition,
    tasks,
    workflow,
)
from engine.bpmn.arrows import Ways
from engine.bpmn.drawing import BY_PEOPLE, Drawn
from engine.bpmn.step import JSON, Bundle, Problem
from engine.errors import DeploymentRefused

_OURS = {
    "startEvent": events.StartEvent,
    "endEvent": events.EndEvent,
    "intermediateCatchEvent": events.IntermediateCatchEvent,
    "intermediateThrowEvent": events.IntermediateThrowEvent,
    "boundaryEvent": events.BoundaryEvent,
    "sendTask": events.SendTask,
    "receiveTask": events.ReceiveTask,
    "task": tasks.NoneTask,
    "userTask": tasks.UserTask,
    "manualTask": tasks.ManualTask,
    "scriptTask": tasks.ScriptTask,
    "serviceTask": tasks.ServiceTask,
    "businessRuleTask": tasks.BusinessRuleTask,
    "callActivity": tasks.CallActivity,
    "subProcess": tasks.SubProcess,
    "exclusiveGateway": gateways.ExclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "eventBasedGateway": gateways.EventBasedGateway,
}


_CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask", "subProcess", "participant"})


@dataclass(frozen=True)
class Model:
    """One definition, ready to run. `elements` is keyed by (scope, element id)."""

    hash: str
    main: str  # process id
    title: str
    flat: bool
    facts: Mapping[str, Mapping[str, JSON]]  # declared in process.toml; empty: anything may be set
    elements: Mapping[tuple[str, str], Drawn]
    forms: Mapping[tuple[str, str], str]  # (scope, element id) → bundle path of the schema
    catchable: frozenset[str]  # names of messages that some element can catch
    correlations: conversations.Properties
    starts: tuple[Drawn, ...]  # start events of the main process that have an event: what may begin a case
    spec: Any
    specs: Mapping[str, Any]  # process or sub-process id → spec
    foreign: frozenset[str] = (
        frozenset()
    )  # names of messages that come from outside: one thrown is for other cases
    arrows: Ways = field(default_factory=dict)  # where message flows lead otherwise than names do


def load(bundle: Bundle) -> Model:
    """Raises DeploymentRefused when a file cannot be read as what it claims to be."""
    about = _about(bundle)
    roots = _roots(bundle, ".bpmn")
    elements = {(drawn.scope, drawn.id): drawn for root in roots.values() for drawn in drawing.read(root)}
    main = about.get("main") or _only_start(roots)
    pools = _pools(roots, main)
    spec, specs = _specs(roots, main, pools)
    _join(spec, [pool for pool in pools if pool.id != main])
    tables = decisions.tables(_roots(bundle, ".dmn"))
    for each in (spec, *specs.values()):
        _attach(each, elements)
        _decide(each, tables)
    starts = tuple(drawn for drawn in elements.values() if _begins(drawn, main))
    catching = [
        *(drawn for drawn in elements.values() if _catches_message(drawn)),
        *(replace(pool, scope=main) for pool in pools if pool.id != main and _catches_message(pool)),
    ]
    foreign = frozenset(_from_outside(about.get("messages", {})))
    ways = {place: way for root in roots.values() for place, way in arrows.drawn_in(root, main).items()}
    return Model(
        hash=bundle.hash,
        main=main,
        title=about.get("title", main),
        flat=about.get("answers", "by_task") == "flat",
        facts=about.get("facts", {}),
        elements=elements,
        forms={key: form for key, drawn in elements.items() if (form := _form(bundle, drawn))},
        catchable=frozenset(drawn.event.name for drawn in catching),
        correlations={
            name: keys for root in roots.values() for name, keys in drawing.correlations(root).items()
        },
        starts=starts,
        spec=spec,
        specs=specs,
        foreign=foreign,
        arrows=arrows.binding(ways, elements, catching, foreign),
    )


def read_xml(data: bytes) -> Any:
    """The root element of what runs: without the pools that are only a picture."""
    root = read_whole(data)
    pictures.close(root)
    return root


def read_whole(data: bytes) -> Any:
    """The root element, with everything switched off that could reach beyond the file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    for keys in root.iter(full_tag("correlationPropertyRetrievalExpression")):
        for path in keys.iterchildren(full_tag("formalExpression")):
            path.tag = full_tag("messagePath")  # as the standard calls it; the Spiff modeler writes the other
    for node in root.iter(f"{{{drawing.BPMN}}}*"):
        for name in drawing.BOOLEANS.intersection(node.attrib):
            said = node.get(name).strip()
            node.set(name, drawing.AS_WORDS.get(said, said))
    _name_at_home(root)
    return root


def _name_at_home(root: Any) -> None:
    """What is named with the prefix of the file's own namespace (`tns:ask`) is named without it (`ask`)."""
    home = root.get("targetNamespace")
    for node in root.iter("*"):
        for name in drawing.REFERENCES.intersection(node.attrib):
            node.set(name, _at_home(node, node.get(name), home))
        if node.text and etree.QName(node).localname in drawing.REFERRING:
            node.text = _at_home(node, node.text, home)


def _at_home(node: Any, said: str, home: str | None) -> str:
    prefix, colon, name = said.strip().partition(":")
    return name if colon and home and node.nsmap.get(prefix) == home else said


def _about(bundle: Bundle) -> dict[str, Any]:
    try:
        return tomllib.loads(bundle.files.get("process.toml", b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise _refused("process.toml", f"文件读不出来：{cause}", "请按 TOML 的写法改正") from cause


def _roots(bundle: Bundle, ending: str) -> dict[str, Any]:
    return {path: _xml(path, data) for path, data in sorted(bundle.files.items()) if path.endswith(ending)}


def _xml(path: str, data: bytes) -> Any:
    try:
        return read_xml(data)
    except etree.XMLSyntaxError as cause:
        raise _refused(
            path, f"不是完整的 XML：{cause.msg}", "请用流程图编辑器重新保存", cause.lineno or 0
        ) from cause


def _pools(roots: Mapping[str, Any], main: str) -> list[Drawn]:
    """The participants of the collaboration that the main process takes part in, without those that are called."""
    called = {
        call.get("calledElement") for root in roots.values() for call in root.iter(full_tag("callActivity"))
    }
    for root in roots.values():
        found = list(drawing.pools(root))
        if main in {pool.id for pool in found}:
            return [pool for pool in found if pool.id not in called]
    return []


def _join(spec: Any, pools: list[Drawn]) -> None:
    """The other participants stand beside the main process and begin, or begin to watch, with it."""
    for pool in pools:
        element = tasks.Pool(spec, pool.id, pool.id)
        element.drawn = replace(pool, scope=spec.name)
        spec.start.triggered.append(pool.id)


def _specs(roots: Mapping[str, Any], main: str, pools: list[Drawn]) -> tuple[Any, dict[str, Any]]:
    parser = _Parser(validator=VALIDATOR)
    path = ""
    try:
        for path, root in roots.items():
            parser.add_bpmn_xml(root, path)
        specs = parser.get_subprocess_specs(main)
        for pool in pools:
            if pool.id != main:
                specs |= {pool.id: parser.get_spec(pool.id), **parser.get_subprocess_specs(pool.id)}
        return parser.get_spec(main), specs
    except ValidationException as cause:
        file = getattr(cause, "file_name", "") or path
        line = getattr(cause, "line_number", 0) or 0
        raise _refused(file, f"流程图不能执行：{cause}", "请按提示修改流程图", line) from cause


def _attach(spec: Any, elements: Mapping[tuple[str, str], Drawn]) -> None:
    """Give every spec its drawing, and joins the flows that lead to them."""
    incoming: dict[str, list[str]] = {}
    for name, element in spec.task_specs.items():
        drawn = elements.get((spec.name, name.removesuffix(" [child]")))
        if drawn is None:
            continue
        element.drawn = drawn
        if drawn.kind == "startEvent":
            spec.start.begins.append(element)
        if name == drawn.id:
            for flow in drawn.flows:
                incoming.setdefault(flow.target, []).append(flow.id)
    for name, flows in incoming.items():
        if isinstance(spec.task_specs[name], gateways.Join):
            spec.task_specs[name].incoming = tuple(flows)


def _decide(spec: Any, tables: Mapping[str, decisions.Decision]) -> None:
    for element in spec.task_specs.values():
        if not isinstance(element, tasks.BusinessRuleTask) or not hasattr(element, "drawn"):
            continue
        if element.drawn.decision not in tables:
            raise _refused(
                f"{element.drawn.diagram}.bpmn",
                f"业务规则任务「{element.drawn.name or element.drawn.id}」用的决策表“{element.drawn.decision}”不存在",
                f"有的决策表：{'、'.join(sorted(tables)) or '没有'}",
            )
        element.decision = tables[element.drawn.decision]


def _form(bundle: Bundle, drawn: Drawn) -> str:
    return fields.path_of(drawn, bundle.files) if drawn.kind in BY_PEOPLE else ""


def _catches_message(drawn: Drawn) -> bool:
    return drawn.event.kind == "message" and drawn.kind in _CATCHING


def _from_outside(messages: Any) -> list[str]:
    declared = messages.items() if isinstance(messages, dict) else ()
    return [name for name, told in declared if isinstance(told, dict) and told.get("from") == "outside"]


def _begins(drawn: Drawn, main: str) -> bool:
    return drawn.kind == "startEvent" and drawn.scope == main and drawn.event.kind != "none"


def _only_start(roots: Mapping[str, Any]) -> str:
    """Without a process.toml: the one executable process that no other calls."""
    mains = outermost(roots)
    if len(mains) != 1:
        raise _refused("process.toml", "看不出从哪个流程开始", '在 process.toml 写明 main = "流程编号"')
    return mains[0]


def outermost(roots: Mapping[str, Any]) -> list[str]:
    """The executable processes that no call activity calls, in the order of the files: a case may begin in each."""
    processes = [node for root in roots.values() for node in root.iterfind(full_tag("process"))]
    executable = [str(node.get("id")) for node in processes if node.get("isExecutable", "true") == "true"]
    called = {
        call.get("calledElement") for root in roots.values() for call in root.iter(full_tag("callActivity"))
    }
    return [id_ for id_ in executable if id_ not in called]


def _refused(file: str, message: str, help: str, line: int = 0) -> DeploymentRefused:
    name = PurePosixPath(file).name
    return DeploymentRefused(f"{name}：{message}", [Problem(file, "", message, help, line=line)])


class _Drawing:
    """What our parsers do differently from the library's; mixed in in front of each."""

    STANDARD_LOOP_CLASS = repetition.Loop
    PARALLEL_MI_CLASS = repetition.ParallelMultiInstance
    SEQUENTIAL_MI_CLASS = repetition.SequentialMultiInstance

    def handles_multiple_outgoing(self) -> bool:
        return True

    def connect_outgoing(self: Any, outgoing_task: Any, _flow: Any, _is_default: bool) -> None:
        """Conditions and defaults are read from the drawing (elements.py), where their order is the file's."""
        self.task.connect(outgoing_task)

    def parse_message_event(self: Any, _event: Any) -> Any:
        """Events are read from the drawing; the library's reading warns, and hides what it misses."""
        return MessageEventDefinition(self.bpmn_id)

    def _add_boundary_event(self: Any, children: list[Any]) -> Any:
        """Boundary events stand beside their activity, without the library's split and join around it."""
        for event in children:
            self.process_parser.parse_node(event)
        return self.task


class _UserTaskParser(_Drawing, SpiffTaskParser):
    """The library's own names its spec class in the middle of the code."""


class _DecisionParser(_Drawing, SpiffTaskParser):
    """The library's own brings its DMN engine, which runs every cell as Python."""

    @staticmethod
    def get_decision_ref(node: Any) -> str:
        return next(
            (one.decision for one in drawing.read(node.getroottree()) if one.id == node.get("id")), ""
        )


class _SubProcessParser(_Drawing, SubWorkflowParser):
    """The library looks for `triggeredByEvent` in the wrong namespace."""

    def create_task(self) -> Any:
        if self.node.get("triggeredByEvent", "false") == "true":
            self.spec_class = tasks.EventSubProcess
        return super().create_task()


class _ProcessParser(SpiffProcessParser):
    def _index_process_nodes(self) -> None:
        """The library takes an extension element for a drawn one when it has the same id."""
        super()._index_process_nodes()
        drawn = (node for name in drawing.NODES for node in self.node.iter(f"{{{drawing.BPMN}}}{name}"))
        self.nodes_by_id.update({node.get("id"): node for node in drawn})

    def add_tasks(self) -> None:
        """The library follows sequence flows only, and would not find where a link leads to."""
        super().add_tasks()
        for link in self.xpath("./bpmn:intermediateCatchEvent[bpmn:linkEventDefinition]"):
            self.parse_node(link)

    def create_spec(self) -> Any:
        if not self.process_executable:
            raise ValidationException(
                "the process is not executable", node=self.node, file_name=self.filename
            )
        return workflow.Process(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


def _exchanged() -> dict[str, tuple[type, type]]:
    tables = {**SpiffBpmnParser.PARSER_CLASSES, **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES}
    special: dict[str, type] = {
        "userTask": _UserTaskParser,
        "subProcess": _SubProcessParser,
        "businessRuleTask": _DecisionParser,
    }
    theirs = {kind: tables[full_tag(kind)][0] for kind in _OURS if kind not in special}
    ours = {kind: type(parser.__name__, (_Drawing, parser), {}) for kind, parser in theirs.items()}
    return {full_tag(kind): ({**ours, **special}[kind], spec) for kind, spec in _OURS.items()}


class _Parser(SpiffBpmnParser):
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES = _exchanged()
    PARSER_CLASSES: Mapping[str, Any] = {}  # what is not in the table above is not parsed
