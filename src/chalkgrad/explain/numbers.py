"""All numbers of a worked formula or function: every wire's value, every gradient, every factor of the chain rule.

What yields a single number is walked backward once. What yields several numbers has a Jacobian, one walk for each entry.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.reverse import Backward, Contribution, reverse
from chalkgrad.transform.unfold import unfold

MOST_SHOWN = 300  # gates of a lesson; beyond, only the wires that the formula names are shown
MOST_FEEDS = 1_000  # likewise the inputs of all gates together: max may have any number
LARGEST_JACOBIAN = 2_000_000  # walks times gates
MOST_OUTPUTS = 1_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """`values` by node; `wanted` the wires differentiated by, by name; `back` and `flows` None where the output is an array."""

    problem: Problem
    view: View
    values: Sequence[Any]
    wanted: dict[str, int]
    gradients: dict[str, Any]
    back: Backward | None
    flows: dict[int, list[Contribution]]
    textbook: dict[tuple[int, int], int]
    shortened: bool


def compute(problem: Problem, options: Options) -> Numbers:
    """Evaluate and differentiate.

    Raises GivenError for an unknown name in `wrt`, TooLargeError for a Jacobian beyond all bounds.
    """
    problem = _prepared(problem, options)
    graph, output, given = problem.graph, problem.output, problem.given
    wanted = chosen_wires(options.wrt, problem)
    level: Level = options.level
    view = look_at(problem, level)
    shortened = len(view.wires) > MOST_SHOWN or sum(map(len, view.feeds.values())) > MOST_FEEDS
    if shortened:
        level = "block"
        view = look_at(problem, level)
    computed = partial(evaluate, graph, given, dtype=options.numpy_dtype, xp=problem.space)
    values = computed()
    if graph.shape(output) != ():
        gradients = _jacobians(problem, wanted, computed, values)
        return Numbers(problem, view, values, wanted, gradients, None, {}, {}, shortened)
    inputs = set(problem.leaves.values())
    back = reverse(graph, output, wanted.values() if inputs >= set(wanted.values()) else inputs)
    flows = {} if shortened else factors(view, back, level)
    textbook = {} if shortened else draw_textbook(view, flows)
    values = computed(known=values)
    gradients = {name: plain(_total(graph, back, node, values)) for name, node in wanted.items()}
    return Numbers(problem, view, values, wanted, gradients, back, flows, textbook, shortened)


def plain(value: Any) -> Any:
    """Python floats out, where single numbers went in; arrays as they are."""
    return float(value) if np.ndim(value) == 0 else np.asarray(value)


def _prepared(problem: Problem, options: Options) -> Problem:
    if problem.graph.is_leaf(problem.output):
        # f = x: the result is a wire of its own, so that there is a step to show.
        problem = replace(problem, output=problem.graph.add(ALIAS, problem.output))
    if not options.unfold:
        return problem
    graph, moved = unfold(problem.graph, options.unfold)
    leaves, defined = ({name: moved[node] for name, node in names.items()} for names in (problem.leaves, problem.defined))
    given, places = ({moved[node]: what for node, what in known.items()} for known in (problem.given, problem.places))
    return replace(problem, graph=graph, output=moved[problem.output], leaves=leaves, defined=defined, given=given, places=places)


def chosen_wires(wrt: Iterable[str] | None, problem: Problem) -> dict[str, int]:
    """The wires to differentiate by: those that are asked for, an argument standing for all that it holds."""
    if wrt is None:
        return {name: node for name, node in problem.leaves.items() if name not in problem.fixed}
    known = {**problem.defined, **problem.leaves}
    wanted = {}
    for asked in wrt:
        for name in problem.groups.get(asked, (asked,)):
            if name in problem.fixed and asked != name:
                continue
            if name in problem.fixed:
                raise GivenError(
                    f"A derivative with respect to {name} is asked, but it {problem.fixed[name]}.",
                    hint="What is differentiated by is an argument of floats: 3.0 for 3.",
                )
            if name not in known:
                close = nearest(name, known) or list(known)[:8]
                raise GivenError(
                    f"I cannot differentiate by {quote(name)}: the {problem.kind} has no such name.",
                    hint=f"It has: {', '.join(close)}.",
                )
            wanted[name] = known[name]
    return wanted


def _total(graph: Graph, back: Backward, node: int, values: Sequence[Any]) -> Any:
    total, kind = back.total(node), np.result_type(values[node])
    return np.zeros(graph.shape(node), kind)[()] if total is None else np.asarray(values[total], kind)[()]


def _jacobians(problem: Problem, wanted: dict[str, int], computed: Callable[..., Any], values: list[Any]) -> dict[str, Any]:
    graph, output = problem.graph, problem.output
    shape = graph.shape(output)
    size = int(np.prod(shape))
    if size > MOST_OUTPUTS or size * len(graph) > LARGEST_JACOBIAN:
        raise TooLargeError(
            f"The {problem.kind} has {size} values, of shape {show_shape(shape)}; its gradient would be as many passes.",
            hint="Pick an entry, as in s[0], or reduce it: sum(...), mean(...).",
        )
    backs = []
    for entry in np.ndindex(shape):
        seed = np.zeros(shape)
        seed[entry] = 1.0
        backs.append(reverse(graph, output, wanted.values(), seed=graph.constant(seed)))
    values = computed(known=values)
    return {
        name: np.stack([_total(graph, back, node, values) for back in backs]).reshape(*shape, *graph.shape(node))
        for name, node in wanted.items()
    }
