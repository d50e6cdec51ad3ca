"""Machine code over arrays that Python calls as it calls C: it reads the arrays' addresses itself.

For small arrays the way to the code costs more than the code. Here nothing is made on the way: the addresses are read where NumPy
keeps them, and single numbers go back as Python floats. Where something is not as expected (a number instead of an array, another
precision, gaps between entries, trouble within the work) the answer is None, and nothing is lost by it.

Source: NumPy C-API, "PyArrayObject": behind the object's head stand the address, the rank, the sizes, the strides, the base, the
dtype and the flags. It is tried once before any of it is used.
"""

import ctypes
import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.native.calling import Results, byte, callable_from, go_on, imported
from chalkgrad.native.llvm import F64, I32, I64, POINTER, Code, ir

WORD = struct.calcsize("P")
HEAD = object.__basicsize__
TYPE, DATA, RANK, SIZES, DTYPE, FLAGS = HEAD - WORD, *(HEAD + place * WORD for place in (0, 1, 2, 5, 6))
PLAIN, ALIGNED = 0x0101, 0x0100  # flags: the entries lie side by side in order, and each where the processor wants it


@cache
def fits() -> bool:
    """Whether arrays lie in memory as this file believes."""
    probe = np.zeros((2, 3))
    gaps = np.zeros((4, 6))[::2, ::2]
    return (
        ctypes.c_void_p.from_address(id(probe) + TYPE).value == id(np.ndarray)
        and ctypes.c_void_p.from_address(id(probe) + DATA).value == probe.ctypes.data
        and ctypes.c_int.from_address(id(probe) + RANK).value == probe.ndim
        and (ctypes.c_ssize_t * 2).from_address(ctypes.c_void_p.from_address(id(probe) + SIZES).value or id(probe))[:] == [2, 3]
        and ctypes.c_void_p.from_address(id(probe) + DTYPE).value == id(probe.dtype)
        and ctypes.c_int.from_address(id(probe) + FLAGS).value & PLAIN == PLAIN
        and ctypes.c_int.from_address(id(gaps) + FLAGS).value & PLAIN == ALIGNED
    )


Work = Callable[[Any, Any, Any], None]  # writes the work: builder, table of addresses, room for the numbers


def define_direct(module: Any, name: str, memory: Sequence[tuple[int, np.dtype[Any]]], numbers: int, work: Work) -> None:
    """Define `name`, which looks for arrays of these dtypes at these places of a list, and does the work.

    Its arguments are the list, the type of arrays, and the dtypes (`kinds`); it returns a tuple of so many numbers.
    """
    kinds = kinds_of(memory)
    function = ir.Function(module, ir.FunctionType(POINTER, [POINTER, POINTER, I64, POINTER]), name)
    _, given, _, _ = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    slow = hand_on(function)
    table = builder.alloca(POINTER, max(len(memory), 1))
    results = builder.alloca(F64, max(numbers, 1))

    def argument(place: int) -> Any:
        return builder.load(builder.gep(given, [I64(place)], source_etype=POINTER), typ=POINTER)

    for place, (at, expected) in enumerate(memory):
        address = address_of(builder, argument(0), I64(at), argument(1), argument(1 + kinds.index(expected)), slow)
        builder.store(address, builder.gep(table, [I64(place)], source_etype=POINTER))
    work(builder, table, results)
    Results(function, builder, results).returned([numbers], rows=False)


def hand_on(function: Any) -> Any:
    """Append the block that calls the ordinary Python function instead."""
    slow = function.append_basic_block("slow")
    builder = ir.IRBuilder(slow)
    vectorcall = imported(function.module, "PyObject_Vectorcall", POINTER, [POINTER, POINTER, I64, POINTER])
    builder.ret(builder.call(vectorcall, list(function.args)))
    return slow


def address_of(builder: Any, values: Any, place: Any, kind: Any, dtype: Any, slow: Any) -> Any:
    """Where the entries of an item of a list lie, if it is an array of this dtype without gaps."""
    item = builder.call(imported(builder.function.module, "PyList_GetItem", POINTER, [POINTER, I64]), [values, place])
    return entries_of(builder, item, kind, dtype, slow)


def entries_of(builder: Any, item: Any, kind: Any, dtype: Any, slow: Any) -> Any:
    """Where the entries of an object lie, if it is an array of this dtype without gaps."""
    function = builder.function
    its_kind = builder.load(byte(builder, item, TYPE), typ=POINTER)
    go_on(function, builder, builder.icmp_unsigned("==", its_kind, kind), slow)
    right = builder.icmp_unsigned("==", builder.load(byte(builder, item, DTYPE), typ=POINTER), dtype)
    flags = builder.and_(builder.load(byte(builder, item, FLAGS), typ=I32), I32(PLAIN))
    go_on(function, builder, builder.and_(right, builder.icmp_unsigned("==", flags, I32(PLAIN))), slow)
    return builder.load(byte(builder, item, DATA), typ=POINTER)


def kinds_of(memory: Sequence[tuple[int, np.dtype[Any]]]) -> list[Any]:
    """What the function takes after the list."""
    return [np.ndarray, *dict.fromkeys(dtype for _, dtype in memory)]


def direct(code: Code, name: str, memory: Sequence[tuple[int, np.dtype[Any]]]) -> Callable[[list[Any]], tuple[float, ...] | None]:
    """The function of the list: it gives the numbers, or None where it could not run."""
    call, kinds = callable_from(code, name, declined), kinds_of(memory)
    return lambda values: call(values, *kinds)


def declined(*_: Any) -> None:
    """What is called instead: it does nothing."""
