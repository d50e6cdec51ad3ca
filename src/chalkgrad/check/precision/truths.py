"""The truth of every wire: multi-precision arithmetic in which the number of digits grows until the result no longer changes.

One precision proves nothing: to 60 digits (1 + 10⁻²⁰⁰) − 1 is 0, and so it is to 120. So the numbers are computed to 60 and to 400
digits, and where the two differ to 1600 and 6400. What shrinks with the precision, however often it grows, is 0. What has become 0
on the way, out of numbers that are not (`zeros`), is looked at to 50 000 digits before it is taken for 0.

    >>> from chalkgrad.reading.formula import read
    >>> problem = read("log(exp(500*x) + 1) - 500*x", {"x": 1.0})
    >>> found = truths(problem.graph, problem.given, [problem.output])
    >>> print(found.mp.nstr(found.values[problem.output], 10), found.digits)
    7.124576407e-218 1600
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chalkgrad.check.entries import Entries
from chalkgrad.check.precision.zeros import doubtful, revealed
from chalkgrad.check.truth import Truth
from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.graph import Graph, needed

STEPS = (60, 400, 1600, 6400)  # digits
FURTHER = 50_000  # digits to which a doubtful zero is computed: those of e^−100000
ASIDE = 1.0  # seconds that a look at doubtful zeros may take at least
AGREE = 30  # digits in which two precisions have to agree, which is far more than floats have
NOISE = 100  # what is smaller by so many digits with each step is 0
EACH = 64  # gates between two looks at the clock

PRODUCTS, MATRICES = frozenset({"matmul", "einsum"}), frozenset({"linalg"})

Progress = Callable[[int, int], None]


class BudgetError(ChalkgradError):
    """More numbers, or more seconds, than were granted."""


@dataclass(slots=True)
class Budget:
    """How much may be spent: numbers on all wires together (of a product of matrices, its terms), and seconds.

    `progress` is told of the gates done, and of how many.
    """

    entries: int = 1_000_000
    seconds: float = 30.0
    progress: Progress | None = None
    start: float = field(default_factory=time.monotonic)

    def check(self, done: int, total: int) -> None:
        """Tell of the progress. Raises BudgetError when the time is up."""
        if self.progress is not None:
            self.progress(done, total)
        if time.monotonic() - self.start > self.seconds:
            raise BudgetError(f"The truth was not found in {self.seconds:g} seconds.", hint="Allow more: seconds=300.")

    def share(self, least: float) -> "Budget":
        """For a side question: as long as all took so far, or `least` seconds, and no longer than is left."""
        now = time.monotonic()
        seconds = min(max(now - self.start, least), self.start + self.seconds - now)
        return Budget(self.entries, seconds, self.progress, now)

    def admit(self, graph: Graph, nodes: Sequence[int]) -> None:
        """Raises BudgetError where the wires hold more numbers than are granted."""
        sizes = [int(np.prod(shape)) for shape in graph.shapes]
        work = sum(sizes[graph.shape_codes[node]] * _terms(graph, node) for node in nodes)
        if work > self.entries:
            raise BudgetError(f"The wires hold {work} numbers, more than the {self.entries} that the truth is computed for.",
                              hint="Take fewer rows, or allow more: entries=10_000_000.")  # fmt: skip


def _terms(graph: Graph, node: int) -> int:
    """How many terms an entry of the wire adds up, where that is many: in products of matrices, and what is solved with them."""
    gate = graph.gate(node)
    if gate is None or not (gate.name in PRODUCTS or gate.family in MATRICES):
        return 1
    shape = graph.shape(graph.inputs(node)[0])
    return max(1, shape[-1]) if shape else 1


class Reference(Truth):
    """The truth of floats of one precision: constants are the floats that the formula computes with.

    1^∞ is no number here: floats count it as 1, but what a formula tends to there may be anything.
    """

    def __init__(self, digits: int, dtype: Any = np.float64) -> None:
        super().__init__(digits)
        self.dtype = np.dtype(dtype)
        raised = Entries(self.mp).power
        self.power = self._entrywise(lambda x, y: self.mp.nan if x == 1 and self.mp.isinf(y) else raised(x, y))

    def constant(self, value: Any, dtype: Any = None) -> Any:
        array = np.asarray(value)
        with np.errstate(all="ignore"):  # nan and inf stay what they are
            return super().constant(array.astype(self.dtype) if array.dtype.kind == "f" else array)


@dataclass(slots=True)
class Truths:
    """The true values by node (None where they were not asked for), and the numbers `xp` in which they are written.

    `hollow`: none could be had, and all values are nan.
    """

    values: list[Any]
    xp: Reference
    sure: bool
    hollow: bool = False

    @property
    def digits(self) -> int:
        return self.xp.digits

    @property
    def mp(self) -> Any:
        return self.xp.mp


def truths(graph: Graph, given: Mapping[int, Any], wanted: Sequence[int], *, dtype: Any = np.float64,
           budget: Budget | None = None, most: int = STEPS[-1]) -> Truths:  # fmt: skip
    """The true values of the wanted wires and of all that they depend on. Raises BudgetError where that takes too much."""
    budget = Budget() if budget is None else budget
    nodes = needed(graph, wanted)
    budget.admit(graph, nodes)
    steps = [digits for digits in STEPS if digits <= most]
    before: list[Truths] = []
    while steps:
        xp = Reference(steps.pop(0), dtype)
        found = Truths(computed(graph, given, nodes, xp, budget), xp, False)
        if before and all(_settled([one.values[node] for one in [*before, found]], xp) for node in wanted):
            told = _digits_of_zeros(graph, given, nodes, found, budget)
            if told is None:
                found.sure = True
                return found
            steps = [told, told + NOISE, *(digits for digits in steps if digits > told + NOISE)]
        before.append(found)
    return before[-1]


def _digits_of_zeros(graph: Graph, given: Mapping[int, Any], nodes: Sequence[int], found: Truths, budget: Budget) -> int | None:
    """How many digits tell a doubtful zero from 0; None where there is no such zero, or none that is told in the time there is."""
    doubts = doubtful(graph, nodes, found.values)
    aside = budget.share(ASIDE)
    for digits in (*STEPS, FURTHER):
        if doubts and digits > found.digits:
            xp = Reference(digits, found.xp.dtype)
            try:
                values = computed(graph, given, needed(graph, doubts), xp, aside)
            except BudgetError:
                return None
            if revealed(found.values, values, doubts):
                return digits
    return None


def computed(graph: Graph, given: Mapping[int, Any], nodes: Sequence[int], xp: Truth, budget: Budget) -> list[Any]:
    """The values of these wires, each after its inputs, in the numbers of `xp`."""
    values: list[Any] = [None] * len(graph)
    with np.errstate(all="ignore"):
        for done, node in enumerate(nodes):
            if done % EACH == 0:
                budget.check(done, len(nodes))
            gate = graph.gate(node)
            if gate is not None:
                values[node] = gate.forward(xp, *(values[one] for one in graph.inputs(node)), **graph.settings(node))
            else:
                values[node] = xp.constant(graph.constants[node] if graph.is_constant(node) else given[node])
    budget.check(len(nodes), len(nodes))
    return values


def _settled(values: Sequence[Any], xp: Truth) -> bool:
    """Whether a wire's values, each to more digits than the one before, have come to rest."""
    rows = [np.ravel(np.asarray(value, dtype=object)) for value in values]
    return all(_at_rest(entries, xp.mp) for entries in zip(*rows, strict=True))


def _at_rest(entries: Sequence[Any], mp: Any) -> bool:
    *_, before, last = entries
    if isinstance(last, bool | np.bool_ | int | np.integer):
        return bool(before == last)
    before, last = mp.convert(before), mp.convert(last)
    if last != last or before != before or mp.isinf(last) or mp.isinf(before):
        return bool(before == last or (before != before and last != last))
    if abs(before - last) <= abs(last) * mp.mpf(10) ** -AGREE:
        return True
    if before == 0 and abs(last) < mp.mpf(10) ** (-4 * mp.dps // 5):
        return True
    return len(entries) > 2 and bool(abs(last) <= abs(before) * mp.mpf(10) ** -NOISE)


def unknown(graph: Graph, nodes: Iterable[int], dtype: Any) -> Truths:
    """nan for each of these wires: what stands for the truth where it takes too much."""
    xp = Reference(STEPS[0], dtype)
    values: list[Any] = [None] * len(graph)
    for node in nodes:
        nothing = np.empty((), dtype=object)
        nothing[()] = xp.mp.nan
        values[node] = np.broadcast_to(nothing, graph.shape(node))[()]
    return Truths(values, xp, False, hollow=True)
