"""Powers, products with logarithms, and exponentials of logarithms."""

from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Views

COMPOUND = rule(
    "compound interest",
    written=lambda xp, x, y: (1 + x) ** y,
    stable=lambda xp, x, y: xp.compound(x, y),
    why="1 + x rounds a small x away, and a large exponent makes much of that",
    proof="(1 + x)^y is what compound means; with t the rounded 1 + x and e what was lost it equals t^y·(1 + e/t)^y",
    ranges=((1e-9, 1e-3), (1.0, 1e5)),
)
XLOGY = rule(
    "x·log y",
    written=lambda xp, x, y: x * xp.log(y),
    stable=lambda xp, x, y: xp.xlogy(x, y),
    why="at x = y = 0 it is 0·∞, although entropies and likelihoods mean 0 there",
    proof="x·log y is what xlogy means, for y > 0; at x = y = 0 it is the limit of x·log x",
    ranges=((0.0, 2.0), (1e-9, 2.0)),
)
XLOG1PY = rule(
    "x·log(1 + y)",
    written=lambda xp, x, y: x * xp.log1p(y),
    stable=lambda xp, x, y: xp.xlog1py(x, y),
    why="at x = 0, y = −1 it is 0·∞, although likelihoods mean 0 there",
    proof="x·log(1 + y) is what xlog1py means, for y > −1; at x = 0, y = −1 it is the limit of x·log x",
    ranges=((0.0, 2.0), (-0.9, 2.0)),
)
EXP_LOG_SOFTMAX = rule(
    "exp of log-softmax",
    written=lambda xp, x: xp.exp(xp.log_softmax(x)),
    stable=lambda xp, x: xp.softmax(x),
    why="the logarithm is rounded before the exponential makes much of it",
    proof="log_softmax is the logarithm of softmax, which is positive",
    ranges=((-300.0, 300.0),),
    shapes=((4,),),
)
EXP_LOG_SIGMOID = rule(
    "exp of log-sigmoid",
    written=lambda xp, x: xp.exp(xp.log_sigmoid(x)),
    stable=lambda xp, x: xp.sigmoid(x),
    why="the logarithm is rounded before the exponential makes much of it",
    proof="log_sigmoid is the logarithm of sigmoid, which is positive",
    ranges=((-700.0, 700.0),),
)

SMALL_POWERS = 8.0  # up to which the rounding of 1 + x stays small


@completes("power", "constant_power")
def compound(views: Views, node: int) -> Found | None:
    base, *exponent = views.graph.inputs(node)
    if views.name(base) not in ("add", "subtract"):
        return None
    power = views.graph.settings(node).get("exponent")
    if power is not None and abs(power) <= SMALL_POWERS:
        return None
    form = views.linear(base)
    if form.get(ONE) != 1.0 or not 1 < len(form) <= 3:
        return None
    rest = {key: value for key, value in form.items() if key != ONE}
    raised = views.xp.wire(exponent[0]) if exponent else power
    return COMPOUND, views.xp.compound(views.drawn_linear(rest, views.graph.shape(base)), raised)


@completes("multiply")
def with_logarithm(views: Views, node: int) -> Found | None:
    left, right = views.graph.inputs(node)
    for factor, log in ((left, right), (right, left)):
        if views.name(log) in ("log", "log1p") and not views.graph.is_constant(factor):
            xp = views.xp
            x, y = xp.wire(factor), xp.wire(views.input(log))
            return (XLOGY, xp.xlogy(x, y)) if views.name(log) == "log" else (XLOG1PY, xp.xlog1py(x, y))
    return None


@completes("exp")
def exponential(views: Views, node: int) -> Found | None:
    source = views.input(node)
    name = views.name(source)
    if name == "log_softmax":
        return EXP_LOG_SOFTMAX, views.xp.softmax(views.xp.wire(views.input(source)), **views.graph.settings(source))
    if name == "log_sigmoid":
        return EXP_LOG_SIGMOID, views.xp.sigmoid(views.xp.wire(views.input(source)))
    return None
