"""1 − 1/(1 + x), the share at odds of x to 1."""

from typing import Any

from chalkgrad.transform.stabilise.rules.declaring import Found, rule
from chalkgrad.transform.stabilise.views import ONE, Term, Views, merged


def _share(xp: Any, x: Any) -> Any:
    """x/(1 + x) of a small x, and 1 − 1/(1 + x) of a large one, which may be infinite."""
    near = xp.absolute(x) < 0.5
    return xp.where(near, xp.from_odds(xp.where(near, x, 0.0)), 1 - 1 / (1 + x))


OF_ODDS = rule(
    "1 − 1/(1 + x)",
    written=lambda xp, x: 1 - 1 / (1 + x),
    stable=_share,
    why="1 + x rounds a small x away",
    proof="1 − 1/(1 + x) = x/(1 + x), for every x but −1",
    ranges=((1e-12, 10.0),),
)


def share_of_odds(views: Views, wire: int, factor: float) -> Found | None:
    """1 + factor · wire, where that is 1 − 1/(1 + x)."""
    term = Term(factor).times(views.product(wire))
    ((below, power),) = term.powers.items() if len(term.powers) == 1 and not term.exponent else ((ONE, 0.0),)
    form = dict(views.linear(below)) if power == -1.0 else {}
    if len(form) < 2 or form.pop(ONE, 0.0) != -term.coefficient:
        return None
    odds = views.drawn_linear(merged({}, form, -1 / term.coefficient), views.graph.shape(wire))
    return OF_ODDS, _share(views.xp, odds)
