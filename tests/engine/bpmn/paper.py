"""What random models are drawn on: levels of elements and flows, and the names that a file declares."""

from dataclasses import dataclass, field

from tests.engine.bpmn.sketch import flows

MESSAGES, SIGNALS = ("m0", "m1", "m2"), ("s0", "s1")


@dataclass
class Level:
    """A process or a sub-process under construction: its elements, its flows, and what it may throw outwards."""

    page: "Page"
    errors: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    depth: int = 0
    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def add(self, *parts):
        self.parts += parts

    def link(self, *ways):
        self.links += ways

    def drawn(self):
        return [*self.parts, flows("\n".join(self.links))]


@dataclass
class Page:
    """What a file declares."""

    names: dict[str, dict[str, None]] = field(default_factory=dict)

    def use(self, kind, name):
        self.names.setdefault(kind, {})[name] = None
        return name

    def declared(self):
        kinds = {"message": "messages", "signal": "signals", "error": "errors", "escalation": "escalations"}
        return {word: " ".join(self.names.get(kind, {})) for kind, word in kinds.items()}
