"""The primitive functions of gates' rules, as instructions on single numbers.

Where NumPy has a convention (nan goes through max, 0/0 is nan, mod takes the sign of the divisor), these follow it. Elementary
functions come from `maths`.

Sources: the conventions are those of NumPy's loops; whole division and remainder by the rule of Python's own floats.
"""

import math
from typing import Any

import numpy as np

from chalkgrad.graph.series import Series
from chalkgrad.native import maths
from chalkgrad.native.llvm import I64, TRUTH, has_fused_multiply_add, ir
from chalkgrad.native.number import FLOATS, KINDS, WHOLE_POWERS, Body, NotNativeError, Number

ELEMENTARY = (
    "exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh erf erfc cbrt"
).split()


class Instructions(Series):
    """Every public method is an element-wise primitive of numbers of one function."""

    def __init__(self, body: Body) -> None:
        self.body = body

    def _intrinsic(self, name: str, *numbers: Number) -> Number:
        body = self.body
        kind = numbers[0].value.type
        function = body.builder.module.declare_intrinsic(f"llvm.{name}", [kind], ir.FunctionType(kind, [kind] * len(numbers)))
        return Number(body, body.builder.call(function, [one.value for one in numbers]))

    def _function(self, name: str, *numbers: Any) -> Number:
        arguments = self.body.floats(*numbers)
        function = maths.function(self.body.builder.module, name, arguments[0].value.type)
        return Number(self.body, self.body.builder.call(function, [one.value for one in arguments]))

    def _rounding(self, name: str, x: Any) -> Number:
        number = self.body.lift(x)
        return number if number.value.type in (I64, TRUTH) else self._intrinsic(name, number)

    # Arithmetic

    def add(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).__add__(y)

    def subtract(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).__sub__(y)

    def multiply(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).__mul__(y)

    def divide(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).__truediv__(y)

    def negative(self, x: Any) -> Number:
        return -self.body.lift(x)

    def constant_power(self, x: Any, exponent: float) -> Number:
        number = self.body.lift(x)
        if exponent in WHOLE_POWERS:
            return self.body.floats(number)[0] ** exponent
        if exponent == 0.5:  # NumPy takes the square root too, which differs at −0 and −∞
            return self.sqrt(number)
        return self.power(number, exponent)

    def power(self, x: Any, y: Any) -> Number:
        if self.body.lift(x).value.type == self.body.lift(y).value.type == I64:
            raise NotNativeError("Whole powers of whole numbers have no machine code.")
        return self._function("power", x, y)

    def sqrt(self, x: Any) -> Number:
        return self._intrinsic("sqrt", *self.body.floats(x))

    def absolute(self, x: Any) -> Number:
        number = self.body.lift(x)
        if number.value.type == I64:
            return self.where(number < 0, -number, number)
        return number if number.value.type == TRUTH else self._intrinsic("fabs", number)

    def sign(self, x: Any) -> Number:
        (number,) = self.body.met(x)
        one = 1.0 if number.value.type in FLOATS else np.int64(1)
        return self.where(number > 0, one, self.where(number < 0, -one, self.absolute(number)))  # of zeros +0, of nan nan

    def copysign(self, x: Any, y: Any) -> Number:
        return self._intrinsic("copysign", *self.body.floats(x, y))

    # Choice

    def where(self, condition: Any, x: Any, y: Any) -> Number:
        body = self.body
        left, right = body.met(x, y)
        chosen = body.cast(body.lift(condition), TRUTH)
        return Number(body, body.builder.select(chosen.value, left.value, right.value), weak=left.weak and right.weak)

    def maximum(self, x: Any, y: Any) -> Number:
        return self._extreme("maximum", ">", x, y)

    def minimum(self, x: Any, y: Any) -> Number:
        return self._extreme("minimum", "<", x, y)

    def _extreme(self, name: str, sign: str, x: Any, y: Any) -> Number:
        left, right = self.body.met(x, y)
        if left.value.type in FLOATS:
            for one, other in ((left, right), (right, left)):
                if isinstance(one.value, ir.Constant) and one.value.constant and not np.isnan(one.value.constant):
                    return self.where(one.compared(sign, other), one, other)  # nan is not beyond it, and stays
                if isinstance(one.value, ir.Constant) and str(one.value.constant) == "0.0" and name == "maximum":
                    return self.where(self.logical_or(other > one, self.isnan(other)), other, one)  # of −0 it makes +0
            return self._intrinsic(name, left, right)
        return self.where(left.compared(sign, right), left, right)

    # Conditions

    def greater(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared(">", y)

    def greater_equal(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared(">=", y)

    def less(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared("<", y)

    def less_equal(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared("<=", y)

    def equal(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared("==", y)

    def not_equal(self, x: Any, y: Any) -> Number:
        return self.body.lift(x).compared("!=", y)

    def _truth(self, x: Any) -> Number:
        return self.body.cast(self.body.lift(x), TRUTH)

    def logical_and(self, x: Any, y: Any) -> Number:
        return self._truth(x) & self._truth(y)

    def logical_or(self, x: Any, y: Any) -> Number:
        return self._truth(x) | self._truth(y)

    def logical_xor(self, x: Any, y: Any) -> Number:
        return self._truth(x).compared("!=", self._truth(y))

    def logical_not(self, x: Any) -> Number:
        return self._truth(x).compared("==", False)

    def isnan(self, x: Any) -> Number:
        return self.body.lift(x).compared("!=", x)

    def isinf(self, x: Any) -> Number:
        return self.absolute(x).compared("==", np.inf)

    def isfinite(self, x: Any) -> Number:
        return self.absolute(x).compared("<", np.inf)

    # Steps

    def floor(self, x: Any) -> Number:
        return self._rounding("floor", x)

    def ceil(self, x: Any) -> Number:
        return self._rounding("ceil", x)

    def trunc(self, x: Any) -> Number:
        return self._rounding("trunc", x)

    def rint(self, x: Any) -> Number:
        return self._rounding("roundeven", x)

    def _divided(self, x: Any, y: Any) -> list[Number]:
        """Whole numbers divide by rules of their own, by zero above all, and do not all fit into a float."""
        left, right = self.body.met(x, y)
        if left.value.type not in FLOATS:
            raise NotNativeError("Whole division of whole numbers has no machine code.")
        return [left, right]

    def remainder(self, x: Any, y: Any) -> Number:
        left, right = self._divided(x, y)
        rest = self.fmod(left, right)
        turned = self.where(self.logical_xor(rest < 0, right < 0), rest + right, rest)
        return self.where(self.equal(rest, 0.0), self.copysign(rest, right), turned)

    def floor_divide(self, x: Any, y: Any) -> Number:
        left, right = self._divided(x, y)
        rest = self.fmod(left, right)
        down = self.logical_and(self.not_equal(rest, 0.0), self.logical_xor(rest < 0, right < 0))
        fits = (left - rest) / right
        fits = self.where(down, fits - 1.0, fits)
        # The quotient is whole but for its own rounding.
        near = self.floor(fits)
        whole = self.where(fits - near > 0.5, near + 1.0, near)
        whole = self.where(self.equal(fits, 0.0), self.copysign(0.0 * left, left / right), whole)
        return self.where(self.equal(right, 0.0), left / right, whole)

    def cast(self, x: Any, dtype: str) -> Number:
        kind = KINDS.get(np.dtype(dtype))
        if kind is None:
            raise NotNativeError(f"There is no machine code for numbers of the kind {dtype}.")
        return self.body.cast(self.body.lift(x), kind)

    def fmod(self, x: Any, y: Any) -> Number:
        left, right = self._divided(x, y)
        return Number(self.body, self.body.builder.frem(left.value, right.value))

    def arctan2(self, y: Any, x: Any) -> Number:
        return self._function("arctan2", y, x)

    def exp_with_rest(self, x: Any, rest: Any) -> Number:
        return self._function("exp_with_rest", x, rest)

    def quotient_with_rest(self, x: Any, y: Any, rest: Any) -> Number:
        """By an inverse in two parts, which a loop computes once where the divisor stays the same."""
        inverse = 1.0 / self.body.lift(y)
        if not has_fused_multiply_add():
            return self.divide(x, y) * (1.0 - self.body.lift(rest) * inverse)
        lacks = inverse * (self._fused(-inverse, y, 1.0) - inverse * rest)
        return self._fused(x, inverse, lacks * x)

    def _fused(self, x: Any, y: Any, z: Any) -> Number:
        """x·y + z, rounded once."""
        return self._intrinsic("fma", *self.body.met(x, y, z))

    def hypot(self, x: Any, y: Any) -> Number:
        return self._function("hypot", x, y)

    def logaddexp2(self, x: Any, y: Any) -> Number:
        apart = self.where(self.equal(x, y), 0.0, self.absolute(self.subtract(x, y)))  # equal infinities have no difference
        return self.maximum(x, y) + self._function("log1p", self._function("exp2", -apart)) * (1 / math.log(2))


def _elementary(name: str) -> Any:
    def function(self: Instructions, x: Any) -> Number:
        return self._function(name, x)

    function.__name__ = name
    return function


for _name in ELEMENTARY:
    setattr(Instructions, _name, _elementary(_name))
