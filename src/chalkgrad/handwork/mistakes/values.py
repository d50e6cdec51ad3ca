"""Slips with values: another operation than the one written, signs, units, forgotten parts."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes.question import Mistake
from chalkgrad.handwork.mistakes.vectors import HINGE, is_mask
from chalkgrad.handwork.mistakes.walk import Change, Walk

OPERATION = Mistake(
    "another-operation", "the forward value is wrong: another operation was done",
    "The forward value of {of} is wrong: {done} instead of {written}; it is {right}.",
    "In the forward pass every gate computes what is written.")  # fmt: skip
PRECEDENCE = Mistake(
    "precedence", "the forward value is wrong: operations were done in another order",
    "The forward value is wrong: in {of} {done}; it is {right}.",
    "Powers come before products, products before sums; a minus in front of a power is applied after it.")  # fmt: skip
SIGN_OF_VALUE = Mistake(
    "sign-of-a-part", "the forward value is wrong: a sign was lost",
    "The forward value is wrong: a minus sign was lost at {of}, which is {right}.",
    "A minus sign belongs to what follows it.")  # fmt: skip
PART = Mistake(
    "part-forgotten", "the forward value is wrong: a part was forgotten",
    "The forward value of {of} is wrong: {part} was forgotten; it is {right}.",
    "In the forward pass every gate takes all its inputs.")  # fmt: skip
UNIT = Mistake(
    "degrees-in-value", "the angle was taken in another unit",
    "The angle was taken in another unit; it is in radians, and {of} is {right}.", "Angles are in radians.")  # fmt: skip
BASE_OF_VALUE = Mistake(
    "base-of-logarithm-in-value", "the logarithm was taken with another base",
    "The logarithm in {of} is the natural one: {right}.", "log and ln are the natural logarithm.")  # fmt: skip
SHARE_OF_VALUE = Mistake(
    "mean-and-sum", "a division by the number of entries is missing or too many",
    "{of} is {right}: a mean divides by the number of its entries, a sum does not.",
    "The mean is the sum divided by N.")  # fmt: skip
AXIS = Mistake(
    "wrong-axis", "another axis was summed over", "{of} was reduced over another axis; it is {right}.",
    "axis=0 goes down the columns, axis=1 along the rows.")  # fmt: skip
NOT_NORMALISED = Mistake(
    "not-normalised", "the normaliser is missing", "The powers in {of} were not divided by their sum; it is {right}.",
    "softmax divides each power by the sum of all.")  # fmt: skip
MATRIX = Mistake(
    "transposed-in-value", "a matrix is transposed", "A matrix in {of} was transposed; it is {right}.",
    "Rows of the left meet columns of the right.")  # fmt: skip

Rule = Callable[..., Any]
Slip = tuple[Mistake, Rule, dict[str, str]]


def changes(walk: Walk) -> Iterator[Change]:
    """All slips of this kind that computing the value offers."""
    for node in walk.steps:
        gate = walk.graph.gate(node)
        assert gate is not None
        words = {"of": walk.wrote(node), "right": walk.values[node]}
        for mistake, rule, more in _slips(walk, node, gate.name):
            yield Change(mistake=mistake, wire=node, words={**words, **more}, rules={node: rule})


def _done(done: str, written: str) -> dict[str, str]:
    return {"done": done, "written": written}


def _slips(walk: Walk, node: int, name: str) -> Iterator[Slip]:
    inputs = [walk.wrote(one) for one in walk.graph.inputs(node)]
    settings = walk.graph.settings(node)
    if name in JOINED:
        yield from _brackets(walk, node, name)
        done = {"add": "added", "subtract": "subtracted", "multiply": "multiplied", "divide": "divided"}
        for other, rule in JOINED.items():
            if other != name:
                yield OPERATION, rule, _done(done[other], done[name])
        if name in ("subtract", "divide"):
            yield OPERATION, lambda x, y: JOINED[name](y, x), _done("the two were exchanged", "in the order that is written")
        for place in (0, 1):
            yield PART, lambda x, y, place=place: (y, x)[place], {"part": inputs[place]}
        if name == "multiply":
            yield SIGN_OF_VALUE, lambda x, y: -(x * y), {}
            yield from _shares(walk, node)
    elif name == "negative":
        yield SIGN_OF_VALUE, lambda x: x, {}
        yield from _minus_before_power(walk, node)
    elif name in ("square", "constant_power", "power"):
        yield from _powers(walk, node, settings.get("exponent", 2.0))
    elif name in ("sin", "cos", "tan"):
        yield UNIT, lambda x: getattr(np, name)(np.deg2rad(x)), {}
        yield UNIT, lambda x: getattr(np, name)(np.rad2deg(x)), {}
    elif name == "log":
        yield BASE_OF_VALUE, np.log10, {}
        yield BASE_OF_VALUE, np.log2, {}
    elif name in OTHERS:
        for rule, instead in OTHERS[name]:
            yield OPERATION, rule, _done(instead, "what is written")
    elif name in ("sum", "mean"):
        yield from _reduced(walk, node, name)
    elif name == "softmax":
        yield NOT_NORMALISED, np.exp, {}
    elif name == "matmul":
        left, right = walk.inputs(node)
        if np.ndim(left) == 2 and left.shape[0] == left.shape[1]:
            yield MATRIX, lambda x, y: x.T @ y, {}
        if np.ndim(right) == 2 and right.shape[0] == right.shape[1]:
            yield MATRIX, lambda x, y: x @ y.T, {}


def _brackets(walk: Walk, node: int, name: str) -> Iterator[Slip]:
    """(a + b)·c for a + b·c, and a + b·c for (a + b)·c."""
    outer = JOINED[name]
    sums, products = ("add", "subtract"), ("multiply", "divide")
    for place, one in enumerate(walk.graph.inputs(node)):
        gate = walk.graph.gate(one)
        if gate is None or one not in walk.steps or {name, gate.name} <= {*sums} or {name, gate.name} <= {*products}:
            continue
        if gate.name not in JOINED:
            continue
        inner = JOINED[gate.name]
        a, b = walk.inputs(one)
        done = {"done": "the sum was taken first" if name in sums else "brackets were passed over"}
        if place == 1:
            yield PRECEDENCE, lambda x, y, inner=inner, a=a, b=b: inner(outer(x, a), b), done
        else:
            yield PRECEDENCE, lambda x, y, inner=inner, a=a, b=b: inner(a, outer(b, y)), done


def _shares(walk: Walk, node: int) -> Iterator[Slip]:
    """1/N in front of a sum, and the weights 1 and 0 of a sum over all classes but the true one."""
    for place, value in enumerate(walk.inputs(node)):
        if np.ndim(value) == 0 and value and 1 / value in walk.counts:
            yield SHARE_OF_VALUE, lambda x, y, place=place: (y, x)[place], {}
        if is_mask(value):
            yield HINGE, lambda x, y, place=place: (y, x)[place], {}


def _minus_before_power(walk: Walk, node: int) -> Iterator[Slip]:
    """−x² as (−x)²."""
    inner = walk.graph.inputs(node)[0]
    gate = walk.graph.gate(inner)
    if gate is not None and gate.name in ("square", "constant_power"):
        exponent = walk.graph.settings(inner).get("exponent", 2.0)
        base = walk.inputs(inner)[0]
        yield PRECEDENCE, lambda x: np.power(-base, exponent), {"done": "the minus was taken into the power"}


def _powers(walk: Walk, node: int, exponent: float) -> Iterator[Slip]:
    def own(rest: tuple[Any, ...]) -> Any:
        return rest[0] if rest else exponent

    told = "raised to the power"
    yield OPERATION, lambda x, *rest: x * own(rest), _done("multiplied by the exponent", told)
    yield OPERATION, lambda x, *rest: x + own(rest), _done("the exponent was added", told)
    yield PART, lambda x, *rest: x, {"part": "the exponent"}
    yield SIGN_OF_VALUE, lambda x, *rest: -np.power(x, own(rest)), {}
    base = walk.graph.inputs(node)[0]
    gate = walk.graph.gate(base)
    if gate is not None and gate.name in ("add", "subtract") and base in walk.steps:
        left, right = walk.inputs(base)
        sign = 1.0 if gate.name == "add" else -1.0
        done = {"done": "each part was raised to the power by itself"}
        yield PRECEDENCE, lambda x, *rest: np.power(left, own(rest)) + sign * np.power(right, own(rest)), done
    if gate is not None and gate.name in ("multiply", "divide", "negative") and base in walk.steps:
        parts = walk.inputs(base)
        outer = JOINED[gate.name] if gate.name != "negative" else None
        done = {"done": "only a part was raised to the power"}
        if outer is None:
            yield PRECEDENCE, lambda x, *rest: -np.power(parts[0], own(rest)), done
        else:
            yield PRECEDENCE, lambda x, *rest: outer(np.power(parts[0], own(rest)), parts[1]), done
            yield PRECEDENCE, lambda x, *rest: outer(parts[0], np.power(parts[1], own(rest))), done


def _reduced(walk: Walk, node: int, name: str) -> Iterator[Slip]:
    settings, whole = walk.graph.settings(node), walk.inputs(node)[0]
    axis, keepdims = settings["axis"], settings["keepdims"]
    other = np.mean if name == "sum" else np.sum
    yield SHARE_OF_VALUE, lambda x: other(x, axis=axis, keepdims=keepdims), {}
    own = np.sum if name == "sum" else np.mean
    for place in range(np.ndim(whole)):
        if axis is not None and own(whole, axis=place, keepdims=keepdims).shape == np.shape(walk.values[node]):
            yield AXIS, lambda x, place=place: own(x, axis=place, keepdims=keepdims), {}


JOINED: dict[str, Rule] = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide}
OTHERS: dict[str, list[tuple[Rule, str]]] = {
    "maximum": [(lambda *x: reduce(np.minimum, x), "the smaller was taken"), (lambda *x: sum(x), "they were added")],
    "minimum": [(lambda *x: reduce(np.maximum, x), "the larger was taken"), (lambda *x: sum(x), "they were added")],
    "sqrt": [(lambda x: x / 2, "it was halved"), (np.square, "it was squared"), (lambda x: x, "the root was forgotten")],
    "exp": [(lambda x: np.e * x, "e was multiplied by the exponent"), (lambda x: np.exp(-x), "the exponent's sign was turned")],
    "sigmoid": [(lambda x: 1 / (1 + np.exp(x)), "the minus in the exponent was lost"), (np.tanh, "tanh was taken"),
                (lambda x: np.exp(-x), "only the power was taken"), (lambda x: 1 / np.exp(-x), "the 1 below was forgotten")],
    "tanh": [(lambda x: 1 / (1 + np.exp(-x)), "the sigmoid was taken"), (np.tan, "tan was taken")],
    "absolute": [(lambda x: x, "the sign was kept"), (lambda x: -x, "the sign was turned")],
    "relu": [(lambda x: x, "the negative input was let through"), (np.abs, "the absolute value was taken")],
    "reciprocal": [(lambda x: x, "the reciprocal was forgotten"), (lambda x: -x, "the sign was turned")],
}  # fmt: skip
