"""The stable form of what was examined, run on the same numbers: the proof that it cures them, or that it does not.

First the rules of `transform.stabilise`; where these do not do, the `remedies` one after the other, each kept if it makes the
results better. The gradient is that of the book too, if that will do, so that the form is safe wherever it is taken; else
Chalkgrad's own, which leaves out the branches of a `where` that are not taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.hazards.guarding import guarded
from chalkgrad.check.hazards.judging import Judge, Verdict
from chalkgrad.check.hazards.passes import Passes, passes
from chalkgrad.check.hazards.remedies import LAST, PREPARING, REMEDIES, Patient, Remedy, Seeker, carried, settled, treated
from chalkgrad.check.precision.truths import Budget, BudgetError, truths
from chalkgrad.errors import ShapeError, TooLargeError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import needed
from chalkgrad.notation.expression import write
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.stabilise import Rewrite

CURED = frozenset({"right", "ill", "kink", "pole"})
ROUNDS = 6  # remedies that are taken together
ROUGH = 2.0  # bits; a gradient that has lost more is tried to be had better, though what flows together in it excuses it
MOST_GATES = 8_000  # of a formula that remedies are sought for
LONGEST = 20_000  # characters of a stable form; beyond that, as where much is used again and again, it is an ellipsis


@dataclass(frozen=True, slots=True)
class Cure:
    """The stable form (`formula`), what was rewritten in it, and how its results stand, in the order of the literal ones.

    `sought`: the literal form has results that are wrong, and not only infinite as the truth is. `by_the_book`: the chain rule of
    the book does, without Chalkgrad's leaving out what is not taken.
    """

    formula: str
    rewrites: tuple[Rewrite, ...]
    remedies: tuple[Remedy, ...]
    sought: bool
    by_the_book: bool
    both: Passes
    values: list[Any]
    verdicts: tuple[Verdict, ...]

    @property
    def works(self) -> bool:
        """Whether every result is as good as its inputs allow."""
        return self.sought and self.heals

    @property
    def heals(self) -> bool:
        """Whether no result is wrong."""
        return all(one.says in CURED for one in self.verdicts)

    @property
    def whole(self) -> bool:
        """Whether it also needs no branch left out, and nothing in it is ill or rough."""
        return self.heals and self.by_the_book and not self.rough and not any(one.says == "ill" for one in self.verdicts)

    @property
    def rough(self) -> int:
        """The bits beyond what is fine that right results have lost, in tens: fewer are not worth another form."""
        return sum(int(max(0.0, one.bits - ROUGH) / 10.0) for one in self.verdicts if one.says == "right")

    @property
    def bits_lost(self) -> float:
        """The bits that its worst result has lost."""
        return max((one.bits for one in self.verdicts), default=0.0)

    @property
    def harm(self) -> tuple[int, int, float, bool, int, int]:
        """How bad it is: wrong results, numbers that are not finite, bits lost by what is wrong or ill, not by the book, rough;
        and of what is wrong, how many wires are not finite on the way, for two holes are filled one after the other."""
        wrong = [one for one in self.verdicts if one.says not in CURED]
        broken = sum(int(np.sum(~np.isfinite(self.values[node]))) for node in self.both.ends)
        lost = sum(one.bits for one in self.verdicts if one.says in ("wrong", "ill"))
        way = range(self.both.forward) if wrong else ()
        holes = sum(not np.all(np.isfinite(self.values[node])) for node in way if np.result_type(self.values[node]).kind == "f")
        return len(wrong), broken, lost, not self.by_the_book, self.rough, holes

    @property
    def value(self) -> Any:
        return self.values[self.both.output]

    @property
    def gradients(self) -> dict[str, Any]:
        return {name: self.both.stacked(name, self.values, 0.0) for name in self.both.wrt}


class Healer:
    """Seeks the stable form of one problem. `literal` are the verdicts on its literal results, `values` the literal floats."""

    def __init__(self, names: Sequence[str], judge: Judge, literal: Sequence[Verdict], values: list[Any], dtype: Any) -> None:
        self.names, self.judge, self.literal, self.values, self.dtype = names, judge, literal, values, dtype
        self.sought = any(one.says in ("wrong", "ill") for one in literal)

    def cure(self, problem: Problem, unused: Collection[int] = ()) -> Cure:
        """The best form found. `unused` are gates of branches not taken that poison the gradient."""
        if not unused:
            return self._cured(problem)
        best = self._cured(carried(problem, *guarded(problem.graph, problem.output, unused)))
        if not best.heals:  # guards may hide what a remedy knows
            best = min(best, self._cured(problem), key=lambda one: one.harm)
        return best

    def _cured(self, problem: Problem) -> Cure:
        stable, rewrites = settled(problem)
        best = self._tried(stable, rewrites, ())
        if best.whole or self.judge.found.hollow or len(problem.graph) > MOST_GATES:
            return best
        best = self._improved(stable, best)
        if rewrites and (not best.heals or best.rough):  # a rewriting that does not help may hide what a remedy knows
            best = min(best, self._improved(problem, self._tried(problem, (), ())), key=lambda one: one.harm)
        return best

    def _improved(self, problem: Problem, best: Cure) -> Cure:
        """The form with the remedies that make it better. Those that put 0 in place of what has no value are taken only where the
        others do not heal it, for a 0 is soon right by chance, as a slope is."""
        first = self._in_rounds(problem, best, [one for one in REMEDIES if one not in LAST])
        return first if first.heals else min(first, self._in_rounds(problem, best, REMEDIES), key=lambda one: one.harm)

    def _in_rounds(self, problem: Problem, best: Cure, remedies: Sequence[Seeker]) -> Cure:
        """The form with all of these remedies that make it better, one after the other."""
        for _ in range(ROUNDS):
            better = self._treated(problem, best, remedies)
            if better is None:
                break
            problem, best = better
            if best.whole:
                break
        return best if best.by_the_book or not best.heals else min(best, self._by_the_book(problem, best), key=lambda one: one.harm)

    def _by_the_book(self, problem: Problem, best: Cure) -> Cure:
        """The form with a harmless number for what is not finite in branches that are not taken."""
        values = evaluate(problem.graph, problem.given, dtype=self.dtype, xp=problem.space)
        broken = [node for node in needed(problem.graph, [problem.output])
                  if problem.graph.gate(node) is not None and not np.all(np.isfinite(values[node]))]  # fmt: skip
        return self._tried(carried(problem, *guarded(problem.graph, problem.output, broken)), best.rewrites, best.remedies)

    def _treated(self, problem: Problem, best: Cure, remedies: Sequence[Seeker]) -> tuple[Problem, Cure] | None:
        """The problem with the remedy that makes it best, if one makes it better."""
        patient = self._patient(problem)
        if patient is None:
            return None
        start = best
        chosen: tuple[Problem, Cure] | None = None
        for remedy in remedies:
            found = self._with(problem, patient, remedy, start)
            if found is not None and not found[1].harm < best.harm and remedy in PREPARING:
                prepared = self._patient(found[0])
                found = None if prepared is None else self._with(found[0], prepared, PREPARING[remedy], found[1])
            if found is not None and found[1].harm < best.harm:
                chosen, best = found, found[1]
                if best.whole:
                    break
        return chosen

    def _patient(self, problem: Problem) -> Patient | None:
        """The forward pass in floats and in truth; None where that takes too much."""
        budget = Budget(self.judge.budget.entries, self.judge.budget.seconds)
        try:
            found = truths(problem.graph, problem.given, [problem.output], dtype=self.dtype, budget=budget)
        except BudgetError:
            return None
        return Patient(problem, evaluate(problem.graph, problem.given, dtype=self.dtype, xp=problem.space), found)

    def _with(self, problem: Problem, patient: Patient, remedy: Seeker, best: Cure) -> tuple[Problem, Cure] | None:
        """The problem with what a remedy drafts, whether that is better or not."""
        drafts = list(remedy(patient))
        if not drafts:
            return None
        try:
            other, rewrites = settled(treated(problem, drafts))
            said = dict.fromkeys((*best.remedies, *(one.remedy for one in drafts)))
            return other, self._tried(other, (*best.rewrites, *rewrites), tuple(said))
        except (ShapeError, TooLargeError, BudgetError):  # the draft does not fit the shapes here, or takes too long
            return None

    def _tried(self, problem: Problem, rewrites: tuple[Rewrite, ...], remedies: tuple[Remedy, ...]) -> Cure:
        """How the results of this form stand, by the book if that does."""
        first = self._judged(problem, rewrites, remedies, by_the_book=True)
        if first.heals:
            return first
        second = self._judged(problem, rewrites, remedies, by_the_book=False)
        return second if second.harm < first.harm else first

    def _judged(self, problem: Problem, rewrites: tuple[Rewrite, ...], remedies: tuple[Remedy, ...], *, by_the_book: bool) -> Cure:
        both = passes(problem, self.names, literal=by_the_book)
        computed = evaluate(both.graph, problem.given, dtype=self.dtype, xp=problem.space)
        results = [_result(both, one, computed) for one in self.literal]
        verdicts = [self.judge.weigh(one.target, result, self.values) for one, result in zip(self.literal, results, strict=True)]
        formula = write(problem.graph, problem.output, longest=LONGEST)
        return Cure(formula, rewrites, remedies, self.sought, by_the_book, both, computed, tuple(verdicts))


def _result(both: Passes, verdict: Verdict, values: list[Any]) -> Any:
    """The stable form's number for the same result."""
    target = verdict.target
    node = both.output if target.name is None else both.totals[target.name][target.place]
    return np.zeros(np.shape(target.truth)) if node is None else np.broadcast_to(values[node], np.shape(target.truth))
