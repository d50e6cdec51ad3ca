"""Reverse mode: the backward pass as one reversed loop that builds gradient gates.

Each factor of the chain rule is kept as a `Contribution`: which wire it flows to, from which gate, and which upstream and local
gradient were multiplied. Where a wire fans out, its contributions add. Since gradients are graph, they can be printed, evaluated
and differentiated again.

    >>> from chalkgrad.graph.evaluate import evaluate
    >>> from chalkgrad.graph.graph import Graph
    >>> from chalkgrad.graph.wire import Drawing
    >>> graph = Graph()
    >>> xp = Drawing(graph)
    >>> x, y = xp.wire(graph.leaf("x")), xp.wire(graph.leaf("y"))
    >>> back = reverse(graph, (x * y + x).node, [x.node])
    >>> float(evaluate(graph, {x.node: 2.0, y.node: -3.0})[back.total(x.node)])
    -2.0
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chalkgrad.errors import ShapeError
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.again import Again
from chalkgrad.transform.chain import Chain
from chalkgrad.transform.masks import Mask, carried, either

NOTHING = -1  # no gradient flows here: the output does not depend on the wire
FIELDS = 6  # of a contribution


@dataclass(frozen=True, slots=True)
class Contribution:
    """What flows back to `wire` through input `slot` of the gate at `gate`: `product` = `upstream` · `local`.

    `local` is None where the local gradient is no array of factors but a linear map (matrix products, softmax, reshaping).
    """

    wire: int
    gate: int
    slot: int
    upstream: int
    local: int | None
    product: int


@dataclass(slots=True)
class Backward:
    """The record of one backward pass. `total(wire)` is the node of ∂output/∂wire, or None where the output does not depend."""

    output: int
    start: int  # the first held wire: those before it cannot depend on any
    totals: "array[int]"  # by wire, from `start` on
    masks: dict[int, Mask] = field(default_factory=dict)  # by wire: where its gradient is not known to be nothing
    _entries: "array[int]" = field(default_factory=lambda: array("i"))  # the fields of all contributions, one after the other

    def total(self, wire: int) -> int | None:
        place = wire - self.start
        node = self.totals[place] if 0 <= place < len(self.totals) else NOTHING
        return None if node == NOTHING else node

    def contributions(self) -> Iterator[Contribution]:
        """All factors of the pass, in the order of the walk."""
        fields = iter(self._entries)
        for wire, gate, slot, upstream, local, product in zip(*[fields] * FIELDS, strict=True):
            yield Contribution(wire, gate, slot, upstream, None if local == NOTHING else local, product)

    def record(self, *entry: int) -> None:
        self._entries.extend(entry)


def reverse(graph: Graph, output: int, wrt: Iterable[int], seed: int | None = None, mask: Mask | None = None,
            literal: bool = False) -> Backward:  # fmt: skip
    """Append to `graph` the gradient of `output` with respect to the wires `wrt`, and return the record of the walk.

    Each wire in `wrt` is held: the walk does not pass through it, so that wires inside the graph count as independent. `seed`
    is the gradient of the output itself, by default 1, which needs an output of a single number (else ShapeError); `mask` tells
    where it is not known to be nothing. `literal` leaves all masks out, to show what they spare.
    """
    if seed is None:
        shape = graph.shape(output)
        if shape != ():
            raise ShapeError(
                f"A gradient needs a single number to start from; the output has the shape {show(shape)}.",
                hint="Pick an entry, as in s[0], or reduce it: sum(...), mean(...).",
            )
        seed = graph.constant(1.0)
    held = frozenset(wrt)
    start = min(output, *held) if held else output
    back = Backward(output, start, array("i", [NOTHING]) * (output + 1 - start))
    back.totals[output - start] = seed
    if mask is not None:
        back.masks[output] = mask
    walk = _Walk(Chain(graph, literal), back, _between(graph, start, output, held), Again(graph, output, held))
    for node in range(output, start - 1, -1):
        if node not in held and back.totals[node - start] != NOTHING and walk.needs(node):
            walk.through(node)
    return back


def _between(graph: Graph, start: int, output: int, held: frozenset[int]) -> bytearray:
    """Marks the wires, from `start` on, that depend on a held wire: only they can carry a gradient to it."""
    reached = bytearray(output + 1 - start)
    first, operands = graph.first, graph.operands
    for node in range(start, output + 1):
        if node in held or any(one >= start and reached[one - start] for one in operands[first[node] : first[node + 1]]):
            reached[node - start] = 1
    return reached


class _Walk:
    """One step of the backward loop for each way in which a gate tells its slope.

    Local gradients are made of the values at `read`: the node itself, or its copy in a stretch that is computed anew.
    """

    def __init__(self, chain: Chain, back: Backward, needed: bytearray, again: Again) -> None:
        self.chain = chain
        self.graph = chain.graph
        self.back = back
        self.needed = needed
        self.again = again
        self.start = back.start

    def needs(self, wire: int) -> bool:
        """Whether the wire depends on a held one."""
        return wire >= self.start and self.needed[wire - self.start] == 1

    def through(self, node: int) -> None:
        gate = self.graph.gate(node)
        if gate is None or not gate.differentiable:
            return
        upstream = Wire(self.chain.xp, self.back.totals[node - self.start])
        read = self.again.twin(node, upstream.node, self.needs)
        if gate.local is not None:
            self._local(gate, node, read, upstream)
        else:
            self._mapped(gate, node, read, upstream)

    def _local(self, gate: Gate, node: int, read: int, upstream: Wire) -> None:
        graph, chain, mask = self.graph, self.chain, self.back.masks.get(node)
        for slot, (wire, local) in enumerate(zip(graph.inputs(node), chain.locals_of(gate, read), strict=True)):
            if local is None or not self.needs(wire):
                continue
            product, flows = chain.upstream_times(gate, node, upstream, local, graph.shape(wire), mask)
            shown = local if isinstance(local, Wire) else chain.shared(local)
            self._flow(wire, node, slot, upstream, shown.node, product, flows)

    def _mapped(self, gate: Gate, node: int, read: int, upstream: Wire) -> None:
        wires = self.chain.wires(self.graph.inputs(read))
        mask, settings = self.back.masks.get(node), self.graph.settings(node)
        for slot, wire in enumerate(self.graph.inputs(node)):
            if not self.needs(wire):
                continue
            if gate.pulls(slot):
                assert gate.pull is not None
                pulled = gate.pull(self.chain.xp, upstream, wires, slot, **settings)
                flows = mask and carried(gate, self.chain.xp, mask, wires, slot, self.graph.shape(node), settings)
            else:
                pulled, flows = self._transposed(gate, read, wires, slot, upstream, mask)
            if pulled is not None:
                self._flow(wire, node, slot, upstream, NOTHING, pulled, flows)

    def _transposed(
        self, gate: Gate, read: int, wires: list[Wire], slot: int, upstream: Wire, mask: Mask | None
    ) -> tuple[Wire | None, Mask | None]:
        """Draw the tangent of the gate as a linear graph from a placeholder, and walk that graph backward."""
        assert gate.push is not None
        xp = self.chain.xp
        tangents = [xp.broadcast_to(0.0, shape=one.shape) for one in wires]
        pushed = gate.push(xp, tangents, wires, Wire(xp, read), **self.graph.settings(read))
        tangent = tangents[slot].node
        back = reverse(self.graph, pushed.node, [tangent], seed=upstream.node, mask=mask, literal=self.chain.literal)
        total = back.total(tangent)
        return None if total is None else Wire(xp, total), back.masks.get(tangent)

    def _flow(self, wire: int, node: int, slot: int, upstream: Wire, local: int, product: Wire, flows: Mask | None) -> None:
        self.back.record(wire, node, slot, upstream.node, local, product.node)
        totals, masks, place = self.back.totals, self.back.masks, wire - self.start
        before = totals[place]
        totals[place] = product.node if before == NOTHING else (Wire(self.chain.xp, before) + product).node
        if before != NOTHING:
            flows = either(masks.pop(wire, None), flows)
        if flows is not None:
            masks[wire] = flows
