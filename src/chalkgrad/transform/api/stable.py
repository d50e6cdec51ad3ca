"""`stabilise`: a function that computes in stable forms, or a formula written in them.

>>> import numpy as np
>>> stabilise(lambda x: np.log(1 + np.exp(x)))(1000.0)
1000.0
>>> print(stabilise("f = log(1 + exp(x))"))
f = softplus(x)
<BLANKLINE>
log(1 + exp(x))  →  softplus(x)
  softplus: e^x overflows for large x, and is lost beside 1 for negative x.
  log(1 + e^x) is what softplus means, for every real x.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalkgrad.errors import GivenError
from chalkgrad.notation.expression import Part, named, write
from chalkgrad.reading.formula import Formula, read
from chalkgrad.transform.api.mapping import jit
from chalkgrad.transform.stabilise import Rewrite, Stabilised, stabilised

NOTHING = "Nothing to do: I know no form that is more stable."


@dataclass(frozen=True, slots=True)
class StableFormula:
    """A formula in stable forms. `formula` is the text, which can be read again; `rewrites` tells what was changed."""

    source: str
    formula: str
    rewrites: tuple[Rewrite, ...]

    def __str__(self) -> str:
        told = [f"{one}\n  {one.rule.name}: {one.rule.why}.\n  {one.rule.proof}." for one in self.rewrites]
        return "\n\n".join([self.formula, *(told or [NOTHING])])


def stabilise(what: Any, **values: Any) -> Any:
    """A NumPy function as one that computes in stable forms, or a formula as a `StableFormula`.

    A formula may need values where its inputs are vectors: `stabilise("sum(exp(s))", s=[1, 2])`. The other transforms stabilise
    by themselves; `stabilise=False` tells them not to. `.rewrites` says what was changed, of a function after its first call.
    """
    if isinstance(what, str):
        return stable_formula(what, values or None)
    if not callable(what):
        raise GivenError(f"stabilise takes a function or the text of a formula, not {type(what).__name__}.")
    if values:
        raise GivenError("Values go to the function that stabilise returns.", hint="stabilise(f)(x=2.0)")
    function: Callable[..., Any] = what
    return jit(function)


def stable_formula(source: str, values: Mapping[str, Any] | None = None) -> StableFormula:
    """The formula written in stable forms, its definitions kept as far as they are still needed."""
    formula = read(source, values)
    found = stabilised(formula.graph, [formula.output])
    return StableFormula(source, written(formula, found), found.rewrites)


def in_stable_form(formula: Formula) -> tuple[Formula, tuple[Rewrite, ...]]:
    """The same formula over the stable graph, and what was changed in it."""
    found = stabilised(formula.graph, [formula.output])
    if not found.rewrites:
        return formula, ()
    leaves = {name: found.moved[node] for name, node in formula.leaves.items()}
    given = {found.moved[node]: value for node, value in formula.given.items()}
    defined = {name: found.moved[node] for name, node in formula.defined.items() if found.moved[node] >= 0}
    return replace(formula, graph=found.graph, output=found.outputs[0], leaves=leaves, given=given, defined=defined), found.rewrites


def written(formula: Formula, found: Stabilised) -> str:
    """The stable graph as text: a statement for each definition that lives on, and one for the output."""
    graph, output = found.graph, found.outputs[0]
    parts: dict[int, Part] = {}
    statements = []
    for name, node in formula.defined.items():
        moved = found.moved[node]
        if moved >= 0 and moved != output and graph.gate(moved) is not None and moved not in parts:
            statements.append(f"{name} = {write(graph, moved, parts)}")
            parts[moved] = named(name)
    name = formula.output_name if formula.output_name in formula.defined else ""
    return "; ".join([*statements, f"{name} = {write(graph, output, parts)}" if name else write(graph, output, parts)])
