"""All numbers of a worked formula: every wire's value, every gradient, every factor of the chain rule.

A formula of a single number is walked backward once. One of several numbers has a Jacobian, one walk for each entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, TooLargeError, nearest, quote
from chalkgrad.explain.backward_pass import draw_textbook
from chalkgrad.explain.options import Options
from chalkgrad.explain.view import Level, View, factors, look_at
from chalkgrad.gates.marks import ALIAS
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show as show_shape
from chalkgrad.reading.formula import Formula
from chalkgrad.transform.reverse import Backward, Contribution, reverse
from chalkgrad.transform.unfold import unfold

MOST_SHOWN = 300  # gates of a lesson; beyond, only the wires that the formula names are shown
MOST_FEEDS = 1_000  # likewise the inputs of all gates together: max may have any number
LARGEST_JACOBIAN = 2_000_000  # walks times gates
MOST_OUTPUTS = 1_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """`values` by node; `wanted` the wires differentiated by, by name; `back` and `flows` None where the output is an array."""

    view: View
    values: Sequence[Any]
    wanted: dict[str, int]
    gradients: dict[str, Any]
    back: Backward | None
    flows: dict[int, list[Contribution]]
    textbook: dict[tuple[int, int], int]
    shortened: bool


def compute(formula: Formula, options: Options) -> Numbers:
    """Evaluate and differentiate.

    Raises GivenError for an unknown name in `wrt`, TooLargeError for a Jacobian beyond all bounds.
    """
    graph, output, leaves, defined, given = _prepared(formula, options)
    wanted = _wanted(options.wrt, leaves, defined)
    level: Level = options.level
    view = look_at(graph, output, formula.output_name, defined, leaves, level)
    shortened = len(view.wires) > MOST_SHOWN or sum(map(len, view.feeds.values())) > MOST_FEEDS
    if shortened:
        level = "block"
        view = look_at(graph, output, formula.output_name, defined, leaves, level)
    dtype = options.numpy_dtype
    values = evaluate(graph, given, dtype=dtype)
    if graph.shape(output) != ():
        gradients = _jacobians(graph, output, wanted, given, values, dtype)
        return Numbers(view, values, wanted, gradients, None, {}, {}, shortened)
    inputs = set(leaves.values())
    back = reverse(graph, output, wanted.values() if inputs >= set(wanted.values()) else inputs)
    flows = {} if shortened else factors(view, back, level)
    textbook = {} if shortened else draw_textbook(view, flows)
    values = evaluate(graph, given, dtype=dtype, known=values)
    gradients = {name: plain(_total(graph, back, node, values)) for name, node in wanted.items()}
    return Numbers(view, values, wanted, gradients, back, flows, textbook, shortened)


def plain(value: Any) -> Any:
    """Python floats out, where single numbers went in; arrays as they are."""
    return float(value) if np.ndim(value) == 0 else np.asarray(value)


def _prepared(formula: Formula, options: Options) -> tuple[Graph, int, dict[str, int], dict[str, int], dict[int, Any]]:
    if formula.graph.is_leaf(formula.output):
        # f = x: the result is a wire of its own, so that there is a step to show.
        formula = replace(formula, output=formula.graph.add(ALIAS, formula.output))
    if not options.unfold:
        return formula.graph, formula.output, dict(formula.leaves), dict(formula.defined), dict(formula.given)
    graph, moved = unfold(formula.graph, options.unfold)
    leaves, defined = ({name: moved[node] for name, node in names.items()} for names in (formula.leaves, formula.defined))
    return graph, moved[formula.output], leaves, defined, {moved[node]: value for node, value in formula.given.items()}


def _wanted(wrt: Iterable[str] | None, leaves: dict[str, int], defined: dict[str, int]) -> dict[str, int]:
    if wrt is None:
        return leaves
    known = {**defined, **leaves}
    wanted = {}
    for name in wrt:
        if name not in known:
            close = nearest(name, known) or list(known)[:8]
            raise GivenError(
                f"I cannot differentiate by {quote(name)}: the formula has no such name.", hint=f"It has: {', '.join(close)}."
            )
        wanted[name] = known[name]
    return wanted


def _total(graph: Graph, back: Backward, node: int, values: Sequence[Any]) -> Any:
    total = back.total(node)
    return np.zeros(graph.shape(node), dtype=np.result_type(values[node]))[()] if total is None else values[total]


def _jacobians(
    graph: Graph, output: int, wanted: dict[str, int], given: dict[int, Any], values: list[Any], dtype: Any
) -> dict[str, Any]:
    shape = graph.shape(output)
    size = int(np.prod(shape))
    if size > MOST_OUTPUTS or size * len(graph) > LARGEST_JACOBIAN:
        raise TooLargeError(
            f"The formula has {size} values, of shape {show_shape(shape)}; its gradient would be as many passes.",
            hint="Pick an entry, as in s[0], or reduce it: sum(...), mean(...).",
        )
    backs = []
    for entry in np.ndindex(shape):
        seed = np.zeros(shape)
        seed[entry] = 1.0
        backs.append(reverse(graph, output, wanted.values(), seed=graph.constant(seed)))
    values = evaluate(graph, given, dtype=dtype, known=values)
    return {
        name: np.stack([_total(graph, back, node, values) for back in backs]).reshape(*shape, *graph.shape(node))
        for name, node in wanted.items()
    }
