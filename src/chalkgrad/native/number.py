"""A number in a function under construction: an LLVM value with Python's operators.

Kinds of number meet as NumPy's do (NumPy is asked): float32 with float64 is float64, conditions with floats are floats. A number
that was written in the rule itself is `weak`: it takes the kind of its partner.

    >>> from chalkgrad.native.llvm import F64, ir, new_module
    >>> function = ir.Function(new_module("example"), ir.FunctionType(F64, [F64]), "f")
    >>> body = Body(ir.IRBuilder(function.append_basic_block()), F64)
    >>> x = Number(body, function.args[0])
    >>> ((x - 1) * x).value.opname
    'fmul'
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError
from chalkgrad.native.llvm import F32, F64, I64, TRUTH, ir

KINDS = {np.dtype(np.float64): F64, np.dtype(np.float32): F32, np.dtype(np.int64): I64, np.dtype(bool): TRUTH}
DTYPES = {kind: dtype for dtype, kind in KINDS.items()}
FLOATS = (F32, F64)
SIGNS = {">": "ogt", ">=": "oge", "<": "olt", "<=": "ole", "==": "oeq", "!=": "une"}


class NotNativeError(ChalkgradError):
    """Something of a graph has no machine code; the caller computes it in NumPy instead."""


class Body:
    """A function under construction: where instructions go, and the floats that weak numbers are by themselves."""

    def __init__(self, builder: Any, kind: Any) -> None:
        self.builder = builder
        self.kind = kind

    def lift(self, value: Any) -> "Number":
        """A number from what a rule may hold: a number of this function, Python's, or NumPy's."""
        if isinstance(value, Number):
            return value
        if isinstance(value, np.ndarray) and value.shape == ():
            return self.lift(value[()])
        if isinstance(value, bool | np.bool):
            return Number(self, TRUTH(int(value)))
        if isinstance(value, int | float) and not isinstance(value, np.generic):
            return Number(self, self.kind(_rounded(value, self.kind)), weak=True)
        if isinstance(value, np.generic) and value.dtype in KINDS:
            return Number(self, KINDS[value.dtype](value.item()))
        raise NotNativeError(f"There is no machine code for numbers of the kind {np.result_type(value)}.")

    def met(self, *values: Any) -> "list[Number]":
        """The numbers in the kind in which they meet."""
        numbers = [self.lift(value) for value in values]
        if all(one.weak for one in numbers):
            return numbers
        held: list[Any] = [0.0 if one.weak else DTYPES[one.value.type] for one in numbers]
        dtype = np.result_type(*held)
        return [self.cast(one, KINDS[dtype]) for one in numbers]

    def floats(self, *values: Any) -> "list[Number]":
        """The numbers as floats of one kind, for functions that have no other."""
        numbers = self.met(*values)
        return numbers if numbers[0].value.type in FLOATS else [self.cast(one, F64) for one in numbers]

    def cast(self, x: "Number", kind: Any) -> "Number":
        value = x.value
        if value.type == kind:
            return Number(self, value)
        if x.weak and isinstance(value, ir.Constant):
            return Number(self, kind(_rounded(value.constant, kind)))
        return self._cast(x, kind)

    def _cast(self, x: "Number", kind: Any) -> "Number":
        value, build = x.value, self.builder
        if kind == TRUTH and value.type == I64:
            return Number(self, build.icmp_signed("!=", value, I64(0)))
        if kind == TRUTH:
            return Number(self, build.fcmp_unordered("!=", value, value.type(0.0)))
        if value.type == TRUTH:
            return Number(self, build.zext(value, I64) if kind == I64 else build.uitofp(value, kind))
        if value.type == I64:
            return Number(self, build.sitofp(value, kind))
        if kind == I64:
            return Number(self, build.fptosi(value, kind))
        return Number(self, build.fpext(value, kind) if kind == F64 else build.fptrunc(value, kind))


def _rounded(value: float, kind: Any) -> float:
    with np.errstate(over="ignore"):
        return np.float32(value).item() if kind == F32 else float(value)


class Number:
    """One value of a function under construction."""

    __slots__ = ("body", "value", "weak")

    shape = ()
    ndim = 0

    def __init__(self, body: Body, value: Any, *, weak: bool = False) -> None:
        self.body = body
        self.value = value
        self.weak = weak

    def __float__(self) -> float:
        raise NotNativeError("A rule computes with NumPy itself, which has no machine code.")

    __int__ = __index__ = __float__

    def __bool__(self) -> bool:
        raise NotNativeError("A rule decides by a number, which is not known before the code runs.")

    def _arithmetic(self, other: Any, floats: str, whole: str) -> "Number":
        left, right = self.body.met(self, other)
        weak = left.weak and right.weak
        if left.value.type == TRUTH:
            left, right = self.body.cast(left, I64), self.body.cast(right, I64)
        build = getattr(self.body.builder, whole if left.value.type == I64 else floats)
        return Number(self.body, build(left.value, right.value), weak=weak)

    def __add__(self, other: Any) -> "Number":
        return self._arithmetic(other, "fadd", "add")

    def __sub__(self, other: Any) -> "Number":
        return self._arithmetic(other, "fsub", "sub")

    def __mul__(self, other: Any) -> "Number":
        return self._arithmetic(other, "fmul", "mul")

    def __truediv__(self, other: Any) -> "Number":
        left, right = self.body.floats(self, other)
        return Number(self.body, self.body.builder.fdiv(left.value, right.value), weak=left.weak and right.weak)

    def __radd__(self, other: Any) -> "Number":
        return self.body.lift(other) + self

    def __rsub__(self, other: Any) -> "Number":
        return self.body.lift(other) - self

    def __rmul__(self, other: Any) -> "Number":
        return self.body.lift(other) * self

    def __rtruediv__(self, other: Any) -> "Number":
        return self.body.lift(other) / self

    def __neg__(self) -> "Number":
        build = self.body.builder
        if self.value.type == TRUTH:
            raise NotNativeError("A condition has no negative.")
        return Number(self.body, build.neg(self.value) if self.value.type == I64 else build.fneg(self.value), weak=self.weak)

    def compared(self, sign: str, other: Any) -> "Number":
        left, right = self.body.met(self, other)
        build = self.body.builder
        if left.value.type in FLOATS:
            compare = build.fcmp_unordered if sign == "!=" else build.fcmp_ordered  # nan differs from everything
        else:
            compare = build.icmp_signed if left.value.type == I64 else build.icmp_unsigned
        return Number(self.body, compare(sign, left.value, right.value))

    def __gt__(self, other: Any) -> "Number":
        return self.compared(">", other)

    def __ge__(self, other: Any) -> "Number":
        return self.compared(">=", other)

    def __lt__(self, other: Any) -> "Number":
        return self.compared("<", other)

    def __le__(self, other: Any) -> "Number":
        return self.compared("<=", other)

    def __eq__(self, other: Any) -> "Number":  # type: ignore[override]
        return self.compared("==", other)

    def __ne__(self, other: Any) -> "Number":  # type: ignore[override]
        return self.compared("!=", other)

    __hash__ = None  # type: ignore[assignment]

    def _truths(self, other: Any, joined: str) -> "Number":
        left, right = self, self.body.lift(other)
        if left.value.type != TRUTH or right.value.type != TRUTH:
            raise NotNativeError("Bits of whole numbers have no machine code.")
        return Number(self.body, getattr(self.body.builder, joined)(left.value, right.value))

    def __and__(self, other: Any) -> "Number":
        return self._truths(other, "and_")

    def __or__(self, other: Any) -> "Number":
        return self._truths(other, "or_")

    __rand__, __ror__ = __and__, __or__

    def __pow__(self, exponent: float) -> "Number":
        """x to a small whole exponent as a chain of products; NotNativeError for others, which are functions."""
        if exponent not in WHOLE_POWERS:
            raise NotNativeError("Only small whole powers are products.")
        return _product(self, int(exponent)) if exponent > 0 else 1.0 / _product(self, -int(exponent))


WHOLE_POWERS = frozenset({1, 2, 3, 4, -1, -2})  # few enough products that the rounding stays below 2 ulp


def _product(x: Number, exponent: int) -> Number:
    square = x if exponent == 1 else x * x
    return square if exponent <= 2 else square * x if exponent == 3 else square * square


def _alone(rule: Callable[[Number, Any], Number]) -> Callable[[Number, Any], Any]:
    """An operator that leaves arrays to themselves: they take it with each of their entries."""

    @wraps(rule)
    def operator(self: Number, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else rule(self, other)

    return operator


for _name in "__add__ __sub__ __mul__ __truediv__ __gt__ __ge__ __lt__ __le__ __eq__ __ne__ __and__ __or__".split():
    setattr(Number, _name, _alone(getattr(Number, _name)))
