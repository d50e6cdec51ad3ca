"""The average bits of error of classical formulas, as they are written and after chalkgrad.stabilise.

The error at a point is log₂(1 + the number of floats between the result and the true value rounded to a float); nan has 64 bits.
The average is over floats of all bit patterns within the formula's interval at which the true value is a finite float.

    $ python benchmarks/accuracy/rewriting.py
    $ python benchmarks/accuracy/rewriting.py --points 500 --only root --dry
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from formulas import FORMULAS, Formula  # noqa: E402
from tables import write_table  # noqa: E402

from chalkgrad.check.truth import Truth  # noqa: E402
from chalkgrad.graph.evaluate import evaluate  # noqa: E402
from chalkgrad.graph.graph import Graph  # noqa: E402
from chalkgrad.notation.expression import write  # noqa: E402
from chalkgrad.reading.formula import read  # noqa: E402
from chalkgrad.transform.stabilise import stabilised  # noqa: E402

DIGITS = 1300  # b² and 4ac may lie 1,200 powers of ten apart
MOST_TRIES = 100
NO_NUMBER = 64.0
LONGEST = 240  # letters of a stable form


def ordinals(floats: np.ndarray) -> np.ndarray:
    """Floats as whole numbers in their order, so that neighbours differ by 1."""
    bits = np.asarray(floats, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def floats_between(low: float, high: float, count: int, chance: np.random.Generator) -> np.ndarray:
    """Floats of the interval, every bit pattern as likely as another."""
    first, last = ordinals(np.array([low, high]))
    places = chance.integers(first, last, count, endpoint=True)
    return np.where(places < 0, np.int64(-(2**63)) - places, places).view(np.float64)


def sampled(formula: Formula, count: int, seed: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Points at which the formula has a true value that is a float, and these values."""
    read_ = read(formula.text)
    chance, xp = np.random.default_rng(seed), Truth(DIGITS)
    kept: dict[str, list[np.ndarray]] = {name: [] for name in formula.inputs}
    values: list[np.ndarray] = []
    for _ in range(MOST_TRIES):
        points = {name: floats_between(*interval, count, chance) for name, interval in formula.inputs.items()}
        with np.errstate(all="ignore"):
            inside = np.broadcast_to(formula.where(**points), count)
        points = {name: one[inside] for name, one in points.items()}
        truth = _values(read_.graph, read_.leaves, read_.output, points, xp).astype(np.float64)
        sound = np.isfinite(truth)
        values.append(truth[sound])
        for name, one in points.items():
            kept[name].append(one[sound])
        if sum(map(len, values)) >= count:
            break
    return {name: np.concatenate(ones)[:count] for name, ones in kept.items()}, np.concatenate(values)[:count]


def _values(
    graph: Graph, leaves: dict[str, int], output: int, points: dict[str, np.ndarray], xp: Truth | None = None
) -> np.ndarray:
    """The output at all points, one after the other, for a formula is of single numbers."""
    given = (
        {leaves[name]: float(one) for name, one in zip(points, row, strict=True)} for row in zip(*points.values(), strict=True)
    )
    with np.errstate(all="ignore"):
        return np.array([evaluate(graph, one, **({} if xp is None else {"xp": xp}))[output] for one in given])


def bits(found: np.ndarray, truth: np.ndarray) -> float:
    """The average bits of error."""
    first, second = ordinals(found), ordinals(truth)
    near = (first < 0) == (second < 0)  # as whole numbers, which hold every bit; apart, their difference would overflow
    apart = np.where(near, np.abs(first - second).astype(float), np.abs(first.astype(float) - second.astype(float)))
    return float(np.mean(np.where(np.isnan(found), NO_NUMBER, np.log2(1 + apart))))


def row(formula: Formula, count: int) -> tuple[str, float, float]:
    """The line of the table, and the bits before and after."""
    points, truth = sampled(formula, count)
    written = read(formula.text)
    after = stabilised(written.graph, [written.output])
    leaves = {name: after.moved[node] for name, node in written.leaves.items()}
    before_bits = bits(_values(written.graph, written.leaves, written.output, points), truth)
    after_bits = bits(_values(after.graph, leaves, after.outputs[0], points), truth)
    shown = write(after.graph, after.outputs[0])
    shown = shown if len(shown) <= LONGEST else shown[:LONGEST].rsplit(" ", 1)[0] + " …"
    published = f"{_published(formula, points, truth):.2f}" if formula.target else ""
    return f"| `{formula.text}` | {before_bits:.2f} | {after_bits:.2f} | {published} | `{shown}` |", before_bits, after_bits


def _published(formula: Formula, points: dict[str, np.ndarray], truth: np.ndarray) -> float:
    """The bits of error of the published target."""
    target = read(formula.target)
    return bits(_values(target.graph, target.leaves, target.output, {name: points[name] for name in target.leaves}, None), truth)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--points", type=int, default=8_000, help="points for each formula")
    options.add_argument("--only", default="", help="formulas with this in their name")
    options.add_argument("--dry", action="store_true", help="print the table and write nothing")
    chosen = options.parse_args()
    rows = ["| formula | bits lost before | after | published target | stable form |", "| --- | ---: | ---: | ---: | --- |"]
    print(*rows, sep="\n")
    errors = []
    for formula in FORMULAS:
        if chosen.only in formula.name:
            line, *both = row(formula, chosen.points)
            errors.append(both)
            rows.append(line)
            print(line, flush=True)
    means = np.mean(errors, axis=0)
    rows.append(f"| average | {means[0]:.2f} | {means[1]:.2f} | | |")
    print(rows[-1])
    if not chosen.dry:
        write_table("rewriting", rows)


if __name__ == "__main__":
    main()
