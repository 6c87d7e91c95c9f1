"""A truth may be written 1 or 0 (XML Schema 2, 3.2.2): it means what the word means, before the reference too."""

import pytest

from tests.engine.bpmn.reference.witness import Watched
from tests.engine.bpmn.sketch import boundary, end, flows, loop, main, many, message, on_event, start, user

DRAWINGS = {
    "a boundary event that interrupts": (
        main(start(), user("a"), boundary("b", "a", message("m")), user("n"), end(),
             flows("start a end; b n end"), messages="m"),
        ["n"],
    ),
    "one that does not": (
        main(start(), user("a"), boundary("b", "a", message("m"), interrupting=False), user("n"), end(),
             flows("start a end; b n end"), messages="m"),
        ["a", "n"],
    ),
    "an event sub-process": (
        main(start(), user("a"), on_event("es", message("m"), user("n"), end("done"), flows("es_start n done"),
             interrupting=False), end(), flows("start a end"), messages="m"),
        ["a", "es/n"],
    ),
    "one item after another": (
        main(start(), user("a", many(cardinality="2", sequential=True)), end(), flows("start a end")),
        ["a[0]"],
    ),
    "a loop that tests first": (
        main(start(), user("a", loop("1 > 2", before=True)), user("n"), end(), flows("start a n end")),
        ["n"],
    ),
}  # fmt: skip


def in_figures(bundle):
    (path,) = (path for path in bundle.files if path.endswith(".bpmn"))
    drawn = bundle.files[path].replace(b'="true"', b'=" 1 "').replace(b'="false"', b'="0"')
    return type(bundle)({**bundle.files, path: drawn}, bundle.hash + "1")


@pytest.mark.parametrize("what", DRAWINGS)
@pytest.mark.parametrize("written", [lambda bundle: bundle, in_figures], ids=["words", "figures"])
def test_a_truth_means_the_same_however_it_is_written(what, written):
    bundle, opened = DRAWINGS[what]
    case = Watched(written(bundle))

    if b"message_m" in b"".join(bundle.files.values()):
        case.tell("m")

    assert sorted(case.open) == opened
