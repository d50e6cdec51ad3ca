"""Special functions: the error function's complement, the normal distribution, Γ, log Γ and its derivatives, log of the beta
function.

Each slope is written with functions of the same kind, so that it is exact where the usual form cancels: that of erfcx is its
integral and not 2x·erfcx(x) − 2/√π, that of log Φ far to the left is 1/erfcx, that of log B a difference formed term by term.

    >>> from chalkgrad.gates import GATES
    >>> from chalkgrad.graph.spaces import NUMPY
    >>> float(GATES["log_ndtr"].forward(NUMPY, -40.0))
    -804.6084420137538

The gamma function's family is computed by SciPy, where that is installed.
"""

from types import MappingProxyType
from typing import Any

from chalkgrad.gates.elementary import half_root_pi
from chalkgrad.graph.gate import Gate, Hazard, at, define
from chalkgrad.graph.look import Params, function

PLAIN: Params = MappingProxyType({"n": 0})
LARGEST_OF_GAMMA = 171.62437695630268  # beyond it Γ overflows float64
POLE = "a pole: the gamma function is infinite at 0 and at the negative whole numbers"


def _is_pole(xp: Any, x: Any, **_: object) -> Any:
    return (x <= 0) & (x == xp.floor(x))


ERFC = define(Gate(
    name="erfc", family="special", symbol="erfc",
    forward=lambda xp, x: xp.erfc(x),
    local=lambda xp, x, out: (-xp.exp(-(x**2)) / half_root_pi(xp),),
    look=function("erfc"),
    lesson="the slope of 1 − erf(x) is the bell curve turned over, −2/√π · e^(−x²)",
    samples=(at(0.5), at([-2.0, 9.0])),
))  # fmt: skip

ERFCX = define(Gate(
    name="erfcx", family="special", symbol="erfcx", params=PLAIN,
    forward=lambda xp, x, *, n: xp.erfcx(x, n),
    local=lambda xp, x, out, *, n: (-2.0 * (n + 1) * xp.erfcx(x, n=n + 1),),
    look=function("erfcx", defaults=PLAIN),
    lesson="e^(x²) times erfc, integrated n times from x to ∞; it falls by 2(n+1) times the next such function",
    samples=(at(0.25), at([-2.0, 9.0]), at([0.75, 3.0], n=1), at(-1.0, n=2)),
    hazards=(Hazard(lambda xp, x, *, n: x < -26.62, "e^(x²) overflows: the value is beyond the largest float", "log_ndtr"),),
))  # fmt: skip


def _log_ndtr_slope(xp: Any, x: Any, out: Any) -> tuple[Any, ...]:
    # Each side reads a number that is never on the other side, where it would overflow.
    low, high = xp.minimum(x, 0.0), xp.maximum(x, 0.0)
    root = xp.sqrt(2.0)
    scale = root * half_root_pi(xp)
    tail = 1 / (scale * xp.erfcx(-low / root))
    body = xp.exp(-(high**2) / 2.0) / (scale * xp.erfc(-high / root))
    return (xp.where(x < 0.0, tail, body),)


LOG_NDTR = define(Gate(
    name="log_ndtr", family="special", symbol="log Φ",
    forward=lambda xp, x: xp.log_ndtr(x),
    local=_log_ndtr_slope,
    look=function("log_ndtr"),
    lesson="the slope of the logarithm of the normal distribution Φ is its density divided by Φ itself",
    samples=(at(0.5), at([-40.0, -1.0, 3.0])),
))  # fmt: skip

POLYGAMMA = define(Gate(
    name="polygamma", family="special", symbol="ψ", params=PLAIN, reads=("polygamma", "digamma"),
    forward=lambda xp, x, *, n: xp.polygamma(x, n),
    local=lambda xp, x, out, *, n: (xp.polygamma(x, n=n + 1),),
    look=function("polygamma", defaults=PLAIN),
    lesson="the slope of log Γ, differentiated n times more; its own slope is the next of the row",
    samples=(at(0.75), at([2.5, 10.0]), at(3.5, n=1), at(-0.5, n=2)),
    hazards=(Hazard(_is_pole, POLE),),
))  # fmt: skip

GAMMA = define(Gate(
    name="gamma", family="special", symbol="Γ", reads=("Gamma",),  # `gamma` is a letter; the reader knows where it is the gate
    forward=lambda xp, x: xp.gamma(x),
    local=lambda xp, x, out: (out * xp.polygamma(x),),
    look=function("gamma", r"\Gamma"),
    lesson="Γ(n + 1) is n! for whole n, and a curve through these numbers; its slope is itself times the digamma function",
    samples=(at(0.75), at([2.5, 10.0, -0.5])),
    hazards=(
        Hazard(_is_pole, POLE),
        Hazard(lambda xp, x: x > LARGEST_OF_GAMMA, "it overflows: the value is beyond the largest float", "gammaln"),
    ),
))  # fmt: skip

GAMMALN = define(Gate(
    name="gammaln", family="special", symbol="log Γ",
    forward=lambda xp, x: xp.gammaln(x),
    local=lambda xp, x, out: (xp.polygamma(x),),
    look=function("gammaln"),
    lesson="the slope of the logarithm of the gamma function is the digamma function",
    samples=(at(0.75), at([2.5, 10.0, -0.5])),
    hazards=(Hazard(_is_pole, POLE),),
))  # fmt: skip

POLYGAMMA_GAP = define(Gate(
    name="polygamma_gap", family="special", arity=2, symbol="Δψ", params=PLAIN,
    forward=lambda xp, a, b, *, n: xp.polygamma_gap(a, b, n),
    local=lambda xp, a, b, out, *, n: (xp.polygamma_gap(a, b, n=n + 1), xp.polygamma(a + b, n=n + 1)),
    look=function("polygamma_gap", defaults=PLAIN),
    lesson="ψ(a + b) − ψ(a), whose slopes are the same of the next ψ in the row, and that ψ itself",
    samples=(at(0.75, 2.0), at([2.5, 10.0], 1e-9), at(3.5, 0.5, n=1)),
    hazards=(Hazard(lambda xp, a, b, *, n: (a <= 0) | (a + b <= 0), "it is told for positive numbers only"),),
))  # fmt: skip

BETALN = define(Gate(
    name="betaln", family="special", arity=2, symbol="log B",
    forward=lambda xp, a, b: xp.betaln(a, b),
    local=lambda xp, a, b, out: (-xp.polygamma_gap(a, b), -xp.polygamma_gap(b, a)),
    textbook=lambda xp, a, b, out: (xp.polygamma(a) - xp.polygamma(a + b), xp.polygamma(b) - xp.polygamma(a + b)),
    look=function("betaln"),
    lesson="log B(a, b) is log Γ(a) + log Γ(b) − log Γ(a + b); its slope in a is ψ(a) − ψ(a + b)",
    samples=(at(0.75, 2.0), at([2.5, 10.0], 0.5)),
    hazards=(Hazard(lambda xp, a, b: (a <= 0) | (b <= 0), "it is told for positive numbers only"),),
))  # fmt: skip
