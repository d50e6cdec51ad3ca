"""Mathematical functions as instructions that LLVM inlines, and whose loops it widens to vectors.

`function` puts one into a module.

    >>> from chalkgrad.native.llvm import F64, new_module
    >>> module = new_module("example")
    >>> function(module, "exp", F64).name, function(module, "tan", F64).name
    ('cg.exp.f64', 'cg.tan.f64')

`docs/accuracy.md` has the largest error of each.
"""

from collections.abc import Callable
from typing import Any

from chalkgrad.native.llvm import F32, ir
from chalkgrad.native.maths import (
    error_function,
    exponential,
    inverse_hyperbolic,
    inverse_trigonometric,
    logarithm,
    power,
    roots,
    trigonometric,
)
from chalkgrad.native.maths.c_library import PURE
from chalkgrad.native.maths.vocabulary import Term

INLINE: dict[str, Callable[..., Term]] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "sigmoid": exponential.sigmoid,
    "tanh": exponential.tanh,
    "sinh": exponential.sinh,
    "cosh": exponential.cosh,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "erf": error_function.erf,
    "erfc": error_function.erfc,
    "power": power.power,
    "arcsin": inverse_trigonometric.arcsin,
    "arccos": inverse_trigonometric.arccos,
    "arctan": inverse_trigonometric.arctan,
    "arctan2": inverse_trigonometric.arctan2,
    "arcsinh": inverse_hyperbolic.arcsinh,
    "arccosh": inverse_hyperbolic.arccosh,
    "arctanh": inverse_hyperbolic.arctanh,
    "cbrt": roots.cbrt,
    "hypot": roots.hypot,
    "sqrt": lambda x: x.intrinsic("llvm.sqrt"),
}

STEPS = {"exp_with_rest": exponential.exp_with_rest}  # steps of gates, which NumPy does not have
OF_TWO = frozenset({"arctan2", "hypot", "power", "exp_with_rest"})


def function(module: Any, name: str, kind: Any) -> Any:
    """The function in the module, defined at its first use."""
    called = f"cg.{name}.{'f32' if kind == F32 else 'f64'}"
    known = module.globals.get(called)
    if known is not None:
        return known
    made = ir.Function(module, ir.FunctionType(kind, [kind] * (2 if name in OF_TWO else 1)), called)
    made.linkage = "internal"
    set.update(made.attributes, ("alwaysinline", *PURE))  # past llvmlite's own list of attributes, which is older than LLVM's
    build = ir.IRBuilder(made.append_basic_block())
    inputs = [Term(build, argument) for argument in made.args]
    build.ret((INLINE | STEPS)[name](*inputs).value)
    return made
