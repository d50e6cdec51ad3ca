"""A value as it is typed, after `NAME=` on a command line: a number, a nested list, or a formula of numbers alone.

>>> read_value("-5"), read_value("[[1, 2], [3, 4]]"), read_value("1/4"), read_value("-2^2")
(-5.0, [[1.0, 2.0], [3.0, 4.0]], 0.25, -4.0)
"""

import re
from typing import Any

from chalkgrad.errors import ChalkgradError, GivenError, quote
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula.brackets import match_brackets
from chalkgrad.reading.formula.formula import read
from chalkgrad.reading.formula.scanning import scan
from chalkgrad.reading.formula.statements import read_literal
from chalkgrad.reading.formula.values import number

_EXAMPLE = "A value is a number such as 3, -0.5 or 1e-3, a list such as [1, 2], or a formula of numbers such as pi/2."
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def read_value(text: str, name: str = "this") -> Any:
    """The number, or the nested list of numbers, that `text` says is the value of `name`.

    Raises ChalkgradError where it says something else.
    """
    if not text.strip():
        raise GivenError("The value is empty.", hint=_EXAMPLE)
    tokens = scan(text)
    literal = None
    if tokens.kinds:
        match_brackets(tokens)
        literal = read_literal(tokens, 0, len(tokens))
    if literal is not None:
        return number(name, literal).tolist()
    try:
        formula = read(text)
    except ChalkgradError as error:
        error.hint = error.hint or _EXAMPLE
        raise
    if formula.leaves:
        stranger = next(iter(formula.leaves))
        span = formula.span(formula.leaves[stranger])
        raise GivenError(f"{quote(stranger)} is not a number.", source=text, span=span, hint=_EXAMPLE)
    return evaluate(formula.graph, {})[formula.output].tolist()
