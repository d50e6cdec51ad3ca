"""The verbs as Python functions: `work` reads a formula or a function with its numbers and returns the worked solution.

>>> worked = work("f = (x + y) * z", x=-2, y=5, z=2)
>>> worked.value, worked.grad["x"], worked.grad["z"]
(6.0, 2.0, 3.0)
>>> print(worked.lesson.backward[-1].equation.sides[0].text)
∂f/∂v1 · ∂v1/∂x
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.explain.functions import chosen_names, read_function
from chalkgrad.explain.options import Options
from chalkgrad.explain.view import Level
from chalkgrad.explain.working import Worked, work_out
from chalkgrad.gates.choice import TIES
from chalkgrad.notation.numbers import DIGITS
from chalkgrad.reading.formula import Formula, read
from chalkgrad.reading.problem import Problem
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
    if isinstance(what, str):
        _only_for("function", argnums=argnums, argnames=argnames)
        problem: Problem = _formula(what, values, named, ties or "one", output)
    elif callable(what):
        _only_for("formula", ties=ties, dtype=dtype, output=output)
        problem = read_function(what, values, named)
        if argnums is not None or argnames is not None:
            _only_for("formula", wrt=wrt)
            wrt = chosen_names(what, values, named, argnums, argnames)
    else:
        raise ChalkgradError(
            f"A formula is a text, and what is no formula must be a function; this is {type(what).__name__}.",
            hint='For example: work("f = x*y + x", x=2, y=-3), or work(np.tanh, 0.5).',
        )
    options = Options(wrt=_names(wrt), level=level, unfold=_names(unfold) or (), digits=digits, dtype=dtype or "float64")
    return work_out(problem, options)


def _formula(text: str, values: tuple[Any, ...], named: Mapping[str, Any], ties: str, output: str | None) -> Formula:
    if ties not in TIES:
        raise ChalkgradError(f"ties is one of {', '.join(TIES)}, not {ties!r}.")
    if len(values) > 1 or not all(one is None or isinstance(one, Mapping) for one in values):
        raise GivenError("The values of a formula have names.", hint='Give them as keywords, x=2, or in one dictionary: {"x": 2}.')
    given = dict(values[0] or {}) if values else {}
    twice = sorted(given.keys() & named.keys())
    if twice:
        raise GivenError(f"{', '.join(twice)} is given twice: in the dictionary and by name.", hint="Keep one of the two.")
    return read(text, {**given, **named}, ties=ties, output=output)


def _only_for(kind: str, **said: Any) -> None:
    """Refuses options that mean something only for the other kind of work."""
    for name, value in said.items():
        if value is not None:
            raise ChalkgradError(f"{name} is an option for a {kind}, which this is not.", hint=OTHERWISE[name])


OTHERWISE = {
    "argnums": "wrt names the inputs to differentiate by.",
    "argnames": "wrt names the inputs to differentiate by.",
    "ties": "np.maximum and np.minimum share the slope at a tie. An argument of that name can be given by position.",
    "dtype": "A function computes in the precision of its arguments. An argument of that name can be given by position.",
    "output": "A function returns its result. An argument of that name can be given by position.",
    "wrt": "Beside argnums and argnames it would say the same twice; keep one of the two.",
}


def _names(names: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)
