"""Generated calls, entry by entry: functions of one array and of two that broadcast, empty ones and size 1 included."""

from typing import Any

from tests.peers.rows import Call, Draw, Rows, Shape

SHAPES: tuple[Shape, ...] = ((), (5,), (3, 4), (2, 1, 3), (0, 3))
PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((), (3,)),
    ((2, 1, 4), (3, 1)),
    ((1,), (2, 3)),
    ((0, 3), (1, 1)),
)
REAL, POSITIVE, UNIT = (-2.0, 2.0), (0.2, 3.0), (-0.9, 0.9)

ONE: dict[str, tuple[float, float]] = {
    **dict.fromkeys("exp sin cos tanh sinh cosh arctan arcsinh expm1 square negative exp2 absolute fabs degrees radians sinc cbrt"
                    " sign floor ceil trunc rint positive nan_to_num".split(), REAL),
    **dict.fromkeys("log log2 log10 sqrt reciprocal".split(), POSITIVE),
    **dict.fromkeys("log1p arcsin arccos arctanh tan".split(), UNIT),
    "arccosh": (1.2, 4.0),
}  # fmt: skip
TWO: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    **dict.fromkeys("add subtract multiply maximum minimum hypot arctan2 logaddexp logaddexp2 fmax fmin copysign".split(),
                    (REAL, REAL)),
    **dict.fromkeys("divide remainder fmod floor_divide".split(), (REAL, (0.6, 2.4))),
    "power": (POSITIVE, REAL),
}  # fmt: skip
OPERATORS = {
    "-x + y * 2 - 3": lambda np, x, y: -x + y * 2 - 3,
    "x / (y + 5.0)": lambda np, x, y: x / (y + 5.0),
    "2.0**x * y**3": lambda np, x, y: 2.0**x * y**3,
    "abs(x) % 0.7 + 1 / (3 + y)": lambda np, x, y: abs(x) % 0.7 + 1 / (3 + y),
    "x**2 * y**-2": lambda np, x, y: x**2 * (y + 3.0) ** -2,
    "where": lambda np, x, y: np.where(x > y, x * y, np.sin(x)),
    "where, before a nan": lambda np, x, y: np.where(y > -3.0, x * y, np.log(x * 0.0)),
    "clip by arrays": lambda np, x, y: np.clip(x, y - 0.5, y + 0.5),
    "softplus and friends": lambda np, x, y: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0) * np.tanh(y),
    "a normal density": lambda np, x, y: np.exp(-0.5 * ((x - y) / 1.3) ** 2) / (2 * np.pi) ** 0.5,
    "an angle": lambda np, x, y: np.arctan2(np.sin(x + y), np.cos(x - y)),
    "a quotient of sums": lambda np, x, y: (x * x + y) / (1 + x * x + y * y),
}
SPECIAL: dict[str, tuple[float, float]] = {
    "expit": (-4.0, 4.0), "log_expit": (-4.0, 4.0), "erf": REAL, "logit": (0.1, 0.9), "entr": POSITIVE,
    "erfc": REAL, "erfcx": (-1.0, 3.0), "ndtr": (-3.0, 3.0), "log_ndtr": (-6.0, 3.0), "gamma": (0.3, 5.0),
    "gammaln": (0.3, 5.0), "digamma": (0.3, 5.0),
}  # fmt: skip


def written(np: Any, x: Any) -> Any:
    y = x * 2.0
    y[1:3] = x[0]
    y[0] += x[4] ** 2
    y[np.array([3, -1])] = x[1:3] * x[2]
    y *= x + y
    return y


MORE: dict[str, tuple[Any, tuple[Shape, ...]]] = {
    "written into": (written, ((5,),)),
    "float_power": (lambda np, x: np.float_power(x + 3.0, 2.5), ((3, 4),)),
    "divmod": (lambda np, x, y: np.divmod(x, y + 3.0)[1] * np.divmod(y, 0.7)[1], ((3, 4), (4,))),
    "modf": (lambda np, x: np.modf(x)[0] * x, ((3, 4),)),
    "rounded": (lambda np, x: np.round(x, 1) * x + np.around(x), ((3, 4),)),
    "degrees and back": (lambda np, x: np.rad2deg(x) * np.deg2rad(x) + np.real(x) * np.copy(x), ((3, 4),)),
    "conditions": (lambda np, x, y: np.where(np.logical_and(x > 0.0, y > 0.0) | (x < -1.0), x * y, x - y), ((3, 4), (4,))),
    "more conditions": (lambda np, x, y: np.where((x <= y) ^ ~np.isfinite(x) & (y != 0), np.exp(x), y), ((3, 4), (3, 1))),
    **{f"{name}.outer": (lambda np, x, y, n=name: getattr(np, n).outer(x + 2.5, y), ((2, 3), (4,)))
       for name in ("add", "subtract", "multiply", "maximum", "logaddexp")},
}  # fmt: skip


def of_one(name: str) -> Any:
    return lambda np, x: getattr(np, name)(x)


def of_two(name: str) -> Any:
    return lambda np, x, y: getattr(np, name)(x, y)


def calls() -> list[Call]:
    rows = Rows()
    for name, (low, high) in ONE.items():
        for shape in SHAPES:
            title = f"{name} {shape}"
            rows.row(title, of_one(name), Draw(title).apart(shape, low, high))
    for name, (left, right) in TWO.items():
        for first, second in PAIRS:
            title = f"{name} {first} {second}"
            draw = Draw(title)
            rows.row(title, of_two(name), draw.array(first, *left), draw.array(second, *right))
    for title, source in OPERATORS.items():
        for first, second in PAIRS:
            draw = Draw(f"{title} {first}")
            rows.row(f"{title} {first} {second}", source, draw.array(first), draw.array(second))
    for title, (source, shapes) in MORE.items():
        rows.row(title, source, *map(Draw(title).apart, shapes))
    for name, (low, high) in SPECIAL.items():
        for shape in SHAPES:
            title = f"special.{name} {shape}"
            rows.row(title, of_one(name), Draw(title).apart(shape, low, high), kind="special")
    for name in ("logsumexp", "softmax", "log_softmax"):
        title = f"special.{name} axis"
        rows.row(title, lambda special, x, n=name: getattr(special, n)(x, axis=-1), Draw(title).apart((3, 4)), kind="special")
    for name, low in (("xlogy", -2.0), ("xlog1py", -2.0), ("betaln", 0.3), ("kl_div", 0.3), ("rel_entr", 0.3)):
        for first, second in PAIRS:
            title = f"special.{name} {first} {second}"
            draw = Draw(title)
            rows.row(title, of_two(name), draw.array(first, low), draw.array(second, *POSITIVE), kind="special")
    return rows
