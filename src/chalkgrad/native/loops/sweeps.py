"""Products of a tall matrix X with a skinny one put together with the kernel between them: X @ W before it, Xᵀ @ G after it.

Rows of X that were read for the scores are still in cache when the kernel has made their upstream gradients G of these. So both
products and the kernel go over the rows together, some rows at a time, and X is read from memory once.
"""

from dataclasses import replace

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.loops.alignment import size
from chalkgrad.native.loops.plan import Kernel, Plan, Sweep, Tall, left

FEWEST_ROWS, FEWEST_COLUMNS, MOST_COLUMNS = 256, 64, 2**17  # of X; of longer rows, too few stay in cache
WIDEST, WIDE = 64, 48  # columns of W, with X in memory and with X in cache; with more, BLAS is in its element
IN_CACHE = 5 * 2**20  # bytes of X that stay there from the one product to the other
LEAST_ENTRIES = 2**18  # of X; below it NumPy's product takes no time to speak of
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def tall(graph: Graph, node: int, gathered: bool) -> Tall:
    """The tall matrix of a product: the left factor, or for sums that are gathered over its rows, the transpose of that."""
    found = left(graph, node)
    return replace(found, flipped=not found.flipped) if gathered else found


def columns(graph: Graph, node: int) -> int:
    """Of a skinny matrix; a vector is one."""
    shape = graph.shape(node)
    return shape[1] if len(shape) == 2 else 1


def swept(plan: Plan) -> Plan:
    """The plan with such products and kernels put together."""
    search = _Search(plan)
    return replace(plan, steps=search.steps())


class _Search:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph, self.outputs = plan, plan.graph, plan.outputs
        self.at: dict[int, int] = {}  # the step that makes each wire
        self.first_use: dict[int, int] = {}
        for place, step in enumerate(plan.steps):
            made, used = ([step], self.graph.inputs(step)) if isinstance(step, int) else (step.made(), _kernel_of(step).inputs)
            self.at.update(dict.fromkeys(made, place))
            for one in used:
                self.first_use.setdefault(one, place)
        self.skinny = [step for step in plan.steps if isinstance(step, int) and self._skinny(step)]

    def steps(self) -> list[int | Kernel | Sweep]:
        found: dict[int, Sweep] = {}
        taken: set[int] = set()
        for place, step in enumerate(self.plan.steps):
            if isinstance(step, Kernel):
                products = [one for one in self.skinny if one not in taken and self._before(one, step, place)]
                gathered = [one for one in self.skinny if one not in taken and self._after(one, step, place)]
                if self._worth(*products, *gathered):
                    found[place] = Sweep(step, products, gathered)
                    taken.update(products, gathered)
        for node in self.skinny:
            if node in taken:
                continue
            gathers = left(self.graph, node).flipped
            rows = self.graph.shape(self.graph.inputs(node)[0])[gathers]
            alone = Kernel(rows, outputs=[] if gathers else [node])  # X @ W may itself be the G of Xᵀ @ G
            after = [one for one in self.skinny if one not in taken and self._after(one, alone, self.at[node])]
            if after or (columns(self.graph, node) > 1 and self._worth(node)):  # one column by itself is as fast by BLAS
                found[self.at[node]] = Sweep(Kernel(rows), [] if gathers else [node], [node] if gathers else after)
                taken.update(after)
        gone = {self.at[node] for node in taken}
        steps = [found.get(place, step) for place, step in enumerate(self.plan.steps) if place not in gone]
        return self._used(steps)

    def _worth(self, *products: int) -> bool:
        """Whether so many products together, or a single one with a matrix this large, are faster here than by BLAS."""
        return len(products) > 1 or any(size(self.graph.shape(self.graph.inputs(one)[0])) >= 2 * LEAST_ENTRIES for one in products)

    def _skinny(self, node: int) -> bool:
        graph, gate = self.graph, self.graph.gate(node)
        if gate is None or gate.name != "matmul":
            return False
        wires = [node, *graph.inputs(node)]
        one, other = (graph.shape(wire) for wire in wires[1:])
        if len(one) != 2 or len(other) not in (1, 2):
            return False
        rows, wide = reversed(one) if left(graph, node).flipped else one
        return (
            rows >= FEWEST_ROWS and FEWEST_COLUMNS <= wide <= MOST_COLUMNS and rows * wide >= LEAST_ENTRIES
            and columns(graph, wires[2]) <= (WIDEST if rows * wide * self.plan.dtypes[wires[1]].itemsize > IN_CACHE else WIDE)
            and all(self.plan.dtypes[wire] in FLOATS for wire in wires)
            and self.plan.dtypes[wires[1]].itemsize <= self.plan.dtypes[node].itemsize
            and not any(wire in self.plan.literals for wire in wires)
        )  # fmt: skip

    def _before(self, node: int, kernel: Kernel, place: int) -> bool:
        """Whether the product can be computed along with the kernel, for its rows."""
        goes = node in kernel.inputs and self.graph.shape(node)[0] == kernel.rows and self.first_use[node] == place
        return goes and not tall(self.graph, node, False).flipped

    def _after(self, node: int, kernel: Kernel, place: int) -> bool:
        """Whether sums over the rows of the kernel can be gathered along with it."""
        one, factor = tall(self.graph, node, True), self.graph.inputs(node)[1]
        goes = factor in kernel.outputs and self.graph.shape(factor)[0] == kernel.rows and self.at.get(one.node, -1) < place
        return goes and not one.flipped

    def _used(self, steps: list[int | Kernel | Sweep]) -> list[int | Kernel | Sweep]:
        """The steps without transposes that nothing needs any more."""
        used = set(self.outputs)
        for step in steps:
            if isinstance(step, int):
                used.update(self.graph.inputs(step))
            else:
                used.update(step.read(self.graph))
        return [step for step in steps if not isinstance(step, int) or step in used or not self._is_transpose(step)]

    def _is_transpose(self, node: int) -> bool:
        gate = self.graph.gate(node)
        return gate is not None and gate.name == "transpose"


def _kernel_of(step: Kernel | Sweep) -> Kernel:
    return step.kernel if isinstance(step, Sweep) else step
