"""The attack corpus: drawings, forms and scripts that try something, and what must become of each."""

import json
import time
import tomllib
from pathlib import Path

import pytest

from engine import forms
from engine.bpmn.check import check
from engine.bpmn.script import compile_script, execute
from engine.bpmn.step import Bundle
from engine.errors import ScriptFailed, ScriptRefused

CORPUS = Path(__file__).parents[1] / "attacks"
ATTACKS = tomllib.loads((CORPUS / "manifest.toml").read_text("utf-8"))["attack"]
ABOUT = """
id = "attack"
title = "流程"
main = "attack"
[facts]
total = { title = "合计" }
[messages]
reply = { title = "答复", from = "outside" }
[ends]
done = { title = "办结" }
refused = { title = "不通过" }
"""
RULES = '[rule.R001]\ntitle = "数额"\ntext = "数额要大于零"\nsource = "本测试"\nclass = "H"\n'
SOON = 5  # seconds


def of_kind(*endings):
    chosen = [attack for attack in ATTACKS if attack["file"].endswith(endings)]
    return pytest.mark.parametrize("attack", chosen, ids=[attack["file"] for attack in chosen])


def bundle_with(attack):
    files = {
        "process.toml": ABOUT.encode(),
        "rules.toml": RULES.encode(),
        "attack.bpmn": (CORPUS / "harmless.bpmn").read_bytes(),
        "forms/attack/fill-schema.json": (CORPUS / "harmless.json").read_bytes(),
    }
    place = "attack.bpmn" if attack["file"].endswith(".bpmn") else "forms/attack/fill-schema.json"
    return Bundle({**files, place: (CORPUS / attack["file"]).read_bytes()}, attack["file"])


@of_kind(".bpmn", ".json")
def test_an_attack_by_file_is_refused_at_deployment(attack):
    began = time.monotonic()

    problems = check(bundle_with(attack), {"notice/open": None}, forms.check)

    errors = [problem for problem in problems if problem.severity == "error"]
    assert time.monotonic() - began < SOON
    assert bool(errors) is (attack["must"] == "refused"), errors
    assert all(problem.help for problem in errors)
    if attack.get("says"):
        assert any(attack["says"] in problem.message + problem.help for problem in errors), errors
    if attack.get("element"):
        assert attack["element"] in {problem.element for problem in errors}, errors


@of_kind(".txt")
def test_an_attack_by_script_is_refused_or_fails(attack):
    text = (CORPUS / attack["file"]).read_text("utf-8")
    began = time.monotonic()

    with pytest.raises(ScriptRefused if attack["must"] == "refused" else ScriptFailed) as caught:
        execute(compile_script(text), {"case": {"level": "street"}, "xs": [2, 1]}, {})

    assert time.monotonic() - began < SOON
    assert attack.get("says", "") in caught.value.message + caught.value.help


def test_the_manifest_lists_every_file_of_the_corpus():
    files = sorted(path.name for path in CORPUS.iterdir() if path.suffix in (".bpmn", ".json", ".txt"))

    assert sorted(attack["file"] for attack in ATTACKS) == files


def test_every_attack_says_what_it_tries():
    assert all(attack["tries"] and attack["must"] in ("refused", "failed", "passed") for attack in ATTACKS)


def test_the_answer_of_the_gate_is_the_same_every_time():
    attack = {"file": "two_operators.bpmn"}
    told = [json.dumps([str(problem) for problem in check(bundle_with(attack))]) for _ in range(2)]

    assert told[0] == told[1]
