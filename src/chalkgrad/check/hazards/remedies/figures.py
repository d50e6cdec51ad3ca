"""Figures of geometry: the distance of two vectors from their squares, the angle between them from its cosine.

|x|² + |y|² − 2·x·y cancels where x and y are close; Σ(x − y)² does not. The arc cosine of a cosine near ±1 keeps half of its digits
and has no slope at ±1; the half angle is the arc tangent of |u − v|/|u + v| for unit vectors u and v.

Source: Kahan, Computing cross-products and rotations (2016), section 13.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import paired
from chalkgrad.transform.stabilise.views import ONE

DISTANCE = Remedy("distance by differences", "the squares of close vectors cancel, and their differences do not")
ANGLE = Remedy("angle by half its tangent", "the arc cosine keeps half of the digits near ±1, and has no slope there")
CHORD = Remedy(
    "cosine by the chord", "the cosine is close to 1, and what it lacks of it is half the square of what unit vectors differ by"
)
REJECTION = Remedy("what one vector lacks of another", "the squared lengths cancel, and the area that the vectors span does not")
ARC = Remedy("distance on a sphere by half its sine", "the arc cosine keeps half of the digits near 1, and has no slope there")
LAYING = frozenset({"index", "reshape", "transpose", "broadcast_to"})
BETWEEN = frozenset({"clip", "maximum", "minimum", "absolute"})  # what may stand between the cosine and its arc


def distances(patient: Patient) -> Iterator[Draft]:
    """Sums of two squared lengths less twice the product of the vectors."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or any(
            patient.name(one) in ("add", "subtract") for one in patient.readers[node]
        ):
            continue
        form = patient.views.linear(node)
        squares = [wire for wire, factor in form.items() if wire != ONE and factor == 1.0]
        products = [wire for wire, factor in form.items() if wire != ONE and factor == -2.0]
        if len(form) != 3 or len(squares) != 2 or len(products) != 1:
            continue
        vectors = _vectors(patient, products[0])
        if vectors is None:
            continue
        x, y, _ = vectors
        of = sorted(_of_squares(patient, one) for one in squares)
        alike = patient.graph.shape(x) == patient.graph.shape(y) and patient.graph.shape(node) == ()
        if alike and of == sorted(map(patient.views.numbers.of, (x, y))):
            yield Draft(node, DISTANCE, partial(_distance, x, y))


def tables(patient: Patient) -> Iterator[Draft]:
    """The same of all rows of two matrices: |x|² + |y|² − 2·x @ yᵀ."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or len(patient.graph.shape(node)) != 2 or not patient.sick(node):
            continue
        form = patient.views.linear(node)
        squares = [wire for wire, factor in form.items() if wire != ONE and factor == 1.0]
        products = [(wire, factor) for wire, factor in form.items() if wire != ONE and patient.name(wire) == "matmul"]
        if len(form) != 3 or len(squares) != 2 or len(products) != 1:
            continue
        rows = _rows_of_product(patient, *products[0])
        of = sorted(_of_squared_rows(patient, one) for one in squares)
        if rows is not None and of == sorted(map(patient.views.numbers.of, rows)) and _laid_out(patient, squares, rows, node):
            yield Draft(node, DISTANCE, partial(_table, *rows))


def _rows_of_product(patient: Patient, product: int, factor: float) -> tuple[int, int] | None:
    """The matrices x and y of −2·x @ yᵀ, wherever the number was put."""
    left, right = patient.graph.inputs(product)
    if len(patient.graph.shape(left)) != 2 or patient.name(right) != "transpose":
        return None
    terms = [patient.views.product(one) for one in (left, patient.graph.inputs(right)[0])]
    if any(one.exponent or list(one.powers.values()) != [1.0] for one in terms):
        return None
    (first,), (second,) = (one.powers for one in terms)
    return (first, second) if factor * terms[0].coefficient * terms[1].coefficient == -2.0 else None


def _of_squared_rows(patient: Patient, node: int) -> int:
    """The matrix whose squared rows are added up, however they are laid out; −1 for what is none."""
    while patient.name(node) in LAYING:
        node = patient.graph.inputs(node)[0]
    if patient.name(node) == "sum" and patient.graph.settings(node)["axis"] in (1, -1, (1,), (-1,)):
        term = patient.views.product(patient.graph.inputs(node)[0])
        if term.coefficient == 1.0 and not term.exponent and list(term.powers.values()) == [2.0]:
            return next(iter(term.powers))
    return -1


def _laid_out(patient: Patient, squares: list[int], rows: tuple[int, int], node: int) -> bool:
    """Whether one of the sums stands beside the rows of the table and the other above its columns."""
    shape = patient.graph.shape(node)
    lengths = [np.sum(patient.truth(one) ** 2, axis=1) for one in rows]
    wanted = lengths[0][:, np.newaxis] + lengths[1][np.newaxis, :]
    total = sum(np.broadcast_to(patient.truth(one), shape) for one in squares)
    return bool(np.all(np.abs(total - wanted) <= np.abs(wanted) * 1e-30))


def _table(x: int, y: int, canvas: Canvas) -> Wire:
    xp, first, second = canvas.xp, canvas.now(x), canvas.now(y)
    (count, width), (other, _) = first.shape, second.shape
    apart = xp.reshape(first, shape=(count, 1, width)) - xp.reshape(second, shape=(1, other, width))
    return xp.sum(apart**2, axis=-1)


def _distance(x: int, y: int, canvas: Canvas) -> Wire:
    return canvas.xp.sum((canvas.now(x) - canvas.now(y)) ** 2)


def _of_squares(patient: Patient, node: int) -> int:
    """The vector whose entries are squared and added up; −1 for what is none."""
    views = patient.views
    if patient.name(node) == "sum" and patient.graph.shape(node) == ():
        term = views.product(patient.graph.inputs(node)[0])
        if term.coefficient == 1.0 and not term.exponent and list(term.powers.values()) == [2.0]:
            return next(iter(term.powers))
    pair = _vectors(patient, node)
    return views.numbers.of(pair[0]) if pair is not None and views.same(*pair[:2]) else -1


def _vectors(patient: Patient, node: int) -> tuple[int, int, int | None] | None:
    """The two vectors of an inner product, however it was written, and the axis that they lie along, None if there is no other."""
    inputs, shape = patient.graph.inputs(node), patient.graph.shape(node)
    if patient.name(node) in ("matmul", "einsum") and len(inputs) == 2 and shape == ():
        return inputs[0], inputs[1], None
    pair = paired(patient.views, node)
    if pair is not None and len(pair[2]) == 1:
        return pair[0], pair[1], pair[2][0] - len(patient.graph.shape(pair[0]))
    if patient.name(node) == "sum" and patient.name(inputs[0]) == "multiply":
        left, right = patient.graph.inputs(inputs[0])
        axis = _axis(patient, node)
        if shape == () or (axis is not None and patient.graph.shape(left) == patient.graph.shape(right)):
            return left, right, None if shape == () else axis
    return None


def _axis(patient: Patient, node: int) -> int | None:
    """The one axis that a sum or a length is taken over, counted from the end; None where it is not one, or is kept."""
    settings, depth = patient.graph.settings(node), len(patient.graph.shape(patient.graph.inputs(node)[0]))
    axis = settings["axis"]
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    return None if not isinstance(axis, int) or settings["keepdims"] else axis % depth - depth


def angles(patient: Patient) -> Iterator[Draft]:
    """Arc cosines of an inner product over both lengths."""
    for node in patient.nodes:
        if patient.name(node) != "arccos":
            continue
        cosine, sized = patient.graph.inputs(node)[0], False
        while patient.name(cosine) in BETWEEN:
            sized = sized or patient.name(cosine) == "absolute"
            cosine = next(one for one in patient.graph.inputs(cosine) if not patient.graph.is_constant(one))
        vectors = _of_cosine(patient, cosine)
        if vectors is not None:
            yield Draft(node, ANGLE, partial(_angle, *vectors, sized))


def cosines(patient: Patient) -> Iterator[Draft]:
    """1 − the cosine of two vectors, and 1 + it: half the square of what unit vectors differ by."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
            continue
        form = patient.views.linear(node)
        for wire, factor in form.items():
            if wire != ONE and len(form) == 2 and abs(form.get(ONE, 0.0)) == abs(factor):
                vectors = _of_cosine(patient, wire)
                if vectors is not None:
                    yield Draft(node, CHORD, partial(_chord, *vectors, form[ONE], -factor / form[ONE]))


def rejections(patient: Patient) -> Iterator[Draft]:
    """|b|² − (q·b)² for a unit vector q, and |a|²·|b|² − (a·b)²: what is left of b beside a, by the plane that they span."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract", "square_difference") or not patient.sick(node):
            continue
        terms = [one for one in patient.views.terms(node) if not one.exponent]
        if len(terms) != 2 or terms[0].coefficient != -terms[1].coefficient:
            continue
        lengths, products = sorted(terms, key=lambda one: -one.coefficient)
        inner = [one for one, power in products.powers.items() if power == 2.0]
        vectors = _vectors(patient, inner[0]) if len(inner) == len(products.powers) == 1 else None
        of = sorted(_of_squares(patient, one) for one, power in lengths.powers.items() for _ in range(int(max(power, 0.0))))
        if vectors is None or vectors[2] is not None:
            continue
        numbers = [patient.views.numbers.of(one) for one in vectors[:2]]
        units = [_before_length(patient, one, None) for one in vectors[:2]]
        if of == sorted(numbers):
            yield Draft(node, REJECTION, partial(_rejected, numbers[0], numbers[1], lengths.coefficient, False))
        for unit, other in ((units[0], numbers[1]), (units[1], numbers[0])):
            if unit is not None and of == [other]:
                yield Draft(node, REJECTION, partial(_rejected, unit, other, lengths.coefficient, True))
                break


def _rejected(a: int, b: int, scale: float, by_unit: bool, canvas: Canvas) -> Wire:
    """Σ(aᵢ·bⱼ − aⱼ·bᵢ)² over the pairs, from the difference of the vectors, which is exact where they are close."""
    xp, u, v = canvas.xp, canvas.now(a), canvas.now(b)
    (size,) = u.shape
    table = xp.reshape(u, shape=(size, 1)) * xp.reshape(v - u, shape=(1, size))
    total = xp.sum((table - xp.transpose(table, axes=(1, 0))) ** 2) * (0.5 * scale)
    return total / xp.sum(u * u) if by_unit else total


def _chord(x: int, y: int, axis: int | None, scale: float, sign: float, canvas: Canvas) -> Wire:
    apart = _unit_difference(canvas, canvas.now(x), canvas.now(y) if sign > 0 else -canvas.now(y), axis)
    return canvas.xp.sum(apart**2, axis=axis) * (scale / 2.0)


def _unit_difference(canvas: Canvas, u: Wire, v: Wire, axis: int | None) -> Wire:
    """What the unit vectors differ by, from d = v − u, exact for close vectors: d − u·(d·(u + v))/(|u|·(|u| + |v|)), over |v|."""
    xp, along = canvas.xp, {"axis": axis, "keepdims": axis is not None}
    apart, length, other = v - u, xp.norm(u, **along), xp.norm(v, **along)
    share = xp.sum(apart * (u + v), **along) / (length * (length + other))
    return (apart - u * share) / other


def _of_cosine(patient: Patient, cosine: int) -> tuple[int, int, int | None] | None:
    """The vectors of an inner product over both lengths, or of unit vectors, and the axis that they lie along."""
    term = patient.views.product(cosine)
    if list(term.powers.values()) == [1.0] and term.coefficient == 1.0 and not term.exponent:
        return _of_units(patient, next(iter(term.powers)))
    above = [one for one, power in term.powers.items() if power == 1.0]
    below = [one for one, power in term.powers.items() if power == -1.0]
    if term.coefficient != 1.0 or term.exponent or len(above) != 1 or len(below) != 2 or len(term.powers) != 3:
        return None
    vectors, numbers = _vectors(patient, above[0]), patient.views.numbers
    if vectors is None or not all(patient.name(one) == "norm" for one in below):
        return None
    if vectors[2] is not None and any(_axis(patient, one) != vectors[2] for one in below):
        return None
    lengths = sorted(numbers.of(patient.graph.inputs(one)[0]) for one in below)
    return vectors if lengths == sorted(map(numbers.of, vectors[:2])) else None


def _of_units(patient: Patient, product: int) -> tuple[int, int, int | None] | None:
    """The vectors whose inner product is taken after each was divided by its length."""
    vectors = _vectors(patient, product)
    if vectors is None:
        return None
    x, y = (_before_length(patient, one, vectors[2]) for one in vectors[:2])
    return None if x is None or y is None else (x, y, vectors[2])


def _before_length(patient: Patient, node: int, axis: int | None) -> int | None:
    """The vector that was divided by its length along this axis."""
    term, graph = patient.views.product(node), patient.graph
    for vector, power in term.powers.items():
        for length, against in term.powers.items():
            core = patient.views.numbers.core(length)
            if (power, against, len(term.powers), term.coefficient) != (1.0, -1.0, 2, 1.0) or patient.name(core) != "norm":
                continue
            source, over = graph.inputs(core)[0], graph.settings(core)["axis"]
            depth = len(graph.shape(source))
            along = depth == 1 if axis is None else axes(over, depth) == axes(axis, depth)
            if patient.views.same(source, vector) and along:
                return vector
    return None


def _angle(x: int, y: int, axis: int | None, sized: bool, canvas: Canvas) -> Wire:
    """The angle between two vectors; `sized`: between their lines."""
    xp, u, v = canvas.xp, canvas.now(x), canvas.now(y)
    if sized:
        v = v * xp.where(xp.sum(u * v, axis=axis, keepdims=axis is not None) < 0, -1.0, 1.0)
    first, second = (one / xp.norm(one, axis=axis, keepdims=axis is not None) for one in (u, v))
    return 2.0 * xp.arctan2(xp.norm(_unit_difference(canvas, u, v, axis), axis=axis), xp.norm(first + second, axis=axis))


def arcs(patient: Patient) -> Iterator[Draft]:
    """arccos(sin a·sin b + cos a·cos b·cos c), the distance of two places on a sphere."""
    for node in patient.nodes:
        if patient.name(node) != "arccos" or patient.name(total := patient.graph.inputs(node)[0]) != "add":
            continue
        pure = [one.powers for one in patient.views.terms(total) if one.coefficient == 1.0 and not one.exponent]
        sines = [powers for powers in pure if [patient.name(one) for one in powers] == ["sin", "sin"]]
        cosines = [powers for powers in pure if [patient.name(one) for one in powers] == ["cos", "cos", "cos"]]
        if len(pure) != 2 or len(sines) != 1 or len(cosines) != 1:
            continue
        heights = [patient.views.numbers.of(patient.graph.inputs(one)[0]) for one in sines[0]]
        around = [patient.views.numbers.of(patient.graph.inputs(one)[0]) for one in cosines[0]]
        apart = [one for one in around if one not in heights]
        if len(apart) == 1 and len(heights) == 2:
            yield Draft(node, ARC, partial(_arc, heights[0], heights[1], apart[0]))


def _arc(a: int, b: int, c: int, canvas: Canvas) -> Wire:
    xp, first, second, around = canvas.xp, canvas.now(a), canvas.now(b), canvas.now(c)
    across = xp.sqrt(xp.cos(first) * xp.cos(second)) * xp.sin(around / 2.0)
    return 2.0 * xp.arcsin(xp.hypot(xp.sin((first - second) / 2.0), across))
