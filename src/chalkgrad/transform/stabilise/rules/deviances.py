"""y·log(y/m) − (y − m), the deviance of a count from its mean, and the relative entropy of two coins, which is a sum of two such.

Where the two are close, nearly all of it cancels.

Source: Loader, Fast and accurate computation of binomial probabilities (2000).
"""

from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Views, merged

DEVIANCE = rule(
    "deviance",
    written=lambda xp, y, m: y * xp.log(y / m) - (y - m),
    stable=lambda xp, y, m: xp.deviance(y, m),
    why="where the count is close to its mean, nearly all of the two parts cancels",
    proof="y·log(y/m) − (y − m) is what deviance means, for y, m > 0; at y = 0 it is the limit, m",
    ranges=((1.0, 1.001), (1.0, 1.001)),
)
BERNOULLI = rule(
    "relative entropy of two coins",
    written=lambda xp, p, q: p * xp.log(p / q) + (1 - p) * xp.log((1 - p) / (1 - q)),
    stable=lambda xp, p, q: xp.bernoulli_divergence(p, q),
    why="where the probabilities are close, the two parts cancel, and what is left is about the square of their difference",
    proof="p·log(p/q) + (1 − p)·log((1 − p)/(1 − q)) is what bernoulli_divergence means, for 0 < p, q < 1",
    ranges=((0.3, 0.301), (0.3, 0.301)),
)


@completes("add", "subtract", among={"xlog_quotient"})
def deviance(views: Views, node: int) -> Found | None:
    form, shape = views.linear(node), views.graph.shape(node)
    ratios = [wire for wire in form if wire != ONE and views.name(wire) == "xlog_quotient" and _of_itself(views, wire)]
    for place, wire in enumerate(ratios):
        for other in ratios[place + 1 :]:
            if form[wire] == form[other] and _complementary(views, wire, other):
                p, q = (views.xp.wire(views.input(_plainer(views, wire, other), slot)) for slot in (1, 2))
                drawn = views.scaled(form[wire], views.xp.bernoulli_divergence(p, q))
                rest = {key: value for key, value in form.items() if key not in (wire, other)}
                return BERNOULLI, views.added(drawn, rest, shape)
    for wire in ratios:
        factor = form[wire]
        y, m = (views.input(wire, slot) for slot in (1, 2))
        gap = merged(views.linear(y), views.linear(m), -1.0)
        rest = merged({key: value for key, value in form.items() if key != wire}, gap, factor)
        if gap and len(rest) == len(form) - 1 - len(gap):
            drawn = views.scaled(factor, views.xp.deviance(views.xp.wire(y), views.xp.wire(m)))
            return DEVIANCE, views.added(drawn, rest, shape)
    return None


def _of_itself(views: Views, wire: int) -> bool:
    """Whether it is y·log(y/m), and not x·log(y/m)."""
    return views.same(views.input(wire), views.input(wire, 1))


def _complementary(views: Views, wire: int, other: int) -> bool:
    """Whether the second compares 1 − p with 1 − q."""
    one: Linear = {ONE: 1.0}
    return all(merged(views.linear(views.input(wire, slot)), views.linear(views.input(other, slot))) == one for slot in (1, 2))


def _plainer(views: Views, wire: int, other: int) -> int:
    """The one of the two whose probabilities were not taken from 1."""
    return other if views.linear(views.input(wire, 1)).get(ONE) else wire
