"""The largest errors of native code's mathematical functions, measured against multi-precision numbers.

They are written to docs/accuracy.md: the table stands between two marks in that page; the rest of the page stays as it is.

    $ python benchmarks/accuracy/functions.py
    $ python benchmarks/accuracy/functions.py --points 1000 --dry
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from tables import write_table  # noqa: E402

from chalkgrad.native import llvm  # noqa: E402
from tests.native.ulps import FUNCTIONS, KINDS, Ruler, loops, points  # noqa: E402


def measured(name: str, kind: str, count: int, fused: bool) -> float:
    has = llvm.has_fused_multiply_add
    llvm.has_fused_multiply_add = lambda: fused
    try:
        call = loops([name], KINDS[kind])[name]
    finally:
        llvm.has_fused_multiply_add = has
    inputs = points(name, np.dtype(kind).type, count, seed=1)
    return Ruler().worst(name, inputs, call(*inputs))[0]


def row(name: str, count: int) -> str:
    cells = [f"{measured(name, kind, count, fused):.2f}" for fused in (True, False) for kind in KINDS]
    return " | ".join([f"| {name}", *cells]) + " |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--points", type=int, default=5_000, help="random points in each interval")
    options.add_argument("--dry", action="store_true", help="print the table and write nothing")
    chosen = options.parse_args()
    columns = [*KINDS, *(f"{kind}, no fma" for kind in KINDS)]
    head = ["| function | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    print(*head, sep="\n")
    rows = []
    for name in sorted(FUNCTIONS):
        rows.append(row(name, chosen.points))
        print(rows[-1], flush=True)
    if not chosen.dry:
        write_table("functions", [*head, *rows])


if __name__ == "__main__":
    main()
