"""Products, powers and their logarithms, computed in logarithms: a number that no float holds has one that is quite ordinary.

log(λ^k · e^−λ) is k·log λ − λ, and a quotient of two huge numbers is e to the difference of their logarithms. The price is a
rounding of the logarithm, so this is done only where the product itself is lost.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy, summed
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE, merged

LOG = Remedy("logarithm of the factors", "what is under the logarithm leaves the floats, and the logarithms of its factors do not")
NEAR_ONE = Remedy("logarithm near 1", "what is close to 1 is rounded, and its logarithm is all that it differs by")
UNITY = Remedy("power of 1 in logarithms", "1^∞ has no value, and the logarithm, 0 times ∞, is a quotient whose limit is known")
SCALE = Remedy("product in logarithms", "a factor leaves the floats on the way to a product that does not, and its logarithm stays")

BASES = {"log": 1.0, "log2": math.log(2.0), "log10": math.log(10.0)}
LOGARITHMS = frozenset({*BASES, "log1p", "xlogy", "xlog1py"})
PRODUCTS = frozenset(
    {"multiply", "divide", "reciprocal", "square", "constant_power", "power", "sqrt", "exp", "prod", "gamma", "negative"}
)
LAID = frozenset({"reshape", "transpose", "broadcast_to", "index"})
CLOSE = 2.0**-8  # to 1
TINY_SOFTPLUS = -37.0  # below it softplus is e^x, to the last bit


def logarithms(patient: Patient) -> Iterator[Draft]:
    """Logarithms of what is lost in floats, though its logarithm is not."""
    for node in patient.nodes:
        if patient.name(node) not in LOGARITHMS:
            continue
        *_, inner = patient.graph.inputs(node)
        positive = patient.name(node) in BASES or all(bool(one > 0) for one in patient.truth(inner).ravel())
        if positive and patient.sick(inner) and patient.ordinary(inner):
            yield Draft(node, LOG, partial(_logarithm, patient, node, inner))


def near_one(patient: Patient) -> Iterator[Draft]:
    """Logarithms of what is close to 1: of what lies between, which the stable forms know of many a function."""
    for node in patient.nodes:
        if patient.name(node) in BASES and patient.sick(node):
            inner = patient.graph.inputs(node)[0]
            if all(0 < abs(one - 1) < CLOSE for one in patient.truth(inner).ravel()):
                yield Draft(node, NEAR_ONE, partial(_less_than_one, patient, inner, BASES[patient.name(node)]))


def _less_than_one(patient: Patient, inner: int, base: float, canvas: Canvas) -> Wire:
    if patient.name(inner) == "divide":
        above, below = map(canvas.now, patient.graph.inputs(inner))
        lacking = (above - below) / below
    else:
        lacking = summed(merged(patient.views.linear(inner), {ONE: 1.0}, -1.0), canvas)
    log = canvas.xp.log1p(lacking)
    return log if base == 1.0 else log / base


def unities(patient: Patient) -> Iterator[Draft]:
    """Powers 1^∞, in logarithms: e to the quotient of a logarithm that vanishes and what it is divided by."""
    for node in patient.nodes:
        if patient.name(node) not in ("power", "compound"):
            continue
        base, exponent = patient.graph.inputs(node)
        one = 1.0 if patient.name(node) == "power" else 0.0
        met = (patient.value(base) == one) & np.isinf(patient.value(exponent))
        if patient.name(exponent) in ("divide", "reciprocal") and bool(np.any(met)):
            yield Draft(node, UNITY, partial(_of_unity, patient, base, exponent, one))


def _of_unity(patient: Patient, base: int, exponent: int, one: float, canvas: Canvas) -> Wire:
    xp, inputs = canvas.xp, patient.graph.inputs(exponent)
    log = xp.log(canvas.now(base)) if one else xp.log1p(canvas.now(base))
    above = patient.views.number(inputs[0]) if len(inputs) == 2 else 1.0
    log = log if above == 1.0 else -log if above == -1.0 else log * canvas.now(inputs[0])
    return xp.exp(log / canvas.now(inputs[-1]))


def _logarithm(patient: Patient, node: int, inner: int, canvas: Canvas) -> Wire:
    log, name = Logs(patient, canvas).of(inner), patient.name(node)
    if name in BASES:
        return log if name == "log" else log / BASES[name]
    if name in ("log1p", "xlog1py"):
        log = canvas.xp.softplus(log)
    return log if name == "log1p" else canvas.now(patient.graph.inputs(node)[0]) * log


def products(patient: Patient) -> Iterator[Draft]:
    """The last gate of each product that is lost, or is made of what is lost, though it is an ordinary number itself."""
    for node in patient.nodes:
        if patient.name(node) not in PRODUCTS or patient.name(node) in ("negative", "exp", "gamma"):
            continue
        if any(patient.name(one) in PRODUCTS for one in patient.readers[node]) or not patient.floats(node):
            continue
        if any(patient.sick(one) for one in _within(patient, node)) and patient.ordinary(node):
            yield Draft(node, SCALE, partial(_signed, patient, node))


def _within(patient: Patient, node: int) -> list[int]:
    """The wires of the product that ends here, its factors among them."""
    found = [node]
    for one in found:
        if patient.name(one) in PRODUCTS and len(found) < 64:
            found += [wire for wire in patient.graph.inputs(one) if patient.graph.gate(wire) is not None]
    return found


def _signed(patient: Patient, node: int, canvas: Canvas) -> Wire:
    """e to the logarithm of the product, with the sign of its true value."""
    logs = Logs(patient, canvas)
    size = canvas.xp.exp(logs.of(node))
    signs = [1.0 if one > 0 else -1.0 for one in patient.truth(node).ravel()]
    if all(one > 0 for one in signs):
        return size
    if all(one < 0 for one in signs):
        return -size
    return size * canvas.constant(np.reshape(signs, patient.graph.shape(node)))


class Logs:
    """Logarithms of the sizes of wires, drawn once each."""

    def __init__(self, patient: Patient, canvas: Canvas) -> None:
        self.patient, self.canvas, self.xp = patient, canvas, canvas.xp
        self._drawn: dict[int, Wire] = {}

    def of(self, node: int) -> Wire:
        if node not in self._drawn:
            for one in self._chain(node):  # from the first to the last, for a chain may be thousands of gates long
                rule = RULES.get(self.patient.name(one))
                drawn = rule(self, one) if rule is not None else None
                self._drawn[one] = self.plain(one) if drawn is None else drawn
        return self._drawn[node]

    def _chain(self, node: int) -> list[int]:
        """The wires whose logarithms that of this one may be made of, in the order of the graph."""
        found = {node}
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if self.patient.name(one) in PASSED_ON:
                fresh = [wire for wire in self.patient.graph.inputs(one) if wire not in found and wire not in self._drawn
                         and self.patient.name(wire) in PASSED_ON]  # fmt: skip
                found.update(fresh)
                waiting += fresh
        return sorted(found)

    def plain(self, node: int) -> Wire:
        """The logarithm of the wire as it is."""
        value = self.patient.value(node)
        now = self.canvas.now(node)
        return self.xp.log(self.xp.absolute(now) if bool(np.any(value < 0)) else now)

    def inputs(self, node: int) -> list[Wire]:
        return [self.of(one) for one in self.patient.graph.inputs(node)]

    def positive(self, node: int) -> bool:
        """Whether nothing that is added up there is negative."""
        return all(bool(one > 0) for wire in self.patient.graph.inputs(node) for one in self.patient.truth(wire).ravel())

    def now(self, node: int, slot: int = 0) -> Wire:
        return self.canvas.now(self.patient.graph.inputs(node)[slot])


def _quotient(logs: Logs, node: int) -> Wire:
    """log(a/b), and log(a/(a + b)) as −log(1 + b/a)."""
    above, below = logs.patient.graph.inputs(node)
    if logs.patient.name(below) == "add" and logs.positive(below):
        parts = logs.patient.graph.inputs(below)
        others = [one for one in parts if not logs.patient.views.same(one, above)]
        if len(others) == 1:
            return -logs.xp.softplus(logs.of(others[0]) - logs.of(above))
    return logs.of(above) - logs.of(below)


def _sum(logs: Logs, node: int) -> Wire | None:
    settings = dict(logs.patient.graph.settings(node))
    if not logs.positive(node):
        return None
    source = logs.patient.graph.inputs(node)[0]
    total = logs.xp.logsumexp(logs.canvas.fitted(logs.of(source), logs.patient.graph.shape(source)), **settings)
    if logs.patient.name(node) == "mean":
        shapes = (logs.patient.graph.shape(one) for one in (source, node))
        whole, left = (int(np.prod(shape)) for shape in shapes)
        return total - math.log(whole // max(1, left))
    return total


def _matrix(logs: Logs, node: int) -> Wire | None:
    """Of a product of positive matrices or vectors: rows of the one and columns of the other, added in logarithms."""
    left, right = logs.patient.graph.inputs(node)
    (*rows, width), (_, *columns) = (shape := logs.patient.graph.shape(left)), logs.patient.graph.shape(right)
    if not logs.positive(node) or len(shape) > 2 or len(columns) > 1:
        return None
    first, second = (logs.canvas.fitted(logs.of(one), logs.patient.graph.shape(one)) for one in (left, right))
    if rows and columns:
        first, second = logs.xp.reshape(first, shape=(*rows, width, 1)), logs.xp.reshape(second, shape=(1, width, *columns))
        return logs.xp.logsumexp(first + second, axis=1)
    if columns:
        return logs.xp.logsumexp(logs.xp.reshape(first, shape=(width, 1)) + second, axis=0)
    return logs.xp.logsumexp(first + second, axis=len(rows))


def _less_one(logs: Logs, node: int) -> Wire | None:
    """log(e^x − 1) for positive x."""
    source = logs.patient.graph.inputs(node)[0]
    if not all(bool(one > 0) for one in logs.patient.truth(source).ravel()):
        return None
    x = logs.canvas.now(source)
    return x + logs.xp.log1mexp(-x)


def _softplus(logs: Logs, node: int) -> Wire:
    x = logs.now(node)
    far = x < TINY_SOFTPLUS
    return logs.xp.where(far, x, logs.xp.log(logs.xp.softplus(logs.xp.where(far, 0.0, x))))


def _laid(logs: Logs, node: int) -> Wire:
    source = logs.patient.graph.inputs(node)[0]
    log = logs.canvas.fitted(logs.of(source), logs.patient.graph.shape(source))
    return logs.xp.call(logs.patient.name(node), log, **logs.patient.graph.settings(node))


def _joined(logs: Logs, node: int) -> Wire:
    return logs.xp.call(logs.patient.name(node), *logs.inputs(node), **logs.patient.graph.settings(node))


def _product(logs: Logs, node: int) -> Wire:
    source = logs.patient.graph.inputs(node)[0]
    settings = logs.patient.graph.settings(node)
    if logs.patient.name(source) in RULES:
        return logs.xp.sum(logs.canvas.fitted(logs.of(source), logs.patient.graph.shape(source)), **settings)
    return logs.xp.log_prod(logs.canvas.now(source), **settings)


def _complement(logs: Logs, node: int) -> Wire:
    return logs.xp.log_ndtr(logs.now(node) * -math.sqrt(2.0)) + math.log(2.0)


RULES: dict[str, Callable[[Logs, int], Any]] = {
    "exp": lambda logs, node: logs.now(node),
    "multiply": lambda logs, node: logs.inputs(node)[0] + logs.inputs(node)[1],
    "divide": _quotient,
    "reciprocal": lambda logs, node: -logs.inputs(node)[0],
    "negative": lambda logs, node: logs.inputs(node)[0],
    "absolute": lambda logs, node: logs.inputs(node)[0],
    "square": lambda logs, node: 2.0 * logs.inputs(node)[0],
    "sqrt": lambda logs, node: 0.5 * logs.inputs(node)[0],
    "constant_power": lambda logs, node: logs.patient.graph.settings(node)["exponent"] * logs.inputs(node)[0],
    "power": lambda logs, node: logs.now(node, 1) * logs.inputs(node)[0],
    "compound": lambda logs, node: logs.now(node, 1) * logs.xp.log1p(logs.now(node)),
    "add": lambda logs, node: logs.xp.logaddexp(*logs.inputs(node)) if logs.positive(node) else None,
    "sum": _sum, "mean": _sum, "matmul": _matrix, "prod": _product,
    "det": lambda logs, node: logs.xp.logabsdet(logs.now(node)),
    "expm1": _less_one, "softplus": _softplus, "erfc": _complement,
    "sigmoid": lambda logs, node: logs.xp.log_sigmoid(logs.now(node)),
    "sech": lambda logs, node: -logs.xp.log_cosh(logs.now(node)),
    "cosh": lambda logs, node: logs.xp.log_cosh(logs.now(node)),
    "gamma": lambda logs, node: logs.xp.gammaln(logs.now(node)),
    "softmax": lambda logs, node: logs.xp.log_softmax(logs.now(node), **logs.patient.graph.settings(node)),
    **dict.fromkeys(LAID, _laid),
    **dict.fromkeys(("stack", "concatenate"), _joined),
}  # fmt: skip
# Whose logarithm is made of those of its inputs.
PASSED_ON = frozenset({
    *LAID, "multiply", "divide", "reciprocal", "negative", "absolute", "square", "sqrt", "constant_power", "power", "add", "sum",
    "mean", "matmul", "prod", "stack", "concatenate",
})  # fmt: skip
