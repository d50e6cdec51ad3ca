"""Sums and products of exponentials that are written as matrix products: X @ ones, einsum("ij,i->ij", X, y).

As a sum that is stretched, or a product entry by entry, they are known to the rules for softmax and logsumexp.
"""

from chalkgrad.gates.einsum import letters
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import level
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import Views

WITH_ONES = rule(
    "product with a matrix of ones",
    written=lambda xp, x: xp.matmul(xp.exp(x), [[1.0] * 3] * 4),
    stable=lambda xp, x: xp.broadcast_to(xp.sum(xp.exp(x), axis=-1, keepdims=True), shape=(2, 3)),
    why="every column is the sum of the row, and as a matrix product that is not known as the sum which a softmax is made of",
    proof="Σₖ xᵢₖ·1 = Σₖ xᵢₖ for every column",
    ranges=((-300.0, 300.0),),
    shapes=((2, 4),),
)
ENTRY_BY_ENTRY = rule(
    "product by einsum",
    written=lambda xp, x, y: xp.einsum(xp.exp(x), y, spec="ij,i->ij"),
    stable=lambda xp, x, y: xp.exp(x) * xp.reshape(y, shape=(2, 1)),
    why="what is multiplied by a matrix product is not known as the quotient that a softmax is",
    proof="nothing is summed, so each entry is the product of the entries above it",
    ranges=((-300.0, 300.0), (0.1, 2.0)),
    shapes=((2, 4), (2,)),
)


def _of_powers(views: Views, node: int) -> bool:
    return any(views.product(one).exponent for one in views.graph.inputs(node))


def _below(views: Views, wire: int) -> int | None:
    """What 1 is divided by."""
    term = views.product(wire)
    alone = list(term.powers.values()) == [-1.0] and term.coefficient == 1.0 and not term.exponent
    below = next(iter(term.powers)) if alone else None
    return below if below is not None and views.graph.shape(below) == views.graph.shape(wire) else None


@completes("matmul")
def with_ones(views: Views, node: int) -> Found | None:
    left, right = views.graph.inputs(node)
    shape, xp = views.graph.shape(node), views.xp
    for source, ones, axis in ((left, right, -1), (right, left, -2)):
        same = level(views, ones)
        if same is None or len(views.graph.shape(ones)) != 2 or not views.product(source).exponent:
            continue
        if len(views.graph.shape(source)) > 2:
            return None
        total = views.scaled(same, xp.sum(xp.wire(source), axis=axis if len(views.graph.shape(source)) == 2 else 0, keepdims=True))
        return WITH_ONES, total if total.shape == shape else xp.broadcast_to(total, shape=shape)
    return None


@completes("einsum")
def entry_by_entry(views: Views, node: int) -> Found | None:
    """An einsum that sums nothing, with powers of e in it."""
    if len(views.graph.inputs(node)) < 2 or not _of_powers(views, node):
        return None
    named, result = letters(views.graph.settings(node)["spec"])
    if {letter for axes in named for letter in axes} != set(result) or any(len(set(axes)) < len(axes) for axes in (*named, result)):
        return None
    total: Wire | None = None
    for axes, one in zip(named, views.graph.inputs(node), strict=True):
        order = tuple(sorted(range(len(axes)), key=lambda place: result.index(axes[place])))
        shape = tuple(size if letter in axes else 1 for letter, size in zip(result, views.graph.shape(node), strict=True))
        below = _below(views, one)
        laid = views.xp.wire(one if below is None else below)
        if order != tuple(range(len(axes))):
            laid = views.xp.transpose(laid, axes=order)
        laid = laid if laid.shape == shape else views.xp.reshape(laid, shape=shape)
        laid = laid if below is None else 1 / laid
        total = laid if total is None else total * laid
    assert total is not None
    return ENTRY_BY_ENTRY, total
