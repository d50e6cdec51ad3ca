"""The words in which the functions of this package are written: a value with Python's operators, and a few building blocks.

A `Term` is a float, a whole number of the same width (the float's bits), or a condition. Whatever is written with it is a straight
line of instructions, without branches, so that LLVM can inline it and widen the loop around it to vectors of any length.

    >>> from chalkgrad.native.llvm import F64, ir, new_module
    >>> function = ir.Function(new_module("example"), ir.FunctionType(F64, [F64]), "f")
    >>> x = Term(ir.IRBuilder(function.append_basic_block()), function.args[0])
    >>> (x * 2.0).value.opname
    'fmul'
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalkgrad.native import llvm
from chalkgrad.native.llvm import F32, F64, I32, I64, ir


@dataclass(frozen=True)
class Format:
    """A binary format of IEEE 754."""

    kind: Any
    whole: Any  # integers of the same width
    mantissa: int  # bits after the point
    bias: int  # of the exponent

    @property
    def rounder(self) -> float:
        """Added to a float below 2^(mantissa - 2), it leaves the nearest whole number in the lowest bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def smallest_normal(self) -> float:
        return 2.0 ** (1 - self.bias)

    def bits(self, number: float) -> int:
        wide, narrow = ("<Q", "<d") if self.kind == F64 else ("<I", "<f")
        return int(struct.unpack(wide, struct.pack(narrow, number))[0])


DOUBLE = Format(F64, I64, 52, 1023)
SINGLE = Format(F32, I32, 23, 127)


class Term:
    """One value of a function under construction."""

    __slots__ = ("build", "value")

    def __init__(self, build: Any, value: Any) -> None:
        self.build = build
        self.value = value

    @property
    def format(self) -> Format:
        return SINGLE if self.value.type in (F32, I32) else DOUBLE

    def constant(self, number: Any) -> "Term":
        """A constant of this term's kind."""
        kind = self.value.type
        if kind in (I32, I64):
            return Term(self.build, kind(number % (1 << kind.width)))
        return Term(self.build, kind(struct.unpack("<f", struct.pack("<f", number))[0] if kind == F32 else float(number)))

    def _with(self, other: Any, floats: str, whole: str) -> "Term":
        right = other if isinstance(other, Term) else self.constant(other)
        name = floats if self.value.type in (F32, F64) else whole
        return Term(self.build, getattr(self.build, name)(self.value, right.value))

    def __add__(self, other: Any) -> "Term":
        return self._with(other, "fadd", "add")

    def __sub__(self, other: Any) -> "Term":
        return self._with(other, "fsub", "sub")

    def __mul__(self, other: Any) -> "Term":
        return self._with(other, "fmul", "mul")

    def __truediv__(self, other: Any) -> "Term":
        return self._with(other, "fdiv", "sdiv")

    def __radd__(self, other: Any) -> "Term":
        return self.constant(other) + self

    def __rsub__(self, other: Any) -> "Term":
        return self.constant(other) - self

    def __rmul__(self, other: Any) -> "Term":
        return self.constant(other) * self

    def __rtruediv__(self, other: Any) -> "Term":
        return self.constant(other) / self

    def __neg__(self) -> "Term":
        return Term(self.build, self.build.fneg(self.value))

    def __abs__(self) -> "Term":
        return self.intrinsic("llvm.fabs")

    def __lshift__(self, places: int) -> "Term":
        return self._with(places, "", "shl")

    def __rshift__(self, places: int) -> "Term":
        """Shifted to the right, with zeros from the left."""
        return self._with(places, "", "lshr")

    def __and__(self, other: Any) -> "Term":
        return self._with(other, "", "and_")

    def __or__(self, other: Any) -> "Term":
        return self._with(other, "", "or_")

    def __xor__(self, other: Any) -> "Term":
        return self._with(other, "", "xor")

    def is_(self, sign: str, other: Any) -> "Term":
        """A condition; one about floats is false where either is nan."""
        right = other if isinstance(other, Term) else self.constant(other)
        compare = self.build.fcmp_ordered if self.value.type in (F32, F64) else self.build.icmp_signed
        return Term(self.build, compare(sign, self.value, right.value))

    def __lt__(self, other: Any) -> "Term":
        return self.is_("<", other)

    def __gt__(self, other: Any) -> "Term":
        return self.is_(">", other)

    def __le__(self, other: Any) -> "Term":
        return self.is_("<=", other)

    def __ge__(self, other: Any) -> "Term":
        return self.is_(">=", other)

    def bits(self) -> "Term":
        return Term(self.build, self.build.bitcast(self.value, self.format.whole))

    def sign(self) -> "Term":
        """The highest of the bits, which is a float's sign."""
        bits = self.bits()
        highest: int = 1 << (bits.value.type.width - 1)
        return bits & highest

    def as_float(self) -> "Term":
        """The float whose bits these are."""
        return Term(self.build, self.build.bitcast(self.value, self.format.kind))

    def wide(self) -> "Term":
        return Term(self.build, self.build.fpext(self.value, F64))

    def narrow(self) -> "Term":
        return Term(self.build, self.build.fptrunc(self.value, F32))

    def intrinsic(self, name: str, *others: "Term") -> "Term":
        kind = self.value.type
        declared = self.build.module.declare_intrinsic(name, [kind], ir.FunctionType(kind, [kind] * (1 + len(others))))
        return Term(self.build, self.build.call(declared, [self.value, *(other.value for other in others)]))


def select(condition: Term, yes: Any, no: Any) -> Term:
    model = yes if isinstance(yes, Term) else no
    yes, no = (one if isinstance(one, Term) else model.constant(one) for one in (yes, no))
    return Term(condition.build, condition.build.select(condition.value, yes.value, no.value))


def fma(x: Term, y: Any, z: Any) -> Term:
    """x·y + z, rounded once where the processor can, else twice."""
    y, z = (one if isinstance(one, Term) else x.constant(one) for one in (y, z))
    return x.intrinsic("llvm.fma", y, z) if llvm.has_fused_multiply_add() else x * y + z


def copysign(size: Term, sign: Term) -> Term:
    return size.intrinsic("llvm.copysign", sign)


def clamp(x: Term, low: float, high: float) -> Term:
    """x within [low, high]; nan stays nan."""
    x = select(x < low, low, x)
    return select(x > high, high, x)


def horner(x: Term, coefficients: Sequence[float]) -> Term:
    """The polynomial with these coefficients, the lowest first."""
    total = x.constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = fma(x, total, coefficient)
    return total


def paired(x: Term, square: Term, coefficients: Sequence[float]) -> Term:
    """The same polynomial as its even and its odd part, which do not wait for each other."""
    return fma(horner(square, coefficients[1::2]), x, horner(square, coefficients[::2]))


def sum_of(x: Term, y: Any) -> tuple[Term, Term]:
    """x + y rounded, and what the rounding lost (Knuth)."""
    total = x + y
    from_y = total - x
    return total, (x - (total - from_y)) + (y - from_y)


def ordered_sum_of(large: Term, small: Term) -> tuple[Term, Term]:
    """The same where |large| >= |small| (Dekker)."""
    total = large + small
    return total, small - (total - large)


def product_of(x: Term, y: Term) -> tuple[Term, Term]:
    """x·y rounded, and what the rounding lost."""
    product = x * y
    if llvm.has_fused_multiply_add():
        return product, fma(x, y, -product)
    (x_high, x_low), (y_high, y_low) = halves(x), halves(y)
    return product, ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low


def halves(x: Term) -> tuple[Term, Term]:
    """x as a sum of two floats with half as many bits each (Veltkamp)."""
    scaled = x * (2.0 ** ((x.format.mantissa + 2) // 2) + 1)
    high = scaled - (scaled - x)
    return high, x - high


def power_of_two(bits: Term) -> Term:
    """2^k, given a whole number whose lowest bits are k plus the format's bias."""
    return (bits << bits.format.mantissa).as_float()


def scaled(x: Term, bits: Term) -> Term:
    """x·2^k, given a whole number whose lowest bits are k plus twice the format's bias, below them those of a whole `rounder`.

    In two steps, of which only the last one rounds: so it loses bits gradually below the smallest normal number, and overflows to
    infinity only where the result does. Processors that have an instruction for it do the same in one.
    """
    if llvm.has_scaling():
        form = x.format
        k = bits - form.bits(form.rounder + 2 * form.bias)
        name = f"llvm.ldexp.{form.kind.intrinsic_name}.{form.whole.intrinsic_name}"
        module, kind = x.build.module, ir.FunctionType(form.kind, [form.kind, form.whole])
        ldexp = module.globals.get(name) or ir.Function(module, kind, name)
        return Term(x.build, x.build.call(ldexp, [x.value, k.value]))
    half = bits >> 1
    return x * power_of_two(half) * power_of_two(bits - half)


def quotient(x: Term, x_low: Term | None, y: Term, y_low: Any) -> Term:
    """(x + x_low)/(y + y_low), by one division and one step of correction, so that little more than one rounding is lost."""
    reciprocal = 1.0 / y
    first = x * reciprocal
    left = residual(x, first, y)
    left = fma(-first, y_low, left if x_low is None else left + x_low)
    return fma(left, reciprocal, first)


def residual(x: Term, y: Term, z: Any) -> Term:
    """x - y·z where y·z is near x: no bit of the product is lost."""
    if llvm.has_fused_multiply_add():
        return fma(-y, z, x)
    product, product_low = product_of(y, z if isinstance(z, Term) else x.constant(z))
    return (x - product) - product_low
