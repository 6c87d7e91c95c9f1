"""Which BPMN constructs run right here. A plain table; `check.py` refuses whatever is not in it.

Names are those of BPMN 2.0.2 (local names of its XML). A construct enters this table together with the test
in tests/engine/bpmn that shows it.
"""

# Flow nodes that may be drawn inside a process or an embedded sub-process.
NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "callActivity",
        "subProcess",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
    }
)

# Event definitions (local name without "EventDefinition", "none" for an event without one) by where they stand.
EVENTS = {
    "startEvent": frozenset({"none", "message", "timer", "signal"}),
    "endEvent": frozenset({"none", "message", "signal", "error", "escalation", "terminate"}),
    "intermediateCatchEvent": frozenset({"message", "timer", "signal", "link"}),
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation", "link"}),
    "boundaryEvent": frozenset({"message", "timer", "signal", "error", "escalation"}),
}

# Boundary events that may leave their activity running (cancelActivity="false").
NON_INTERRUPTING = frozenset({"message", "timer", "signal", "escalation"})

# Events that may start an event sub-process (a subProcess with triggeredByEvent="true"); those in
# NON_INTERRUPTING may do so with isInterrupting="false".
TRIGGERS = frozenset({"message", "timer", "signal", "error", "escalation"})

# Timers by where they stand: timeDate, timeDuration, timeCycle.
TIMERS = {
    "startEvent": frozenset({"timeDate", "timeDuration", "timeCycle"}),
    "intermediateCatchEvent": frozenset({"timeDate", "timeDuration"}),
    "boundaryEvent": frozenset({"timeDate", "timeDuration", "timeCycle"}),
}

# Activities that may carry a loop marker, and one that may carry a multi-instance marker.
LOOPING = frozenset({"userTask", "manualTask", "scriptTask", "serviceTask", "callActivity", "subProcess"})
MULTIPLE = frozenset({"userTask", "manualTask", "scriptTask", "serviceTask", "callActivity", "subProcess"})

# Activities that boundary events may be attached to.
HOSTS = frozenset({"userTask", "manualTask", "receiveTask", "callActivity", "subProcess"})

# Nodes that conditional or several sequence flows may leave; a default flow likewise.
CONDITIONAL_FLOWS_FROM = frozenset(
    {
        "exclusiveGateway",
        "inclusiveGateway",
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
    }
)

# Data objects in a process or sub-process, and the arrows between them and an activity. Editors draw an empty
# property as the other end of an arrow into an activity.
DATA = frozenset({"dataObject", "dataObjectReference"})
ARROWS = frozenset({"dataInputAssociation", "dataOutputAssociation", "property"})

# Elements beside the processes of a file that say which conversation a message belongs to.
CORRELATION = frozenset({"correlationProperty"})

# Elements of a definitions file that have no effect on execution and may be drawn freely.
DRAWN_ONLY = frozenset(
    {
        "collaboration",
        "participant",
        "messageFlow",
        "laneSet",
        "lane",
        "textAnnotation",
        "association",
        "group",
        "documentation",
        "category",
        "categoryValue",
    }
)
