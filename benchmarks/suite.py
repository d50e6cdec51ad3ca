"""Chalkgrad side by side with C, NumPy and other systems; one Markdown table.

Every peer runs in a process of its own, and its answer is compared with a float64 reference before a time counts. Rounds go from
peer to peer, so that what else the machine does meets all of them; the table gives medians. Peers that are not
installed are left out.

    $ python benchmarks/suite.py
    $ python benchmarks/suite.py --tasks softmax hinge --peers Chalkgrad C JAX --rounds 9
    $ python benchmarks/suite.py --write
"""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import peers
import tasks
from worker import Peer

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- table: benchmarks/suite.py -->", "<!-- end of table -->"
MOST_SECONDS = 20.0  # of all samples of a peer in one case
LIMIT = 120.0  # seconds until the first answer

Results = dict[str, dict[str, Any]]


def measured(task: str, name: str, workers: Sequence[Peer], rounds: int) -> Results:
    """For each peer its median and how long it took until it was ready, or why there is none."""
    results: Results = {}
    for peer in workers:
        results[peer.name] = {"samples": [], **peer.ask(LIMIT, "prepare", task, name)}
        if "skipped" in results[peer.name]:
            print(f"{task} {name}: {peer.name}: {results[peer.name]['skipped']}", file=sys.stderr, flush=True)
    for _ in range(rounds):
        for peer in workers:
            found = results[peer.name]
            if "skipped" not in found and sum(found["samples"]) < MOST_SECONDS:
                sample = peer.ask(10 * LIMIT, "sample")
                found["samples"].append(sample.get("seconds", float("nan")))
    for peer in workers:
        peer.ask(LIMIT, "drop")
        if results[peer.name]["samples"]:
            results[peer.name]["median"] = statistics.median(results[peer.name]["samples"])
    return results


def shown(seconds: float) -> str:
    """A time in three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 999.5 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def row(task: str, name: str, results: Results) -> str:
    """One line of the table."""
    medians = {peer: found["median"] for peer, found in results.items() if "median" in found}
    cells = [shown(medians[peer]) if peer in medians else "" for peer in results]
    ours = medians.get("Chalkgrad")
    if "Chalkgrad" in results:
        others = {peer: median for peer, median in medians.items() if peer not in ("Chalkgrad", "C")}
        best = min(others, key=others.__getitem__, default=None)
        cells.append("" if ours is None else shown(results["Chalkgrad"]["ready"]))
        cells.append("" if ours is None or "C" not in medians else f"{ours / medians['C']:.2f}")
        cells.append("" if ours is None or best is None else f"{others[best] / ours:.2f} ({best})")
    return f"| {task}, {name} | " + " | ".join(cells) + " |"


def head(names: Sequence[str]) -> list[str]:
    titles = [*names, *(("compiled in", "÷ C", "best other ÷ Chalkgrad") if "Chalkgrad" in names else ())]
    return ["| task | " + " | ".join(titles) + " |", "| --- |" + " ---: |" * len(titles)]


def machine(names: Sequence[str]) -> str:
    """What was measured on what, in a sentence."""
    packages = ["numpy", *dict.fromkeys(peers.NEEDS[name] for name in names if name in peers.NEEDS)]
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores ({platform.machine()}), Python {platform.python_version()}, {versions}."


def spread(everything: Sequence[Results]) -> str:
    apart = [
        (max(one["samples"]) - min(one["samples"])) / one["median"]
        for found in everything
        for one in found.values()
        if "median" in one
    ]
    return f"The samples of a case lie {statistics.median(apart):.0%} of their median apart, in the middle of all cases."


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--tasks", nargs="+", choices=tasks.NAMES, default=[one for one in tasks.NAMES if one not in tasks.HEAVY])
    options.add_argument("--cases", nargs="+", help="only cases whose name holds one of these words")
    options.add_argument("--peers", nargs="+", choices=peers.HOMES, default=list(peers.HOMES))
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--heavy", action="store_true", help=f"also {', '.join(tasks.HEAVY)}, which needs 2 GB for each peer")
    options.add_argument("--write", action="store_true", help=f"put the table into docs/{PAGE.name}")
    chosen = options.parse_args()
    absent = {peer: why for peer in chosen.peers if (why := peers.absent(peer))}
    names = [peer for peer in chosen.peers if peer not in absent]
    for peer, why in absent.items():
        print(f"{peer} is left out: {why}.", file=sys.stderr)
    workers = [Peer(name) for name in names]
    lines, everything = head(names), []
    print(*lines, sep="\n")
    for task in dict.fromkeys([*chosen.tasks, *(tasks.HEAVY if chosen.heavy else ())]):
        for name in tasks.NAMES[task]:
            if chosen.cases and not any(word in name for word in chosen.cases):
                continue
            everything.append(measured(task, name, workers, chosen.rounds))
            lines.append(row(task, name, everything[-1]))
            print(lines[-1], flush=True)
    for worker in workers:
        worker.leave()
    told = f"{machine(names)} {spread(everything)}"
    print(f"\n{told}")
    if chosen.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(before + "\n".join([BEGIN, "", told, "", *lines, "", END]) + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
