"""The stable form of what was examined, run on the same numbers: the proof that it cures them, or that it does not.

Its gradient is that of the book too, if that will do, so that the form is safe wherever it is taken; else Chalkgrad's own, which
leaves out the branches of a `where` that are not taken.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chalkgrad.check.hazards.guarding import guarded
from chalkgrad.check.hazards.judging import Judge, Verdict
from chalkgrad.check.hazards.passes import Passes, passes
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.notation.expression import write
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.stabilise import Rewrite, stabilised

CURED = frozenset({"right", "ill", "kink", "pole"})


@dataclass(frozen=True, slots=True)
class Cure:
    """The stable form (`formula`), what was rewritten in it, and how its results stand, in the order of the literal ones.

    `sought`: the literal form has results that are wrong, and not only infinite as the truth is. `by_the_book`: the chain rule of
    the book does, without Chalkgrad's leaving out what is not taken.
    """

    formula: str
    rewrites: tuple[Rewrite, ...]
    sought: bool
    by_the_book: bool
    both: Passes
    values: list[Any]
    verdicts: tuple[Verdict, ...]

    @property
    def works(self) -> bool:
        """Whether every result is as good as its inputs allow."""
        return self.sought and all(one.says in CURED for one in self.verdicts)

    @property
    def bits_lost(self) -> float:
        """The bits that its worst result has lost."""
        return max((one.bits for one in self.verdicts), default=0.0)

    @property
    def value(self) -> Any:
        return self.values[self.both.output]

    @property
    def gradients(self) -> dict[str, Any]:
        return {name: self.both.stacked(name, self.values, 0.0) for name in self.both.wrt}


def cure(problem: Problem, names: Sequence[str], judge: Judge, literal: Sequence[Verdict], values: list[Any], dtype: Any,
         unused: Collection[int] = ()) -> Cure:  # fmt: skip
    """The stable form of the problem, judged by the same targets. `values` are those of the literal formula.

    `unused` are gates of branches not taken that poison the gradient.
    """
    stable = problem
    if unused:
        graph, places = guarded(problem.graph, problem.output, unused)
        stable = _carried(problem, graph, places)
    found = stabilised(stable.graph, [stable.output])
    stable = _carried(stable, found.graph, dict(enumerate(found.moved)))
    sought = any(one.says in ("wrong", "ill") for one in literal)

    def tried(*, by_the_book: bool) -> Cure:
        both = passes(stable, names, literal=by_the_book)
        computed = evaluate(both.graph, stable.given, dtype=dtype, xp=problem.space)
        results = [_result(both, one, computed) for one in literal]
        verdicts = [judge.weigh(one.target, result, values) for one, result in zip(literal, results, strict=True)]
        return Cure(write(found.graph, stable.output), found.rewrites, sought, by_the_book, both, computed, tuple(verdicts))

    remedy = tried(by_the_book=True)
    return remedy if remedy.works else tried(by_the_book=False)


def _carried(problem: Problem, graph: Graph, moved: Mapping[int, int]) -> Problem:
    """The same problem in another graph."""
    return replace(
        problem,
        graph=graph,
        output=moved[problem.output],
        leaves={name: moved[node] for name, node in problem.leaves.items()},
        defined={name: moved[node] for name, node in problem.defined.items() if moved.get(node, -1) >= 0},
        given={moved[node]: value for node, value in problem.given.items()},
    )


def _result(both: Passes, verdict: Verdict, values: list[Any]) -> Any:
    """The stable form's number for the same result."""
    target = verdict.target
    node = both.output if target.name is None else both.totals[target.name][target.place]
    return np.zeros(np.shape(target.truth)) if node is None else np.broadcast_to(values[node], np.shape(target.truth))
