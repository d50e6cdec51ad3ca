"""Machine code over arrays that Python calls as it calls C: it reads the arrays' addresses itself.

For small arrays the way to the code costs more than the code. Here nothing is made on the way: the addresses are read where NumPy
keeps them, and single numbers go back as Python floats. Where something is not as expected (a number instead of an array, another
precision, gaps between entries, trouble within the work) the answer is None, and nothing is lost by it.

Source: NumPy C-API, "PyArrayObject": behind the object's head stand the address, the rank, the sizes, the strides, the base, the
dtype and the flags. It is tried once before any of it is used.
"""

import ctypes
import struct
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.native import threads
from chalkgrad.native.calling import byte, go_on
from chalkgrad.native.llvm import I32, I64, POINTER, imported, ir

WORD = struct.calcsize("P")
HEAD = object.__basicsize__
TYPE, DATA, RANK, SIZES, DTYPE, FLAGS = HEAD - WORD, *(HEAD + place * WORD for place in (0, 1, 2, 5, 6))
# Flags: the entries lie side by side in order (or column by column), and each where the processor wants it.
PLAIN, COLUMNS, ALIGNED = 0x0101, 0x0102, 0x0100


@cache
def fits() -> bool:
    """Whether arrays lie in memory as this file believes."""
    probe = np.zeros((2, 3))
    gaps = np.zeros((4, 6))[::2, ::2]
    return threads.LOCKED and (
        ctypes.c_void_p.from_address(id(probe) + TYPE).value == id(np.ndarray)
        and ctypes.c_void_p.from_address(id(probe) + DATA).value == probe.ctypes.data
        and ctypes.c_int.from_address(id(probe) + RANK).value == probe.ndim
        and (ctypes.c_ssize_t * 2).from_address(ctypes.c_void_p.from_address(id(probe) + SIZES).value or id(probe))[:] == [2, 3]
        and ctypes.c_void_p.from_address(id(probe) + DTYPE).value == id(probe.dtype)
        and ctypes.c_int.from_address(id(probe) + FLAGS).value & PLAIN == PLAIN
        and ctypes.c_int.from_address(id(gaps) + FLAGS).value & PLAIN == ALIGNED
    )


def hand_on(function: Any) -> Any:
    """Append the block that calls the ordinary Python function instead."""
    slow = function.append_basic_block("slow")
    builder = ir.IRBuilder(slow)
    vectorcall = imported(function.module, "PyObject_Vectorcall", POINTER, [POINTER, POINTER, I64, POINTER])
    builder.ret(builder.call(vectorcall, list(function.args)))
    return slow


def address_of(builder: Any, values: Any, place: Any, kind: Any, dtype: Any, lies: Any, slow: Any) -> Any:
    """Where the entries of an item of a list lie, if it is an array of this dtype without gaps, which lies so."""
    item = builder.call(imported(builder.function.module, "PyList_GetItem", POINTER, [POINTER, I64]), [values, place])
    return entries_of(builder, item, kind, dtype, lies, slow)


def entries_of(builder: Any, item: Any, kind: Any, dtype: Any, lies: Any, slow: Any) -> Any:
    """Where the entries of an object lie, if it is an array of this dtype with these flags."""
    function = builder.function
    its_kind = builder.load(byte(builder, item, TYPE), typ=POINTER)
    go_on(function, builder, builder.icmp_unsigned("==", its_kind, kind), slow)
    right = builder.icmp_unsigned("==", builder.load(byte(builder, item, DTYPE), typ=POINTER), dtype)
    flags = builder.and_(builder.load(byte(builder, item, FLAGS), typ=I32), lies)
    go_on(function, builder, builder.and_(right, builder.icmp_unsigned("==", flags, lies)), slow)
    return builder.load(byte(builder, item, DATA), typ=POINTER)
