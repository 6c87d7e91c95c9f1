"""The one validator: draft-07 with formats on and a linear regex engine. Knows formats, nothing of fields."""

import re
from typing import Any

import jsonschema_rs

CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
PHONE = re.compile(r"(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?)")
# Ids of persons, posts and attachments: only their spelling is judged here, others know whether they exist.
HANDLE = re.compile(r"[0-9A-Za-z][0-9A-Za-z:._-]{0,99}")

FORMATS = {
    "clock": lambda text: bool(CLOCK.fullmatch(text)),
    "phone": lambda text: bool(PHONE.fullmatch(text)),
    "person": lambda text: bool(HANDLE.fullmatch(text)),
    "performer": lambda text: bool(HANDLE.fullmatch(text)),
    "attachment": lambda text: bool(HANDLE.fullmatch(text)),
}
# Without a bound on the compiled size, a short pattern with counted repetition eats the memory of the server.
LINEAR = jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)


def compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft7Validator:
    """Raises jsonschema_rs.ValidationError for what is not draft-07."""
    return jsonschema_rs.Draft7Validator(
        schema, validate_formats=True, formats=FORMATS, pattern_options=LINEAR
    )
