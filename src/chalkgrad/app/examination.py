"""`doctor`: what goes wrong in floating point, where it begins, what would be right, and the form that is safe.

>>> found = doctor("log(exp(x) + 1)", x=1000)
>>> [(one.kind, one.stage, one.gate) for one in found.findings], found.truth.value
([('overflow', 'forward', 'exp')], 1000.0)
>>> doctor("softplus(x)", x=1000).healthy
True
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from chalkgrad.app.problems import understood
from chalkgrad.check.hazards.diagnosis import diagnose
from chalkgrad.check.precision.truths import Budget, Progress
from chalkgrad.explain.diagnosis.answer import Diagnosed
from chalkgrad.explain.numbers import chosen_wires
from chalkgrad.explain.options import Options
from chalkgrad.explain.view import look_at
from chalkgrad.gates.marks import ALIAS
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.api.arguments import Argnames, Argnums


def doctor(
    what: str | Callable[..., Any],
    /,
    *values: Any,
    wrt: str | Iterable[str] | None = None,
    argnums: Argnums | None = None,
    argnames: Argnames | None = None,
    ties: str | None = None,
    dtype: str | None = None,
    output: str | None = None,
    entries: int = 1_000_000,
    seconds: float = 30.0,
    progress: Progress | None = None,
    **named: Any,
) -> Diagnosed:
    """Examine a formula or a function of NumPy code at these numbers, forward and backward, as it is written.

    What is given, and `wrt`, `argnums`, `argnames`, `ties`, `dtype` and `output`, are as `work` takes them. The truth is computed
    in multi-precision while that takes no more than so many `entries` on all wires together and so many `seconds`; beyond, only
    what is not finite is found. `progress(done, total)` is told of the gates done. Raises ChalkgradError for what cannot be read.
    """
    problem, chosen = understood("doctor", what, values, named, wrt=wrt, argnums=argnums, argnames=argnames, ties=ties, dtype=dtype,
                                 output=output)  # fmt: skip
    return examined(problem, chosen, Options(dtype=dtype or "float64").numpy_dtype, Budget(entries, seconds, progress))


def examined(problem: Problem, chosen: Iterable[str] | None, dtype: Any, budget: Budget) -> Diagnosed:
    """The diagnosis of a problem that has been read."""
    if problem.graph.is_leaf(problem.output):
        problem = replace(problem, output=problem.graph.add(ALIAS, problem.output))
    view = look_at(problem, "gate")
    floats = [np.result_type(value) for value in problem.given.values() if np.result_type(value).kind == "f"]
    kind = np.result_type(*floats) if problem.kind == "function" and floats else dtype
    given = {node: np.asarray(value, dtype=kind)[()] if np.result_type(value).kind == "f" else value
             for node, value in problem.given.items()}  # fmt: skip
    problem = replace(problem, given=given)
    return Diagnosed(diagnose(problem, view.names, chosen_wires(chosen, problem), dtype=kind, budget=budget), view)
