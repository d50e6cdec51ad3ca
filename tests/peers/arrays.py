"""Generated calls that lay entries out, pick and write them: reshape, join, pad, indices of every kind, take, sort, clip."""

import itertools
from typing import Any

from tests.peers.rows import Call, Draw, Rows, Shape

V: Shape = (5,)
M: Shape = (3, 4)
T: Shape = (2, 3, 4)
MODES = ("edge", "reflect", "symmetric", "wrap")

ROWS: dict[str, tuple[Any, tuple[Shape, ...]]] = {
    "reshape": (lambda np, x: np.reshape(x, (2, -1)) ** 2, (M,)),
    "ravel": (lambda np, x: np.ravel(x) ** 2, (M,)),
    "T": (lambda np, x: x.T * 2.0, (M,)),
    "transpose": (lambda np, x: np.transpose(x, (1, 2, 0)) ** 2, (T,)),
    "swapaxes": (lambda np, x: np.swapaxes(x, 0, -1) ** 2, (T,)),
    "moveaxis": (lambda np, x: np.moveaxis(x, 0, -1) ** 2, (T,)),
    "moveaxis several": (lambda np, x: np.moveaxis(x, (0, 1), (2, 0)) ** 2, (T,)),
    "expand_dims": (lambda np, x: np.expand_dims(x, (0, -1)) ** 2, (M,)),
    "squeeze": (lambda np, x: np.squeeze(x) ** 2, ((1, 3, 1),)),
    "squeeze axis": (lambda np, x: np.squeeze(x, axis=-1) ** 2, ((1, 3, 1),)),
    "broadcast_to": (lambda np, x: np.broadcast_to(x, (2, 3, 4)) ** 2, ((3, 1),)),
    "broadcast_arrays": (lambda np, x, y: np.broadcast_arrays(x, y)[0] * np.broadcast_arrays(x, y)[1], ((3, 1), (4,))),
    "concatenate": (lambda np, x, y: np.concatenate([x, y, x], axis=0) ** 2, (M, (2, 4))),
    "concatenate last": (lambda np, x, y: np.concatenate([x, y], axis=-1) ** 2, (M, (3, 0))),
    "concatenate flat": (lambda np, x, y: np.concatenate([x, y], axis=None) ** 2, (M, V)),
    "stack": (lambda np, x, y: np.stack([x, y, x * y], axis=-1) ** 2, (M, M)),
    "stack first": (lambda np, x, y: np.stack([x, y]) ** 2, ((), ())),
    "vstack": (lambda np, x, y: np.vstack([x, y]) ** 2, (M, (4,))),
    "hstack": (lambda np, x, y: np.hstack([x, y]) ** 2, (V, (3,))),
    "dstack": (lambda np, x, y: np.dstack([x, y]) ** 2, (M, M)),
    "column_stack": (lambda np, x, y: np.column_stack([x, y]) ** 2, ((3,), (3, 2))),
    "append": (lambda np, x, y: np.append(x, y) ** 2, (V, (2,))),
    "split": (lambda np, x: np.split(x, 2, axis=1), (M,)),
    "array_split": (lambda np, x: np.array_split(x, [1, 3], axis=-1), (M,)),
    "tile": (lambda np, x: np.tile(x, (2, 1, 3)) ** 2, (M,)),
    "repeat": (lambda np, x: np.repeat(x, 3, axis=1) ** 2, (M,)),
    "repeat flat": (lambda np, x: np.repeat(x, 2) ** 2, (M,)),
    "repeat unevenly": (lambda np, x: np.repeat(x, np.array([1, 0, 2]), axis=0) ** 2, (M,)),
    "flip": (lambda np, x: np.flip(x) * x, (M,)),
    "flip axis": (lambda np, x: np.flip(x, axis=-1) * x, (M,)),
    "fliplr flipud": (lambda np, x: np.fliplr(x) * np.flipud(x), (M,)),
    "rot90": (lambda np, x: np.rot90(x) ** 2, (M,)),
    "roll": (lambda np, x: np.roll(x, 2) * x, (M,)),
    "roll axis": (lambda np, x: np.roll(x, -1, axis=1) * x, (M,)),
    "roll axes": (lambda np, x: np.roll(x, (1, 2), axis=(0, 1)) * x, (M,)),
    "pad": (lambda np, x: np.pad(x, ((1, 2), (0, 1))) ** 2, (M,)),
    "pad constant": (lambda np, x: np.pad(x, 1, mode="constant", constant_values=2.0) ** 2, (V,)),
    **{f"pad {mode}": (lambda np, x, m=mode: np.pad(x, ((2, 1),), mode=m) ** 2, (V,)) for mode in MODES},
    **{f"pad {mode} both": (lambda np, x, m=mode: np.pad(x, ((1, 2), (0, 1)), mode=m) ** 2, (M,)) for mode in MODES},
    "meshgrid": (lambda np, x, y: np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1] ** 2, ((3,), (4,))),
    "linspace": (lambda np, x: np.linspace(x[0], x[1] ** 2, 5) ** 2, ((2,),)),
    "hsplit vsplit": (lambda np, x: [*np.hsplit(x, 2), np.vsplit(x, 2)[1] ** 2], ((2, 4),)),
    "unstack": (lambda np, x: np.unstack(x)[1] * np.unstack(x)[0], (M,)),
    "rollaxis": (lambda np, x: np.rollaxis(x, 2) ** 2, (T,)),
    "matrix_transpose": (lambda np, x: np.matrix_transpose(x) ** 2, (T,)),
    "diagflat": (lambda np, x: np.diagflat(x, 1) ** 2, ((2, 2),)),
    "compress": (lambda np, x: np.compress(np.array([True, False, True]), x, axis=0) ** 2, (M,)),
    "extract": (lambda np, x: np.extract(x > 0.05, x) ** 2, (M,)),
    "nonzero": (lambda np, x: x[np.nonzero(x > 0.05)] ** 2, (M,)),
    "flatnonzero": (lambda np, x: x[np.flatnonzero(x > 0.05)] ** 2, (V,)),
    "argmin": (lambda np, x: x[np.argmin(x)] * x[::2], (V,)),
    "take": (lambda np, x: np.take(x, np.array([0, 2, 0])) ** 2, (M,)),
    "take axis": (lambda np, x: np.take(x, np.array([1, 1, 2]), axis=0) ** 2, (M,)),
    "take_along_axis": (lambda np, x: np.take_along_axis(x, np.array([[0, 1], [2, 2], [3, 0]]), axis=1) ** 2, (M,)),
    "sorted by another": (lambda np, x, y: np.take_along_axis(x, np.argsort(y, axis=1), axis=1) * y, (M, M)),
    "argmax": (lambda np, x: x[np.argmax(x)] ** 2 * x, (V,)),
    "clip": (lambda np, x: np.clip(x, -0.55, 1.05) ** 2, (M,)),
    "clip one side": (lambda np, x: np.clip(x, None, 0.35) * x, (M,)),
    "where": (lambda np, x: np.where(x > 0.05, x**2, np.sin(x)), (M,)),
    "where of rows": (lambda np, x, y: np.where(x > y, x, y * x), (M, (4,))),
    "select": (lambda np, x: np.select([x > 1.05, x > 0.05], [x**2, x**3], -x), (V,)),
    "diagonal": (lambda np, x: np.diagonal(x, 1) ** 2, (M,)),
    "diagonal below": (lambda np, x: np.diagonal(x, -1) ** 2, ((4, 3),)),
    "diagonal of a stack": (lambda np, x: np.diagonal(x, 0, 1, 2) ** 2, (T,)),
    "diag": (lambda np, x: np.diag(x) @ x, (V,)),
    "diag above": (lambda np, x: np.diag(x, 1) ** 2, ((3,),)),
    "diag of a matrix": (lambda np, x: np.diag(x) ** 2, (M,)),
    "tril": (lambda np, x: np.tril(x) ** 2, (M,)),
    "tril above": (lambda np, x: np.tril(x, 1) ** 2, (T,)),
    "triu": (lambda np, x: np.triu(x, -1) * x, (M,)),
    "interp": (lambda np, x, y: np.interp(x, np.array([-2.5, -0.55, 0.45, 2.5]), y), (V, (4,))),
    "heaviside": (lambda np, x: np.heaviside(x, 0.5 * np.ones_like(x)) * x, (V,)),
    "array of entries": (lambda np, x: np.array([x[0] * x[1], x[2], x[3] ** 2]) * 2.0, (V,)),
    "atleast": (lambda np, x: np.atleast_2d(x) * x, (V,)),
    "ones_like": (lambda np, x: np.ones_like(x) * x + np.zeros_like(x) - np.full_like(x, 0.5) * x, (M,)),
    "iterate": (lambda np, x: sum(row * row[0] for row in x), (M,)),
    "convolve": (lambda np, x, y: np.convolve(x, y), (V, (3,))),
    "convolve same": (lambda np, x, y: np.convolve(x, y, mode="same"), (V, (3,))),
    "convolve valid": (lambda np, x, y: np.convolve(x, y, mode="valid"), (V, (3,))),
    "correlate": (lambda np, x, y: np.correlate(x, y, mode="full"), (V, (3,))),
    "polyval": (lambda np, p, x: np.polyval(p, x), ((4,), V)),
    "vander": (lambda np, x: np.vander(x, 4) ** 2, ((3,),)),
}  # fmt: skip

INDICES: dict[str, tuple[Any, Shape]] = {
    "x[1]": (lambda np, x: x[1], T),
    "x[-1, 2]": (lambda np, x: x[-1, 2], T),
    "x[0, -1, 3]": (lambda np, x: x[0, -1, 3], T),
    "x[..., 1]": (lambda np, x: x[..., 1], T),
    "x[:, 1:, ::2]": (lambda np, x: x[:, 1:, ::2], T),
    "x[::-1, 3:0:-2]": (lambda np, x: x[::-1, 3:0:-2], M),
    "x[:, None, 1:]": (lambda np, x: x[:, None, 1:], M),
    "x[None, ..., None]": (lambda np, x: x[None, ..., None], M),
    "x[5:]": (lambda np, x: x[5:], V),
    "x[-3:-1]": (lambda np, x: x[-3:-1], V),
    "x[[0, 2, 2, -1]]": (lambda np, x: x[np.array([0, 2, 2, -1])], V),
    "x[[2, 0, 2]] rows": (lambda np, x: x[np.array([2, 0, 2])], M),
    "x[[[0, 1], [2, 2]]]": (lambda np, x: x[np.array([[0, 1], [2, 2]])], M),
    "x[rows, columns]": (lambda np, x: x[np.array([0, 1, 2]), np.array([3, 3, 0])], M),
    "x[rows, columns] open": (lambda np, x: x[np.array([[0], [2]]), np.array([1, 3, 1])], M),
    "x[:, [0, 2]]": (lambda np, x: x[:, np.array([0, 2])], T),
    "x[:, [0, 2], 1:]": (lambda np, x: x[:, np.array([0, 2]), 1:], T),
    "x[..., [3, 0]]": (lambda np, x: x[..., np.array([3, 0])], T),
    "x[[0, 1], :, [3, 0]]": (lambda np, x: x[np.array([0, 1]), :, np.array([3, 0])], T),
    "x[1, :, [3, 0]]": (lambda np, x: x[1, :, np.array([3, 0])], T),
    "x[[1, 0], None, 2]": (lambda np, x: x[np.array([1, 0]), None, 2], T),
    "x[x > 0]": (lambda np, x: x[x > 0.05], M),
    "x[mask of rows]": (lambda np, x: x[np.array([True, False, True])], M),
    "x[:, mask]": (lambda np, x: x[:, np.array([True, False, True])], T),
    "x[mask of two axes]": (lambda np, x: x[x[..., 0] > 0.05], T),
    "x[nothing]": (lambda np, x: x[0:0], M),
}


def calls() -> list[Call]:
    rows = Rows()
    for (title, (source, shapes)), repeat in itertools.product(ROWS.items(), range(2)):
        draw = Draw(f"{title} {repeat}")
        rows.row(f"{title} [{repeat}]", source, *map(draw.apart, shapes))
    for (title, (source, shape)), repeat in itertools.product(INDICES.items(), range(2)):
        squared = lambda np, x, f=source: f(np, x) ** 2 * np.sum(x)  # noqa: E731
        rows.row(f"{title} [{repeat}]", squared, Draw(f"{title} {repeat}").apart(shape))
    return rows
