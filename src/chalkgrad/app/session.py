"""The verbs as Python functions: `work` reads a formula or a function with its numbers and returns the worked solution.

>>> worked = work("f = (x + y) * z", x=-2, y=5, z=2)
>>> worked.value, worked.grad["x"], worked.grad["z"]
(6.0, 2.0, 3.0)
>>> print(worked.lesson.backward[-1].equation.sides[0].text)
∂f/∂v1 · ∂v1/∂x
"""

from collections.abc import Callable, Iterable
from typing import Any

from chalkgrad.app.problems import listed, understood
from chalkgrad.explain.options import Options
from chalkgrad.explain.view import Level
from chalkgrad.explain.working import Worked, work_out
from chalkgrad.notation.numbers import DIGITS
from chalkgrad.transform.api.arguments import Argnames, Argnums


def work(
    what: str | Callable[..., Any],
    /,
    *values: Any,
    ties: str | None = None,
    wrt: str | Iterable[str] | None = None,
    argnums: Argnums | None = None,
    argnames: Argnames | None = None,
    level: Level = "gate",
    unfold: str | Iterable[str] = (),
    digits: int = DIGITS,
    dtype: str | None = None,
    output: str | None = None,
    **named: Any,
) -> Worked:
    """Work a formula or a function of NumPy code: its value, every wire, every gradient, step by step.

    A formula is a text, plain or LaTeX, of one line or several; the numbers come as keywords, or in a dictionary for names that are
    no Python identifiers. Values are numbers, or lists and arrays of them. A function is followed by its arguments; the gradient is
    by those that hold floats.

    - `wrt`: the names to differentiate by; all inputs if not given. For a function `argnums` and `argnames` say it as grad has it
    - `level`: "gate" shows every gate, "block" only the wires that the formula or the function names
    - `unfold`: composite gates to replace by what they mean, such as "sigmoid", or "all"
    - `digits`: significant digits shown
    - for a formula, `ties`: "one" (the lecture), "split" or "first": the local gradients where max or min has equal candidates;
      `dtype`: "float64" or "float32"; `output`: which definition is the result, where several could be

    Raises ChalkgradError, a letter with a caret under the place, for anything that cannot be read or does not fit.
    """
    problem, chosen = understood("work", what, values, named, wrt=wrt, argnums=argnums, argnames=argnames, ties=ties, dtype=dtype,
                                 output=output)  # fmt: skip
    options = Options(wrt=chosen, level=level, unfold=listed(unfold) or (), digits=digits, dtype=dtype or "float64")
    return work_out(problem, options)
