"""check_grad: a gradient against measured slopes, entry by entry and along random directions, in both modes, to the second order.

>>> print(check_grad(lambda x: np.sum(np.exp(x)), np.array([0.0, 1.0])).verdict)
agrees
>>> print(check_grad(lambda x: np.sum(x**3), np.array([1.0, 2.0]), grad=lambda x: x**2))
The gradient "<lambda>" is wrong at x[0].
<BLANKLINE>
    x[0]:  claimed 1; measured 3 ± ... (60 digits)
        central difference: 3 ± ...
    x[1]:  claimed 4; measured 12 ± ... (60 digits)
        central difference: 12 ± ...
<BLANKLINE>
The right one is 3 times this one everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chalkgrad.check.blame import claims, culprit, slope_path
from chalkgrad.check.by_hand import explained
from chalkgrad.check.judging import CLEAR, SPOILT, Finding, Judge
from chalkgrad.check.kinks import standing
from chalkgrad.check.path import Followed, follow
from chalkgrad.check.report import ORDER, Report
from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.graph.shapes import show
from chalkgrad.notation.numbers import show as number
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.transform.api.arguments import Argnames, Argnums, called
from chalkgrad.transform.api.directional import hvp, jvp
from chalkgrad.transform.api.gradient import grad as gradient_of
from chalkgrad.transform.api.pytrees import flatten, unflatten

ENTRIES = 32  # single inputs that are measured, unless told
DIRECTIONS = 3
OURS = "the gradient"
STOPPED = "What stop_gradient holds was held in the differences too."
OTHERWISE = "chalkgrad.grad gives another one; check_grad without grad= tells why."
HUGE, SHRUNK = 1e300, 2.0**-16  # where a change overflows, smaller ones are measured
MODES = 1e-6  # how near both modes must come to each other


def check_grad(f: Callable[..., Any], *args: Any, argnums: Argnums | None = None, argnames: Argnames | None = None,
               grad: Callable[..., Any] | None = None, entries: int = ENTRIES, seed: int = 0,
               **settings: Any) -> Report:  # fmt: skip
    """Check the gradient of `f` at these arguments, or `grad`, a function written by hand that should return it.

    Every input is measured where there are no more than `entries`; of more, that many are drawn by `seed`.
    """
    for one in (f, grad):
        if one is not None and not callable(one):
            raise GivenError(f"check_grad checks functions; here stands {type(one).__name__}.")
    if entries < 1:
        raise GivenError(f"entries={entries}: at least one is needed.")
    chosen = 0 if argnums is None and argnames is None else argnums
    with np.errstate(all="ignore"):
        followed = follow(f, args, settings, chosen, argnames)
        check = _Check(followed, _pulled(followed, gradient_of(f, chosen, argnames)(*args, **settings)), entries, seed)
        if grad is None:
            return check.report(OURS, check.ours)
        return check.of_hand(grad, isinstance(chosen, int) or isinstance(argnames, str))


def _pulled(followed: Followed, result: Any) -> list[np.ndarray]:
    return [np.asarray(one, dtype=np.float64) for one in flatten(result)[0]]


class _Check:
    """Everything that one check looks at; the gradient to be judged comes last, as one array for each leaf."""

    def __init__(self, followed: Followed, ours: list[np.ndarray], entries: int, seed: int) -> None:
        self.followed, self.path, self.ours = followed, followed.path, ours
        self.chance = np.random.default_rng(seed)
        self.entries = entries
        self.scales = [_scales(value) for value in self.path.given]
        self.kinks = standing(self.path)
        changes = [np.abs(one * scale) for one, scale in zip(ours, self.scales, strict=True)]
        if any(bool(np.any((change > HUGE) & np.isfinite(one))) for change, one in zip(changes, ours, strict=True)):
            self.scales = [scale * SHRUNK for scale in self.scales]
            changes = [np.abs(one * scale) for one, scale in zip(ours, self.scales, strict=True)]
        finite = [float(np.max(one[np.isfinite(one)], initial=0.0)) for one in changes]
        self.judge = Judge(self.path, self.kinks, max(finite, default=0.0))
        self.notes: list[str] = [STOPPED] if self.path.stopped else []

    def report(self, subject: str, claimed: list[np.ndarray], explanation: str = "") -> Report:
        self.judge.by_rules = claimed is self.ours
        broken = self._unusable()
        if broken:
            return Report(subject, "uncertain", notes=(broken,))
        found = [self._entry(claimed, leaf, place) for leaf, place in self._chosen(claimed)]
        along = [self._direction(claimed) for _ in range(DIRECTIONS)]
        if any(one.verdict == "wrong" for one in along) and not any(one.verdict.startswith("wrong") for one in found):
            found += self._searched(claimed)
        verdict = max((one.verdict for one in (*found, *along)), key=ORDER.index)
        second, gate = None, None
        if claimed is self.ours and verdict == "agrees":
            second = self._second()
            if second is not None and second.verdict == "wrong":
                verdict, gate = "wrong", culprit(self.path, order=2)
            elif second is not None and second.verdict != "agrees":
                self.notes.append(f"Of the slope of the gradient nothing can be said here: {second.why}.")
        elif claimed is self.ours and verdict.startswith("wrong") and not any(one.why == SPOILT for one in (*found, *along)):
            gate = culprit(self.path)
            if gate is None and verdict == "wrong":
                self.notes.append("No gate alone parts from its slope.")
        elif claimed is self.ours and verdict == "kink":
            self.notes.append("The slope of the gradient was not checked, for at a kink there is none.")
        return Report(subject, verdict, tuple(found), tuple(along), second, gate, self.kinks, explanation, tuple(self.notes))

    def of_hand(self, hand: Callable[..., Any], single: bool) -> Report:
        """Judge the result of a function written by hand; its shapes come first, then its numbers."""
        subject = f'the gradient "{called(hand)}"'
        result = self.followed.call(hand, *self.followed.trees(self.path.given))
        leaves, _ = flatten(result)
        if self.followed.structure == flatten((0.0,) * len(self.ours))[1]:  # each argument is an array, for which a list may stand
            leaves = [result] if single or not isinstance(result, tuple) else list(result)
        if len(leaves) != len(self.ours):
            raise GivenError(
                f"{called(hand)} returns {len(leaves)} arrays where {len(self.ours)} are differentiated.",
                hint="It returns one gradient for each argument, laid out as chalkgrad.grad does.",
            )
        claimed = []
        for name, one, right in zip(self.path.names, leaves, self.ours, strict=True):
            try:
                array = np.asarray([] if one is None else one, dtype=np.float64)
            except (TypeError, ValueError):
                array = None
            if array is None or one is None:
                raise GivenError(f"{called(hand)} returns {type(one).__name__} for {name}, which is no array of numbers.") from None
            if array.shape != right.shape:
                why = f"its shape is {show(array.shape)}, and {name} has the shape {show(right.shape)}"
                wrong = Finding(name, float("nan"), None, "wrong", why)
                return Report(subject, "wrong", (wrong,), explanation=explained(array, right))
            claimed.append(array)
        whole, right = (np.concatenate([np.ravel(one) for one in each]) for each in (claimed, self.ours))
        said = ""
        if not np.allclose(whole, right, rtol=CLEAR, atol=0):
            said = explained(claimed[0], self.ours[0]) if len(claimed) == 1 else explained(whole, right)
        report = self.report(subject, claimed, said)
        if not report.ok:
            return report
        parts = report.verdict == "agrees" and not np.allclose(whole, right, rtol=CLEAR, atol=CLEAR * float(np.max(np.abs(whole))))
        return replace(report, explanation="", notes=(*report.notes, OTHERWISE) if parts else report.notes)

    def _unusable(self) -> str:
        """Why nothing can be measured here, if so: no finite value, or another one each time."""
        path = self.path
        if not np.isfinite(path.value):
            return _first_infinite(self.followed)
        again = [self._value(path.given) for _ in range(2)]
        if again[0] != again[1]:
            return (f"Two calls with the same arguments gave {number(again[0], 17)} and {number(again[1], 17)}: the function draws"
                    " from chance or remembers something. Fix its seed within it.")  # fmt: skip
        if not abs(again[0] - path.value) <= 64 * (path.noise + path.eps * abs(path.value)):
            return f"The function gives {number(again[0], 17)}, and when it is traced {number(path.value, 17)}."
        return ""

    def _value(self, leaves: Sequence[Any]) -> float:
        trees = self.followed.trees([np.array(one)[()] for one in leaves])
        value = np.asarray(self.followed.call(self.followed.f, *trees))
        return float("nan") if value.dtype.kind == "c" else float(value)  # Python's own ** leaves the reals

    def _phi(self, direction: Sequence[Any]) -> Callable[[float], float] | None:
        """The user's own function along a direction; where something is stopped, the graph instead, which holds it."""
        return None if self.path.stopped else lambda t: self._value(self.path.moved(direction, t))

    def _chosen(self, claimed: list[np.ndarray]) -> list[tuple[int, tuple[int, ...]]]:
        """The inputs to measure: all, or some drawn at random and those that look worst."""
        every = [(leaf, place) for leaf, one in enumerate(claimed) for place in np.ndindex(one.shape)]
        if len(every) <= self.entries:
            return every
        apart = np.concatenate([np.ravel(np.abs(one - other)) for one, other in zip(claimed, self.ours, strict=True)])
        worst = [int(one) for one in np.argsort(-np.nan_to_num(apart, nan=np.inf))[:2] if apart[one] != 0]
        drawn = self.chance.choice(len(every), self.entries, replace=False)
        self.notes.append(f"Of {len(every)} inputs {self.entries} were measured one by one, and all together along the directions.")
        return [every[one] for one in sorted({*worst, *map(int, drawn)})]

    def _entry(self, claimed: list[np.ndarray], leaf: int, place: tuple[int, ...]) -> Finding:
        direction = [np.zeros(one.shape) for one in claimed]
        scale = direction[leaf][place] = self.scales[leaf][place]
        name = self.path.names[leaf] + (f"[{', '.join(map(str, place))}]" if place else "")
        return self.judge.weigh(name, float(claimed[leaf][place]), direction, float(scale), self._phi(direction))

    def _direction(self, claimed: list[np.ndarray]) -> Finding:
        direction = [self.chance.normal(size=scale.shape) * scale for scale in self.scales]
        slope = sum(float(np.sum(one * other)) for one, other in zip(claimed, direction, strict=True))
        found = self.judge.weigh("along a random direction", slope, direction, 1.0, self._phi(direction))
        if claimed is not self.ours or found.verdict != "agrees":
            return found
        given, turns = self._as_trees(self.path.given), self._as_trees(direction)
        _, pushed = jvp(lambda *trees: self.followed.call(self.followed.f, *trees), given, turns)
        room = MODES if self.path.eps < MODES else 64 * self.path.eps
        size = sum(float(np.sum(np.abs(one * other))) for one, other in zip(claimed, direction, strict=True))
        if abs(float(pushed) - slope) <= room * size + 64 * self.path.noise:
            return found
        spoilt = found.measured is not None and self.judge.is_spoilt(found.measured, direction)
        return Finding("along a random direction, forward mode", float(pushed), found.measured, "wrong",
                       SPOILT if spoilt else f"reverse mode says {number(slope, 9)}")  # fmt: skip

    def _as_trees(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        kinds = [np.asarray(one, dtype=np.result_type(value))[()] for one, value in zip(leaves, self.path.given, strict=True)]
        trees: tuple[Any, ...] = unflatten(self.followed.structure, kinds)
        return trees

    def _searched(self, claimed: list[np.ndarray]) -> list[Finding]:
        """A wrong entry, found by halving: the half of the inputs along which the claim is wrong is halved again."""
        every = [(leaf, place) for leaf, one in enumerate(claimed) for place in np.ndindex(one.shape)]
        while len(every) > 1:
            half = every[: len(every) // 2]
            direction = [np.zeros(one.shape) for one in claimed]
            for leaf, place in half:
                direction[leaf][place] = self.scales[leaf][place] * self.chance.uniform(0.5, 1.5)
            slope = sum(float(np.sum(one * other)) for one, other in zip(claimed, direction, strict=True))
            wrong = self.judge.weigh("", slope, direction, 1.0, self._phi(direction)).verdict == "wrong"
            every = half if wrong else every[len(half) :]
        found = self._entry(claimed, *every[0])
        return [found] if found.verdict == "wrong" else []

    def _second(self) -> Finding | None:
        """The slope of the gradient: hvp against a difference of gradients, both weighted at random."""
        weights = [self.chance.normal(size=scale.shape) * scale for scale in self.scales]
        direction = [self.chance.normal(size=scale.shape) * scale for scale in self.scales]
        slopes = slope_path(self.path, weights)
        if slopes is None or not np.isfinite(slopes.value):
            return None
        try:
            given, turns = self._as_trees(self.path.given), self._as_trees(direction)
            changed = _pulled(self.followed, hvp(lambda *trees: self.followed.call(self.followed.f, *trees), given, turns))
        except ChalkgradError as letter:
            self.notes.append(f"The slope of the gradient was not checked: {letter.what}")
            return None
        claimed = sum(float(np.sum(one * weight)) for one, weight in zip(changed, weights, strict=True))
        natural = max(map(abs, claims(slopes, direction).values()), default=0.0)
        return Judge(slopes, standing(slopes), max(natural, abs(slopes.value))).weigh(
            "the slope of the gradient", claimed, direction
        )


def _scales(value: Any) -> np.ndarray:
    """How far each entry may move: its own size to a power of 2, or for a zero that of its neighbours."""
    size = np.abs(np.asarray(value, dtype=np.float64))
    some = size[(size > 0) & np.isfinite(size)]
    usual = float(np.median(some)) if some.size else 1.0
    filled: np.ndarray = np.exp2(np.round(np.log2(np.where((size > 0) & np.isfinite(size), size, usual))))
    return filled


def _first_infinite(followed: Followed) -> str:
    """Where the numbers stop being finite, and the hazard that the gate declares."""
    path = followed.path
    for node, value in enumerate(path.values):
        gate = path.graph.gate(node)
        if gate is not None and np.result_type(value).kind == "f" and not np.all(np.isfinite(value)):
            inputs, settings = [path.values[one] for one in path.graph.inputs(node)], path.graph.settings(node)
            causes = [one.what for one in gate.hazards if bool(np.any(one.when(NUMBERS, *inputs, **settings)))]
            line = f" in the line: {path.lines[node][0]}" if node in path.lines else ""
            return f'The value is {number(path.value)}. It stops being finite at the gate "{gate.name}"{line}' + (
                f" ({causes[0]})." if causes else ".")  # fmt: skip
    return f"The value is {number(path.value)}: an argument is not finite."
