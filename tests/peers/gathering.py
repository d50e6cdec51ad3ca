"""Generated calls that gather many entries into few, or run along an axis: over one axis, several, all, none of many entries."""

from typing import Any

import numpy as np

from tests.peers.rows import Call, Draw, Rows, Shape

OVER = "sum mean prod max min var std ptp median nansum nanmean".split()
WAYS: tuple[tuple[Shape, Any, bool], ...] = (
    ((5,), None, False),
    ((3, 4), None, True),
    ((3, 4), -1, False),
    ((3, 4), 0, True),
    ((2, 3, 4), (0, -1), False),
    ((2, 3, 4), (-2, 0), True),
    ((2, 3, 4), 1, False),
    ((3, 1), 0, False),
    ((1, 4), -1, True),
)
EMPTY: tuple[tuple[str, Shape, Any], ...] = (
    ("sum", (0, 3), 0), ("sum", (0, 3), None), ("prod", (2, 0), -1), ("prod", (0,), None), ("max", (0, 3), 1), ("min", (2, 0), 0),
    ("mean", (0, 3), -1), ("nansum", (0, 3), 0), ("cumsum", (0, 3), 0), ("cumsum", (2, 0), -1), ("cumprod", (0,), 0),
)  # fmt: skip
SOURCES: dict[str, tuple[Any, tuple[Shape, ...]]] = {
    "var ddof": (lambda np, x: np.var(x, axis=0, ddof=1) + np.std(x, axis=0, ddof=1), ((3, 4),)),
    "average": (lambda np, x, w: np.average(x, axis=1, weights=w * w + 0.5), ((3, 4), (3, 4))),
    "quantile": (lambda np, x: np.quantile(x, 0.3, axis=1), ((3, 4),)),
    "quantile of all": (lambda np, x: np.quantile(x, 0.85), ((7,),)),
    "diff": (lambda np, x: np.diff(x, n=2, axis=-1) ** 2, ((5,),)),
    "diff axis": (lambda np, x: np.diff(x, axis=-2) ** 3, ((3, 4),)),
    "trapezoid": (lambda np, x: np.trapezoid(x, dx=0.5, axis=-1), ((3, 4),)),
    "trapezoid places": (lambda np, y, x: np.trapezoid(y, x=x, axis=0), ((5,), (5,))),
    "norm": (lambda np, x: np.linalg.norm(x), ((5,),)),
    "norm of a matrix": (lambda np, x: np.linalg.norm(x, "fro"), ((3, 4),)),
    "norm axis": (lambda np, x: np.linalg.norm(x, axis=-1, keepdims=True), ((3, 4),)),
    "norm 1": (lambda np, x: np.linalg.norm(x, ord=1, axis=0), ((3, 4),)),
    "norm 3": (lambda np, x: np.linalg.norm(x, ord=3, axis=0), ((3, 4),)),
    "norm inf": (lambda np, x: np.linalg.norm(x, ord=np.inf, axis=1), ((3, 4),)),
    "cov": (lambda np, x: np.cov(x), ((3, 5),)),
    "percentile": (lambda np, x: np.percentile(x, 33, axis=0), ((5, 3),)),
    "amax amin": (lambda np, x: np.amax(x, axis=0) * np.amin(x, axis=0), ((3, 4),)),
    "ediff1d": (lambda np, x: np.ediff1d(x) ** 2, ((5,),)),
    "add.reduce": (lambda np, x: np.add.reduce(x) ** 2 + np.add.reduce(x, axis=-1)[0], ((3, 4),)),
    "multiply.reduce": (lambda np, x: np.multiply.reduce(x, axis=-1), ((3, 4),)),
    "maximum.reduce": (lambda np, x: np.maximum.reduce(x) * np.minimum.reduce(x), ((3, 4),)),
    "logaddexp.reduce": (lambda np, x: np.logaddexp.reduce(x, axis=0), ((3, 4),)),
    "add.accumulate": (lambda np, x: np.add.accumulate(x, axis=1) * np.multiply.accumulate(x, axis=0), ((3, 4),)),
    "maximum.accumulate": (lambda np, x: np.maximum.accumulate(x, axis=-1) ** 2, ((3, 4),)),
    "cumulative_sum": (lambda np, x: np.cumulative_sum(x, axis=-1) ** 2, ((3, 4),)),
    "sum where": (lambda np, x: np.sum(x, axis=1, where=x > -0.4) + np.mean(x, axis=1, where=x < 1.6), ((3, 4),)),
    "sum initial": (lambda np, x: np.sum(x, initial=3.0) * np.prod(x, initial=2.0) * np.max(x, initial=0.1), ((5,),)),
    "softmax": (lambda np, x: np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True), ((3, 4),)),
    "logsumexp": (lambda np, x: np.log(np.sum(np.exp(x - np.max(x)))) + np.max(x), ((3, 4),)),
    "standardised": (lambda np, x: (x - np.mean(x, axis=0)) / np.std(x, axis=0), ((4, 3),)),
    "sum of squares of sums": (lambda np, x: np.sum(np.sum(x, axis=0) ** 2), ((3, 4),)),
    "mean where": (lambda np, x: np.mean(np.where(x > -0.4, x, 0.0), axis=1), ((3, 4),)),
}


def over(name: str, axis: Any, keepdims: bool) -> Any:
    return lambda np, x: getattr(np, name)(x, axis=axis, keepdims=keepdims)


def along(name: str, axis: Any) -> Any:
    return lambda np, x: getattr(np, name)(x, axis=axis)


def calls() -> list[Call]:
    rows = Rows()
    for name in OVER:
        for shape, axis, keepdims in WAYS:
            title = f"{name} {shape} axis={axis}{' keepdims' if keepdims else ''}"
            if 1 in shape and name in ("std", "ptp"):
                continue  # of a single entry: the square root of 0, and a tie of the largest with the smallest
            rows.row(title, over(name, axis, keepdims), Draw(title).apart(shape))
    for name in ("cumsum", "cumprod", "sort"):
        for shape, axis in (((5,), -1), ((3, 4), 0), ((3, 4), -1), ((2, 3, 4), -2), ((3, 1), 1), ((1, 4), 0), ((2, 3), None)):
            if name != "sort" or axis is not None:
                title = f"{name} {shape} axis={axis}"
                rows.row(title, along(name, axis), Draw(title).apart(shape))
    for name, shape, axis in EMPTY:
        title = f"{name} {shape} axis={axis}"
        rows.row(title, along(name, axis), Draw(title).array(shape))
    for zeros in ((2.0, 0.0, 3.0), (0.0, 1.5, 0.0)):
        rows.row(f"prod of {zeros}", along("prod", None), zeros)
        rows.row(f"cumprod of {zeros}", along("cumprod", 0), zeros)
    for name in ("nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanvar", "nanstd", "nancumsum", "nancumprod"):
        holes = np.array([[1.0, np.nan, 3.0, 0.4], [np.nan, -2.0, 0.5, 1.2], [0.3, 0.7, -1.1, 2.0]])
        for axis in (None, 0, -1):
            rows.row(f"{name} with holes axis={axis}", along(name, axis), holes)
    for title, (source, shapes) in SOURCES.items():
        for repeat in range(2):
            draw = Draw(f"{title} {repeat}")
            rows.row(f"{title} [{repeat}]", source, *map(draw.apart, shapes))
    return rows
