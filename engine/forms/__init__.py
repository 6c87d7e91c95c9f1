"""Forms: JSON Schema files of a definition, read for renderers and enforced on answers. Knows no case and no database.

A form is one draft-07 file (docs/design.md, section 4). `load` gives a `Form`; `Form.read` turns what a browser
posts into JSON, `Form.accept` refuses what breaks the form, `Form.prefill` computes defaults, `check` says what a
designer must mend before release.
"""

from engine.forms.foreign import check, load
from engine.forms.form import Accepted, Form
from engine.forms.free import accepted as accepted_freely
from engine.forms.paths import at, replaced
from engine.forms.rules import Rule, load_rules
from engine.forms.schema import Field, FormRule, Option, Personal, When

__all__ = [
    "Accepted",
    "Field",
    "Form",
    "FormRule",
    "Option",
    "Personal",
    "Rule",
    "When",
    "accepted_freely",
    "at",
    "check",
    "load",
    "load_rules",
    "replaced",
]
