"""The table of calls: every covered NumPy function, with arguments at which it is smooth.

A row is a function of one array and the array; a second operand is closed over, or the array is cut in two. Arrays are drawn from a
fixed seed, so a failure can be run again.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(231)


class Call(NamedTuple):
    name: str
    f: Callable[[Any], Any]
    x: Any


def array(*shape: int, low: float = -2.0, high: float = 2.0) -> Any:
    return RNG.uniform(low, high, shape)


V, M, T = array(5), array(3, 4), array(2, 3, 4)
P, Q = array(5, low=0.2), array(3, 4, low=0.2)
UNIT = array(3, 4, low=-0.9, high=0.9)
SQUARE = array(4, 4)
ONE, EMPTY, THIN, NUMBER = array(1), np.zeros((0, 3)), array(3, 1), np.float64(0.7)

CALLS: list[Call] = []


def add(name: str, f: Callable[[Any], Any], *points: Any) -> None:
    CALLS.extend(Call(f"{name}[{number}]", f, x) for number, x in enumerate(points))


for ufunc in (np.exp, np.sin, np.cos, np.tanh, np.sinh, np.cosh, np.arctan, np.arcsinh, np.expm1, np.square, np.negative, np.exp2,
              np.absolute, np.fabs, np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.positive, np.degrees, np.radians,
              np.sinc, np.cbrt, np.nan_to_num, np.fix, np.conjugate):  # fmt: skip
    add(ufunc.__name__, ufunc, V, M, THIN, NUMBER, EMPTY)
for ufunc in (np.log, np.log1p, np.log2, np.log10, np.sqrt, np.reciprocal):
    add(ufunc.__name__, ufunc, P, Q, np.float64(1.7), EMPTY)
for ufunc in (np.arcsin, np.arccos, np.arctanh, np.tan):
    add(ufunc.__name__, ufunc, UNIT, np.float64(0.3))
add("arccosh", np.arccosh, array(5, low=1.1, high=4.0))

for ufunc in (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.hypot, np.arctan2, np.logaddexp,
              np.logaddexp2, np.fmax, np.fmin, np.copysign, np.remainder, np.fmod, np.floor_divide):  # fmt: skip
    add(f"{ufunc.__name__} left", lambda x, u=ufunc: u(x, V[:4] + 3.0), M, array(4), array(2, 1, 1), NUMBER)
    add(f"{ufunc.__name__} right", lambda x, u=ufunc: u(Q[:, :1] + 1.0, x), M + 3.0, array(1, 4) + 3.0, NUMBER)
    add(f"{ufunc.__name__}.outer", lambda x, u=ufunc: u.outer(x, P), V)
add("power left", lambda x: x**2.5, P, Q)
add("power right", lambda x: np.power(P[:4], x), M, V[:4])
add("power whole", lambda x: x**3 + x**-2 + x**0 + x**1, V, NUMBER)
add("rpower", lambda x: 2.0**x, V)
add("divmod", lambda x: divmod(x, 0.7)[1] + np.modf(x)[0], V)
add("operators", lambda x: (-x + 2 - x * 3 / (x + 5.0)) @ (1 - x) + abs(x) % 0.31, V)

for over in (
    np.sum,
    np.mean,
    np.prod,
    np.var,
    np.std,
    np.max,
    np.min,
    np.ptp,
    np.average,
    np.median,
    np.nansum,
    np.nanmean,
    np.nanmax,
):
    add(f"{over.__name__}", over, V, M, T, ONE if over is not np.std else V, NUMBER if over not in (np.std, np.ptp) else V)
    add(f"{over.__name__} axis", lambda x, o=over: o(x, axis=-1), V, M, T)
    add(f"{over.__name__} axes", lambda x, o=over: o(x, axis=(0, -1)), M, T)
    add(f"{over.__name__} keepdims", lambda x, o=over: o(x, axis=1, keepdims=True), M, T)
add("sum empty", lambda x: np.sum(x, axis=0) + np.prod(x, axis=0) * 2.0, EMPTY)
add("sum where", lambda x: np.sum(x, where=M > 0, axis=1), M)
add("mean where", lambda x: np.mean(x, where=M > -1.5, axis=1), M)
add("sum initial", lambda x: np.sum(x, initial=3.0) * np.prod(x, initial=2.0) + np.max(x, initial=0.1), V)
add("var ddof", lambda x: np.var(x, axis=0, ddof=1) + np.std(x, axis=0, ddof=1), M)
add("average weights", lambda x: np.average(M, axis=1, weights=x), P[:4])
add("average both", lambda x: np.average(x, weights=Q), M)
add("quantile", lambda x: np.quantile(x, [0.1, 0.8], axis=1) + np.percentile(x, 33, axis=1), M)
add("cumsum", lambda x: np.cumsum(x) ** 2, V, M)
add("cumsum axis", lambda x: np.cumsum(x, axis=-2), M, T)
add("cumprod", lambda x: np.cumprod(x), V, M, np.array([2.0, 0.0, 3.0, 0.0]))
add("cumprod axis", lambda x: np.cumprod(x, axis=1), M, T)
add("accumulate", lambda x: np.add.accumulate(x, axis=1) * np.multiply.accumulate(x, axis=0), M)
add("reduce", lambda x: np.add.reduce(x) + np.multiply.reduce(x) + np.maximum.reduce(x) - np.minimum.reduce(x), M)
add("logaddexp.reduce", np.logaddexp.reduce, V, M)
add("logaddexp.reduce axis", lambda x: np.logaddexp.reduce(x, axis=-1, keepdims=True), M)
add("running best", lambda x: np.maximum.accumulate(x) + np.minimum.accumulate(x, axis=-1) ** 2, V, M, T, EMPTY)
GAPS = np.array([1.5, np.nan, -0.5, 0.7, np.nan])
for over in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin):
    add(f"{over.__name__} gaps", lambda x, o=over: o(x + GAPS) + o(x[:3] + GAPS[:3], keepdims=True), V)
    add(f"{over.__name__} axis", lambda x, o=over: o(x + GAPS[:4], axis=1), M)
    add(f"{over.__name__} where", lambda x, o=over: o(x + GAPS[:4], axis=1, where=np.arange(4) != 2, **_start(o)), M)
add("nanvar ddof", lambda x: np.nanvar(x + GAPS, ddof=1) + np.nanstd(x + GAPS, correction=1), V)
add("running totals with gaps", lambda x: np.nancumsum(x + GAPS) + np.nancumprod(x + GAPS), V)
add("prod zeros", np.prod, np.array([2.0, 0.0, 5.0]), np.array([0.0, 0.0, 5.0]))
add("diff", lambda x: np.diff(x, n=2, axis=-1) ** 2, V, M)
add("diff prepend", lambda x: np.diff(x, prepend=0.0, append=1.0, axis=0) ** 2, V, M)
add("trapezoid", lambda x: np.trapezoid(x, dx=0.5) + np.trapezoid(x, x=np.arange(4.0) ** 2), M)
add("norm", np.linalg.norm, V, M)
add("norm orders", lambda x: sum(np.linalg.norm(x, ord=p) for p in (1, 2, 3, np.inf, -np.inf)), V)
add("norm axis", lambda x: np.linalg.norm(x, axis=1, keepdims=True) + np.linalg.norm(x, ord=1, axis=0), M)
add("norm matrix", lambda x: np.linalg.norm(x, "fro") + np.linalg.norm(x, 1) + np.linalg.norm(x, np.inf), M)
add("cov", np.cov, M)

add("reshape", lambda x: x.reshape(2, -1) @ np.ones(6) + np.reshape(x, (-1,), order="F")[:2], M)
add("ravel flatten", lambda x: x.ravel() * x.flatten()[::-1] * x.T.flat, M)
add("transpose", lambda x: np.transpose(x, (1, -1, 0)) ** 2, T)
add("T mT swapaxes", lambda x: x.T @ np.ones(2) + np.swapaxes(x, 0, -1) @ np.ones(2) + np.sum(x.mT), T)
add("moveaxis", lambda x: np.moveaxis(x, 0, -1) * np.moveaxis(x, (0, 1), (2, 0))[:1, :1], T)
add("rollaxis", lambda x: np.rollaxis(x, 2), T)
add("expand squeeze", lambda x: np.squeeze(np.expand_dims(x, (0, -1)), axis=0) * np.squeeze(x[None])[..., None], M)
add("atleast", lambda x: np.atleast_1d(x[0]) + np.atleast_2d(x) + np.atleast_3d(x), V)
add("broadcast_to", lambda x: np.broadcast_to(x, (2, 3, 4)) ** 2, M, array(4), THIN)
add("broadcast_arrays", lambda x: np.broadcast_arrays(x, np.ones((4, 1)))[0], array(3))
add("concatenate", lambda x: np.concatenate([x, M, x[:1]], axis=0) ** 2, M)
add("concatenate flat", lambda x: np.concatenate([x, V, x], axis=None), M)
add("stack", lambda x: np.stack([x, 2 * x, M], axis=-1) ** 2, M)
add(
    "stacks",
    lambda x: np.vstack([x, x[0]]).sum() + np.hstack([x, x]) ** 2 + np.dstack([x, x]).sum() + np.column_stack([x, x[:, 0]])[:, :1],
    M,
)
add("append", lambda x: np.append(x, [1.0, 2.0]) * np.append(x, x[:2]), V)
add(
    "split",
    lambda x: np.split(x, 2, axis=1)[1] * np.array_split(x, [1, 3], axis=1)[1] + np.vsplit(x, 3)[0][:, :2] + np.hsplit(x, 2)[0],
    M,
)
add("tile", lambda x: np.tile(x, (2, 1, 3)) ** 2, M)
add("repeat", lambda x: np.repeat(x, 3, axis=1).sum() + np.repeat(x, [1, 0, 2], axis=0) ** 2, M)
add("flip", lambda x: np.flip(x) * np.flip(x, 0) * np.fliplr(x) * np.flipud(x) + np.rot90(x, 2), M)
add("roll", lambda x: np.roll(x, 2) * np.roll(x, -1, axis=1) * np.roll(x, (1, 2), axis=(0, 1)), M)
add("pad", lambda x: np.pad(x, ((1, 2), (0, 1))) ** 2, M)
add("pad constant", lambda x: np.pad(x, 1, constant_values=2.0) ** 2, V)
for mode in ("edge", "reflect", "symmetric", "wrap"):
    add(f"pad {mode}", lambda x, m=mode: np.pad(x, 2, mode=m) ** 2, V, M)

add("index", lambda x: x[1] * x[-1] * x[..., 1:2].sum() * x[None, :, 0][0, 1], T)
add("index slices", lambda x: x[::-2, 1:, ::2] ** 2, T)
add("index array", lambda x: x[np.array([0, 2, 2, -1])] ** 2, V, M)
add("index list", lambda x: x[[0, 2, 2]] ** 2, V, M)
add("index grid", lambda x: x[np.arange(3), np.array([0, 3, 3])] ** 2, M)
add("index open grid", lambda x: x[np.array([[0], [2]]), np.array([1, 3])] ** 2, M)
add("index mixed", lambda x: x[:, np.array([0, 2]), None, 1:] ** 2, T)
add("index apart", lambda x: x[np.array([0, 1]), :, np.array([3, 0])] ** 2, T)
add("mask", lambda x: x[x > 0] ** 2, V, M)
add("mask rows", lambda x: x[np.array([True, False, True])] ** 2, M)
add("iterate", lambda x: sum(row @ row for row in x), M)
add("take", lambda x: np.take(x, [0, 2, 0]) * np.take(x, np.array([1, 1, 2]), axis=0)[:, 0], M)
add("take_along_axis", lambda x: np.take_along_axis(x, np.argsort(M, axis=1)[:, :2], axis=1) ** 2, M)
add("compress extract", lambda x: np.compress([True, False, True], x, axis=0).sum() + np.extract(M > 0, x) ** 2, M)
add("setitem", lambda x: _written(x), V)
add("zeros_like", lambda x: _filled(x), V)
add("in place", lambda x: _in_place(x), V)
add("sort", lambda x: np.sort(x) ** 2 * np.arange(x.shape[-1]), V, M)
add("sort axis", lambda x: np.sort(x, axis=0) ** 2 * np.arange(4.0), M)
add("argmax", lambda x: x[np.argmax(x)] + x[x.argmin()] ** 2, V)
add("where", lambda x: np.where(x > 0, x**2, np.sin(x)), V, M, NUMBER)
add("clip", lambda x: np.clip(x, -0.5, 1.0) + x.clip(0.1) + np.clip(x, None, 0.3) + np.clip(x * 0, x, x + 1), V, M)
add("choose", lambda x: np.sum(np.choose([0, 1, 0, 1], [x[0], x[1] ** 2]) * x[2]), M)
add("choose wrap", lambda x: np.sum(np.choose(np.array([0, 5, -1, 3]), x, mode="wrap") ** 2), M)
add("choose clip", lambda x: np.sum(np.argmax(x, axis=0).choose(x) ** 2) + np.sum(np.choose([7, -7, 1, 0], x, mode="clip")), M)
add("partition", lambda x: np.sum(np.partition(x, 2)[:2] ** 2) + np.partition(x, -1, axis=None)[-1], V)
add("range", lambda x: np.sum(x[range(2), [2, 0]] ** 2) + np.sum(x[:, range(1, 3)]) + np.sum(x[range(0)]), M)
add("select", lambda x: np.select([x > 1, x > 0], [x**2, x**3], -x), V)
add("interp", lambda x: np.interp(x, [-2.0, -0.5, 0.4, 2.0], [1.0, 3.0, -1.0, 0.5]), V)
add("interp heights", lambda x: np.interp(V, [-2.0, -0.5, 0.4, 0.6, 2.0], x), V)
add("diagonal", lambda x: np.diagonal(x, 1) ** 2, M, SQUARE)
add("diag", lambda x: np.diag(x, -1) @ np.ones(6) + np.trace(np.diag(x)), V)
add("trace", lambda x: np.trace(x) + x.trace(offset=1) ** 2, M)
add("triangles", lambda x: np.tril(x, 1) ** 2 + np.triu(x) * 3, M)
add("astype", lambda x: x.astype(np.float64) * x.astype(int), V)
add("heaviside", lambda x: np.heaviside(x, 0.5) * x, V)

add("dot", lambda x: np.dot(x, V) + np.dot(V, x) + np.dot(x, 2.0) @ x, V)
add("dot matrices", lambda x: np.dot(x, M.T) + x @ M.T + np.dot(M, x.T), M)
add("dot stacks", lambda x: np.dot(x, T[0].T).sum() + np.dot(x, np.ones((2, 4, 3))).sum(), T)
add("matmul", lambda x: np.matmul(x, T[0].T) @ np.ones(3), T)
add("matmul vectors", lambda x: x[0] @ M.T + M @ x[0] + (x @ x.T)[0], M)
add("inner outer", lambda x: np.inner(x, V) * np.outer(x, V) + np.vdot(x, x), V)
add("inner matrices", lambda x: np.inner(x, M), M, T)
add("tensordot", lambda x: np.tensordot(x, T, axes=([0, 2], [0, 2])) + np.tensordot(x, T, 3), T)
add("kron", lambda x: np.kron(x, M) + np.kron(M, x), M)
add("cross", lambda x: np.cross(x, M[:, :3]), array(3, 3))
add("convolve", lambda x: np.convolve(x, V[:3]) ** 2, V)
add("convolve modes", lambda x: np.convolve(x, P, "same") + np.convolve(V, x, "valid") + np.correlate(x, P, "full")[2:7], V)
add("polyval", lambda x: np.polyval(x, 1.3) + np.polyval(V, x).sum(), V)
add("vander", lambda x: np.vander(x, 3) @ np.ones(3), V)
add("matrix_power", lambda x: np.linalg.matrix_power(x, 3), SQUARE)
add("multi_dot", lambda x: np.linalg.multi_dot([x, M, x]), array(4, 3))
for spec in ("ij->", "ij->j", "ij->ji", "ij,ij->i", "ij,kj->ik", "ij,ij", "...j,...j->...", "i...->..."):
    if "," in spec:
        add(f"einsum {spec}", lambda x, s=spec: np.einsum(s, x, Q) + np.einsum(s, Q, x), M)
    else:
        add(f"einsum {spec}", lambda x, s=spec: np.einsum(s, x), M)
add("einsum diagonal", lambda x: np.einsum("ii->i", x) ** 2 + np.einsum("ii", x), SQUARE)
add("einsum three", lambda x: np.einsum("ij,j,kj->ik", x, P[:4], x), M)
add("einsum thin", lambda x: np.einsum("ij,ij->j", x, Q), array(1, 4))
add("einsum lone", lambda x: np.einsum("ij,k->i", x, V), M)
WELL = np.eye(4) * 5.0 + SQUARE
add("inv", lambda x: np.linalg.inv(x) + np.linalg.inv(x[None])[0], WELL)
add("solve", lambda x: np.linalg.solve(x, V[:4]) * np.linalg.solve(WELL, x[0]), WELL)
add("solve matrix", lambda x: np.linalg.solve(x, M.T) + np.linalg.solve(WELL, x)[:, :3], WELL)
add("det", lambda x: np.linalg.det(x) + np.linalg.slogdet(x)[1] * np.linalg.slogdet(x).sign, WELL, np.stack([WELL, -WELL]))
add("cholesky", lambda x: np.linalg.cholesky(x @ x.T) + np.linalg.cholesky(x @ x.T, upper=True), WELL)
add("eigh", lambda x: np.linalg.eigh(x @ x.T).eigenvalues + np.linalg.eigh(x + x.T)[1] ** 2, WELL)
add("eigvalsh", lambda x: np.linalg.eigvalsh(x + x.mT) ** 2, WELL)
add("pinv", np.linalg.pinv, M, M.T.copy())
add("pinv stack", np.linalg.pinv, T, T.mT.copy())
add("svd", lambda x: _svd_uses(np.linalg.svd(x, full_matrices=False)), M, M.T.copy(), T, array(4, 1))
add("svd square", lambda x: _svd_uses(np.linalg.svd(x)), SQUARE)
add("svdvals", lambda x: np.linalg.svdvals(x) + np.linalg.svd(x, compute_uv=False) ** 2, M, SQUARE, T)
add("qr", lambda x: np.linalg.qr(x).Q ** 2 @ np.linalg.qr(x).R, M, M.T.copy(), SQUARE, T)
add("qr r", lambda x: np.linalg.qr(x, mode="r"), M, M.T.copy(), T)
add("qr complete", lambda x: np.linalg.qr(x, mode="complete")[0], M)
add("norm values", lambda x: sum(np.linalg.norm(x, ord=p) for p in (2, -2, "nuc")) + np.linalg.matrix_norm(x, ord=2), M, SQUARE)
add("norm values axis", lambda x: np.linalg.norm(x, "nuc", axis=(2, 0), keepdims=True) + np.linalg.norm(x, 2, (0, 1)), T)
add("cond", lambda x: np.linalg.cond(x) + np.linalg.cond(x, -2) + np.linalg.cond(x, 1) + np.linalg.cond(x, "fro"), WELL)
add("matrix_rank", lambda x: x * np.linalg.matrix_rank(x) + np.linalg.matrix_rank(x[0]), M)
add("lstsq", lambda x: np.linalg.lstsq(x, P[:4])[0] + np.linalg.lstsq(x, M.T)[1], M.T.copy())
add("lstsq wide", lambda x: np.linalg.lstsq(x, P[:3])[0] * np.linalg.lstsq(M, x @ P[:4])[0], M)
add("array of entries", lambda x: np.array([x[0] * x[1], x[2], 3.0]) * 2.0, V)
add("asarray", lambda x: np.asarray(x) ** 2 + x, V)


def _start(over: Any) -> Any:
    return {"initial": 0.1} if over in (np.nanmax, np.nanmin) else {}


def _svd_uses(parts: Any) -> Any:
    left, values, right = parts
    return (left * values[..., None, :]) @ right**2


def _written(x: Any) -> Any:
    y = x * 2.0
    y[1:3] = x[0]
    y[[0, -1]] = np.array([1.0, 5.0]) * x[2]
    y[0] += x[4]
    return y**2


def _filled(x: Any) -> Any:
    y = np.zeros_like(x)
    for place in range(len(x)):
        y[place] = x[place] * x[place - 1]
    return y


def _in_place(x: Any) -> Any:
    y = x.copy()
    same = y
    y *= x
    y += 1.0
    return y * same
