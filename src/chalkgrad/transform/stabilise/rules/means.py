"""A difference of one function at two places over the difference of the places: at equal places 0/0, with the slope as its limit.

(a − b)/(log a − log b) is the logarithmic mean, whose slopes near a = b are differences of close numbers too.

Source: Stolarsky, Generalizations of the logarithmic mean (1975).
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.gaps import beside
from chalkgrad.transform.stabilise.views import Views, merged

SMALL = 1e-3  # half a gap below which three terms of the series of sin(h)/h are exact, and so is its slope
HOLE = "at equal places the quotient is 0/0, and near them its slopes are differences of close numbers"


def _logarithms(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    near = xp.logical_and(v > 0, xp.absolute(gap) < 0.5 * xp.absolute(v))
    inside = xp.log1p_ratio(xp.where(near, gap, 0.0) / xp.where(near, v, 1.0)) / xp.where(near, v, 1.0)
    return xp.where(near, inside, xp.log_difference(u, v) / xp.where(near, 1.0, gap))


def _exponentials(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    near = xp.absolute(gap) < 1
    inside = xp.exp(v) * xp.expm1_ratio(xp.where(near, gap, 0.0))
    return xp.where(near, inside, xp.exp_difference(u, v) / xp.where(near, 1.0, gap))


def _roots(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return 1 / (xp.sqrt(u) + xp.sqrt(v))


def _chord(xp: Any, half: Any) -> Any:
    """sin(h)/h."""
    near = xp.absolute(half) < SMALL
    square, outside = xp.square(xp.where(near, half, 0.0)), xp.where(near, 1.0, half)
    return xp.where(near, 1 - square / 6 * (1 - square / 20), xp.sin(outside) / outside)


def _sines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return xp.cos(v + gap / 2) * _chord(xp, gap / 2)


def _cosines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return -xp.sin(v + gap / 2) * _chord(xp, gap / 2)


Quotient = Callable[[Any, Any, Any, Any], Any]  # (f(u) − f(v))/(u − v) from xp, u, v and u − v


def _of(name: str, proof: str, stable: Quotient) -> tuple[Rule, Quotient]:
    said = rule(
        f"{name} over the gap",
        written=lambda xp, x, e: xp.call(f"{name}_difference", x + e, x) / (x + e - x),
        stable=lambda xp, x, e: stable(xp, x + e, x, e),
        why=HOLE,
        proof=proof,
        ranges=((1.0, 2.0), (1e-12, 0.1)),
    )
    return said, stable


QUOTIENTS: Mapping[str, tuple[Rule, Quotient]] = {
    f"{name}_difference": _of(name, proof, stable) for name, proof, stable in (
        ("log", "(log u − log v)/(u − v) = log(1 + g/v)/(g/v)/v for g = u − v, for u, v > 0, with the limit 1/v", _logarithms),
        ("exp", "(e^u − e^v)/(u − v) = e^v·(e^g − 1)/g for g = u − v, for all real u, v, with the limit e^v", _exponentials),
        ("sqrt", "(√u − √v)/(u − v) = 1/(√u + √v), for u, v > 0", _roots),
        ("sin", "(sin u − sin v)/(u − v) = cos((u + v)/2)·sin(g/2)/(g/2) for g = u − v, with the limit cos v", _sines),
        ("cos", "(cos u − cos v)/(u − v) = −sin((u + v)/2)·sin(g/2)/(g/2) for g = u − v, with the limit −sin v", _cosines),
    )
}  # fmt: skip


@completes("divide", "multiply", among=QUOTIENTS)
def over_gap(views: Views, node: int) -> Found | None:
    """(f(u) − f(v))/(u − v), and what is over it."""
    whole, shape, xp = views.product(node), views.graph.shape(node), views.xp
    for wire, power in whole.powers.items():
        if views.name(wire) not in QUOTIENTS or abs(power) != 1.0:
            continue
        u, v = (views.input(wire, slot) for slot in (0, 1))
        apart = merged(views.linear(u), views.linear(v), -1.0)
        for gap, against in whole.powers.items():
            form = views.linear(gap)
            sign = next((one for one in (1.0, -1.0) if form == merged({}, apart, one)), 0.0)
            if not sign or against != -power:
                continue
            said, quotient = QUOTIENTS[views.name(wire)]
            drawn = views.scaled(sign, quotient(xp, xp.wire(u), xp.wire(v), views.drawn_linear(apart, shape)))
            return said, beside(views, drawn if power > 0 else 1 / drawn, whole.without(wire, gap), shape)
    return None
