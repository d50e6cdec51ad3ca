"""Time and memory per gate of huge scalar graphs: built, differentiated, evaluated; one Markdown table.

Each row runs in a process of its own, so that its peak memory is its own.

    $ python benchmarks/million.py
    $ python benchmarks/million.py --largest 10000
"""

import argparse
import json
import random
import subprocess
import sys
import time

from memory import peak

SIZES = (1_000, 10_000, 100_000, 1_000_000)
KINDS = ("chain", "random")
LEAVES = 10
REACH = 1_000  # how far back a random gate may take its second input
TWO_INPUTS = ("add", "multiply", "subtract")
ONE_INPUT = ("sin", "tanh", "sigmoid", "negative")


def measure(kind: str, size: int) -> dict[str, float]:
    """Microseconds per gate of each stage, and the process's peak memory in MiB."""
    from chalkgrad.gates import GATES
    from chalkgrad.graph.evaluate import evaluate
    from chalkgrad.graph.graph import Graph
    from chalkgrad.transform.reverse import reverse

    chance = random.Random(0)
    graph = Graph()
    leaves = [graph.leaf(f"x{place}") for place in range(LEAVES)]
    started = time.perf_counter()
    last = leaves[0]
    for _ in range(size):
        if kind == "chain":
            last = graph.add(GATES["sin"], last)
            continue
        name = chance.choice(TWO_INPUTS + ONE_INPUT)
        inputs = (last, max(0, last - chance.randrange(REACH))) if name in TWO_INPUTS else (last,)
        last = graph.add(GATES[name], *inputs)
    built = time.perf_counter()
    back = reverse(graph, last, leaves)
    walked = time.perf_counter()
    values = evaluate(graph, {leaf: 0.1 * place for place, leaf in enumerate(leaves, start=1)})
    done = time.perf_counter()
    assert values[last] == values[last], "the value is a number"
    assert back.total(leaves[0]) is not None
    scale = 1e6 / size
    return {"build": (built - started) * scale, "differentiate": (walked - built) * scale, "evaluate": (done - walked) * scale,
            "gates in all": len(graph), "peak MiB": peak()}  # fmt: skip


def main() -> None:
    """Print the table, or one row's measurement as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out graphs of more gates")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "SIZE"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one:
        print(json.dumps(measure(wanted.one[0], int(wanted.one[1]))))
        return
    print("| graph | gates | build µs/gate | differentiate µs/gate | evaluate both µs/gate | gates with gradient | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for size in SIZES:
            if size <= wanted.largest:
                command = [sys.executable, __file__, "--one", kind, str(size)]
                row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                figures = [f"{row[key]:.2f}" for key in ("build", "differentiate", "evaluate")]
                print(f"| {kind} | {size:,} | {' | '.join(figures)} | {row['gates in all']:,} | {row['peak MiB']:.0f} |")


if __name__ == "__main__":
    main()
