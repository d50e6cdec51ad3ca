"""Exercises with tidy numbers: formulas drawn at random until every value and every gradient can be worked in the head.

The same seed makes the same exercises everywhere: Python's own generator is seeded with a text, which it hashes alike on all
machines.

>>> one, two = exercises(seed=7, gates=("mul", "add", "max"), level=1, count=2)
>>> one.formula == exercises(seed=7, gates=("mul", "add", "max"), level=1, count=1)[0].formula
True
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, nearest, quote
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import Formula, read
from chalkgrad.transform.reverse import reverse

DRAWN = {  # how a gate is called here, how many inputs it takes, and how it is written
    "add": (2, "{0} + {1}"), "sub": (2, "{0} - {1}"), "mul": (2, "{0} * {1}"), "div": (2, "{0} / {1}"), "neg": (1, "-{0}"),
    "max": (2, "max({0}, {1})"), "min": (2, "min({0}, {1})"), "square": (1, "{0}^2"), "cube": (1, "{0}^3"), "abs": (1, "abs({0})"),
    "relu": (1, "relu({0})"), "sqrt": (1, "sqrt({0})"), "exp": (1, "exp({0})"), "log": (1, "log({0})"), "sin": (1, "sin({0})"),
    "cos": (1, "cos({0})"), "tanh": (1, "tanh({0})"), "sigmoid": (1, "sigmoid({0})"),
}  # fmt: skip
OTHER_NAMES = {
    "multiply": "mul", "times": "mul", "plus": "add", "subtract": "sub", "minus": "sub", "divide": "div", "negative": "neg",
    "maximum": "max", "minimum": "min", "pow": "square", "power": "square", "absolute": "abs", "ln": "log",
}  # fmt: skip
DEFAULT = ("add", "mul", "max")
STEPS = {1: (2, 3), 2: (4, 5), 3: (6, 8)}  # gates of an exercise, by level
LEAVES, NAMES = "xyzwuvst", "abcdpqrghk"
NUMBERS = (-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0, -0.5, 0.5, 0.0)
DRAWS, DRAWS_OF_NUMBERS = 400, 60  # of formulas, and of numbers for each
LARGEST, FINEST = 150.0, 1e-3  # a tidy number is no larger, and has no more than three digits behind the point
MOST = 200
AGAIN = 12  # draws for a formula that is not on the sheet yet


@dataclass(frozen=True, slots=True)
class Exercise:
    """A formula, on one line or several, and the numbers of its inputs."""

    formula: str
    values: Mapping[str, float]

    def read(self) -> Formula:
        return read(self.formula, self.values)


def exercises(*, seed: int, gates: Sequence[str] = DEFAULT, level: int = 1, count: int = 1) -> list[Exercise]:
    """So many exercises. Raises GivenError for gates or levels that are not known, and where the gates give no tidy numbers."""
    kinds = list(dict.fromkeys(map(_kind, gates))) or list(DEFAULT)
    if level not in STEPS:
        raise GivenError(f"There is no level {level}.", hint=f"The levels are {', '.join(map(str, STEPS))}.")
    if not 1 <= count <= MOST:
        raise GivenError(f"{count} exercises cannot be made.", hint=f"Ask for 1 to {MOST}.")
    made: list[Exercise] = []
    for place in range(count):
        known = {one.formula for one in made}
        seeds = (f"{seed} {level} {','.join(kinds)} {place} {again}" for again in range(AGAIN))
        drawn = (_exercise(random.Random(one), kinds, level) for one in seeds)
        first = next(drawn)
        others = itertools.chain([first], drawn)
        made.append(next((one for one in others if one.formula not in known), first))
    return made


def _kind(name: str) -> str:
    plain = name.strip().lower()
    found = OTHER_NAMES.get(plain, plain)
    if found not in DRAWN:
        close = nearest(plain, [*DRAWN, *OTHER_NAMES]) or list(DRAWN)
        raise GivenError(f"I do not know exercises with a gate called {quote(name)}.", hint=f"There are {', '.join(close)}.")
    return found


def _exercise(chance: random.Random, kinds: Sequence[str], level: int) -> Exercise:
    for _ in range(DRAWS):
        drawn = _formula(chance, kinds, level)
        values = drawn and _tidy(chance, drawn)
        if drawn and values:
            return Exercise(drawn, values)
    raise GivenError(f"I found no tidy numbers for {', '.join(kinds)} at level {level}.",
                     hint="Add gates that keep numbers small, such as add, mul or max, or choose a lower level.")  # fmt: skip


def _formula(chance: random.Random, kinds: Sequence[str], level: int) -> str | None:
    """Gates drawn one after the other until they join in one; None where they do not."""
    steps = chance.randint(*STEPS[level])
    wanted = chance.sample(kinds, min(steps, len(kinds)))
    wanted += [chance.choice(kinds) for _ in range(steps - len(wanted))]
    chance.shuffle(wanted)
    fresh, names = iter(LEAVES), iter(NAMES)
    needs: dict[str, frozenset[str]] = {}  # what each wire depends on, by its text
    used: set[str] = set()
    lines: list[str] = []
    waiting: list[str] = []
    closed = set(LEAVES)  # what needs no brackets
    for place, kind in enumerate(wanted):
        arity, text = DRAWN[kind]
        inputs: list[str] = []
        for _ in range(arity):
            if waiting and chance.random() < 0.75:
                inputs.append(waiting.pop(chance.randrange(len(waiting))))
                continue
            again = [one for one in used if one in LEAVES] if level > 1 and chance.random() < 0.3 else []
            leaf = chance.choice(sorted(again)) if again else next(fresh, None)
            if leaf is None:
                return None
            needs.setdefault(leaf, frozenset({leaf}))
            inputs.append(leaf)
        if any(one in needs[other] for one, other in itertools.permutations(inputs, 2)):
            return None  # the local gradient by x would be written like the gradient by x
        used.update(inputs)
        last = place == len(wanted) - 1
        if level == 1:
            bracketed = (one if one in closed or "(" in text else f"({one})" for one in inputs)
            whole = text.format(*bracketed)
            closed |= {whole} if "(" in text else set()
        else:
            whole = "f" if last else next(names)
            lines.append(f"{whole} = {text.format(*inputs)}")
        needs[whole] = frozenset({whole}).union(*(needs[one] for one in inputs))
        waiting.append(whole)
    if len(waiting) != 1:
        return None
    return f"f = {waiting[0]}" if level == 1 else "\n".join(reversed(lines))


def _tidy(chance: random.Random, formula: str) -> dict[str, float] | None:
    """Numbers for the inputs with which all values and gradients are tidy, if a few draws find any."""
    found = read(formula)
    graph, leaves = found.graph, list(found.leaves.values())
    wires = range(found.output + 1)
    back = reverse(graph, found.output, leaves)
    factors = [one.local for one in back.contributions() if one.local is not None]
    if any(back.total(leaf) is None for leaf in leaves):
        return None
    for _ in range(DRAWS_OF_NUMBERS):
        numbers = [chance.choice(NUMBERS) for _ in leaves]
        values = evaluate(graph, dict(zip(leaves, numbers, strict=True)))
        gradients = [values[total] for wire in wires if (total := back.total(wire)) is not None]
        shown = [*(values[wire] for wire in wires), *gradients, *(values[one] for one in factors)]
        slopes = [values[back.total(leaf) or 0] for leaf in leaves]
        if all(map(_is_tidy, shown)) and sum(map(bool, slopes)) * 2 >= len(slopes) and not _on_a_kink(found, values):
            return dict(zip(found.leaves, numbers, strict=True))
    return None


def _is_tidy(value: Any) -> bool:
    return bool(np.isfinite(value)) and abs(value) <= LARGEST and abs(value / FINEST - round(value / FINEST)) < 1e-9


def _on_a_kink(found: Formula, values: Sequence[Any]) -> bool:
    graph = found.graph
    for wire in range(found.output + 1):
        gate = graph.gate(wire)
        if gate is not None and gate.family == "choice":
            inputs = [values[one] for one in graph.inputs(wire)]
            if len(set(inputs)) < len(inputs) or (len(inputs) == 1 and inputs[0] == 0):
                return True
    return False
