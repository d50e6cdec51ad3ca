"""Matrix products and einsum as sums of products within each row, where a row is small enough to stay in cache.

Large matrix products are left to NumPy's BLAS and to `sweeps`, which do them best. Small ones in each row (a product with the
factor of each component of a mixture, say) join the kernel of their row, and what they make is never written to memory.
"""

import math

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Drawing, Wire

LEAST_ROWS = 64
MOST_PRODUCTS = 16_384  # in a row
NARROW = 32  # columns of each factor of a product of two matrices


def of_einsum(xp: Drawing, wires: list[Wire], spec: str) -> Wire | None:
    """The sum of products that `spec` tells; None where it is no work of rows, or too large."""
    given, _, out = spec.partition("->")
    letters = given.split(",")
    if len(letters) > 2:  # two at a time, from the left
        rest = set(out).union(*letters[2:])
        between = "".join(letter for letter in dict.fromkeys(letters[0] + letters[1]) if letter in rest)
        first = of_einsum(xp, wires[:2], f"{letters[0]},{letters[1]}->{between}")
        return None if first is None else of_einsum(xp, [first, *wires[2:]], ",".join([between, *letters[2:]]) + f"->{out}")
    order = _order(letters, out, [wire.shape for wire in wires])
    if order is None:
        return None
    places, over, sizes = order
    factors = []
    for one, wire in zip(letters, wires, strict=True):
        wanted = [letter for letter in places if letter in one]
        if wanted != list(one):
            wire = xp.call("transpose", wire, axes=tuple(one.index(letter) for letter in wanted))
        factors.append(_shaped(xp, wire, tuple(sizes[letter] if letter in one else 1 for letter in places)))
    product = xp.call("multiply", *factors)
    return xp.call("sum", product, axis=over) if over else product


def of_matmul(xp: Drawing, x: Wire, y: Wire) -> Wire | None:
    """The product of two matrices or stacks of them, entry (i, k) as the sum of x[i, j]·y[j, k]; None where BLAS does it better."""
    if x.ndim < 2 or y.ndim < 2:
        return _of_vector(xp, x, y)
    if x.shape[-1] == 1:
        return xp.call("multiply", x, y)  # no sums: each entry is one product
    if x.ndim == y.ndim == 2:
        turned = _transposed(x)
        if turned is not None:
            return _over_rows(xp, turned, y)
        if max(x.shape[1], y.shape[1]) > NARROW:
            return None
    *_, i, j = x.shape
    k = y.shape[-1]
    out = (*_broadcast(x.shape[:-2], y.shape[:-2]), i, k)
    if out[0] < LEAST_ROWS or not 0 < math.prod(out[1:]) * j <= MOST_PRODUCTS:
        return None
    left, right = (*x.shape, 1), (*y.shape[:-2], 1, j, k)
    return xp.call("sum", xp.call("multiply", _shaped(xp, x, left), _shaped(xp, y, right)), axis=(len(out) - 1,))


def _of_vector(xp: Drawing, x: Wire, y: Wire) -> Wire | None:
    if x.ndim < 2 or y.ndim != 1:
        return None
    turned = _transposed(x) if x.ndim == 2 else None
    if turned is not None:
        return None if not _short(turned) else xp.call("sum", turned * _shaped(xp, y, (*y.shape, 1)), axis=(0,))
    return xp.call("sum", x * y, axis=(x.ndim - 1,)) if _short(x) else None


def _over_rows(xp: Drawing, x: Wire, y: Wire) -> Wire | None:
    """The sum of x[n, i]·y[n, k] over all rows n."""
    if not (_short(x) and _short(y)):
        return None
    return xp.call("sum", _shaped(xp, x, (*x.shape, 1)) * _shaped(xp, y, (y.shape[0], 1, y.shape[1])), axis=(0,))


def _short(x: Wire) -> bool:
    return x.shape[0] >= LEAST_ROWS and 0 < math.prod(x.shape[1:]) <= MOST_PRODUCTS and x.shape[-1] <= NARROW


def _transposed(x: Wire) -> Wire | None:
    """The matrix whose transpose this is."""
    graph: Graph = x.drawing.graph
    gate = graph.gate(x.node)
    if gate is None or gate.name != "transpose" or x.ndim != 2 or graph.settings(x.node)["axes"] not in (None, (1, 0)):
        return None
    return Wire(x.drawing, graph.inputs(x.node)[0])


def _shaped(xp: Drawing, wire: Wire, shape: Shape) -> Wire:
    shaped: Wire = wire if wire.shape == shape else xp.call("reshape", wire, shape=shape)
    return shaped


def _broadcast(one: Shape, other: Shape) -> Shape:
    longer = max(len(one), len(other))
    aligned = ((1,) * (longer - len(shape)) + shape for shape in (one, other))
    return tuple(max(pair) for pair in zip(*aligned, strict=True))


def _order(letters: list[str], out: str, shapes: list[Shape]) -> tuple[list[str], tuple[int, ...], dict[str, int]] | None:
    """The order of axes in which a sum of products of two arrays goes row by row, the axes to sum over, and all sizes.

    None where it does not, or where it is too large.
    """
    if len(letters) != 2 or any(len(set(one)) != len(one) for one in (*letters, out)):
        return None
    sizes: dict[str, int] = {}
    for one, shape in zip(letters, shapes, strict=True):
        sizes.update(zip(one, shape, strict=True))
    row = max(zip(letters, shapes, strict=True), key=lambda pair: math.prod(pair[1]))[0][:1]
    summed = [letter for letter in sizes if letter not in out]
    if row and out[:1] == row:
        order, over = [*out, *summed], tuple(range(len(out), len(out) + len(summed)))
    elif summed == [row]:
        order, over = [row, *out], (0,)
    else:
        return None
    if sizes[row] < LEAST_ROWS or not 0 < math.prod(sizes[letter] for letter in order[1:]) <= MOST_PRODUCTS:
        return None
    turned = any(row in one and [letter for letter in order if letter in one] != list(one) for one in letters)
    return None if turned else (order, over, sizes)
