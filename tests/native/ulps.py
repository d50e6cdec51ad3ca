"""The mathematical functions of native code, called in loops over arrays, and their errors in ulps.

An ulp is the distance of the two floats around the truth, and below the smallest normal number the smallest subnormal one.
"""

import ctypes
import math

import numpy as np

from chalkgrad.check.entries import Entries
from chalkgrad.check.truth import Truth
from chalkgrad.native import llvm
from chalkgrad.native.llvm import F32, F64, I64, POINTER, VOID, ir
from chalkgrad.native.maths import INLINE, OF_TWO, function

KINDS = {"float64": F64, "float32": F32}
FUNCTIONS = tuple(INLINE)
DIGITS = 40
NOTHING_LEFT = 40  # erfc beyond is far below the smallest float

# Intervals in which each function is interesting; points of all other sizes come in addition.
INTERVALS = {
    "exp": ((-750, 715), (-1, 1)), "exp2": ((-1080, 1030), (-1, 1)), "expm1": ((-45, 710), (-1, 1)),
    "sigmoid": ((-750, 40), (-4, 4)), "tanh": ((-22, 22), (-1, 1)), "sinh": ((-715, 715), (-1, 1)), "cosh": ((-715, 715), (-1, 1)),
    "log": ((0.5, 2), (0.9, 1.1)), "log2": ((0.5, 2), (0.9, 1.1)), "log10": ((0.5, 2), (0.9, 1.1)), "log1p": ((-1, 1), (0, 50)),
    "sin": ((-4, 4), (-1e5, 1e5)), "cos": ((-4, 4), (-1e5, 1e5)), "tan": ((-4, 4), (-1e5, 1e5)),
    "erf": ((-6, 6), (-1.2, 1.2)), "erfc": ((-6, 28), (0, 2)),
}  # fmt: skip
SPECIAL = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 1e22, -1e22, math.inf, -math.inf, math.nan)


def module_of_loops(names, kind):
    """A module with a loop for each function: the last pointer but none is written, entry by entry, from those before it."""
    module = llvm.new_module("loops")
    for name in names:
        called = function(module, name, kind)
        count = len(called.args)
        loop = ir.Function(module, ir.FunctionType(VOID, [POINTER] * (count + 1) + [I64]), f"loop.{name}")
        for argument in loop.args[:-1]:
            argument.add_attribute("noalias")
        entry, body, end = (loop.append_basic_block() for _ in range(3))
        ir.IRBuilder(entry).branch(body)
        build = ir.IRBuilder(body)
        place = build.phi(I64)
        place.add_incoming(I64(0), entry)
        places = [build.gep(pointer, [place], source_etype=kind) for pointer in loop.args[:-1]]
        build.store(build.call(called, [build.load(one, typ=kind) for one in places[:count]]), places[count])
        following = build.add(place, I64(1))
        place.add_incoming(following, body)
        build.cbranch(build.icmp_signed("<", following, loop.args[-1]), body, end)
        ir.IRBuilder(end).ret_void()
    return module


def loops(names, kind):
    """Each function as a function of arrays."""
    names = tuple(names)
    code = llvm.load(llvm.compiled(module_of_loops(names, kind)), [f"loop.{name}" for name in names])
    return {name: _caller(code, name, np.float32 if kind == F32 else np.float64) for name in names}


def _caller(code, name, dtype):
    count = 2 if name in OF_TWO else 1
    compiled = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (count + 1), ctypes.c_int64)(code.address(f"loop.{name}"))

    def call(*inputs):
        arrays = [np.ascontiguousarray(one, dtype) for one in inputs]
        out = np.empty_like(arrays[0])
        compiled(*[one.ctypes.data for one in arrays], out.ctypes.data, out.size)
        return out

    call.code = code  # it lives as long as what calls it
    return call


def points(name, dtype, count, seed=0):
    """Inputs: of the intervals above, of any bits, near multiples of ln 2/2 and π/4, powers of two, the smallest, special ones."""
    chance = np.random.default_rng(seed)
    if name in OF_TWO:
        return _pairs(name, dtype, count, chance)
    shrink = 8.0 if dtype == np.float32 else 1.0
    parts = [chance.uniform(low, high, count) for low, high in INTERVALS.get(name, ((-4, 4), (-100, 100)))]
    parts += [part / shrink for part in parts]
    steps = np.arange(-400, 400)
    powers = 2.0 ** np.arange(-140, 128)
    parts += [steps * (math.log(2) / 2), steps * (math.pi / 4), powers, -powers, np.array(SPECIAL)]
    with np.errstate(over="ignore"):
        found = np.concatenate(parts).astype(dtype)
    form = np.finfo(dtype)
    tiny = form.smallest_subnormal * chance.integers(1, 2**20, 50).astype(dtype)
    edges = np.concatenate([found[-len(SPECIAL) - 1500 :], tiny, -tiny, np.array([form.max, form.tiny], dtype)])
    beside = [np.nextafter(edges, dtype(9)), np.nextafter(edges, dtype(-9))]
    return (np.concatenate([found, any_bits(dtype, count, chance), edges, *beside]),)


def _pairs(name, dtype, count, chance):
    """The special ones are those of power, without -0 on the left, since the truth has no signed zero."""
    limit = float(np.log(np.finfo(dtype).max))
    x = np.exp(chance.uniform(-limit, limit, count))
    near = 1 + chance.uniform(-1, 1, count) * 2.0 ** -chance.integers(1, 20, count)
    bases = [one for one in SPECIAL if one != 0 or math.copysign(1, one) > 0]
    special = [np.ravel(one) for one in np.meshgrid(bases, SPECIAL)] if name == "power" else [[], []]
    vast = chance.uniform(-limit, limit, count) * 1.05 / np.log(x)
    moderate = chance.uniform(-limit, limit, count) / np.log(near)
    largest = np.finfo(dtype).max * 2.0 ** -np.arange(32.0)  # where scaling sets in, or should have
    left = [
        x,
        near,
        chance.uniform(-9, 9, count),
        chance.uniform(-2, 2, count),
        special[0],
        any_bits(dtype, count, chance),
        largest,
    ]
    right = [
        vast,
        moderate,
        chance.integers(-20, 20, count),
        chance.uniform(-2, 2, count),
        special[1],
        any_bits(dtype, count, chance),
        largest * chance.uniform(-1, 1, 32),
    ]
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(np.concatenate([np.asarray(one, dtype) for one in parts]) for parts in (left, right))


def any_bits(dtype, count, chance):
    size = np.dtype(dtype).itemsize
    return np.frombuffer(chance.bytes(size * count), dtype)


class Ruler:
    """Measures errors against multi-precision numbers."""

    def __init__(self):
        self.mp = Truth(DIGITS).mp
        self.entries = Entries(self.mp)

    def truth(self, name, *inputs):
        numbers = [self.mp.mpf(float(one)) for one in inputs]
        if any(map(self.mp.isnan, numbers)) and name != "power":
            return self.mp.nan
        if name == "sigmoid":
            return 1 / (1 + self.entries.exp(-numbers[0]))
        if name == "erfc":
            return self.mp.erfc(numbers[0]) if abs(numbers[0]) < NOTHING_LEFT else self.mp.mpf(0 if numbers[0] > 0 else 2)
        return getattr(self.entries, name)(*numbers)

    def ulps(self, got, true, dtype):
        """How far a float is from the truth."""
        form, got = np.finfo(dtype), float(got)
        if math.isnan(got) or self.mp.isnan(true):
            return 0.0 if math.isnan(got) and self.mp.isnan(true) else math.inf
        largest = self.mp.mpf(float(form.max))
        last = self.mp.ldexp(1, int(form.maxexp) - int(form.nmant) - 1)
        if math.isinf(got):
            beyond = abs(true) >= largest + last / 2 and (true > 0) == (got > 0)
            return 0.0 if beyond else math.inf if self.mp.isinf(true) else float(abs(largest + last - abs(true)) / last)
        if self.mp.isinf(true):
            return math.inf
        exponent = max(int(self.mp.mag(true)) - 1 if true else int(form.minexp), int(form.minexp))
        return float(abs(got - true) / self.mp.ldexp(1, exponent - int(form.nmant)))

    def worst(self, name, inputs, got):
        """The largest error, and where it is."""
        with np.errstate(all="ignore"):
            errors = [self.ulps(out, self.truth(name, *numbers), out.dtype) for *numbers, out in zip(*inputs, got, strict=True)]
        place = int(np.argmax(errors))
        return errors[place], tuple(one[place] for one in inputs), got[place]
