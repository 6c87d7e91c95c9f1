"""The door to the expression and script language of diagrams and forms. Holds no behaviour of its own.

compile_expression, compile_script   text → Expression, Script; ScriptRefused with line, column, help
evaluate, execute                    run them over JSON; ScriptFailed, or what an outside function raises
Budget                               steps that several runs share; LimitExceeded when none are left
KNOWN_FUNCTIONS                      name → (fewest, most) arguments
OUTSIDE_FUNCTIONS                    those of them that `evaluate` and `execute` expect in `functions`
RESERVED, is_free                    names that no data may have; whether data may have a name
"""

from engine.bpmn.functions import KNOWN_FUNCTIONS, OUTSIDE_FUNCTIONS
from engine.bpmn.grammar import RESERVED
from engine.bpmn.interpreter import Budget, evaluate, execute
from engine.bpmn.language import Expression, Script, compile_expression, compile_script, is_free

__all__ = [
    "KNOWN_FUNCTIONS",
    "OUTSIDE_FUNCTIONS",
    "RESERVED",
    "Budget",
    "Expression",
    "Script",
    "compile_expression",
    "compile_script",
    "evaluate",
    "execute",
    "is_free",
]
