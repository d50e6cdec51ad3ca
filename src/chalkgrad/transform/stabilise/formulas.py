"""Formulas in stable forms: as another `Formula`, or written out with what was changed and why.

>>> print(stable_formula("f = log(1 + exp(x))").formula)
f = softplus(x)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalkgrad.notation.expression import Part, named, write
from chalkgrad.reading.formula import Formula, read
from chalkgrad.transform.stabilise.engine import stabilised
from chalkgrad.transform.stabilise.model import Rewrite, Stabilised

LONGEST = 1_000_000  # characters of a statement, beyond which nobody reads it, and a computer neither
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
            statements.append(f"{name} = {write(graph, moved, parts, longest=LONGEST)}")
            parts[moved] = named(name)
    name = formula.output_name if formula.output_name in formula.defined else ""
    last = write(graph, output, parts, longest=LONGEST)
    return "; ".join([*statements, f"{name} = {last}" if name else last])
