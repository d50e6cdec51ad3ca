"""A slow path for a few inputs, in a loop that stays wide.

A branch would keep LLVM from widening the loop around a function. So the branch lives in a function of its own, of which LLVM is
also given versions for whole vectors: each asks once whether any of its numbers needs the slow path, and takes those one by one.
LLVM finds the versions by the attribute "vector-function-abi-variant".
"""

from typing import Any

from chalkgrad.native.llvm import I32, I64, ir
from chalkgrad.native.maths.c_library import PURE, c_function
from chalkgrad.native.maths.vocabulary import Term

WIDTHS = (2, 4, 8, 16, 32)


def settled(name: str, x: Term, result: Term, limit: float) -> Term:
    """The result, or where |x| > limit the C library's function of x."""
    module, kind = x.build.module, x.value.type
    slow = c_function(module, name, kind)
    name = f"cg.settled.{slow.name}"
    known = module.globals.get(name)
    if known is None:
        known = _settling(module, name, kind, slow, limit)
        wide = [_wide(module, name, kind, slow, limit, width).name for width in WIDTHS]
        versions = ",".join(f"_ZGV_LLVM_N{width}vv_{name}({version})" for width, version in zip(WIDTHS, wide, strict=True))
        set.add(known.attributes, f'"vector-function-abi-variant"="{versions}"')
    return Term(x.build, x.build.call(known, [x.value, result.value]))


def _settling(module: Any, name: str, kind: Any, slow: Any, limit: float) -> Any:
    function = _declared(module, name, kind)
    function.linkage = "internal"
    x, result = function.args
    build = ir.IRBuilder(function.append_basic_block())
    with build.if_then(_beyond(build, x, kind, limit), likely=False):
        build.ret(build.call(slow, [x]))
    build.ret(result)
    return function


def _wide(module: Any, name: str, kind: Any, slow: Any, limit: float, width: int) -> Any:
    """The same for a vector."""
    vector = ir.VectorType(kind, width)
    function = _declared(module, f"{name}.{width}", vector)
    function.linkage = "weak_odr"  # kept, though nothing calls it before loops are widened
    x, result = function.args
    build = ir.IRBuilder(function.append_basic_block())
    beyond = _beyond(build, x, vector, limit)
    some = build.icmp_unsigned("!=", build.bitcast(beyond, ir.IntType(width)), ir.IntType(width)(0))
    with build.if_then(some, likely=False):
        build.ret(_one_by_one(build, slow, x, result, beyond, width))
    build.ret(result)
    return function


def _one_by_one(build: Any, slow: Any, x: Any, result: Any, beyond: Any, width: int) -> Any:
    before, loop = build.block, build.append_basic_block()
    build.branch(loop)
    build.position_at_end(loop)
    place, so_far = build.phi(I64), build.phi(result.type)
    place.add_incoming(I64(0), before)
    so_far.add_incoming(result, before)
    at = build.trunc(place, I32)
    head = build.block
    with build.if_then(build.extract_element(beyond, at)):
        computed = build.insert_element(so_far, build.call(slow, [build.extract_element(x, at)]), at)
        inside = build.block
    now = build.phi(result.type)
    now.add_incoming(so_far, head)
    now.add_incoming(computed, inside)
    following = build.add(place, I64(1))
    place.add_incoming(following, build.block)
    so_far.add_incoming(now, build.block)
    after = build.append_basic_block()
    build.cbranch(build.icmp_unsigned("<", following, I64(width)), loop, after)
    build.position_at_end(after)
    return now


def _declared(module: Any, name: str, kind: Any) -> Any:
    function = ir.Function(module, ir.FunctionType(kind, [kind, kind]), name)
    set.update(function.attributes, ("noinline", *PURE))
    return function


def _beyond(build: Any, x: Any, kind: Any, limit: float) -> Any:
    high, low = (kind([bound] * kind.count) if isinstance(kind, ir.VectorType) else kind(bound) for bound in (limit, -limit))
    return build.or_(build.fcmp_ordered(">", x, high), build.fcmp_ordered("<", x, low))
