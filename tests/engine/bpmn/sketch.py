"""Small diagrams in a few words, for tests of the kernel: makes BPMN XML, and plays a case on it."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn import run
from engine.bpmn.parse import load
from engine.bpmn.step import Bundle, Moment

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="file" targetNamespace="t">'
)
NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)


def node(tag, id_, inside="", **attributes):
    drawn = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id_}"{drawn}>{inside}</bpmn:{tag}>'


def extension(inside):
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def user(id_, inside="", name="", **properties):
    drawn = "".join(
        f"<spiffworkflow:property name={quoteattr(key)} value={quoteattr(value)}/>"
        for key, value in properties.items()
    )
    head = extension(f"<spiffworkflow:properties>{drawn}</spiffworkflow:properties>") if properties else ""
    return node("userTask", id_, head + inside, name=name or id_)


def script(id_, text, inside=""):
    return node("scriptTask", id_, inside + f"<bpmn:script>{escape(text)}</bpmn:script>")


def service(id_, operation, result="", **parameters):
    drawn = "".join(
        f'<spiffworkflow:parameter id="{key}" type="any" value={quoteattr(value)}/>'
        for key, value in parameters.items()
    )
    operator = (
        f'<spiffworkflow:serviceTaskOperator id="{operation}" resultVariable="{result}">'
        f"<spiffworkflow:parameters>{drawn}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    )
    return node("serviceTask", id_, extension(operator))


def rule(id_, decision):
    return node(
        "businessRuleTask",
        id_,
        extension(f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"),
    )


def table(id_, inputs, outputs, rules, policy="UNIQUE"):
    """A decision table; each rule is (cells, outputs)."""
    text = "<text>{}</text>".format
    drawn = "".join(
        f'<input id="in{n}"><inputExpression id="of{n}">{text(escape(one))}</inputExpression></input>'
        for n, one in enumerate(inputs)
    )
    drawn += "".join(f'<output id="out{n}" name="{name}"/>' for n, name in enumerate(outputs))
    for n, (cells, gives) in enumerate(rules):
        inside = "".join(
            f'<inputEntry id="r{n}i{m}">{text(escape(cell))}</inputEntry>' for m, cell in enumerate(cells)
        )
        inside += "".join(
            f'<outputEntry id="r{n}o{m}">{text(escape(give))}</outputEntry>' for m, give in enumerate(gives)
        )
        drawn += f'<rule id="r{n}">{inside}</rule>'
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="file" namespace="t">'
        f'<decision id="{id_}" name="{id_}"><decisionTable id="table" hitPolicy="{policy}">{drawn}'
        "</decisionTable></decision></definitions>"
    ).encode()


def data_object(id_):
    """A data object and its shape; `keep` draws the arrow of an activity to it."""
    return f'<bpmn:dataObject id="{id_}"/><bpmn:dataObjectReference id="{id_}_shape" dataObjectRef="{id_}"/>'


def keep(object_, transformation=""):
    text = f"<bpmn:transformation>{escape(transformation)}</bpmn:transformation>" if transformation else ""
    return (
        f'<bpmn:dataOutputAssociation id="to_{object_}"><bpmn:targetRef>{object_}_shape</bpmn:targetRef>{text}'
        "</bpmn:dataOutputAssociation>"
    )


def correlation(name, **messages):
    """A correlation property and, per message, the expression over its payload."""
    ways = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="message_{message_}">'
        f"<bpmn:messagePath>{escape(text)}</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        for message_, text in messages.items()
    )
    return f'<bpmn:correlationProperty id="{name}" name="{name}">{ways}</bpmn:correlationProperty>'


def call(id_, called, inside=""):
    return node("callActivity", id_, inside, calledElement=called)


def loop(condition="", before=False, maximum=""):
    limit = f' loopMaximum="{maximum}"' if maximum else ""
    text = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{limit}>{text}'
        "</bpmn:standardLoopCharacteristics>"
    )


def many(items="", item="", sequential=False, completion="", cardinality="", output="", outputs=""):
    parts = [
        f"<bpmn:loopCardinality>{escape(cardinality)}</bpmn:loopCardinality>" if cardinality else "",
        f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>" if items else "",
        f"<bpmn:loopDataOutputRef>{outputs}</bpmn:loopDataOutputRef>" if outputs else "",
        f'<bpmn:inputDataItem id="{item}_of" name="{item}"/>' if item else "",
        f'<bpmn:outputDataItem id="{output}_of" name="{output}"/>' if output else "",
        f"<bpmn:completionCondition>{escape(completion)}</bpmn:completionCondition>" if completion else "",
    ]
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{''.join(parts)}</bpmn:multiInstanceLoopCharacteristics>"
    )


def timer(text, kind="timeDate"):
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(text)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name, payload="", variable=""):
    inside = (
        f"<spiffworkflow:messagePayload>{escape(payload)}</spiffworkflow:messagePayload>" if payload else ""
    )
    if variable:
        inside += f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>"
    drawn = extension(inside) if inside else ""
    return f'<bpmn:messageEventDefinition messageRef="message_{name}">{drawn}</bpmn:messageEventDefinition>'


def simple(kind, reference=""):
    ref = f' {kind}Ref="{kind}_{reference}"' if reference else ""
    return f"<bpmn:{kind}EventDefinition{ref}/>"


def link(name):
    return f"<bpmn:linkEventDefinition name={quoteattr(name)}/>"


def participants(*ids):
    """A collaboration of these processes."""
    pools = "".join(f'<bpmn:participant id="pool_{id_}" name="{id_}方" processRef="{id_}"/>' for id_ in ids)
    return f'<bpmn:collaboration id="all">{pools}</bpmn:collaboration>'


def catch(id_, event):
    return node("intermediateCatchEvent", id_, event)


def throw(id_, event=""):
    return node("intermediateThrowEvent", id_, event)


def boundary(id_, host, event, interrupting=True):
    return node("boundaryEvent", id_, event, attachedToRef=host, cancelActivity=str(interrupting).lower())


def start(id_="start"):
    return node("startEvent", id_)


def end(id_="end", event=""):
    return node("endEvent", id_, event)


def xor(id_, default=""):
    return node("exclusiveGateway", id_, **({"default": default} if default else {}))


def both(id_):
    return node("parallelGateway", id_)


def some(id_, default=""):
    return node("inclusiveGateway", id_, **({"default": default} if default else {}))


def race(id_):
    return node("eventBasedGateway", id_)


def lanes(**elements):
    """lane id → ids of its elements, in one text."""
    drawn = "".join(
        f'<bpmn:lane id="{id_}" name="{id_} 名称">'
        + "".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in names.split())
        + "</bpmn:lane>"
        for id_, names in elements.items()
    )
    return f'<bpmn:laneSet id="lanes">{drawn}</bpmn:laneSet>'


def flows(text):
    """One flow a line or after `;`: `a b` from a to b, `a b: condition`. Its id is `a-b`; chains are `a b c`."""
    drawn = []
    for line in text.replace(";", "\n").splitlines():
        path, _, condition = line.partition(":")
        names = path.split()
        inside = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition.strip())}'
            "</bpmn:conditionExpression>"
            if condition
            else ""
        )
        drawn += [
            node("sequenceFlow", f"{a}-{b}", inside, sourceRef=a, targetRef=b) for a, b in pairwise(names)
        ]
    return "".join(drawn)


def sub(id_, *parts):
    return node("subProcess", id_, "".join(parts))


def on_event(id_, event, *parts, interrupting=True):
    """An event sub-process; its start is `<id>_start`."""
    begin = node("startEvent", f"{id_}_start", event, isInterrupting=str(interrupting).lower())
    return node("subProcess", id_, begin + "".join(parts), triggeredByEvent="true")


def process(id_, *parts):
    return node("process", id_, "".join(parts), isExecutable="true")


def diagram(*parts, messages="", signals="", errors="", escalations=""):
    declared = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in messages.split())
    declared += "".join(f'<bpmn:signal id="signal_{name}" name="{name}"/>' for name in signals.split())
    declared += "".join(f'<bpmn:error id="error_{name}" errorCode="{name}"/>' for name in errors.split())
    declared += "".join(
        f'<bpmn:escalation id="escalation_{name}" escalationCode="{name}"/>' for name in escalations.split()
    )
    return (HEAD + declared + "".join(parts) + "</bpmn:definitions>").encode()


def bundle(*diagrams, about='main = "main"', **files):
    found = {f"diagram{number}.bpmn": data for number, data in enumerate(diagrams)}
    found["process.toml"] = about.encode()
    found.update({_file(path): data for path, data in files.items()})
    total = hashlib.sha256(b"".join(name.encode() + found[name] for name in sorted(found)))
    return Bundle(found, total.hexdigest())


def _file(name):
    """A keyword as a path: `forms__main__a` and `levels__dmn`."""
    return name.removesuffix("__dmn").replace("__", "/") + (".dmn" if name.endswith("__dmn") else "")


def main(*parts, messages="", about='main = "main"', **named):
    """A bundle with one process called main."""
    return bundle(diagram(process("main", *parts), messages=messages, **named), about=about)


class World:
    """An Outside that answers from a table and remembers what it was asked."""

    def __init__(self, **answers):
        self.answers = {name.replace("__", "/"): answer for name, answer in answers.items()}
        self.asked = []

    def ask(self, operation, arguments):
        self.asked.append((operation, dict(arguments)))
        answer = self.answers[operation]
        return answer(**arguments) if callable(answer) else answer


class Case:
    """A case that is frozen and revived after every step, and told of in short words."""

    def __init__(self, given, facts=None, data=None, world=None, at=NOON, at_start="", payload=None):
        self.model = load(given)
        self.world = world or World()
        self.at = at
        self.seq = 0
        self.steps = []
        moment = self._moment()
        self._took(run.start(self.model, moment, self.world, facts or {}, data, at_start, payload))

    def do(self, path, **answers):
        return self._took(run.complete(self._revived(), path, answers, self._moment(), self.world))

    def fire(self, path):
        return self._took(run.fire(self._revived(), path, self._moment(), self.world))

    def tell(self, name, payload=None, correlation=None):
        running = self._revived()
        return self._took(run.message(running, name, payload, self._moment(), self.world, correlation))

    def ring(self, name):
        """A signal from outside."""
        return self._took(run.signal(self._revived(), name, None, self._moment(), self.world))

    def amend(self, **facts):
        return self._took(run.amend(self._revived(), facts, self._moment(), self.world))

    def correct(self, **values):
        return self._took(run.correct(self._revived(), values, self._moment(), self.world))

    def wait(self, **span):
        """Move the clock and let everything fire that falls due, in the order of due time."""
        until = self.at + timedelta(**span)
        while self.step.timers and self.step.timers[0].due <= until:
            self.at = max(self.at, self.step.timers[0].due)
            self.fire(self.step.timers[0].path)
        self.at = until

    @property
    def open(self):
        return sorted(item.path for item in self.step.items)

    @property
    def step(self):
        return self.steps[-1]

    @property
    def trace(self):
        """Of the last step, as texts: `+path <flow>` entered, `-path` left, `!path` cancelled."""
        return told(self.step.trace)

    def item(self, path):
        return next(item for item in self.step.items if item.path == path)

    def _revived(self):
        running = run.revive(self.model, self.step.frozen)
        assert run.items(running) == self.step.items
        assert run.timers(running) == self.step.timers
        assert run.data(running) == self.step.data
        return running

    def _moment(self):
        self.seq += 1
        return Moment("case", self.seq, self.at)

    def _took(self, step):
        self.steps.append(step)
        return step


def told(trace):
    signs = {"entered": "+", "left": "-", "cancelled": "!"}
    return [signs[e.what] + e.path + (f" <{e.flow}>" if e.flow else "") for e in trace]
