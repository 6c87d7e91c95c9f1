"""The plain library and nothing else: a diagram in a few words, parsed with the schema validator on, and run.

Copy this file beside a reproduction to send both upstream: it knows nothing of this project.
"""

from itertools import pairwise
from xml.sax.saxutils import escape

from lxml import etree
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t">'
)


def diagram(*parts, before="", after=""):
    """One executable process called main; `before` and `after` stand beside it in the file."""
    return f'{HEAD}{before}<process id="main" isExecutable="true">{"".join(parts)}</process>{after}</definitions>'


def nodes(**kinds):
    """tag="id id …" → elements without content."""
    return "".join(f'<{tag} id="{id_}"/>' for tag, ids in kinds.items() for id_ in ids.split())


def flows(text):
    """`a b c; c d: condition`: chains of flows, each with the id `a-b`."""
    drawn = []
    for line in text.split(";"):
        path, _, condition = line.partition(":")
        inside = (
            f"<conditionExpression>{escape(condition.strip())}</conditionExpression>" if condition else ""
        )
        drawn += [
            f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}">{inside}</sequenceFlow>'
            for a, b in pairwise(path.split())
        ]
    return "".join(drawn)


def script(id_, text):
    return f'<scriptTask id="{id_}"><script>{escape(text)}</script></scriptTask>'


def timer(kind, text):
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def message(name):
    return f'<messageEventDefinition messageRef="message_{name}"/>'


def messages(*names):
    return "".join(f'<message id="message_{name}" name="{name}"/>' for name in names)


def specs(*files, main="main"):
    parser = SpiffBpmnParser(validator=VALIDATOR)
    for number, text in enumerate(files):
        parser.add_bpmn_xml(etree.fromstring(text), f"file{number}.bpmn")
    return parser.get_spec(main), parser.get_subprocess_specs(main)


def begin(*files, **options):
    """A new instance, moved on to its first wait."""
    workflow = BpmnWorkflow(*specs(*files), **options)
    workflow.do_engine_steps()
    return workflow


def opened(workflow):
    """Names of the tasks that wait for a person."""
    return sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True))


def do(workflow, name, **data):
    task = next(
        task for task in workflow.get_tasks(state=TaskState.READY, manual=True) if task.task_spec.name == name
    )
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()


def tell(workflow, name, payload=None):
    """A message from outside. The name of its definition is all that the library compares."""
    workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload))
    workflow.do_engine_steps()
