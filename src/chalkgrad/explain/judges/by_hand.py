"""The losses and their gradients by hand, line by line. The numbers come from the engine; here they are written down.

>>> scores = np.array([3.2, 5.1, -1.7])
>>> for one in hinge_lines(scores, 0, 1.0, hinge_steps(scores, 0, 1.0), 2.9):
...     print(one.left.text, *(side.text for side in one.sides), sep=" = ")
h1 = max(0, s1 − s0 + Δ) = max(0, 5.1 − 3.2 + 1) = max(0, 2.9) = 2.9
h2 = max(0, s2 − s0 + Δ) = max(0, −1.7 − 3.2 + 1) = max(0, −3.9) = 0
L = h1 + h2 = 2.9 + 0 = 2.9
"""

import math

import numpy as np

from chalkgrad.explain.judges.weighing import HingeSteps, SoftmaxSteps, best_rival, hinge_steps
from chalkgrad.explain.judges.writing import REST, E, Term, added, equation, line, minus_added, nearly, written
from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.notation.names import derivative, latex_name
from chalkgrad.notation.numbers import show

__all__ = [
    "hinge_gradient", "hinge_lines", "hinge_steps", "left_out", "one_vs_all_lines", "overflow", "rival_line", "softmax_gradient",
    "softmax_lines", "softmax_loss",
]  # fmt: skip

MOST_CLASSES = 8  # classes worked line by line; of more, the true one and its strongest rivals
SAME_NUMBER = 1e-9  # where numbers of floats agree so far, the plain way to write them is honest

LARGEST_EXPONENT = float(np.log(np.finfo(float).max))
LOSS = Term("L")
TOTAL_NAME, TOTAL_LATEX = "Σ", r"\Sigma"


def worked_classes(scores: np.ndarray, true: int) -> list[int]:
    """The classes that are worked line by line: all, or the true one and its strongest rivals."""
    if len(scores) <= MOST_CLASSES:
        return list(range(len(scores)))
    rivals = [int(place) for place in np.argsort(-scores, kind="stable")[:MOST_CLASSES] if place != true]
    return sorted([true, *rivals[: MOST_CLASSES - 1]])


def left_out(scores: np.ndarray) -> str:
    """The sentence about the classes that are not worked line by line."""
    more = len(scores) - MOST_CLASSES
    if more <= 0:
        return ""
    return f"The true class and its strongest rivals are shown; {more} more are worked the same way, and the sums hold them all."


def overflow(scores: np.ndarray) -> str:
    """What would happen to the powers without log C, if anything would."""
    largest = float(np.max(scores))
    if largest <= LARGEST_EXPONENT:
        return ""
    return f"As it stands, e^{show(largest)} overflows: the powers that a float can hold end at e^{show(LARGEST_EXPONENT)}."


def softmax_lines(scores: np.ndarray, found: SoftmaxSteps, true: int = 0) -> list[Equation]:
    """From the scores to the probabilities: log C, the shifted scores, their powers, the sum, the shares."""
    classes = worked_classes(scores, true)
    largest = Term("max(s)", float(np.max(scores)), r"\max\left(s\right)")
    log_c = Term("log C", found.log_c, r"\log C")
    total = Term(TOTAL_NAME, found.total, TOTAL_LATEX)
    powers = [_power(j, found) for j in classes]
    shifted = [line(_shifted(j, found), _plus, [_score(j, scores), log_c], found.shifted[j]) for j in classes]
    raised = [line(power, _power_of, [E, _shifted(j, found)], power.value) for j, power in zip(classes, powers, strict=True)]
    sums = line(total, added, _with_rest(powers, scores), found.total)
    shares = [line(_share(j, found), _quotient, [_power(j, found), total], found.probabilities[j]) for j in classes]
    if not np.all(found.shifted == 0):  # among powers of e, only e^0 is a float
        raised = [one if found.shifted[j] == 0 else nearly(one) for j, one in zip(classes, raised, strict=True)]
        sums, shares = nearly(sums), [nearly(one) for one in shares]
    return [line(log_c, _minus, [largest], found.log_c, "so that the largest exponent becomes 0"), *shifted, *raised, sums, *shares]


def softmax_loss(found: SoftmaxSteps, true: int, loss: float) -> Equation:
    """L = −log p; taken apart where p is too close to 0 or 1 for its own logarithm to tell."""
    share = _share(true, found)
    naive = -math.log(share.value) if share.value > 0 else math.inf
    if abs(naive - loss) <= SAME_NUMBER * loss:
        return nearly(line(LOSS, _minus_log, [share], loss))
    terms = [Term("log Σ", found.log_total, r"\log \Sigma"), _shifted(true, found)]
    sides = [written(_minus_log, [share], Term.symbol), written(_less, terms, Term.symbol), written(_less, terms, Term.figure)]
    return nearly(equation(LOSS, sides, loss, f"in floats {share.name} is {show(share.value)}, so its logarithm is taken apart"))


def softmax_gradient(scores: np.ndarray, found: SoftmaxSteps, true: int, gradient: np.ndarray) -> list[Equation]:
    """The share of each wrong class; the share minus 1 for the true one."""
    classes = worked_classes(scores, true)
    lines = [line(_slope(j), added, [_share(j, found)], gradient[j]) for j in classes]
    share, value = _share(true, found), float(gradient[true])
    if abs(float(share.value) - 1 - value) <= SAME_NUMBER * abs(value):
        own = line(_slope(true), _less_one, [share], value)
    else:
        others = _with_rest([_share(j, found) for j in classes if j != true], scores)
        apart = [written(_less_one, [share], Term.symbol)]
        apart += [written(minus_added, others, part) for part in (Term.symbol, Term.figure)]
        own = equation(_slope(true), apart, value, "the shares add up to 1")
    lines[classes.index(true)] = own
    return lines if np.all(found.shifted == 0) else [nearly(one) for one in lines]


def hinge_lines(scores: np.ndarray, true: int, margin: float, found: HingeSteps, loss: float) -> list[Equation]:
    """For each wrong class by how much it comes within the margin of the true one; and the sum of that."""
    others = [j for j in worked_classes(scores, true) if j != true]
    lines = [_within(Term(f"h{j}"), j, scores, true, margin, float(found.short[j]), float(found.counted[j])) for j in others]
    return [*lines, line(LOSS, added, _with_rest([Term(f"h{j}", found.counted[j]) for j in others], scores), loss)]


def hinge_gradient(scores: np.ndarray, true: int, found: HingeSteps, gradient: np.ndarray) -> list[Equation]:
    """1 for each class within the margin, and minus their number for the true one."""
    classes = worked_classes(scores, true)
    slopes = _with_rest([_slope(j, gradient[j]) for j in classes if j != true], scores)
    lines = [equation(_slope(j), [], gradient[j], _place(float(found.short[j]))) for j in classes]
    own = line(_slope(true), minus_added, slopes, gradient[true], "minus the number of classes within the margin")
    lines[classes.index(true)] = own
    return lines


def rival_line(scores: np.ndarray, true: int, margin: float, loss: float) -> Equation:
    """Crammer–Singer: the strongest rival alone."""
    rival = best_rival(scores, true)
    found = hinge_steps(scores, true, margin)
    worked = _within(LOSS, rival, scores, true, margin, float(found.short[rival]), loss)
    return Equation(worked.left, worked.sides, worked.rounded, f"the strongest rival is class {rival}")


def one_vs_all_lines(scores: np.ndarray, true: int, margin: float, found: HingeSteps, loss: float) -> list[Equation]:
    """Each class on its own: the true one should score above Δ, the others below −Δ."""
    classes = worked_classes(scores, true)
    terms = [Term(f"h{j}", found.counted[j]) for j in classes]
    lines = [
        line(term, _above if j == true else _below, [_delta(margin), _score(j, scores)], term.value)
        for j, term in zip(classes, terms, strict=True)
    ]
    return [*lines, line(LOSS, added, _with_rest(terms, scores), loss)]


def _within(left: Term, place: int, scores: np.ndarray, true: int, margin: float, short: float, counted: float) -> Equation:
    terms = [_score(place, scores), _score(true, scores), _delta(margin)]
    between = written(lambda xp, short: xp.maximum(0.0, short), [Term("m", short)], Term.figure)
    return line(left, _excess, terms, counted, between=[between])


def _place(short: float) -> str:
    if short == 0:
        return "exactly on the margin: a kink"
    return f"within the margin by {show(short)}" if short > 0 else f"clear of the margin by {show(-short)}"


def _with_rest(terms: list[Term], scores: np.ndarray) -> list[Term]:
    return terms if len(scores) <= MOST_CLASSES else [*terms, REST]


def _minus(_: Drawing, one: Wire) -> Wire:
    return -one


def _plus(_: Drawing, one: Wire, other: Wire) -> Wire:
    return one + other


def _power_of(xp: Drawing, base: Wire, exponent: Wire) -> Wire:
    return xp.power(base, exponent)


def _quotient(_: Drawing, one: Wire, other: Wire) -> Wire:
    return one / other


def _minus_log(xp: Drawing, share: Wire) -> Wire:
    return -xp.log(share)


def _less(_: Drawing, one: Wire, other: Wire) -> Wire:
    return one - other


def _less_one(_: Drawing, one: Wire) -> Wire:
    return one - 1


def _below(xp: Drawing, margin: Wire, score: Wire) -> Wire:
    return xp.maximum(0.0, margin + score)


def _above(xp: Drawing, margin: Wire, score: Wire) -> Wire:
    return xp.maximum(0.0, margin - score)


def _excess(xp: Drawing, score: Wire, true: Wire, margin: Wire) -> Wire:
    return xp.maximum(0.0, score - true + margin)


def _score(place: int, scores: np.ndarray) -> Term:
    return Term(f"s{place}", scores[place])


def _shifted(place: int, found: SoftmaxSteps) -> Term:
    return Term(f"z{place}", found.shifted[place])


def _power(place: int, found: SoftmaxSteps) -> Term:
    return Term(f"e^z{place}", found.powers[place], rf"e^{{{latex_name(f'z{place}')}}}")


def _share(place: int, found: SoftmaxSteps) -> Term:
    return Term(f"p{place}", found.probabilities[place])


def _delta(margin: float) -> Term:
    return Term("Δ", margin, r"\Delta")


def _slope(place: int, value: float | None = None) -> Term:
    """∂L/∂s_j."""
    name = Both.of(lambda style: derivative("L", f"s{place}", style))
    return Term(name.text, value, name.latex)
