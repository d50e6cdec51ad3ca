"""The C library's functions, found in this process when the code is loaded."""

from typing import Any

from chalkgrad.native.llvm import F32, ir

C_NAMES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "power": "pow",
}  # fmt: skip
TWO = frozenset({"arctan2", "hypot", "power", "fmod", "exp_with_rest"})
PURE = ("nounwind", "readnone", "willreturn")


def c_function(module: Any, name: str, kind: Any) -> Any:
    """Declared without memory access: the errno that it may set is of no interest."""
    called = C_NAMES.get(name, name) + ("f" if kind == F32 else "")
    known = module.globals.get(called)
    if known is not None:
        return known
    made = ir.Function(module, ir.FunctionType(kind, [kind] * (2 if name in TWO else 1)), called)
    set.update(made.attributes, PURE)  # past llvmlite's own list of attributes, which is older than LLVM's
    return made
