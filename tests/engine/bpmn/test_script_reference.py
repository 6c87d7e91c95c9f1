"""What designers read about the language is what the language is."""

from engine.bpmn import methods
from engine.bpmn.reference import FUNCTIONS, METHODS
from engine.bpmn.script import KNOWN_FUNCTIONS


def test_every_function_is_described_under_its_own_name():
    assert list(FUNCTIONS) == list(KNOWN_FUNCTIONS)
    assert all(written.startswith(f"{name}(") and meaning for name, (written, meaning) in FUNCTIONS.items())


def test_every_method_is_described_and_those_that_change_data_say_so():
    assert METHODS.keys() == methods.NAMES
    assert {name for name, text in METHODS.items() if "只在脚本里" in text} == methods.CHANGING
