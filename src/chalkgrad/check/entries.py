"""The element-wise primitives of truth arithmetic on single numbers: mpmath where it computes, floats' conventions at the edges.

No number is refused: the logarithm of 0 is −∞, that of −1 is nan (never complex), 1/0 is ∞, 0·∞ is nan, 0⁰ is 1. What mpmath would
take for ever to compute is cut short: an exponent of more than 64 bits is as good as infinite.
"""

from collections.abc import Callable
from typing import Any

OVERFLOWS = 64  # an exponent of more bits counts as infinite
UNANGULAR = 2**16  # an angle of more bits has no sine: taking whole turns off it would cost too much
SPARE_BITS = 10
FLOATS = 1000  # numbers of so many binary places above or below the point are floats or close to one
NEARBY = 128  # bits in which a number has to agree with a float to be next to it


class Entries:
    """Every public method is an element-wise primitive."""

    def __init__(self, mp: Any) -> None:
        self._mp = mp
        self._known: dict[tuple[int, Any, int], Any] = {}  # polygamma functions are slow to compute, and asked for again and again

    def absolute(self, x: Any) -> Any:
        return abs(x)

    def sign(self, x: Any) -> Any:
        return self._mp.sign(x)

    def copysign(self, x: Any, y: Any) -> Any:
        return -abs(x) if y < 0 else abs(x)

    def floor(self, x: Any) -> Any:
        return self._mp.floor(x)

    def ceil(self, x: Any) -> Any:
        return self._mp.ceil(x)

    def trunc(self, x: Any) -> Any:
        return self._mp.floor(x) if x > 0 else self._mp.ceil(x)

    def rint(self, x: Any) -> Any:
        return self._mp.nint(x)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y if y != 0 else x * self._mp.inf  # 0 · ∞ is nan

    def fmod(self, x: Any, y: Any) -> Any:
        """What is left of x, with the sign of x."""
        mp = self._mp
        if y == 0 or mp.isinf(x) or mp.isnan(x) or mp.isnan(y) or mp.mag(x) - mp.mag(y) > UNANGULAR:
            return mp.nan
        left = abs(x) if mp.isinf(y) else abs(x) % abs(y)
        return -left if x < 0 else left

    def remainder(self, x: Any, y: Any) -> Any:
        """What is left of x, with the sign of y."""
        left = self.fmod(x, y)
        return left + y if left != 0 and (left < 0) != (y < 0) else left

    def floor_divide(self, x: Any, y: Any) -> Any:
        if y == 0:
            return self.divide(x, y)
        left = self.fmod(x, y)
        if left != left:
            return left
        # By what is left, because x/y itself may round up to a whole number.
        fits = self._mp.nint(self._mp.fsub(x, left, exact=True) / y)
        return fits - 1 if left != 0 and (left < 0) != (y < 0) else fits

    def sqrt(self, x: Any) -> Any:
        return self._mp.nan if x < 0 else self._mp.sqrt(x)

    def cbrt(self, x: Any) -> Any:
        return -self._mp.cbrt(-x) if x < 0 else self._mp.cbrt(x)

    def hypot(self, x: Any, y: Any) -> Any:
        return self._mp.inf if self._mp.isinf(x) or self._mp.isinf(y) else self._mp.hypot(x, y)

    def power(self, x: Any, y: Any) -> Any:
        mp = self._mp
        if y == 0 or x == 1:
            return mp.one
        if mp.isnan(x) or mp.isnan(y) or (x < 0 and mp.isfinite(x) and mp.isfinite(y) and not mp.isint(y)):
            return mp.nan
        base = abs(x)
        if base == 1 and mp.isinf(y):
            return mp.one
        odd = mp.isfinite(y) and y._mpf_[2] == 0 and y._mpf_[1] & 1  # an mpf is an odd number times a power of 2
        return -self._positive_power(base, y) if x < 0 and odd else self._positive_power(base, y)

    def _positive_power(self, base: Any, y: Any) -> Any:
        mp = self._mp
        if base == 0 or mp.isinf(base) or mp.isinf(y):
            return mp.inf if (base > 1) == (y > 0) else mp.zero
        size = mp.mag(y) + mp.mag(mp.log(base))
        if size > OVERFLOWS:
            return self.exp(y * mp.log(base))
        with mp.workprec(mp.prec + max(size, 0) + SPARE_BITS):
            result = mp.power(base, y)
        return +result

    def exp(self, x: Any) -> Any:
        return self._end(x, self._mp.zero, self._mp.inf) if self._vast(x) else self._mp.exp(x)

    def exp2(self, x: Any) -> Any:
        return self.power(self._mp.mpf(2), x)

    def expm1(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.inf) if self._vast(x) else self._mp.expm1(x)

    def sinh(self, x: Any) -> Any:
        return self._end(x, self._mp.ninf, self._mp.inf) if self._vast(x) else self._mp.sinh(x)

    def cosh(self, x: Any) -> Any:
        return self._mp.inf if self._vast(x) else self._mp.cosh(x)

    def tanh(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.one) if self._vast(x) else self._mp.tanh(x)

    def erf(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.one) if self._vast(x) else self._mp.erf(x)

    def erfc(self, x: Any) -> Any:
        return self._end(x, 2 * self._mp.one, self._mp.zero) if self._vast(2 * x) else self._mp.erfc(x)

    def erfcx(self, x: Any, n: Any) -> Any:
        """Upward in n with the bits to spare that this cancels to the right of 0; far to the right by Tricomi's U."""
        mp = self._mp
        if not mp.isfinite(x):
            return mp.zero if x > 0 else -x
        size = max(int(mp.mag(x)), 0) if x else 0
        if x > 0 and size > SPARE_BITS:
            return mp.hyperu((n + 1) / 2, mp.mpf(1) / 2, x * x) / (mp.sqrt(mp.pi) * 2**n)
        with mp.workprec(mp.prec + int(n + 1) * (2 * size + SPARE_BITS)):
            before, result = 2 / mp.sqrt(mp.pi), self.exp(x * x) * self.erfc(x)
            for k in range(1, int(n) + 1):
                before, result = result, (before - 2 * x * result) / (2 * k)
        return +result

    def log_ndtr(self, x: Any) -> Any:
        mp = self._mp
        if not mp.isfinite(x):
            return mp.zero if x > 0 else x
        with mp.workprec(mp.prec + SPARE_BITS):
            if x < 0:
                result = mp.log(self.erfcx(-x / mp.sqrt(2), mp.zero) / 2) - x * x / 2
            else:
                result = self.log1p(-self.erfc(x / mp.sqrt(2)) / 2)
        return +result

    def gamma(self, x: Any) -> Any:
        mp = self._mp
        if not mp.isfinite(x):
            return x if x > 0 else mp.nan
        if x <= 0 and mp.isint(x):
            return mp.inf if x == 0 else mp.nan
        return mp.gamma(x)

    def gammaln(self, x: Any) -> Any:
        mp = self._mp
        if not mp.isfinite(x):
            return abs(x)
        return mp.inf if x <= 0 and mp.isint(x) else mp.re(mp.loggamma(x))

    def betaln(self, a: Any, b: Any) -> Any:
        mp = self._mp
        if not (a > 0 and b > 0 and mp.isfinite(a) and mp.isfinite(b)):
            return mp.nan
        with mp.workprec(mp.prec + 2 * (abs(mp.mag(a)) + abs(mp.mag(b))) + SPARE_BITS):
            result = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
        return +result

    def polygamma(self, x: Any, n: Any) -> Any:
        mp = self._mp
        if mp.isint(x) and x <= 0:
            return (mp.ninf if n == 0 else mp.inf) if x == 0 or n > 0 else mp.nan
        if not mp.isfinite(x):
            return (x if n == 0 else mp.zero) if x > 0 else mp.nan
        return self._psi(int(n), x)

    def _psi(self, n: int, x: Any) -> Any:
        """The polygamma function; next to a float (where limits are sought) by its Taylor series, whose coefficients are shared."""
        mp = self._mp
        key = n, x._mpf_, mp.prec
        if key not in self._known:
            about = mp.mpf(float(x)) if abs(mp.mag(x)) < FLOATS else x
            away = x - about
            if away == 0 or about <= 0 or mp.mag(away) > mp.mag(about) - NEARBY:
                self._known[key] = +mp.psi(n, x)  # rounded, so that it takes itself away to nothing
            else:
                total, power, k = self._psi(n, about), mp.one, 0
                while True:
                    k += 1
                    power *= away / k
                    term = power * self._psi(n + k, about)
                    total += term
                    if mp.mag(term) < mp.mag(total) - mp.prec:
                        break
                self._known[key] = +total
        return self._known[key]

    def polygamma_gap(self, a: Any, b: Any, n: Any) -> Any:
        mp = self._mp
        if not (a > 0 and a + b > 0 and mp.isfinite(a) and mp.isfinite(b)):
            return mp.nan
        if b == 0:
            return mp.zero
        with mp.workprec(mp.prec + 2 * max(mp.mag(a) - mp.mag(b), 0) + abs(mp.mag(a)) + SPARE_BITS):
            result = self.polygamma(a + b, n) - self.polygamma(a, n)
        return +result

    def log(self, x: Any) -> Any:
        return self._mp.ninf if x == 0 else self._mp.nan if x < 0 else self._mp.log(x)

    def log2(self, x: Any) -> Any:
        with self._mp.workprec(self._mp.prec + SPARE_BITS):
            result = self.log(x) / self._mp.ln2
        return +result

    def log10(self, x: Any) -> Any:
        with self._mp.workprec(self._mp.prec + SPARE_BITS):
            result = self.log(x) / self._mp.ln10
        return +result

    def logaddexp2(self, x: Any, y: Any) -> Any:
        high, low = (x, y) if x > y else (y, x)
        if self._mp.isinf(high):
            return high if low == low else low
        with self._mp.workprec(self._mp.prec + SPARE_BITS):
            result = high + self.log1p(self.exp2(low - high)) / self._mp.ln2
        return +result

    def log1p(self, x: Any) -> Any:
        return self._mp.log1p(x) if x > -1 and self._mp.isfinite(x) else self.log(1 + x)

    def sin(self, x: Any) -> Any:
        return self._mp.sin(x) if self._angular(x) else self._mp.nan

    def cos(self, x: Any) -> Any:
        return self._mp.cos(x) if self._angular(x) else self._mp.nan

    def tan(self, x: Any) -> Any:
        return self._mp.tan(x) if self._angular(x) else self._mp.nan

    def arcsin(self, x: Any) -> Any:
        return self._mp.asin(x) if abs(x) <= 1 else self._mp.nan

    def arccos(self, x: Any) -> Any:
        return self._mp.acos(x) if abs(x) <= 1 else self._mp.nan

    def arctan(self, x: Any) -> Any:
        return self._mp.atan(x)

    def arcsinh(self, x: Any) -> Any:
        return self._mp.asinh(x)

    def arccosh(self, x: Any) -> Any:
        return self._mp.acosh(x) if x >= 1 else self._mp.nan

    def arctanh(self, x: Any) -> Any:
        return self._mp.atanh(x) if abs(x) < 1 else x * self._mp.inf if abs(x) == 1 else self._mp.nan

    def arctan2(self, y: Any, x: Any) -> Any:
        mp = self._mp
        if mp.isinf(x) and mp.isinf(y):
            return mp.sign(y) * (mp.pi / 4 if x > 0 else 3 * mp.pi / 4)
        return mp.nan if mp.isnan(x) or mp.isnan(y) else mp.atan2(y, x)

    def sine_gap(self, x: Any) -> Any:
        return self._gap(x, lambda x: x - self.sin(x))

    def sine_less_arc(self, x: Any) -> Any:
        return self._gap(x, lambda x: self.sin(x) - x * self.cos(x))

    def exp_with_rest(self, x: Any, rest: Any) -> Any:
        return self.exp(x + rest)

    def quotient_with_rest(self, x: Any, y: Any, rest: Any) -> Any:
        return self.divide(x, y + rest)

    def expm1_gap(self, x: Any) -> Any:
        return self._gap(x, lambda x: self.expm1(x) - x)

    def log1p_gap(self, x: Any) -> Any:
        return self._gap(x, lambda x: x - self.log1p(x))

    def expm1_ratio(self, x: Any, order: int) -> Any:
        mp = self._mp
        if x == 0:
            return mp.one / mp.factorial(order)
        if mp.isinf(x):
            return mp.inf if x > 0 else mp.zero
        return self._lessened(x, self.expm1, [mp.one / mp.factorial(k) for k in range(1, order)], 1)

    def log1p_ratio(self, x: Any, order: int) -> Any:
        mp = self._mp
        if x == 0:
            return mp.one / order
        return mp.zero if x == mp.inf else self._lessened(x, self.log1p, [mp.one / k for k in range(1, order)], -1)

    def _lessened(self, x: Any, function: Callable[[Any], Any], terms: list[Any], sign: int) -> Any:
        """function(x)/x, of which the terms are taken away, one after the other, and what is left is divided by ±x."""
        mp = self._mp
        with mp.workprec(mp.prec + (len(terms) + 1) * max(0, -int(mp.mag(x))) + SPARE_BITS if mp.isfinite(x) else mp.prec):
            found = function(x) / x
            for term in terms:
                found = (found - term) / (sign * x)
        return +found

    def _gap(self, x: Any, function: Callable[[Any], Any]) -> Any:
        """A difference of numbers as close as x³ to x, with as many more bits as x has zeros in front."""
        mp = self._mp
        if x == 0 or not mp.isfinite(x):
            return function(x)
        with mp.workprec(mp.prec + 2 * max(0, -int(mp.mag(x))) + SPARE_BITS):
            found = function(x)
        return +found

    def _vast(self, x: Any) -> bool:
        return bool(self._mp.mag(x) > OVERFLOWS)

    def _angular(self, x: Any) -> bool:
        return bool(self._mp.mag(x) <= UNANGULAR)

    def _end(self, x: Any, low: Any, high: Any) -> Any:
        return high if x > 0 else low
