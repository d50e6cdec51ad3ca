"""Slips with a gate's own rule: for each gate the local gradients that people write instead of the right one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes.question import Mistake
from chalkgrad.handwork.mistakes.walk import Change, Edge, Walk

SWAPPED = Mistake(
    "product-factors-swapped", "the wrong factor of a product was taken",
    "At {of} the local gradient with respect to {by} is the other factor, {local}, not {by} itself.",
    "The multiply gate swaps: each input's local gradient is the other input.")  # fmt: skip
WHOLE = Mistake(
    "product-kept-whole", "a product was left as it is",
    "The product {of} was kept whole; with respect to {by} the factor {by} goes, and {local} is left.",
    "The derivative of a product by one factor is the other factor.")  # fmt: skip
COEFFICIENT = Mistake(
    "coefficient-forgotten", "a constant factor is missing",
    "The coefficient {local} of {by} was forgotten.", "A constant factor stays in the derivative.")  # fmt: skip
DENOMINATOR = Mistake(
    "denominator-not-squared", "the quotient rule was not applied rightly",
    "In the derivative of {of} with respect to {by} the denominator is squared: {local}.",
    "The derivative of x/y by y is −x/y².")  # fmt: skip
ORDER = Mistake(
    "quotient-order-swapped", "the quotient rule was not applied rightly",
    "In the derivative of {of} with respect to {by} the two parts of the quotient were exchanged; it is {local}.",
    "The derivative of x/y by x is 1/y, by y it is −x/y².")  # fmt: skip
NUMERATOR = Mistake(
    "numerator-forgotten", "the quotient rule was not applied rightly",
    "In the derivative of {of} with respect to {by} the numerator was forgotten; it is {local}.",
    "The derivative of x/y by y is −x/y².")  # fmt: skip
NOT_LOWERED = Mistake(
    "exponent-not-lowered", "the power rule was not applied rightly",
    "The exponent of {of} was brought down but not lowered by one: the local gradient is {local}.",
    "d/dx xⁿ = n·xⁿ⁻¹: the exponent comes down in front, and the power drops by one.")  # fmt: skip
NOT_DOWN = Mistake(
    "exponent-not-in-front", "the power rule was not applied rightly",
    "The power of {of} was lowered but its exponent, the coefficient, was not brought down: the local gradient is {local}.",
    "d/dx xⁿ = n·xⁿ⁻¹: the exponent comes down in front, and the power drops by one.")  # fmt: skip
ONLY_DOWN = Mistake(
    "power-lost", "the power rule was not applied rightly",
    "Of the power {of} only the exponent was brought down, and the rest of the power was lost: the local gradient is {local}.",
    "d/dx xⁿ = n·xⁿ⁻¹: the exponent comes down in front, and the power drops by one.")  # fmt: skip
HALF = Mistake(
    "half-of-root-forgotten", "a factor is missing in the derivative of a root",
    "The derivative of {of} has the factor ½ in front (the coefficient 2 below): 1/(2·√{by}) = {local}.",
    "d/dx √x = 1/(2√x).")  # fmt: skip
ROOT = Mistake(
    "root-not-inverted", "the derivative of a root is wrong",
    "The root stands below: the derivative of {of} is 1/(2·√{by}) = {local}.", "d/dx √x = 1/(2√x).")  # fmt: skip
POWER_RULE = Mistake(
    "power-rule-on-exponential", "the rule for powers was used on an exponential",
    "The power rule was used on the exponential {of}, whose exponent is the variable; it is its own slope: {local}.",
    "d/dx eˣ = eˣ; the power rule is for xⁿ.")  # fmt: skip
INPUT = Mistake(
    "input-for-output", "the gate's input was used where its output belongs",
    "The local gradient of {of} is told by its output, and its input {by} was used: it is {local}.",
    "σ′ = σ(1 − σ), tanh′ = 1 − tanh², exp′ = exp: of the gate's output.")  # fmt: skip
HALF_SLOPE = Mistake(
    "slope-rule-incomplete", "the derivative of this function is not complete",
    "The slope of {of} is {rule} = {local}; a part of it is missing or has the wrong sign.",
    "σ′ = σ(1 − σ); tanh′ = 1 − tanh².")  # fmt: skip
SINE = Mistake(
    "sine-and-cosine", "sine and cosine, or their sign, were mixed up",
    "The derivative of {of} is {rule} = {local}.", "sin′ = cos, cos′ = −sin.")  # fmt: skip
DEGREES = Mistake(
    "degrees", "the angle was taken in another unit",
    "The angle {by} was taken in another unit; it is in radians, and the local gradient of {of} is {local}.",
    "Derivatives of sin and cos are right in radians only.")  # fmt: skip
LOGARITHM = Mistake(
    "logarithm-not-inverted", "the derivative of a logarithm is wrong",
    "The derivative of {of} is 1/{by} = {local}.", "d/dx log x = 1/x.")  # fmt: skip
BASE = Mistake(
    "base-of-logarithm", "the logarithm was taken with another base",
    "The logarithm {of} is the natural one, so its derivative is 1/{by} = {local}.",
    "d/dx ln x = 1/x; other bases bring 1/ln b.")  # fmt: skip
LOSER = Mistake(
    "max-routed-to-loser", "the gradient was sent to the wrong input of max or min",
    "{of} routes the whole gradient to the input it chose; {by} gets {local} of it.",
    "max hands the upstream gradient to the larger input, min to the smaller; the others get 0.")  # fmt: skip
BOTH = Mistake(
    "max-routed-to-both", "the gradient was sent to both inputs of max or min",
    "{of} routes the whole gradient to the input it chose, not to both; {by} gets {local} of it.",
    "max hands the upstream gradient to the larger input, min to the smaller; the others get 0.")  # fmt: skip
VALUE = Mistake(
    "max-value-for-slope", "the value of max or min was used as its slope",
    "The value of {of} was used as its slope; {by} gets {local} of the gradient.",
    "The local gradient of max is 1 for the input it chose and 0 for the others.")  # fmt: skip
PASSED = Mistake(
    "relu-passed", "a gradient was let through where it stops, or stopped where it passes",
    "{of} lets the gradient through where its input is positive and stops it where it is negative; {by} gets {local} of it.",
    "relu′ is 1 for positive inputs and 0 for negative ones.")  # fmt: skip
ABSOLUTE = Mistake(
    "sign-of-absolute-value", "the slope of the absolute value is wrong",
    "The slope of {of} is the sign of {by}: {local}.", "|x|′ is 1 for positive x and −1 for negative x.")  # fmt: skip

Wrong = tuple[Mistake, Any]  # with the local gradient that is written instead
Slips = Callable[[Any, Any, Any, int, Mapping[str, Any]], Iterator[Wrong]]  # inputs, output, local, slot, settings


def changes(walk: Walk) -> Iterator[Change]:
    """All slips of this kind that the derivation offers."""
    for edge in walk.edges:
        gate = walk.gate(edge)
        if edge not in walk.locals or gate.name not in SLIPS:
            continue
        local, inputs, out = walk.locals[edge], walk.inputs(edge[0]), walk.values[edge[0]]
        words = {"of": walk.wrote(edge[0]), "by": walk.wrote(walk.source(edge)), "local": local, "rule": RULES.get(gate.name, "")}
        with np.errstate(all="ignore"):
            wrong = list(SLIPS[gate.name](inputs, out, local, edge[1], walk.graph.settings(edge[0])))
        if gate.name == "divide" and edge[1] == 0 and (edge[0], 1) in walk.locals:
            yield from _whole_quotient(walk, edge[0], words)
        for mistake, factor in wrong:
            if mistake is COEFFICIENT and not walk.is_fixed(walk.graph.inputs(edge[0])[1 - edge[1]]):
                continue
            yield _change(walk, edge, mistake, factor, words)


def _whole_quotient(walk: Walk, node: int, words: Mapping[str, Any]) -> Iterator[Change]:
    """(u'v − uv') / v² with v below, or with nothing."""
    below = walk.inputs(node)[1]
    for factor in (below, below * below):
        pulls = {(node, slot): walk.times((node, slot), walk.locals[node, slot] * factor) for slot in (0, 1)}
        yield Change(mistake=DENOMINATOR, wire=node, words=words, pulls=pulls)


def _change(walk: Walk, edge: Edge, mistake: Mistake, factor: Any, words: Mapping[str, Any]) -> Change:
    return Change(mistake=mistake, wire=edge[0], words=words, pulls={edge: walk.times(edge, factor)})


def _multiply(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield COEFFICIENT, 1.0
    yield SWAPPED, inputs[slot]
    yield WHOLE, out


def _divide(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    x, y = inputs
    if slot == 0:
        yield COEFFICIENT, 1.0
        yield DENOMINATOR, 1.0 / (y * y)
        yield ORDER, y
        yield WHOLE, out
        yield ORDER, -x / (y * y)
        return
    for sign in (-1.0, 1.0):
        yield DENOMINATOR, sign * x / y
        yield NUMERATOR, sign / (y * y)
        yield ORDER, sign * y / (x * x)
    yield ORDER, 1.0 / y
    yield ORDER, x


def _power(inputs: Any, out: Any, local: Any, slot: int, settings: Mapping[str, Any]) -> Iterator[Wrong]:
    x = inputs[0]
    n = settings["exponent"] if "exponent" in settings else inputs[1] if len(inputs) > 1 else 2.0
    if slot == 1:
        yield POWER_RULE, n * np.power(x, n - 1.0)
        yield POWER_RULE, out
        return
    yield NOT_LOWERED, n * out
    yield NOT_DOWN, np.power(x, n - 1.0)
    yield ONLY_DOWN, n
    yield NOT_LOWERED, out
    yield NOT_DOWN, (n - 1.0) * np.power(x, n - 1.0)
    yield NOT_LOWERED, n * x
    yield NOT_LOWERED, n * np.power(x, n + 1.0)
    yield HALF if n == 0.5 else NOT_DOWN, -local


def _reciprocal(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield DENOMINATOR, -out
    yield DENOMINATOR, out
    yield NOT_LOWERED, -out * out * out
    yield LOGARITHM, np.log(np.abs(inputs[0]))


def _exp(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    x = inputs[0]
    yield POWER_RULE, x * np.exp(x - 1.0)
    yield POWER_RULE, x * out
    yield INPUT, x


def _log(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    x = inputs[0]
    yield LOGARITHM, x
    yield LOGARITHM, out
    yield LOGARITHM, 1.0 / out
    yield BASE, local / np.log(10.0)
    yield BASE, local / np.log(2.0)


def _sqrt(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield HALF, 1.0 / out
    yield HALF, 2.0 / out
    yield ROOT, 0.5 * out
    yield ROOT, 0.5 / inputs[0]
    yield ROOT, 2.0 * out
    yield ROOT, out


def _sigmoid(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    x = inputs[0]
    yield INPUT, x * (1.0 - x)
    for wrong in (out * (1.0 + out), out, 1.0 - out, out * out, 1.0 - out * out, out * (out - 1.0)):
        yield HALF_SLOPE, wrong


def _tanh(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    x = inputs[0]
    yield INPUT, 1.0 - x * x
    for wrong in (1.0 - out, 1.0 + out * out, out * (1.0 - out), out * out, out, np.square(1.0 - out), -local):
        yield HALF_SLOPE, wrong


def _sin(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield DEGREES, np.cos(np.deg2rad(inputs[0]))
    yield DEGREES, np.cos(np.rad2deg(inputs[0]))
    yield SINE, -local
    yield SINE, out
    yield SINE, -out


def _cos(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield DEGREES, -np.sin(np.deg2rad(inputs[0]))
    yield DEGREES, -np.sin(np.rad2deg(inputs[0]))
    yield SINE, -local
    yield SINE, out
    yield SINE, -out


def _tan(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield DEGREES, 1.0 / np.square(np.cos(np.deg2rad(inputs[0])))
    yield SINE, 1.0 / np.cos(inputs[0])
    yield SINE, -local
    yield SINE, out * out
    yield SINE, np.square(np.cos(inputs[0]))


def _choice(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield BOTH, np.ones_like(local)
    yield LOSER, 1.0 - local
    yield VALUE, out
    yield VALUE, inputs[slot]


def _relu(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield PASSED, np.ones_like(local)
    yield PASSED, 1.0 - local
    yield VALUE, out
    yield PASSED, np.zeros_like(local)


def _absolute(inputs: Any, out: Any, local: Any, slot: int, _: Any) -> Iterator[Wrong]:
    yield ABSOLUTE, np.ones_like(local)
    yield ABSOLUTE, -local
    yield VALUE, out
    yield VALUE, inputs[0]


SLIPS: dict[str, Slips] = {
    "multiply": _multiply, "divide": _divide, "power": _power, "constant_power": _power, "square": _power,
    "reciprocal": _reciprocal, "exp": _exp, "log": _log, "sqrt": _sqrt, "sigmoid": _sigmoid, "tanh": _tanh, "sin": _sin,
    "cos": _cos, "tan": _tan, "maximum": _choice, "minimum": _choice, "relu": _relu, "absolute": _absolute,
}  # fmt: skip
RULES = {"sigmoid": "σ(1 − σ)", "tanh": "1 − tanh²", "sin": "the cosine", "cos": "minus the sine", "tan": "1/cos²"}
