"""A formula or a function with its numbers, read for one of the verbs that explain."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.explain.functions import chosen_names, read_function
from chalkgrad.gates.choice import TIES
from chalkgrad.reading.formula import Formula, read
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.api.arguments import Argnames, Argnums

OTHERWISE = {
    "argnums": "wrt names the inputs to differentiate by.",
    "argnames": "wrt names the inputs to differentiate by.",
    "ties": "np.maximum and np.minimum share the slope at a tie. An argument of that name can be given by position.",
    "dtype": "A function computes in the precision of its arguments. An argument of that name can be given by position.",
    "output": "A function returns its result. An argument of that name can be given by position.",
    "wrt": "Beside argnums and argnames it would say the same twice; keep one of the two.",
}


def understood(
    verb: str,
    what: str | Callable[..., Any],
    values: tuple[Any, ...],
    named: Mapping[str, Any],
    *,
    wrt: str | Iterable[str] | None,
    argnums: Argnums | None,
    argnames: Argnames | None,
    ties: str | None,
    dtype: str | None,
    output: str | None,
) -> tuple[Problem, tuple[str, ...] | None]:
    """The problem, and the names to differentiate by where they are told. `verb` is what the caller is called.

    Raises ChalkgradError for anything that cannot be read or does not fit.
    """
    if isinstance(what, str):
        _only_for("function", argnums=argnums, argnames=argnames)
        return _formula(what, values, named, ties or "one", output), listed(wrt)
    if callable(what):
        _only_for("formula", ties=ties, dtype=dtype, output=output)
        problem = read_function(what, values, named)
        if argnums is not None or argnames is not None:
            _only_for("formula", wrt=wrt)
            wrt = chosen_names(what, values, named, argnums, argnames)
        return problem, listed(wrt)
    raise ChalkgradError(
        f"A formula is a text, and what is no formula must be a function; this is {type(what).__name__}.",
        hint=f'For example: {verb}("f = x*y + x", x=2, y=-3), or {verb}(np.tanh, 0.5).',
    )


def listed(names: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """Names as they may be given: one, several, or none told."""
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)


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
