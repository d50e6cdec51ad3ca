"""A graph of a million gates is an ordinary graph: built, differentiated and evaluated in a process of under 1 GiB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_MEMORY = 1024  # MiB
SHALLOW = 120  # frames of recursion: hardly more than starting Python takes

RUN = f"""
import runpy, sys
sys.argv = ["million.py", "--one", "{{kind}}", "1000000"]
sys.path.insert(0, {str(ROOT / "benchmarks")!r})
import chalkgrad.gates, chalkgrad.transform.reverse, chalkgrad.graph.evaluate, argparse, json, random, memory, subprocess
sys.setrecursionlimit({SHALLOW})
runpy.run_path({str(ROOT / "benchmarks" / "million.py")!r}, run_name="__main__")
"""


@pytest.mark.parametrize("kind", ["chain", "random"])
def test_a_million_gates_without_recursion_and_under_a_gibibyte(kind):
    done = subprocess.run([sys.executable, "-c", RUN.format(kind=kind)], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert row["gates in all"] > 2_000_000
    assert row["peak MiB"] < MOST_MEMORY
