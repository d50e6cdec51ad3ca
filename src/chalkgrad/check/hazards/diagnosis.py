"""The diagnosis of a problem at its numbers: every result judged, every wrong one followed back to the first gate that went wrong.

>>> from chalkgrad.reading.formula import read
>>> found = diagnose(read("log(exp(x) + 1)", {"x": 1000.0}), {1: "v1", 2: "v2", 0: "x"}, ["x"])
>>> [(one.kind, one.stage, one.gate) for one in found.findings]
[('overflow', 'forward', 'exp')]
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chalkgrad.check.hazards.causes import Cause, Causes, kink_sentence
from chalkgrad.check.hazards.conventions import by_convention
from chalkgrad.check.hazards.cures import Cure, Healer
from chalkgrad.check.hazards.finding import Finding, Link, Stage
from chalkgrad.check.hazards.judging import ROOM, Judge, Verdict, spots
from chalkgrad.check.hazards.passes import Passes, passes
from chalkgrad.check.hazards.targets import Target, results, standing, targets
from chalkgrad.check.hazards.tracing import Tracer, Trail
from chalkgrad.check.hazards.wording import Writer
from chalkgrad.check.kinks import COMPARISONS, ORDERS
from chalkgrad.check.precision.losses import Losses
from chalkgrad.check.precision.truths import Budget, BudgetError, Truths, truths
from chalkgrad.check.precision.truths import unknown as no_truths
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import needed
from chalkgrad.notation.names import derivative
from chalkgrad.reading.problem import Problem


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`value` and `gradients` are those of the literal formula in floats; `true_value` and `true_gradients` are true numbers, nan
    where there is none. `unknown` says why no truth was found, where it was not."""

    problem: Problem
    both: Passes
    values: list[Any]
    losses: Losses
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    unknown: str
    cure: Cure | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def bits_lost(self) -> float:
        """The bits that the worst of value and gradients has lost."""
        return max((one.bits for one in self.verdicts), default=0.0)

    @property
    def value(self) -> Any:
        return self.values[self.both.output]

    @property
    def gradients(self) -> dict[str, Any]:
        return {name: self.both.stacked(name, self.values, 0.0) for name in self.both.wrt}

    @property
    def true_value(self) -> Any:
        return self._targets()[self.both.output]

    @property
    def true_gradients(self) -> dict[str, Any]:
        mp, held = self.losses.found.mp, self._targets()
        return {name: self.both.stacked(name, held, mp.zero) for name in self.both.wrt}

    def _targets(self) -> dict[int, Any]:
        return {one.target.node: one.target.truth[()] for one in self.verdicts}


def diagnose(problem: Problem, names: Mapping[int, str], wrt: Iterable[str], *, dtype: Any = np.float64,
             budget: Budget | None = None) -> Diagnosis:  # fmt: skip
    """Run the problem's literal formula forward and backward, in floats and in truth, and tell what is wrong and why.

    `names` are those of the wires of the forward pass, `wrt` the inputs to differentiate by.
    """
    budget = Budget() if budget is None else budget
    literal, safe = passes(problem, wrt := list(wrt)), passes(problem, wrt, literal=False)
    values = evaluate(literal.graph, problem.given, dtype=dtype, xp=problem.space)
    moving = [node for node, value in problem.given.items() if np.result_type(value).kind == "f"]
    nodes = needed(literal.graph, literal.ends)
    found, unknown = _truths(literal, problem, nodes, dtype, budget)
    forward = [one for one in nodes if one < literal.forward]
    on_kinks = [] if unknown else standing(problem.graph, forward, values, problem.space)
    if on_kinks:  # a 0 by underflow is none
        on_kinks = standing(problem.graph, on_kinks, found.values, found.xp)
    if unknown:
        aims = [Target(*one, *[np.asarray(found.values[one[2]], dtype=object)] * 3) for one in results(literal, safe)]
    else:
        try:
            aims = targets(literal, safe, found, problem.given, moving, on_kinks, budget,
                           lambda: by_convention(problem, wrt, literal, found, budget))  # fmt: skip
        except BudgetError as letter:
            unknown = f"The sides of this point were not found: {letter.what}"
            aims = [Target(*one, *[np.asarray(found.values[one[2]], dtype=object)] * 3) for one in results(literal, safe)]
    judge = Judge(literal, found, problem.given, moving, budget)
    spared = values if _all_finite(values, literal.ends) else evaluate(safe.graph, problem.given, dtype=dtype, xp=problem.space)
    verdicts = tuple(judge.weigh(aim, values[aim.node], values, spared[aim.safe if spared is not values else aim.node])
                     for aim in aims)  # fmt: skip
    losses = Losses(literal.graph, values, found)
    teller = _Teller(problem, literal, losses, Writer(problem.graph, names))
    troubles, remedy = teller.troubles(verdicts), None
    if troubles or any(one.says == "ill" for one in verdicts):
        unused = {one.node for one in troubles if one.kind == "unused branch"}
        remedy = Healer(wrt, judge, verdicts, values, dtype).cure(problem, unused)
        if not any(one.rule.beyond for one in remedy.rewrites):
            verdicts = tuple(map(_curable, verdicts, remedy.verdicts))
        troubles = teller.troubles(verdicts)
    findings = (troubles and teller.given()) or [*troubles, *teller.kinks(verdicts, on_kinks)]
    notes = [*teller.notes(verdicts), *teller.boundaries(verdicts, on_kinks)]
    return Diagnosis(
        problem, literal, values, losses, verdicts, tuple(findings), tuple(notes), unknown, remedy if findings else None
    )  # fmt: skip


def _curable(literal: Verdict, stable: Verdict) -> Verdict:
    """A result that is no better than its inputs seem to allow, but that a stable form computes well, is wrong after all."""
    better = stable.says == "right" and stable.bits <= literal.bits - ROOM
    return replace(literal, says="wrong") if literal.says == "ill" and better else literal


def _truths(literal: Passes, problem: Problem, nodes: list[int], dtype: Any, budget: Budget) -> tuple[Truths, str]:
    """The truth of every wire; where it takes too much, nan everywhere, and why."""
    try:
        found = truths(literal.graph, problem.given, literal.ends, dtype=dtype, budget=budget)
    except BudgetError as letter:
        return no_truths(literal.graph, nodes, dtype), letter.what
    return found, "" if found.sure else "The truth did not come to rest, however many digits it was given."


def _all_finite(values: list[Any], nodes: Iterable[int]) -> bool:
    return all(bool(np.all(np.isfinite(values[node]))) for node in nodes)


class _Teller:
    """Makes findings of verdicts."""

    def __init__(self, problem: Problem, both: Passes, losses: Losses, writer: Writer) -> None:
        self.problem, self.both, self.losses, self.writer = problem, both, losses, writer
        self.tracer = Tracer(losses)
        self.causes = Causes(both, self.tracer, writer)
        self.values, self.found = losses.values, losses.found
        self.products = {one.product: one for back in both.backs for one in back.contributions()}
        self.slopes = {one.local: one for back in both.backs for one in back.contributions() if one.local is not None}

    def given(self) -> list[Finding]:
        """Inputs that are nan already: nothing in the formula is to blame."""
        found = []
        for name, node in self.problem.leaves.items():
            value = np.asarray(self.values[node])
            if value.dtype.kind == "f" and np.isnan(value).any():
                entry = tuple(int(one) for one in np.argwhere(np.isnan(value))[0])
                where = f" at [{', '.join(map(str, entry))}]" if entry else ""
                sentence = f"{name} is given as nan{where}, and whatever depends on it is nan; nothing here is to blame."
                found.append(Finding("domain", "forward", node, name, "input", sentence, entry, spoils=(self.result(None),)))
        return found

    def result(self, name: str | None) -> str:
        """A result by its name: f, or ∂f/∂x."""
        output = self.problem.output_name
        return output if name is None else derivative(output, name)

    def troubles(self, verdicts: Iterable[Verdict]) -> list[Finding]:
        """One finding for each gate that spoils a result, the first result that it spoils beside it."""
        found: dict[tuple[int, str], Finding] = {}
        fine = True
        for one in verdicts:
            if one.says not in ("wrong", "pole"):
                continue
            fine = fine and one.target.name is not None
            trail = self.tracer.trail(one.target.node, one.entry)
            finding = self._finding(one, trail, value_is_fine=fine)
            key = finding.node, finding.gate
            known = found.setdefault(key, finding)
            found[key] = replace(known, spoils=tuple(dict.fromkeys((*known.spoils, *finding.spoils))))
        return list(found.values())

    def _finding(self, verdict: Verdict, trail: Trail, *, value_is_fine: bool) -> Finding:
        target, step = verdict.target, trail.at
        end = np.asarray(self.values[target.node])[verdict.entry]
        truth = target.truth[verdict.entry]
        zeroed = target.name is not None and value_is_fine and end == 0 and bool(truth != 0) and bool(truth == truth)
        wire = self.causes.gate_wire(step.node)
        cause: Cause = self.causes.of(trail, spared=verdict.spared and self._chosen_from(wire), zeroed=zeroed)
        kinked = target.kinked(self.found.mp)[verdict.entry]
        return Finding(
            cause.kind, "backward" if verdict.spared or step.node >= self.both.forward else "forward", wire, self.writer.name(wire),
            self.causes.gate_name(step.node), cause.sentence, step.entry, self.problem.place(wire), self.chain(trail, truth),
            (self.result(target.name),), step.bits,
            {self.result(target.name): (target.low[verdict.entry], target.high[verdict.entry])} if kinked else {},
        )  # fmt: skip

    def _chosen_from(self, wire: int) -> bool:
        """Whether some gate after this one chooses, so that it may be part of a branch."""
        met = {wire}
        for node in range(wire + 1, self.both.forward):
            if not met.isdisjoint(self.both.graph.inputs(node)):
                met.add(node)
                gate = self.both.graph.gate(node)
                if gate is not None and gate.chooses:
                    return True
        return False

    def chain(self, trail: Trail, result: Any) -> tuple[Link, ...]:
        """The wires from the culprit to the result, those of them that have a name; what the result ought to be is known better."""
        links: list[Link] = []
        for step in reversed(trail.steps[: trail.culprit + 1]):
            label, gate = self._called(step.node)
            if not label:
                continue
            value = np.asarray(self.values[step.node])[step.entry]
            last = step is trail.steps[0]
            truth = result if last else np.asarray(self.found.values[step.node], dtype=object)[step.entry]
            spot = f"[{', '.join(map(str, step.entry))}]" if step.entry else ""
            stage: Stage = "forward" if step.node < self.both.forward else "backward"
            link = Link(label + spot, gate, stage, float(value), truth)
            if links and links[-1].label == link.label:
                links.pop()
            links.append(link)
        return tuple(links)

    def _called(self, node: int) -> tuple[str, str]:
        """What a wire is called, and the gate that it belongs to; nothing for one in the middle of a slope."""
        output, kind = self.problem.output_name, self.causes.gate_name(node)
        if node < self.both.forward:
            return self.writer.name(node), kind
        owner = self.both.owners[node]
        if owner.gathers or node in self.products:
            return derivative(output, self.writer.name(owner.wire)), kind
        if node in self.slopes:
            return derivative(self.writer.name(owner.gate), self.writer.name(owner.wire)), kind
        return "", kind

    def kinks(self, verdicts: Iterable[Verdict], standing: Iterable[int]) -> list[Finding]:
        """One finding for each gate on a kink that decides about a gradient."""
        mp = self.found.mp
        held = [one for one in verdicts if one.says == "kink"]
        if not held:
            return []
        valid = {}
        for one in held:
            for spot in spots(one.target.kinked(mp)):
                where = f"[{', '.join(map(str, spot))}]" if spot else ""
                valid[self.result(one.target.name) + where] = (one.target.low[spot], one.target.high[spot])
        found = []
        for node in standing:
            gate = self.both.graph.gate(node)
            if gate is None or not any(map(self._decides, self._picked_by(node) if gate.name in ORDERS else [node])):
                continue
            inputs = [self.values[one] for one in self.both.graph.inputs(node)]
            sentence, which = kink_sentence(gate, self.both.graph.settings(node), self.writer.equation(node), inputs)
            sentence = f"{sentence} Valid would be: {which}."
            found.append(Finding("kink", "backward", node, self.writer.name(node), gate.name, sentence,
                                 place=self.problem.place(node), spoils=tuple(valid), valid=valid))  # fmt: skip
        return found

    def boundaries(self, verdicts: Iterable[Verdict], standing: Iterable[int]) -> list[str]:
        """Comparisons of equal numbers between branches of different slopes: the formula itself says which one it takes."""
        if not any(one.says == "kink" for one in verdicts):
            return []
        graph = self.both.graph
        return [f"{self.writer.equation(node)} compares equal numbers, and the gradient is that of the branch taken."
                for node in standing if (gate := graph.gate(node)) is not None and gate.name in COMPARISONS]  # fmt: skip

    def _picked_by(self, node: int) -> list[int]:
        """The gates with a slope that read whole numbers made of these, as the entries in their order."""
        graph, found, met = self.both.graph, [], {node}
        for one in range(node + 1, self.both.forward):
            gate = graph.gate(one)
            if gate is not None and not met.isdisjoint(graph.inputs(one)):
                if np.result_type(self.values[one]).kind == "f":
                    found.append(one)
                else:
                    met.add(one)
        return found

    def _decides(self, node: int) -> bool:
        """Whether any gradient arrives at the gate."""
        return any(total is not None and self._flows(total) for total in (back.total(node) for back in self.both.backs))

    def _flows(self, total: int) -> bool:
        """Whether any gradient arrives there that is more than the noise of the truth's own digits."""
        held = self.found.values[total]
        truth = np.asarray(self.found.xp.constant(self.values[total]) if held is None else held, dtype=object)
        noise = self.found.mp.mpf(10) ** -(self.found.digits // 2)
        return any(one != one or abs(one) > noise for one in truth.ravel())

    def notes(self, verdicts: Sequence[Verdict]) -> list[str]:
        """What is worth knowing and no trouble."""
        return [*filter(None, map(self._nothing, verdicts)), *self._ill(verdicts)]

    def _nothing(self, verdict: Verdict) -> str:
        """Of a value that is 0 in truth and was computed as well as terms that cancel allow."""
        target, noise = verdict.target, self.found.mp.mpf(10) ** (-4 * self.found.digits // 5)
        if target.name is not None or verdict.says != "right" or not np.size(target.truth):
            return ""
        value, truth = float(np.asarray(self.values[target.node])[verdict.entry]), np.asarray(target.truth)[verdict.entry]
        if value == 0 or not math.isfinite(value) or not abs(truth) < noise:
            return ""
        return (f"{self.result(None)} is 0 in truth, and {value:.6g} here: that is no more than the last digits of the terms that"
                " cancel in it, and has no meaning.")  # fmt: skip

    def _ill(self, verdicts: Iterable[Verdict]) -> list[str]:
        ill = [self.result(one.target.name) for one in verdicts if one.says == "ill"]
        if not ill:
            return []
        worst = max(one.bits for one in verdicts if one.says == "ill")
        total = math.ceil(-math.log2(np.finfo(self.found.xp.dtype).eps / 2))
        names = list(dict.fromkeys(ill))
        verb = "is" if len(names) == 1 else "are"
        return [f"{', '.join(names)} {verb} ill-conditioned here: {round(worst)} of {total} bits are lost, as many as a rounding of"
                " the inputs, or of terms that cancel, would cost. So the result is as good as these are known."]  # fmt: skip
