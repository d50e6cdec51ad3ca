"""Value and gradient of huge graphs of single numbers on a tape, and of smaller ones as straight-line code; one Markdown table.

Each row runs in a process of its own, so that its peak memory is its own. The table says how long a graph takes to build, to become
a tape with its first gradient, and how long each further value and gradient takes, all per gate.

    $ python benchmarks/tape.py
    $ python benchmarks/tape.py --largest 10000000
"""

import argparse
import json
import random
import subprocess
import sys
import time

from memory import peak

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
LARGEST_STRAIGHT = 3_000  # beyond it straight-line code is not worth waiting for
LEAVES = 10
WIDTH = 64  # gates that do not need one another
ROUNDS = 7


def graph_of(kind: str, size: int):
    """A graph all of whose gates count and whose values stay small; in a chain each gate needs the one before it."""
    from chalkgrad.gates import GATES
    from chalkgrad.graph.graph import Graph

    chance = random.Random(5)
    width = WIDTH if kind == "random" else 1
    graph = Graph()
    add, both, one = (
        graph.add,
        {name: GATES[name] for name in ("add", "multiply")},
        [GATES[name] for name in ("tanh", "sigmoid", "sin")],
    )
    wires = [graph.leaf(f"x{place}") for place in range(LEAVES)]
    bounds = [1.0] * LEAVES
    for node in range(LEAVES, LEAVES + size - width):
        first, second = max(0, node - width), chance.randrange(node)
        name = chance.choice(("add", "add", "multiply", "multiply", "", "", ""))
        bound = bounds[first] + bounds[second] if name == "add" else bounds[first] * bounds[second]
        if name and bound <= 3:
            add(both[name], first, second)
            bounds.append(bound)
        else:
            add(chance.choice(one), first)
            bounds.append(1.0)
    last = len(graph) - 1
    for other in range(last - 1, last - width, -1):
        last = add(both["add"], last, other)
    return graph, wires, last


def timed(call) -> float:
    """The best of several rounds, in seconds."""
    started = time.perf_counter()
    call()
    often = max(1, int(0.05 / (time.perf_counter() - started)))
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(often):
            call()
        best = min(best, (time.perf_counter() - started) / often)
    return best


def measure(kind: str, size: int) -> dict[str, float]:
    """Microseconds and nanoseconds per gate of each stage, and the process's peak memory in MiB."""
    import numpy as np

    from chalkgrad.native.tape.tape import Tape

    warm, wires, last = graph_of(kind, 500)  # compiles the gates' kernels
    Tape(warm, last, wires).value_and_grad(np.zeros(LEAVES))
    started = time.perf_counter()
    graph, wires, last = graph_of(kind, size)
    built = time.perf_counter()
    tape = Tape(graph, last, wires)
    inputs = np.linspace(-1, 1, LEAVES)
    tape.value_and_grad(inputs)
    done = time.perf_counter()
    row = {"build": (built - started) / size * 1e6, "first": (done - built) / size * 1e6, "peak": peak()}
    row["each"] = timed(lambda: tape.value_and_grad(inputs)) / size * 1e9
    row["value"] = timed(lambda: tape.value(inputs)) / size * 1e9
    if size <= LARGEST_STRAIGHT:
        row["compiled"], row["straight"] = straight(graph, wires, last, inputs, tape.value_and_grad(inputs)[0])
    return row


def straight(graph, wires, last, inputs, value) -> tuple[float, float]:
    """Milliseconds to differentiate and compile, and nanoseconds per gate to run, as straight-line code."""
    import ctypes

    import numpy as np

    from chalkgrad.native import llvm, scalars
    from chalkgrad.transform.reverse import reverse

    size = len(graph)
    started = time.perf_counter()
    back = reverse(graph, last, wires)
    module = llvm.new_module("straight")
    scalars.straight(module, "both", graph, wires, [last, *filter(None, map(back.total, wires))])
    code = llvm.load(llvm.compiled(module), ["both"])
    taken = time.perf_counter() - started
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.address("both"))
    results = np.zeros(1 + len(wires))
    addresses = inputs.ctypes.data, results.ctypes.data
    each = timed(lambda: call(*addresses))
    assert np.isclose(results[0], value, rtol=1e-12), "both compute the same"
    return taken * 1e3, each / size * 1e9


def main() -> None:
    """Print the table, or one row's measurement as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="leave out graphs of more gates")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "SIZE"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one:
        print(json.dumps(measure(wanted.one[0], int(wanted.one[1]))))
        return
    print("| graph | gates | build µs | tape and first gradient µs | each further ns | value alone ns | peak MiB | straight-line |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in ("random", "chain"):
        for size in SIZES:
            if size <= wanted.largest:
                command = [sys.executable, __file__, "--one", kind, str(size)]
                row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                figures = [
                    f"{row['build']:.2f}",
                    f"{row['first']:.2f}",
                    f"{row['each']:.1f}",
                    f"{row['value']:.1f}",
                    f"{row['peak']:.0f}",
                ]
                text = f"{row['compiled']:.0f} ms to compile, {row['straight']:.1f} ns" if "straight" in row else ""
                print(f"| {kind} | {size:,} | {' | '.join(figures)} | {text} |", flush=True)


if __name__ == "__main__":
    main()
