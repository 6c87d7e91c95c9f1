"""The seven steps in the words of the procedure: which diagram belongs to which. Knows ids, no case."""

from collections.abc import Iterable
from dataclasses import dataclass

TOPIC, MATTER = "议题", "事项"


@dataclass(frozen=True)
class StepName:
    """`id` is the diagram that draws the step."""

    id: str
    number: int
    title: str


STEPS = (
    StepName("step1_topic", 1, "确定议题"),
    StepName("step2_opinions", 2, "征求意见"),
    StepName("step3_analysis", 3, "分析研判"),
    StepName("step4_meeting", 4, "协商议事"),
    StepName("step5_publicity", 5, "项目公示"),
    StepName("step6_implementation", 6, "项目实施"),
    StepName("step7_supervision", 7, "监督执行"),
)
_PARTS = {"supervision_round": "step7_supervision"}  # a diagram called by a step belongs to it
_BY_ID = {step.id: step for step in STEPS}


def step_of(diagram: str) -> StepName | None:
    """None for a diagram of another procedure."""
    return _BY_ID.get(_PARTS.get(diagram, diagram))


def noun(paths: Iterable[str]) -> str:
    """What a case of a procedure with these files is called: it is a 议题 where it takes our steps."""
    return TOPIC if any(step_of(path.removesuffix(".bpmn")) for path in paths) else MATTER


def title_of(diagram: str) -> str:
    step = step_of(diagram)
    return step.title if step else diagram


def diagrams_of(step: str) -> tuple[str, ...]:
    """The diagrams of a step, for a filter."""
    return (step, *(part for part, whole in _PARTS.items() if whole == step))


def steps_at(stage: str) -> tuple[StepName, ...]:
    """The steps at which a case stands; `stage` is the space-separated list of `Case.stage`."""
    found = (step_of(diagram) for diagram in stage.split())
    return tuple(sorted({step for step in found if step}, key=lambda step: step.number))
