"""The facts of a case that an operator may correct, as fields, and what was typed into them. Changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import cases, definitions, entitlement, forms, procedure
from engine.bpmn.step import Bundle
from engine.directory import Person
from engine.errors import Conflict, Refused
from engine.people import Actor
from engine.reading.choices import Choice, for_unit
from engine.reading.facts import text_of, title_of
from engine.work import Reader

# A register is the truth of these: another value in the case alone would part the two.
IN_REGISTERS = ("unit", "submissions", "channel", "direction", "number", "notice", "notice_ends")
BOOLS = (Choice("yes", "是"), Choice("no", "否"))


@dataclass(frozen=True)
class Fact:
    """`kind`: text, integer, date, or choice (then `options`). `typed` is the value as its control holds it."""

    name: str
    title: str
    kind: str
    shown: str
    typed: str
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Correction:
    case: str
    title: str
    number: str
    facts: tuple[Fact, ...]

    def changed(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """The facts whose text differs, as values. Raises Refused for a text that is no value of its fact."""
        return {
            fact.name: _value(fact, typed[fact.name].strip())
            for fact in self.facts
            if fact.name in typed and typed[fact.name].strip() != fact.typed
        }


def correction(reader: Reader, actor: Actor, case: str) -> Correction:
    """Raises NotFound, NotAllowed for others than operators, Conflict for a case that has ended."""
    entitlement.check_role(actor, "operator")
    row = cases.load(reader.db, case)
    if row.status == cases.COMPLETED:
        raise Conflict("这一件已经办结，不能更正", help="如需继续办理，请重新发起。")
    bundle = definitions.bundle(reader.db, row.definition_hash)
    told = procedure.of(bundle)
    known = {name: row.facts.get(name) for name in told.facts if name not in IN_REGISTERS}
    return Correction(row.id, row.title, row.number, facts_in_words(reader, bundle, row.unit_id, known))


def facts_in_words(reader: Reader, bundle: Bundle, unit: str, facts: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Lists, and what could still be anything, are left out."""
    found = (_fact(reader, bundle, unit, name, value) for name, value in facts.items())
    return tuple(fact for fact in found if fact)


def _fact(reader: Reader, bundle: Bundle, unit: str, name: str, value: Any) -> Fact | None:
    """None for a fact that is not there yet and could be anything, and for lists."""
    told = procedure.of(bundle)
    title, shown = title_of(told, name), text_of(told, name, value)
    words = told.facts[name].get("values") or _words_of_forms(bundle, name, value)
    if words:
        options = tuple(Choice(id, text) for id, text in words.items())
        return Fact(name, title, "choice", words.get(value, shown), str(value or ""), options)
    if isinstance(value, bool):
        return Fact(name, title, "choice", shown, "yes" if value else "no", BOOLS)
    if isinstance(value, int):
        return Fact(name, title, "integer", shown, str(value))
    if not isinstance(value, str) or not value:
        return None
    person = reader.db.get(Person, value)
    if person is not None:
        options = for_unit(reader, unit).get("person", ())
        return Fact(name, title, "choice", person.name, value, options)
    return Fact(name, title, "date" if _is_date(value) else "text", shown, value)


def _words_of_forms(bundle: Bundle, name: str, value: Any) -> Mapping[str, str]:
    """The choices of the form that a fact was taken from: a field of the same name that offers its value."""
    if not isinstance(value, str):
        return {}
    read = (forms.load(bundle.files, path) for path in sorted(bundle.files) if path.endswith("-schema.json"))
    offered = (
        {option.value: option.title for option in field.options}
        for form in read
        for field in form.fields
        if field.key == name
    )
    return next((options for options in offered if value in options), {})


def _value(fact: Fact, text: str) -> Any:
    if not text:
        raise Refused(f"“{fact.title}”不能改成空白", help="需要取消的，请退回到相应的任务重新办理。")
    if fact.kind == "integer":
        if not text.isdecimal():
            raise Refused(f"“{fact.title}”要填写整数", help="例如 3。")
        return int(text)
    if fact.kind == "date" and not _is_date(text):
        raise Refused(f"“{fact.title}”要填写日期", help="例如 2026-03-05。")
    if fact.kind == "choice" and text not in {option.value for option in fact.options}:
        raise Refused(f"“{fact.title}”没有这个选项", help="请从列出的选项中选择。")
    return text == "yes" if fact.options is BOOLS else text


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
