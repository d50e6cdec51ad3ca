"""The verbs as Python functions: `work` reads a formula with its numbers and returns the worked solution.

>>> worked = work("f = (x + y) * z", x=-2, y=5, z=2)
>>> worked.value, worked.grad["x"], worked.grad["z"]
(6.0, 2.0, 3.0)
>>> print(worked.lesson.backward[-1].equation.sides[0].text)
∂f/∂v1 · ∂v1/∂x
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.explain.options import Options
from chalkgrad.explain.view import Level
from chalkgrad.explain.working import Worked, work_out
from chalkgrad.gates.choice import TIES
from chalkgrad.notation.numbers import DIGITS
from chalkgrad.reading.formula import read


def work(
    text: str,
    values: Mapping[str, Any] | None = None,
    /,
    *,
    ties: str = "one",
    wrt: str | Iterable[str] | None = None,
    level: Level = "gate",
    unfold: str | Iterable[str] = (),
    digits: int = DIGITS,
    dtype: str = "float64",
    output: str | None = None,
    **named: Any,
) -> Worked:
    """Work a formula: its value, every wire, every local gradient, every gradient, step by step.

    `text` is a formula, plain or LaTeX, of one line or several; the numbers come as keywords, or in `values` for names that are
    no Python identifiers. Values are numbers, or lists and arrays of them.

    - `ties`: "one" (the lecture), "split" or "first": the local gradients where max or min has equal candidates
    - `wrt`: the names to differentiate by; all inputs if not given
    - `level`: "gate" shows every gate, "block" only the wires that the formula names
    - `unfold`: composite gates to replace by what they mean, such as "sigmoid", or "all"
    - `digits`: significant digits shown; `dtype`: "float64" or "float32"
    - `output`: which definition is the result, where several could be

    Raises ChalkgradError, a letter with a caret under the place, for anything that cannot be read or does not fit.
    """
    if not isinstance(text, str):
        raise ChalkgradError(
            f"A formula is a text, not {type(text).__name__}.", hint='For example: work("f = x*y + x", x=2, y=-3).'
        )
    if ties not in TIES:
        raise ChalkgradError(f"ties is one of {', '.join(TIES)}, not {ties!r}.")
    given = dict(values or {})
    twice = sorted(given.keys() & named.keys())
    if twice:
        raise GivenError(f"{', '.join(twice)} is given twice: in the dictionary and by name.", hint="Keep one of the two.")
    options = Options(wrt=_names(wrt), level=level, unfold=_names(unfold) or (), digits=digits, dtype=dtype)
    return work_out(read(text, {**given, **named}, ties=ties, output=output), options)


def _names(names: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)
