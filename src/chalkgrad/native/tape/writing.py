"""Loops, branches and columns for functions that are written by hand in instructions.

>>> module = new_module("example")
>>> write = Writing(module, "total", I64, [POINTER, I64])
>>> column, count = write.given
>>> total = write.variable(I64, 0)
>>> with write.counting(I64(0), count) as place:
...     total.set(write.build.add(total.get(), write.read(I64, column, place)))
>>> _ = write.build.ret(total.get())
>>> import ctypes
>>> import numpy as np
>>> numbers = np.arange(5)
>>> code = load(compiled(module), ["total"])
>>> ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)(code.address("total"))(numbers.ctypes.data, 5)
10
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chalkgrad.native.llvm import I64, POINTER, compiled, ir, load, new_module

__all__ = ["I64", "POINTER", "Variable", "Writing", "compiled", "load", "new_module"]


class Variable:
    """A number that changes; LLVM keeps it in a register."""

    def __init__(self, build: Any, place: Any, kind: Any) -> None:
        self.build, self.place, self.kind = build, place, kind

    def get(self) -> Any:
        return self.build.load(self.place, typ=self.kind)

    def set(self, value: Any) -> None:
        self.build.store(value, self.place)

    def raised(self, by: Any) -> Any:
        """The value before it is raised by `by`."""
        before = self.get()
        self.set(self.build.add(before, by))
        return before


class Writing:
    """A function under construction; `given` are its arguments, `build` appends instructions."""

    def __init__(self, module: Any, name: str, result: Any, kinds: Sequence[Any], apart: Sequence[int] = ()) -> None:
        """`apart`: the arguments whose memory nothing else of the function touches."""
        self.function = ir.Function(module, ir.FunctionType(result, kinds), name)
        self.given = self.function.args
        for place in apart:
            self.given[place].add_attribute("noalias")
        self.top = ir.IRBuilder(self.function.append_basic_block("top"))  # variables live here, above all loops
        self.build = ir.IRBuilder(self.function.append_basic_block("body"))
        self.top.branch(self.build.block)
        self.top.position_before(self.top.block.terminator)

    def variable(self, kind: Any, value: Any) -> Variable:
        made = Variable(self.build, self.top.alloca(kind), kind)
        made.set(value if isinstance(value, ir.Value) else kind(value))
        return made

    def room(self, kind: Any, count: int) -> Any:
        """Memory for `count` numbers while the function runs."""
        return self.top.alloca(kind, count)

    def address(self, kind: Any, column: Any, place: Any) -> Any:
        return self.build.gep(column, [place], source_etype=kind)

    def read(self, kind: Any, column: Any, place: Any) -> Any:
        return self.build.load(self.address(kind, column, place), typ=kind)

    def put(self, value: Any, column: Any, place: Any) -> None:
        self.build.store(value, self.address(value.type, column, place))

    def index(self, column: Any, place: Any, kind: Any) -> Any:
        """A number of the column, as a place in another."""
        return self.build.zext(self.read(kind, column, place), I64)

    @contextmanager
    def counting(self, start: Any, end: Any) -> Iterator[Any]:
        """start, start + 1, …, end − 1."""
        build = self.build
        before, loop, after = build.block, self.function.append_basic_block("loop"), self.function.append_basic_block("after")
        build.cbranch(build.icmp_signed("<", start, end), loop, after)
        build.position_at_end(loop)
        place = build.phi(I64)
        place.add_incoming(start, before)
        yield place
        following = build.add(place, I64(1), flags=["nuw", "nsw"])
        place.add_incoming(following, build.block)
        build.cbranch(build.icmp_signed("<", following, end), loop, after)
        build.position_at_end(after)

    @contextmanager
    def descending(self, start: Any, end: Any) -> Iterator[Any]:
        """start − 1, start − 2, …, end."""
        with self.counting(end, start) as place:
            yield self.build.sub(self.build.add(start, self.build.sub(end, I64(1))), place)

    @contextmanager
    def following(self, condition: Any) -> Iterator[None]:
        """Again and again, as long as `condition()` holds before it."""
        build = self.build
        head, loop, after = (self.function.append_basic_block(name) for name in ("head", "loop", "after"))
        build.branch(head)
        build.position_at_end(head)
        build.cbranch(condition(), loop, after)
        build.position_at_end(loop)
        yield
        build.branch(head)
        build.position_at_end(after)
