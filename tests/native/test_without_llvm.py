"""Where LLVM is missing, NumPy computes all there is to compute, and that is said once; an unknown processor is no disaster."""

import os
import subprocess
import sys

CODE = """
import sys
import warnings
import numpy as np

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "llvmlite":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import chalkgrad

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always", RuntimeWarning)
    f = chalkgrad.compile("f = x*y + sin(x)")
    assert f(0.0, 2.0) == 0.0 and f.grad(0.0, 2.0) == (3.0, 0.0)
    assert f.hessian(0.0, 2.0) == ((0.0, 1.0), (1.0, 0.0)) and f.jvp((0.0, 2.0), (1.0, 1.0)) == (0.0, 3.0)
    assert f.batch(x=np.zeros(3), y=1.0)[1][0].tolist() == [2.0, 2.0, 2.0] and f.explain_compile() is None
    long = chalkgrad.compile(" + ".join(f"{k} * x" for k in range(500)))
    assert long.value_and_grad(1.0) == (124750.0, (124750.0,))
    step = chalkgrad.value_and_grad(lambda x: np.sum(x * x))
    assert [step(np.ones(5000))[0] for _ in range(3)] == [5000.0] * 3 and step.explain_compile(np.ones(5000)) is None
print(*[one.category.__name__ for one in said])
"""


def run(code, **environment):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_llvm_numpy_computes_and_that_is_said_once():
    assert run(CODE).split() == ["RuntimeWarning"]


def test_a_processor_that_llvm_does_not_know_is_one_without_special_instructions():
    code = "import chalkgrad; print(chalkgrad.compile('x * y').value_and_grad(2.0, 3.0))"
    assert run(code, CHALKGRAD_CPU="nobody-makes-it", CHALKGRAD_CACHE_DIR="").strip() == "(6.0, (3.0, 2.0))"
