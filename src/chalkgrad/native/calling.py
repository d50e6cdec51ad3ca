"""How Python calls straight-line code: a function of the interpreter's own fast calling convention, written in LLVM.

Its hot path reads the floats out of their objects, computes, and makes new ones; nothing else is touched. Whatever is not exactly
that (another number of arguments, keywords, numbers of other kinds, mistakes) is handed to an ordinary Python function.

Where a float keeps its number and a tuple its items follows from the sizes of the interpreter's own objects, and is tried once
before any of it is used.

Source: Python/C API reference, "Common object structures", METH_FASTCALL.
"""

import ctypes
import struct
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import threads
from chalkgrad.native.explanation import Explanation, of_straight
from chalkgrad.native.llvm import BYTE, F64, I64, POINTER, Code, assembly, compiled, imported, ir, load, new_module, optimised
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.scalars import straight

FASTCALL, KEYWORDS = 0x0080, 0x0002
TYPE_OFFSET = object.__basicsize__ - struct.calcsize("P")  # an object is its count of references, then its type
NUMBER_OFFSET = object.__basicsize__
ITEMS_OFFSET = tuple.__basicsize__


@cache
def fits() -> bool:
    """Whether floats and tuples lie in memory as this file believes."""
    probe, pair = 1234.5, (probe_item := object(), probe_item)
    if sys.implementation.name != "cpython" or not threads.LOCKED:  # what is looked at here, others may take away meanwhile
        return False
    return (
        ctypes.c_void_p.from_address(id(probe) + TYPE_OFFSET).value == id(float)
        and ctypes.c_double.from_address(id(probe) + NUMBER_OFFSET).value == probe
        and ctypes.c_void_p.from_address(id(pair) + ITEMS_OFFSET).value == id(probe_item)
    )


def function_of_floats(graph: Graph, leaves: Sequence[int], outputs: Sequence[int], layout: Sequence[int | None], name: str,
                       otherwise: Callable[..., Any], *, rows: bool) -> Callable[..., Any]:  # fmt: skip
    """A graph of single numbers as a Python function. Raises NotNativeError where a gate has no machine code."""
    if any(graph.shape(node) for node in (*leaves, *outputs)):  # the function has room for one float each
        raise NotNativeError("A function of floats takes and returns single numbers.")
    module = new_module(name)
    body = straight(module, "straight", graph, leaves, outputs)
    body.linkage = "internal"
    body.attributes.add("alwaysinline")
    define_call(module, name, body, len(leaves), layout, rows=rows)
    return callable_from(load(compiled(module), [name]), name, otherwise)


def explained(graph: Graph, leaves: Sequence[int], outputs: Sequence[int]) -> Explanation:
    """What straight-line code for a graph looks like."""
    module = new_module("explained")
    straight(module, "straight", graph, leaves, outputs)
    return of_straight(graph, outputs, lambda: str(optimised(str(module))), lambda: assembly(module))


def define_call(module: Any, name: str, body: Any, inputs: int, layout: Sequence[int | None], *, rows: bool = False) -> Any:
    """Define the function that Python calls: `inputs` floats in; out as `layout` says.

    `layout` holds for each result None (a float by itself) or how many floats a tuple of its own holds. A single result comes
    alone, several come in a tuple; `rows`, a single tuple comes in a tuple too.
    """
    if not fits():
        raise NotNativeError("This interpreter's floats do not lie in memory as expected.")
    function = ir.Function(module, ir.FunctionType(POINTER, [POINTER, POINTER, I64, POINTER]), name)
    itself, args, count, names = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    outputs = sum(1 if one is None else one for one in layout)
    arguments = builder.alloca(F64, inputs)
    results = builder.alloca(F64, outputs)
    slow = function.append_basic_block("slow")
    nothing = ir.Constant(POINTER, None)
    right = builder.and_(builder.icmp_unsigned("==", count, I64(inputs)), builder.icmp_unsigned("==", names, nothing))
    go_on(function, builder, right, slow)
    float_type = _float_type(module)
    for place in range(inputs):
        item = builder.load(builder.gep(args, [I64(place)], source_etype=POINTER), typ=POINTER)
        kind = builder.load(byte(builder, item, TYPE_OFFSET), typ=POINTER)
        go_on(function, builder, builder.icmp_unsigned("==", kind, float_type), slow)
        number = builder.load(byte(builder, item, NUMBER_OFFSET), typ=F64)
        builder.store(number, builder.gep(arguments, [I64(place)], source_etype=F64))
    builder.call(body, [arguments, results])
    Results(function, builder, results).returned(layout, rows)
    builder.position_at_end(slow)
    vectorcall = imported(module, "PyObject_Vectorcall", POINTER, [POINTER, POINTER, I64, POINTER])
    builder.ret(builder.call(vectorcall, [itself, args, count, names]))
    return function


def _float_type(module: Any) -> Any:
    """The type of Python's floats, by its name, so that the code can be kept for other processes."""
    known = module.globals.get("PyFloat_Type")
    if known is None:
        known = ir.GlobalVariable(module, ir.ArrayType(BYTE, 0), "PyFloat_Type")
    return known


class Results:
    """Makes Python's objects of the results; where memory runs out, the call ends with the interpreter's MemoryError."""

    def __init__(self, function: Any, builder: Any, results: Any) -> None:
        self.function = function
        self.builder = builder
        self.results = results
        self.failed = function.append_basic_block("failed")
        self.place = 0

    def returned(self, layout: Sequence[int | None], rows: bool) -> None:
        made = [self._float() if one is None else self._tuple([self._float() for _ in range(one)]) for one in layout]
        self.builder.ret(made[0] if len(made) == 1 and not rows else self._tuple(made))
        self.builder.position_at_end(self.failed)
        self.builder.ret(ir.Constant(POINTER, None))

    def _float(self) -> Any:
        number = self.builder.load(self.builder.gep(self.results, [I64(self.place)], source_etype=F64), typ=F64)
        self.place += 1
        return self._made("PyFloat_FromDouble", F64, number)

    def _tuple(self, items: list[Any]) -> Any:
        made = self._made("PyTuple_New", I64, I64(len(items)))
        for place, item in enumerate(items):
            self.builder.store(item, byte(self.builder, made, ITEMS_OFFSET + place * struct.calcsize("P")))
        return made

    def _made(self, name: str, kind: Any, argument: Any) -> Any:
        made = self.builder.call(imported(self.function.module, name, POINTER, [kind]), [argument])
        go_on(self.function, self.builder, self.builder.icmp_unsigned("!=", made, ir.Constant(POINTER, None)), self.failed)
        return made


def go_on(function: Any, builder: Any, condition: Any, otherwise: Any) -> None:
    following = function.append_basic_block()
    builder.cbranch(condition, following, otherwise)
    builder.position_at_end(following)


def byte(builder: Any, item: Any, offset: int) -> Any:
    return builder.gep(item, [I64(offset)], source_etype=BYTE)


class _MethodDef(ctypes.Structure):
    _fields_ = (("name", ctypes.c_void_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_void_p))


TOLD = ctypes.sizeof(_MethodDef)


class Otherwise(np.ndarray[Any, Any]):
    """What the fast function hands on to, and what keeps its code and its own description alive.

    The interpreter reads the description until the function is gone. The collector of cycles takes away the attributes of what it
    collects before that, but not an array's own memory; so the description, and words and the name after it, are the entries of
    this array.
    """

    compute: Callable[..., Any]
    code: Code
    held: Any

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self.compute(*args, **settings)

    def __reduce__(self) -> Any:
        """In a pickle the function is an attribute of the object whose method `compute` is; its code is made anew."""
        owner = getattr(self.compute, "__self__", None)
        if owner is None:
            raise TypeError("Machine code cannot be pickled.")
        return _itself, (owner,)


def declined(*_: Any) -> None:
    """What is called where None is to say that the code was not made for these arguments."""


def _itself(owner: Any) -> Any:
    return owner


def callable_from(code: Code, name: str, otherwise: Callable[..., Any], told: Any = (), held: Any = None, *,
                  said: str = "", doc: str | None = None) -> Callable[..., Any]:  # fmt: skip
    """The Python function whose code stands at `name`; it is called that, or as is `said`.

    The code finds words that it is `told` in the entries of the object that is its first argument, from byte TOLD on; what they
    point at is `held` as long.
    """
    called, text = (said or name).encode() + b"\0", (doc or "").encode() + b"\0"
    words = np.asarray(told, dtype=np.int64).view(np.uint8)
    holder = np.zeros(TOLD + len(words) + len(called) + len(text), np.uint8).view(Otherwise)
    holder[TOLD:] = [*words, *called, *text]
    holder.compute, holder.code, holder.held = otherwise, code, held
    described = _MethodDef.from_address(holder.ctypes.data)
    described.name, described.function = holder.ctypes.data + TOLD + len(words), code.address(name)
    described.flags, described.doc = FASTCALL | KEYWORDS, described.name + len(called) if doc else None
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    made: Callable[..., Any] = make(holder.ctypes.data, holder, None)
    return made
