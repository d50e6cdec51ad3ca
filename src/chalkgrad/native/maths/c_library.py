"""The C library's functions of one number, found in this process when the code is loaded."""

from typing import Any

from chalkgrad.native.llvm import F32, ir

PURE = ("nounwind", "readnone", "willreturn")


def c_function(module: Any, name: str, kind: Any) -> Any:
    """Declared without memory access: the errno that it may set is of no interest."""
    called = name + ("f" if kind == F32 else "")
    known = module.globals.get(called)
    if known is not None:
        return known
    made = ir.Function(module, ir.FunctionType(kind, [kind]), called)
    set.update(made.attributes, PURE)  # past llvmlite's own list of attributes, which is older than LLVM's
    return made
