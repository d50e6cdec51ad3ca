"""Which rule answers which NumPy function.

A rule takes the function's own arguments and gives back traced values. A gate that names its NumPy functions needs no rule unless
it has settings; functions that are composed of others are written in plain NumPy, which the traced values answer in their turn.

    >>> from chalkgrad.reading.trace.functions import COVERED
    >>> np.std in COVERED, np.fft.fft in COVERED
    (True, False)
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.errors import nearest
from chalkgrad.reading.trace.letters import TraceError, refusal

Rule = Callable[..., Any]

COVERED: dict[Any, Rule] = {}  # by NumPy function, or by (ufunc, "reduce") and its like
REFUSED: dict[Any, str] = {}  # what is known and cannot be traced, with what to write instead
FOREIGN: list[Callable[[Any], Rule | None]] = []  # who knows functions of other packages
NEVER = object()  # the default of an argument that must not be given


def covers(*functions: Any) -> Callable[[Rule], Rule]:
    """Declares a rule as the answer to these NumPy functions."""

    def keep(rule: Rule) -> Rule:
        for function in dict.fromkeys(functions):  # NumPy has several names for some
            assert function not in COVERED, f"{function} has two rules"
            COVERED[function] = rule
        return rule

    return keep


def rule_for(function: Any) -> Rule:
    """The rule that answers a function, or a letter."""
    rule = COVERED.get(function)
    for ask in FOREIGN if rule is None else ():
        rule = rule or ask(function)
    if rule is None:
        raise uncovered(function)
    return rule


def name_of(function: Any) -> str:
    """A NumPy function as users write it."""
    if isinstance(function, tuple):
        return f"{name_of(function[0])}.{function[1]}"
    name: str = getattr(function, "__name__", str(function))
    for place, module in (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)):
        if getattr(module, name, None) is function:
            return f"{place}.{name}"
    module_name = getattr(function, "__module__", None)
    return f"{module_name}.{name}" if module_name else name


def uncovered(function: Any) -> TraceError:
    """The letter about a function that has no rule."""
    name = name_of(function)
    if function in REFUSED:
        return refusal(f"{name} cannot be traced.", hint=REFUSED[function])
    known = {one.rpartition(".")[2]: one for one in map(name_of, COVERED)}
    close = [known[one] for one in nearest(name.rpartition(".")[2], known, 3)]
    offer = f"The nearest that are: {', '.join(close)}. " if close else ""
    return refusal(
        f"{name} is not among the functions that Chalkgrad can differentiate.",
        hint=f"{offer}docs/numpy.md lists them all; chalkgrad.define_gate declares a gate of your own.",
    )


def unsaid(function: str, **given: Any) -> None:
    """Refuses arguments that the rule does not know, unless they stand at their default."""
    for name, value in given.items():
        if value is not None and value is not np._NoValue and value is not NEVER:
            raise refusal(
                f"{function} is traced without the argument {name}.",
                hint="Leave it out, or write what it does as a step of its own.",
            )
