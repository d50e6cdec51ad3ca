"""Logarithms beside powers of what is under them, near 1: log x − x + 1, log s + 1/(2s²) − ½, (s² + m²)/2 − ½ − log s.

Near 1 the logarithm, the power and the number cancel, and what is left is half a square: so with the divergence of two normal
distributions, or of a gamma distribution. The power is e to a multiple of the logarithm, and e^t − 1 − t is known.

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3.
"""

from collections.abc import Sequence
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, collected, merged

CLOSE = 0.5  # the logarithm of the power, up to which the beginning of its series is left out
CANCELS = "near 1 the logarithm, the power and the number cancel to half the square of what is left of the logarithm"


def _gap(xp: Any, power: Any, logarithm: Any) -> Any:
    """u − 1 − log u for a power u and its logarithm."""
    near = xp.absolute(logarithm) < CLOSE
    return xp.where(near, xp.expm1_gap(xp.where(near, logarithm, 0.0)), power - 1 - logarithm)


LOG_GAP = rule(
    "log x − x + 1",
    written=lambda xp, x: xp.log(x) - x + 1,
    stable=lambda xp, x: -_gap(xp, x, xp.log(x)),
    why=CANCELS,
    proof="u = e^(log u), so u − 1 − log u = e^t − 1 − t for t = log u, for every u > 0",
    ranges=((0.7, 1.5),),
)
POWER_GAP = rule(
    "log beside a power",
    written=lambda xp, x: xp.log(x) + 0.5 * (1 / x**2) - 0.5,
    stable=lambda xp, x: 0.5 * _gap(xp, 1 / x**2, -2 * xp.log(x)),
    why=CANCELS,
    proof="log x = log(x^n)/n, and u − 1 − log u = e^t − 1 − t for u = x^n, t = n·log x, for every x > 0",
    ranges=((0.8, 1.25),),
)


@completes("add", "subtract", among=("log", "log_difference"))
def beside_powers(views: Views, node: int) -> Found | None:
    form, shape = views.linear(node), views.graph.shape(node)
    for wire, factor in form.items():
        if wire != ONE and views.name(wire) in ("log", "log_difference"):
            rest = {key: value for key, value in form.items() if key != wire}
            found = _of_argument(views, wire, factor, rest) or _of_power(views, wire, factor, rest, shape)
            if found is not None:
                return found[0], _beside(views, found[1], found[2], shape)
    return None


def _of_argument(views: Views, wire: int, factor: float, rest: Linear) -> tuple[Rule, Wire, list[Term]] | None:
    """The rule, −k·(x − 1 − log x), and what is left beside it."""
    if views.name(wire) != "log":
        return None
    x = views.input(wire)
    left = merged(merged(rest, views.linear(x), factor), {ONE: -factor})
    if len(left) != len(rest) - 1 - len(views.linear(x)):
        return None
    gap = _gap(views.xp, views.xp.wire(x), views.xp.wire(wire))
    return LOG_GAP, views.scaled(-factor, gap), _terms(views, left)


def _of_power(views: Views, wire: int, factor: float, rest: Linear, shape: Shape) -> tuple[Rule, Wire, list[Term]] | None:
    """The same of a power of what is under the logarithm, in a sum that may be multiplied out."""
    inner = _argument(views, wire)
    parts = collected(part for one in _terms(views, rest) for part in views.expanded(one))
    for part in parts:
        power = _exponent(views, part, inner)
        scale = -factor / power if power else 0.0
        number = next((one.coefficient for one in parts if one.pure and not one.exponent), 0.0)
        if not power or number != -scale or part.coefficient != scale * inner.coefficient**power:
            continue
        raised = views.drawn(Term(part.coefficient / scale, part.powers), shape)
        gap = _gap(views.xp, raised, views.scaled(power, views.xp.wire(wire)))
        return POWER_GAP, views.scaled(scale, gap), [one for one in parts if one is not part and (one.powers or one.exponent)]
    return None


def _argument(views: Views, wire: int) -> Term:
    """What is under the logarithm, as a product."""
    first, *second = (views.product(one) for one in views.graph.inputs(wire))
    return first.times(second[0], -1.0) if second else first


def _exponent(views: Views, term: Term, inner: Term) -> float:
    """n, where the term is a multiple of the n-th power of what is under the logarithm; else 0."""
    if term.exponent or inner.exponent or not term.powers or inner.coefficient <= 0:
        return 0.0
    found = 0.0
    for one, power in inner.powers.items():
        size = views.numbers.of(views.input(one)) if views.name(one) == "absolute" and one not in term.powers else one
        raised = term.powers.get(size, 0.0) / power
        if not raised or (found and raised != found) or (size != one and term.powers[size] % 2):
            return 0.0
        found = raised
    return found if len(term.powers) == len(inner.powers) else 0.0


def _terms(views: Views, form: Linear) -> list[Term]:
    return [Term(value) if key == ONE else Term(value).times(views.product(key)) for key, value in form.items()]


def _beside(views: Views, total: Wire, terms: Sequence[Term], shape: Shape) -> Wire:
    """The wire, and products that are added to it or taken away."""
    for term in terms:
        size = views.drawn(Term(abs(term.coefficient), term.powers, term.exponent), shape)
        total = total + size if term.coefficient > 0 else total - size
    return total
