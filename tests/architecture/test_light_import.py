"""`import chalkgrad` is light: beside Python and NumPy it loads nothing, and it takes little more time than NumPy."""

import subprocess
import sys

ROUNDS = 7
LIMIT = 0.150  # seconds beyond what NumPy takes

NEWLY_LOADED = """
import sys
import numpy, numpy.fft, numpy.linalg, numpy.polynomial, numpy.random
before = set(sys.modules)
import chalkgrad
print(*sorted({name.partition(".")[0] for name in sys.modules.keys() - before}))
"""

SECONDS = """
import time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def output_of(program: str) -> str:
    return subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True).stdout


def test_importing_loads_only_python_and_numpy():
    foreign = set(output_of(NEWLY_LOADED).split()) - sys.stdlib_module_names - {"chalkgrad", "numpy"}
    assert not foreign, f"import chalkgrad loads {', '.join(sorted(foreign))}; import them where they are used"


def test_importing_takes_little_more_time_than_numpy():
    alone, together = [], []
    for _ in range(ROUNDS):  # in turns, so that a busy moment of the machine slows both
        alone.append(float(output_of(SECONDS.format(module="numpy"))))
        together.append(float(output_of(SECONDS.format(module="numpy, chalkgrad"))))
        if min(together) - min(alone) < LIMIT / 2:
            break
    extra = min(together) - min(alone)
    assert extra < LIMIT, f"import chalkgrad takes {extra:.3f} s more than import numpy; the limit is {LIMIT} s"
