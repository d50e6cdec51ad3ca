"""What was made of a graph: which gates became one kernel, what it reads and writes, and the code itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalkgrad.graph.graph import Graph


@dataclass(frozen=True)
class Explanation:
    """`str()` tells in words; `llvm` and `assembly` are the code. `kernels` and `numpy` count the steps of either kind."""

    text: str
    kernels: int
    numpy: int
    bytes_moved: int
    operations: int
    _llvm: Callable[[], str]
    _assembly: Callable[[], str]

    def __str__(self) -> str:
        return self.text

    @property
    def llvm(self) -> str:
        """The instructions after LLVM's passes."""
        return self._llvm()

    @property
    def assembly(self) -> str:
        """The processor's instructions."""
        return self._assembly()


def of_straight(graph: Graph, outputs: Sequence[int], llvm: Callable[[], str], assembly: Callable[[], str]) -> Explanation:
    """Straight-line code of a small graph."""
    gates = gates_of(graph, [node for node in graph if graph.gate(node)])
    count = sum(gates.values())
    text = f"Straight-line code in registers: {count} gates ({several(gates)}), {len(outputs)} results, no loop, no memory between."
    return Explanation(text, 0, 0, 8 * (len(graph.leaves()) + len(outputs)), count, llvm, assembly)


def of_tape(kinds: int, runs: int, slots: int, llvm: Callable[[], str], assembly: Callable[[], str]) -> Explanation:
    """A tape; the code is that of the walk over its runs."""
    text = f"A tape of {slots} numbers: {runs} runs of gates of one kind, by one compiled loop for each of {kinds} kinds."
    return Explanation(text, kinds, 0, 16 * slots, 2 * slots, llvm, assembly)


def gates_of(graph: Graph, nodes: Sequence[int]) -> Counter[str]:
    """How often each gate occurs among these wires."""
    return Counter(gate.name for node in nodes if (gate := graph.gate(node)) is not None)


def several(gates: Counter[str]) -> str:
    """Gates and how many there are of each, the most frequent first."""
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in gates.most_common())
