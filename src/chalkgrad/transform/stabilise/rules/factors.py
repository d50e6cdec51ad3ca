"""Logarithms of products that are written factor by factor, and of running products and totals: likelihoods of many observations.

The product of a few hundred probabilities is no float; the sum of their logarithms is an ordinary number.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalkgrad.gates.cumulative import part
from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import all_entries
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.logarithms import LOG_EXP, LOG_PROD, logged
from chalkgrad.transform.stabilise.views import MOST, Term, Views

FACTORS = rule(
    "log of factors",
    written=lambda xp, x, y, z: xp.log(x * y * z),
    stable=lambda xp, x, y, z: xp.log_product(x, y, z),
    why="a product of small numbers becomes 0, of large ones infinite, where its logarithm is an ordinary number",
    proof="log xyz = log|x| + log|y| + log|z| wherever the product is positive; where no part of it leaves the floats, its own"
          " logarithm is taken",
    ranges=((1e-120, 1e-90),) * 3,
)  # fmt: skip
RECIPROCAL = rule(
    "log of a reciprocal",
    written=lambda xp, x: xp.log(xp.divide(1.0, x)),
    stable=lambda xp, x: -xp.log(x),
    why="the slope of 1/x overflows below 10^−154, and near 1 its rounding is all that the logarithm sees",
    proof="log(1/x) = −log x wherever either is a number",
    ranges=((1e-300, 1e300),),
)
LAST_TOTAL = rule(
    "last of the running totals",
    written=lambda xp, x: xp.index(xp.cumsum(xp.exp(x), axis=-1), index=(-1,)),
    stable=lambda xp, x: xp.sum(xp.exp(x), axis=-1),
    why="what is added up step by step is not known as the sum that a softmax or a logsumexp is made of",
    proof="the last of the running totals is the total of all",
    ranges=((-300.0, 300.0),),
    shapes=((3,),),
)
LAST_PRODUCT = rule(
    "last of the running products",
    written=lambda xp, x: xp.index(xp.cumprod(x, axis=-1), index=(-1,)),
    stable=lambda xp, x: xp.prod(x, axis=-1),
    why="what is multiplied step by step is not known as the product whose logarithm is a sum",
    proof="the last of the running products is the product of all",
    ranges=((0.1, 2.0),),
    shapes=((3,),),
)


def _running(xp: Any, x: Any, axis: int) -> Any:
    """log Σe^x over all entries up to each, by doubling."""
    (place,) = axes(axis, len(x.shape))
    size, step = x.shape[place], 1
    while step < size:
        head, near = (xp.index(x, index=part(x.shape, axis, one)) for one in (slice(0, step), slice(step, None)))
        far = xp.index(x, index=part(x.shape, axis, slice(0, size - step)))
        x = xp.concatenate(head, xp.logaddexp(near, far), axis=axis)
        step *= 2
    return x


RUNNING_LOGSUMEXP = rule(
    "running logsumexp",
    written=lambda xp, x: xp.log(xp.cumsum(xp.exp(x), axis=-1)),
    stable=lambda xp, x: _running(xp, x, -1),
    why="one large exponent overflows all totals behind it; before it they may vanish",
    proof="log(e^a + e^b) is what logaddexp means, and the total of two parts is the sum of their totals",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)


def _running_shares(xp: Any, x: Any, axis: int) -> Any:
    shares = xp.logical_and(x > 0.0, x <= 1.0)
    all_ = xp.min(xp.where(shares, 1.0, 0.0), axis=axis, keepdims=True) > 0.0
    return xp.where(all_, xp.cumsum(xp.log(xp.where(shares, x, 1.0)), axis=axis), xp.log(xp.cumprod(x, axis=axis)))


RUNNING_PRODUCT = rule(
    "log of running products",
    written=lambda xp, x: xp.log(xp.cumprod(x, axis=-1)),
    stable=lambda xp, x: _running_shares(xp, x, -1),
    why="a product of many probabilities becomes 0 where its logarithm is an ordinary number",
    proof="log Πx = Σ log x for x > 0; for others the written form is kept",
    ranges=((1e-120, 1e-90),),
    shapes=((4,),),
)

RAISED = rule(
    "log of a product of powers",
    written=lambda xp, x, y, n, m: xp.log(xp.power(x, n) * xp.power(y, m)),
    stable=lambda xp, x, y, n, m: xp.where(
        xp.logical_and(x >= 0.0, y >= 0.0), xp.xlogy(n, x) + xp.xlogy(m, y), xp.log(xp.power(x, n) * xp.power(y, m))
    ),
    why="high powers of probabilities become 0 where their logarithm is an ordinary number",
    proof="log x^n·y^m = n·log x + m·log y for x, y > 0, and 0·log 0 stands for log 0^0 = 0; for others the written form is kept",
    ranges=((0.01, 0.9), (0.01, 0.9), (50.0, 400.0), (50.0, 400.0)),
)
MEAN = rule(
    "power of a product",
    written=lambda xp, x: xp.prod(x) ** 0.25,
    stable=lambda xp, x: _mean(xp, x, xp.prod(x), 0.25, {}),
    why="a product of many small numbers becomes 0, of many large ones infinite, where its root is an ordinary number",
    proof="(Πx)^k = Πx^k where no factor is negative; where the product is a sound float, its own power is taken",
    ranges=((1e-120, 1e-90),),
    shapes=((4,),),
)


def _mean(xp: Any, x: Any, product: Any, power: Any, settings: Mapping[str, Any]) -> Any:
    sound = xp.logical_and(xp.absolute(product) > LEAST, xp.absolute(product) < GREATEST)
    negative = xp.min(x, **settings) < 0.0
    return xp.where(xp.logical_or(sound, negative), product**power, xp.prod(xp.where(x > 0.0, x, 0.0) ** power, **settings))


LEAST, GREATEST = 1e-290, 1e290  # between which a product is a sound float
HIGH = 16.0  # the sum of the powers of few factors from which on a product may well leave the floats
MOST_FACTORS = 4096
FEW_RAISED = 6  # factors in high powers that are looked at
FEW = 3  # factors of which nothing is known, from which on a product may well leave the floats


@completes("log")
def log_of_reciprocal(views: Views, node: int) -> Found | None:
    source = views.input(node, 0)
    whole = views.product(source)
    if views.name(source) not in ("divide", "reciprocal") or whole.exponent or whole.coefficient != 1.0:
        return None
    if list(whole.powers.values()) != [-1.0]:
        return None
    (below,) = whole.powers
    if views.name(below) in ("prod", "tanh") or logged(views, source):  # more is known of it
        return None
    return RECIPROCAL, views.fitted(-views.xp.log(views.xp.wire(below)), views.graph.shape(node))


@completes("log", "log2", "log10")
def log_of_factors(views: Views, node: int) -> Found | None:
    found = _of_factors(views, views.input(node)) or _of_running(views, views.input(node))
    if found is None or views.name(node) == "log":
        return found
    return found[0], found[1] / views.xp.log(2.0 if views.name(node) == "log2" else 10.0)


def _of_factors(views: Views, source: int) -> Found | None:
    name, xp = views.name(source), views.xp
    if name not in ("multiply", "divide", *POWERS):
        return None
    entries = (
        all_entries(views, source, "multiply") if name == "multiply" and views.name(views.input(source, 1)) == "index" else None
    )
    if entries is not None:
        axis = None if len(views.graph.shape(entries)) == 1 else 0
        known = logged(views, entries)
        if known is not None:
            return known[0], xp.sum(views.fitted(known[1], views.graph.shape(entries)), axis=axis)
        return LOG_PROD, xp.log_prod(xp.wire(entries), axis=axis)
    factors = _factors(views, source)
    if factors is None or factors.coefficient == 0:
        return None
    logs = {wire: found for wire in factors.powers if (found := logged(views, wire)) is not None}
    plain = Term(factors.coefficient, {wire: power for wire, power in factors.powers.items() if wire not in logs})
    raised = _raised(views, source, plain)
    if raised is None and len(plain.powers) < FEW and len(factors.powers) <= MOST:
        return None  # few enough for other rules to see
    total = _added(views.scaled(factors.powers[wire], log) for wire, (_, log) in logs.items())
    said = next(iter(logs.values()))[0] if logs else LOG_EXP
    rest: Wire | None = None
    if raised is not None:
        said, rest = RAISED, raised
    elif plain.powers:
        said, rest = FACTORS if len(plain.powers) > 1 else said, _log_of_plain(views, plain)
    elif plain.coefficient < 0:
        return None
    elif plain.coefficient != 1.0:
        rest = xp.log(plain.coefficient)
    total = rest if total is None else total if rest is None else total + rest
    return None if total is None else (said, total)


def _added(parts: Iterable[Wire]) -> Wire | None:
    total: Wire | None = None
    for one in parts:
        total = one if total is None else total + one
    return total


def _factors(views: Views, source: int) -> Term | None:
    """All factors of a product, however many: to whole powers, and the number before them."""
    found = Term()
    waiting = [(source, 1.0)]
    while waiting:
        wire, power = waiting.pop()
        name = views.name(wire)
        if (number := views.number(wire)) is not None:
            if not number and power < 0:
                return None
            found = Term(found.coefficient * number**power, found.powers)
        elif name in ("multiply", "divide"):
            left, right = views.graph.inputs(wire)
            waiting += [(right, power if name == "multiply" else -power), (left, power)]
        elif name == "reciprocal":
            waiting.append((views.input(wire), -power))
        elif name == "negative":
            found = Term(-found.coefficient, found.powers)
            waiting.append((views.input(wire), power))
        else:
            own = views.numbers.of(wire)
            found.powers[own] = found.powers.get(own, 0.0) + power
            if len(found.powers) > MOST_FACTORS:
                return None
    return found if all(found.powers.values()) else None


def _log_of_plain(views: Views, plain: Term) -> Wire:
    wires = [(one, 1 if power > 0 else -1) for one, power in plain.powers.items() for _ in range(int(abs(power)))]
    inputs = [views.xp.wire(one) for one, _ in wires]
    powers = tuple(power for _, power in wires)
    if plain.coefficient != 1.0:
        inputs, powers = [views.xp.wire(views.graph.constant(plain.coefficient)), *inputs], (1, *powers)
    if len(inputs) == 1:
        return views.scaled(float(powers[0]), views.xp.log(inputs[0]))
    return views.xp.log_product(*inputs, powers=powers if min(powers) < 0 else ())


POWERS = ("power", "constant_power", "compound")


def _raised(views: Views, source: int, plain: Term) -> Wire | None:
    """The logarithm of the factors of which nothing is known, where some stand in high powers: by the powers' own numbers."""
    xp, graph = views.xp, views.graph
    if plain.coefficient < 0 or len(plain.powers) > FEW_RAISED:
        return None
    high = sum(map(abs, plain.powers.values())) if len(plain.powers) < FEW else 0.0
    parts: list[Wire] = []
    bases: list[Wire] = []
    for wire, power in plain.powers.items():
        name = views.name(wire)
        if name not in POWERS:
            base, log = xp.wire(wire), views.scaled(power, xp.log(xp.wire(wire)))
        elif name == "constant_power":
            base, number = xp.wire(views.input(wire)), graph.settings(wire)["exponent"]
            high = max(high, abs(number))
            log = views.scaled(power * number, xp.log(base))
        else:
            below, exponent = map(xp.wire, graph.inputs(wire))
            number_ = views.number(exponent.node)
            high = max(high, HIGH if number_ is None else abs(number_))
            base = below if name == "power" else below + 1.0
            gate = xp.xlogy if name == "power" else xp.xlog1py
            log = views.scaled(power, gate(exponent, below))
        bases.append(base)
        parts.append(log)
    if high < HIGH:
        return None
    positive = bases[0] >= 0.0
    for one in bases[1:]:
        positive = xp.logical_and(positive, one >= 0.0)
    total = _added(parts)
    assert total is not None
    if plain.coefficient != 1.0:
        total = total + xp.log(plain.coefficient)
    return xp.where(positive, total, xp.log(views.drawn(plain, graph.shape(source))))


@completes("constant_power", "power", "sqrt")
def power_of_product(views: Views, node: int) -> Found | None:
    """(Πx)^k, as a geometric mean."""
    source, *exponent = views.graph.inputs(node)
    core, xp = views.numbers.core(source), views.xp
    if views.name(core) != "prod":
        return None
    power = xp.wire(exponent[0]) if exponent else 0.5 if views.name(node) == "sqrt" else views.graph.settings(node)["exponent"]
    if isinstance(power, float) and abs(power) >= 1:
        return None
    x, settings, shape = xp.wire(views.input(core)), views.graph.settings(core), views.graph.shape(core)
    if not isinstance(power, float) and power.shape != ():
        return None
    return MEAN, _mean(xp, x, views.fitted(xp.wire(source), shape), power, settings)


@completes("index")
def last_of_running(views: Views, node: int) -> Found | None:
    source = views.input(node)
    name = views.name(source)
    if name not in ("cumsum", "cumprod"):
        return None
    shape, axis = views.graph.shape(source), views.graph.settings(source)["axis"]
    (place,) = axes(axis, len(shape))
    index = views.graph.settings(node)["index"]
    if Ellipsis in index:
        before, after = index[: index.index(Ellipsis)], index[index.index(Ellipsis) + 1 :]
        index = (*before, *(slice(None),) * (len(shape) - len(before) - len(after)), *after)
    index = (*index, *(slice(None),) * (len(shape) - len(index)))
    others = [one for number, one in enumerate(index) if number != place]
    if None in index or any(one != slice(None) for one in others) or index[place] not in (-1, shape[place] - 1):
        return None
    said, gate = (LAST_TOTAL, "sum") if name == "cumsum" else (LAST_PRODUCT, "prod")
    return said, views.xp.call(gate, views.xp.wire(views.input(source)), axis=axis, keepdims=False)


def _of_running(views: Views, source: int) -> Found | None:
    name = views.name(source)
    if name not in ("cumsum", "cumprod"):
        return None
    shape, axis = views.graph.shape(source), views.graph.settings(source)["axis"]
    found = logged(views, views.input(source))
    if found is None:
        return (RUNNING_PRODUCT, _running_shares(views.xp, views.xp.wire(views.input(source)), axis)) if name == "cumprod" else None
    logs = views.fitted(found[1], shape)
    return (RUNNING_LOGSUMEXP, _running(views.xp, logs, axis)) if name == "cumsum" else (found[0], views.xp.cumsum(logs, axis=axis))
