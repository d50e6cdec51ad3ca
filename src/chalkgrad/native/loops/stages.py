"""The order of work within a row: stages of loops, with the numbers that belong to the whole row between them.

A sum over a row is known only when its loop has ended, so what needs it belongs to the next stage. A value that a later stage needs
again is kept for the length of the row if it was dear, and computed again if it was cheap.

An output that is a value plus a number in one entry of the row, as in the gradient of a loss of the scores of classes, is stored
without that number as soon as the rest is known, and the one entry is mended later. So there is no second loop for its sake.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.native.llvm import registers
from chalkgrad.native.loops.alignment import inner, squeezed
from chalkgrad.native.loops.plan import Kernel, Plan, width

CHEAP = frozenset(
    "add subtract multiply negative square maximum minimum relu absolute sign where greater greater_equal less less_equal equal"
    " not_equal logical_and logical_or logical_xor logical_not isnan isinf isfinite cast alias stop after broadcast_to reshape"
    " index put scatter replace clip copysign quotient_with_rest invert bitwise_and bitwise_or bitwise_xor divide".split()
)
DECIDED = {"logical_and": False, "logical_or": True}  # and by what, whatever the other condition is
FREE = frozenset("alias stop after broadcast_to reshape index put cast".split())
MOST_AGAIN = 8  # cheap gates that are computed again rather than kept
NEAR = 2**14  # bytes of a row's values that are still in the first cache when a later stage needs them


@dataclass
class Stage:
    """What one stage computes: numbers of the row first, then sums within the row that leave several, then loops by their shape.

    `marked` are outputs that an earlier stage left but for one entry.
    """

    numbers: list[int] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    loops: dict[Shape, "Loop"] = field(default_factory=dict)


@dataclass
class Loop:
    """One loop over the entries of a row: the values it leaves in memory, and the sums it feeds."""

    stored: list[int] = field(default_factory=list)
    fed: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Marked:
    """An output whose gate `adding` adds, to the value at the place `value` of its inputs, the entry of `scattered`."""

    adding: int
    value: int
    scattered: int


SHORT = 128  # entries of the innermost axis up to which rows lie side by side
MOST_IN_CACHE = 400_000  # bytes that they need meanwhile


class Schedule:
    """`stages` in order; `scratch` are the values that are kept for the length of a row; `together` rows lie side by side."""

    def __init__(self, plan: Plan, kernel: Kernel, together: int | None = None) -> None:
        self.graph, self.readings, self.dtypes, self.kernel = plan.graph, plan.readings, plan.dtypes, kernel
        self.mine = set(kernel.nodes)
        self.at: dict[int, int] = {}
        for node in kernel.nodes:
            self.at[node] = self._stage(node)
        self.marked = self._marked()
        self.picked = self._at_one_place()
        self.scratch = self._kept()
        self.stages = [Stage() for _ in range(max(self.at.values(), default=0) + 2)]
        for node in kernel.nodes:
            self._enter(node)
        self.together = self._together() if together is None else together

    def in_cache(self) -> list[int]:
        """Values that lie in cache, entry by entry."""
        return list(dict.fromkeys([*self.scratch, *self.turned_in(), *self.turned_back()]))

    def turned_in(self) -> list[int]:
        """Inputs whose rows are turned to lie side by side."""
        if self.together == 1:
            return []
        found = [
            one
            for node in self.kernel.nodes
            for place, one in enumerate(self.graph.inputs(node))
            if one in self.kernel.inputs and self.readings[node].roles[place] == "row" and width(self.graph, one) > 1
        ]
        return list(dict.fromkeys(found))

    def turned_back(self) -> list[int]:
        """Outputs whose rows lie side by side until they are turned back."""
        return [] if self.together == 1 else [node for node in self.kernel.outputs if width(self.graph, node) > 1]

    def _together(self) -> int:
        """How many rows lie side by side: several where loops within a row are short, if what they need stays in cache."""
        shapes = [self.shape(node) for node in (*self.kernel.nodes, *self.kernel.inputs) if width(self.graph, node) > 1]
        lanes = registers()[0] // 4
        short = bool(shapes) and (max(shapes, key=prod)[-1] <= SHORT or any(map(self.segmented, self.kernel.nodes)))
        if self.kernel.rows < 4 * lanes or not short:
            return 1
        self.together = lanes
        _, needed = offsets(self.graph, self.in_cache(), lanes)
        return lanes if needed <= MOST_IN_CACHE else 1

    def local(self, node: int, place: int) -> bool:
        """Whether the input at `place` is computed in this kernel, for the same row."""
        one = self.graph.inputs(node)[place]
        return one in self.mine and self.readings[node].roles[place] == "row" and not self.readings[one].across

    def shape(self, node: int) -> Shape:
        return squeezed(inner(self.graph.shape(node)))

    def segmented(self, node: int) -> bool:
        """A sum within the row that leaves several numbers."""
        return self.readings[node].kind == "sum" and not self.readings[node].across and width(self.graph, node) > 1

    def _stage(self, node: int) -> int:
        reading, stage = self.readings[node], 0
        for place, one in enumerate(self.graph.inputs(node)):
            if self.local(node, place):
                later = width(self.graph, one) > 1 and (
                    (reading.kind in ("sum", "gather") and place == 0)
                    or (reading.kind in ("entries", "same") and self.shape(one) != self.shape(node))
                )
                stage = max(stage, self.at[one] + later)
            elif reading.kind == "sum" and width(self.graph, one) > 1:
                stage = max(stage, 1)
        return stage

    def _marked(self) -> dict[int, Marked]:
        graph, found = self.graph, {}
        read = {one for node in self.kernel.nodes for place, one in enumerate(graph.inputs(node)) if self.local(node, place)}
        for node in self.kernel.outputs:
            adding = self._source(node)
            gate, inputs = graph.gate(adding), graph.inputs(adding)
            if gate is None or gate.name != "add" or len(inputs) != 2 or node in read:
                continue
            for value, number in ((0, 1), (1, 0)):
                one, other = inputs[value], inputs[number]
                scattered = self.local(adding, number) and self.readings[other].kind == "scatter"
                same = self.local(adding, value) and self.shape(one) == self.shape(node)
                if scattered and same and other not in self.kernel.outputs:
                    found[node] = Marked(adding, value, other)
                    break
        return found

    def _source(self, node: int) -> int:
        """The same value before casts to the kind that it has."""
        one = self.graph.inputs(node)[0]
        gate = self.graph.gate(node)
        cast = gate is not None and gate.name == "cast" and self.dtypes[one] == self.dtypes[node]
        return self._source(one) if cast and self.local(node, 0) else node

    def decided(self, loop: "Loop") -> dict[int, int]:
        """Wide conditions of a loop that one of the whole row may decide: `and` where that is false, `or` where it is true.

        Each with the row's condition.
        """
        found: dict[int, int] = {}
        seen: set[int] = set()
        waiting = [*loop.stored, *loop.fed]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            gate = self.graph.gate(node)
            assert gate is not None
            for place, one in enumerate(self.graph.inputs(node)):
                if self.local(node, place):
                    if width(self.graph, one) > 1:
                        waiting += [] if one in self.scratch or one in self.kernel.outputs else [one]
                    elif gate.name in DECIDED and self.dtypes[one].kind == "b":
                        found[node] = one
        return found

    def _at_one_place(self) -> set[int]:
        """Values of which later gates only pick one entry of a row: computed there, and nowhere else."""
        found: set[int] = set()
        uses: dict[int, bool] = dict.fromkeys([*self.kernel.outputs, *self.kernel.sums], False)
        for node in reversed(self.kernel.nodes):
            picked = uses.get(node, False) and width(self.graph, node) > 1
            if picked:
                found.add(node)
            for place, one in enumerate(self.graph.inputs(node)):
                if self.local(node, place):
                    gathered = (self.readings[node].kind == "gather" and place == 0) or picked
                    uses[one] = uses.get(one, True) and gathered
        return found

    def _dear(self) -> set[int]:
        """Cheap gates at the end of so many that to compute them all again would cost more than to keep what they lead to."""
        prices: dict[int, int] = {}
        dear: set[int] = set()
        for node in self.kernel.nodes:
            gate = self.graph.gate(node)
            assert gate is not None
            wide = width(self.graph, node) > 1
            again = gate.name in CHEAP and wide and node not in self.kernel.outputs and node not in self.picked
            local = {one for place, one in enumerate(self.graph.inputs(node)) if self.local(node, place)}
            prices[node] = (gate.name not in FREE) + sum(prices[one] for one in local) if again else 0
            if prices[node] > MOST_AGAIN and 8 * width(self.graph, node) <= NEAR:
                dear.add(node)
                prices[node] = 0
        return dear

    def _kept(self) -> list[int]:
        dear = self._dear()
        last: dict[int, int] = {}
        kept: list[int] = []
        stored = set(self.kernel.outputs)
        for node in reversed(self.kernel.nodes):
            gate = self.graph.gate(node)
            assert gate is not None
            if node in self.marked:
                marked = self.marked[node]
                value = self.graph.inputs(marked.adding)[marked.value]
                last[value] = max(last.get(value, 0), self.at[value])
                last[marked.scattered] = max(last.get(marked.scattered, 0), self.at[node])
                continue
            if node not in last and node not in stored and node not in self.kernel.sums:
                continue
            use = last.get(node, 0)
            if node in self.picked:
                continue
            wide = width(self.graph, node) > 1 and node not in stored
            cheap = gate.name in CHEAP and node not in dear
            if wide and (self.segmented(node) or (use > self.at[node] and not cheap)):
                kept.append(node)
            again = use if wide and cheap else 0
            for place, one in enumerate(self.graph.inputs(node)):
                if self.local(node, place):
                    needs = self.at[node] if not self._feeds(node) else self.at[node] - 1
                    last[one] = max(last.get(one, 0), needs, again)
        return sorted(kept)

    def _feeds(self, node: int) -> bool:
        """Whether the node is a sum that is gathered in the loop of its input."""
        return self.readings[node].kind == "sum" and not self.segmented(node)

    def _enter(self, node: int) -> None:
        graph, reading = self.graph, self.readings[node]
        stage = self.stages[self.at[node]]
        if node in self.marked:
            value = graph.inputs(self.marked[node].adding)[self.marked[node].value]
            self.stages[self.at[value]].loops.setdefault(self.shape(node), Loop()).stored.append(node)
            self.stages[max(self.at[node], self.at[value] + 1)].marked.append(node)
        elif reading.kind == "sum":
            one = graph.inputs(node)[0]
            if width(graph, one) == 1:
                stage.numbers.append(node)
            elif self.segmented(node):
                stage.segments.append(node)
            else:
                self.stages[self.at[node] - 1].loops.setdefault(self.shape(one), Loop()).fed.append(node)
        elif width(graph, node) == 1:
            stage.numbers.append(node)
        elif node in self.scratch or node in self.kernel.outputs:
            stage.loops.setdefault(self.shape(node), Loop()).stored.append(node)


def offsets(graph: Graph, nodes: Sequence[int], together: int) -> tuple[dict[int, int], int]:
    """Where each value of so many rows lies in their scratch, in bytes, and how many bytes there are."""
    found, end = {}, 0
    for node in nodes:
        found[node] = end
        filled = -(-width(graph, node) // together) * together  # `turning` writes whole squares
        end += -(-8 * filled * together // 64) * 64
    return found, end
