"""Generated calls of products and linear algebra: matmul, einsum and tensordot in many shapes, stacks of matrices."""

import itertools
import random
from typing import Any

import numpy as np

from tests.peers.rows import Call, Draw, Rows, Shape

MATMUL: tuple[tuple[Shape, Shape], ...] = (
    ((4,), (4,)), ((3, 4), (4,)), ((3,), (3, 4)), ((3, 4), (4, 2)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 2)),
    ((2, 3, 4), (2, 4, 1)), ((5, 1, 3, 4), (2, 4, 2)), ((4,), (2, 4, 3)),
    ((2, 3, 4), (4,)), ((1, 1), (1, 5)), ((3, 0), (0, 2)), ((0, 3), (3, 2)),
)  # fmt: skip
DOT: tuple[tuple[Shape, Shape], ...] = (
    ((4,), (4,)), ((3, 4), (4,)), ((3, 4), (4, 2)), ((2, 3, 4), (4,)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 5)),
)  # fmt: skip
TENSORDOT: tuple[tuple[Shape, Shape, Any], ...] = (
    ((3, 4), (4, 2), 1), ((2, 3, 4), (3, 4), 2), ((2, 3), (4,), 0), ((2, 3, 4), (2, 5, 4), ((0, 2), (0, 2))),
    ((2, 3, 4), (4, 3), ((-1, 1), (0, 1))), ((3, 4), (4, 5), (-1, 0)), ((2, 3, 4), (2, 3, 4), 3), ((1, 4), (4, 1), 1),
)  # fmt: skip
EINSUM = """ij-> ij->j ij->ji ii->i ii iij->j ij,ij->i ij,kj->ik ij,jk i,j->ij bij,bjk->bik bij,bij->b ...j,...j->... i...->...
            ij,j,kj->ik ijk,jl->ilk ij,k->i abc,cd,bd->a ii,ij->j ...ij,...jk->...ik""".split()
PRODUCTS: dict[str, tuple[Any, tuple[Shape, ...]]] = {
    "inner": (lambda np, x, y: np.inner(x, y), ((3, 4), (2, 4))),
    "inner of vectors": (lambda np, x, y: np.inner(x, y), ((4,), (4,))),
    "outer": (lambda np, x, y: np.outer(x, y), ((2, 2), (3,))),
    "vdot": (lambda np, x, y: np.vdot(x, y), ((2, 3), (2, 3))),
    "kron": (lambda np, x, y: np.kron(x, y), ((2, 3), (3, 2))),
    "kron of vectors": (lambda np, x, y: np.kron(x, y), ((3,), (2,))),
    "cross": (lambda np, x, y: np.cross(x, y), ((4, 3), (4, 3))),
    "trace": (lambda np, x: np.trace(x) ** 2, ((3, 4),)),
    "trace above": (lambda np, x: np.trace(x, offset=1) ** 2, ((3, 4),)),
    "matmul of linalg": (lambda np, x, y: np.linalg.matmul(x, y), ((2, 3, 4), (4, 2))),
    "outer of linalg": (lambda np, x, y: np.linalg.outer(x, y), ((2,), (3,))),
    "tensordot of linalg": (lambda np, x, y: np.linalg.tensordot(x, y, axes=1), ((2, 3), (3, 2))),
    "trace of linalg": (lambda np, x: np.linalg.trace(x, offset=1) ** 2, ((2, 3, 4),)),
    "vecdot of linalg": (lambda np, x, y: np.linalg.vecdot(x, y, axis=-1), ((3, 4), (4,))),
    "vecdot": (lambda np, x, y: np.vecdot(x, y), ((3, 4), (3, 4))),
    "a quadratic form": (lambda np, x, a: x @ a @ x, ((3,), (3, 3))),
    "two layers": (lambda np, x, w, u: u @ np.tanh(w @ x.T), ((5, 3), (4, 3), (2, 4))),
    "attention": (lambda np, q, k: np.exp(q @ k.T) / np.sum(np.exp(q @ k.T), axis=-1, keepdims=True) @ k, ((3, 2), (4, 2))),
    "multi_dot": (lambda np, x, y, z: np.linalg.multi_dot([x, y, z]), ((3, 4), (4, 2), (2, 5))),
}
LINALG: dict[str, tuple[Any, str]] = {  # what the letters stand for: W a well-conditioned matrix, S a stack of them, t a tall one
    "inv": (lambda np, a: np.linalg.inv(a), "W"),
    "inv of a stack": (lambda np, a: np.linalg.inv(a), "S"),
    "solve a vector": (lambda np, a, b: np.linalg.solve(a, b), "Wb"),
    "solve a matrix": (lambda np, a, b: np.linalg.solve(a, b), "Wc"),
    "solve a stack": (lambda np, a, b: np.linalg.solve(a, b), "Sd"),
    "det": (lambda np, a: np.linalg.det(a), "W"),
    "det of a stack": (lambda np, a: np.linalg.det(a), "S"),
    "slogdet": (lambda np, a: np.linalg.slogdet(a)[1], "W"),
    "slogdet of a stack": (lambda np, a: np.linalg.slogdet(a)[1], "S"),
    "cholesky": (lambda np, a: np.linalg.cholesky(a @ np.swapaxes(a, -1, -2)), "W"),
    "cholesky of a stack": (lambda np, a: np.linalg.cholesky(a @ np.swapaxes(a, -1, -2)), "S"),
    "eigvalsh": (lambda np, a: np.linalg.eigvalsh(a + np.swapaxes(a, -1, -2)), "E"),
    "eigh values": (lambda np, a: np.linalg.eigh(a + np.swapaxes(a, -1, -2))[0], "E"),
    "eigh vectors": (lambda np, a: np.linalg.eigh(a + np.swapaxes(a, -1, -2))[1] ** 2, "E"),
    "pinv": (lambda np, a: np.linalg.pinv(a), "c"),
    "pinv of a stack": (lambda np, a: np.linalg.pinv(a), "d"),
    "svd, squares": (lambda np, a: [part**2 for part in np.linalg.svd(a, full_matrices=False)], "c"),
    "svd, a stack": (lambda np, a: [part**2 for part in np.linalg.svd(a, full_matrices=False)], "d"),
    "svd put together": (lambda np, a: (lambda u, s, v: (u * s**2) @ v)(*np.linalg.svd(a, full_matrices=False)), "c"),
    "svdvals": (lambda np, a: np.linalg.svdvals(a), "d"),
    "qr, squares": (lambda np, a: [part**2 for part in np.linalg.qr(a)], "c"),
    "qr of a square": (lambda np, a: [part**2 for part in np.linalg.qr(a)], "W"),
    "matrix norm 2": (lambda np, a: np.linalg.norm(a, ord=2), "c"),
    "matrix norm nuc": (lambda np, a: np.linalg.norm(a, ord="nuc"), "c"),
    "matrix norm 1": (lambda np, a: np.linalg.norm(a, ord=1), "c"),
    "cond": (lambda np, a: np.linalg.cond(a), "W"),
    "lstsq": (lambda np, a, b: np.linalg.lstsq(a, b)[0], "tb"),
    "vector_norm of linalg": (lambda np, a: np.linalg.vector_norm(a, axis=-1), "S"),
    "matrix_norm of linalg": (lambda np, a: np.linalg.matrix_norm(a), "S"),
    "diagonal of linalg": (lambda np, a: np.linalg.diagonal(a, offset=1) ** 2, "S"),
    "cross of linalg": (lambda np, a, b: np.linalg.cross(a, b), "Wb"),
    "matrix_power": (lambda np, a: np.linalg.matrix_power(a / 4, 3), "W"),
    "a matrix squared and inverted": (lambda np, a: np.linalg.inv(np.linalg.matrix_power(a / 4, 2)), "W"),
    "a normal log density": (
        lambda np, a, b: 0.5 * b @ np.linalg.solve(a @ a.T, b) + 0.5 * np.linalg.slogdet(a @ a.T)[1], "Wb"),
    "least squares": (lambda np, a, b: np.linalg.solve(a.T @ a, a.T @ b), "Wb"),
    "whitening": (lambda np, a, b: np.linalg.solve(np.linalg.cholesky(a @ a.T), b), "Wc"),
}  # fmt: skip


def operand(draw: Draw, letter: str) -> Any:
    match letter:
        case "W":
            return draw.well()
        case "S":
            return draw.well(2)
        case "t":
            return draw.well()[:, :2]
        case "E":
            return draw.well() + np.diag([0.0, 2.0, 5.0])
    return draw.array({"b": (3,), "c": (3, 2), "d": (2, 3, 2)}[letter])


def random_spec(number: int) -> tuple[str, list[Shape]]:
    """Two or three operands over five axes; every axis of the result is named somewhere."""
    chance = random.Random(number)
    sizes = dict(zip("ijklm", (2, 3, 4, 1, 2), strict=True))
    named = ["".join(chance.sample("ijklm", chance.randint(1, 3))) for _ in range(chance.randint(2, 3))]
    known = sorted(set("".join(named)))
    result = "".join(chance.sample(known, chance.randint(0, min(3, len(known)))))
    return f"{','.join(named)}->{result}", [tuple(sizes[axis] for axis in one) for one in named]


def written(spec: str) -> tuple[str, list[Shape]]:
    sizes = dict(zip("abcdijkl", (2, 3, 4, 2, 3, 3, 3, 2), strict=True))
    operands = spec.partition("->")[0].split(",")
    return spec, [((2,) if one.startswith("...") else ()) + tuple(sizes[axis] for axis in one if axis != ".")
                  + ((4,) if one.endswith("...") else ()) for one in operands]  # fmt: skip


def calls() -> list[Call]:
    rows = Rows()
    for (first, second), name in itertools.product(MATMUL, ("matmul", "@")):
        draw = Draw(f"{name} {first} {second}")
        source = (lambda np, x, y: np.matmul(x, y)) if name == "matmul" else (lambda np, x, y: x @ y)
        rows.row(f"{name} {first} {second}", source, draw.array(first), draw.array(second))
    for first, second in DOT:
        draw = Draw(f"dot {first} {second}")
        rows.row(f"dot {first} {second}", lambda np, x, y: np.dot(x, y), draw.array(first), draw.array(second))
    for first, second, axes in TENSORDOT:
        title = f"tensordot {first} {second} {axes}"
        draw = Draw(title)
        rows.row(title, lambda np, x, y, a=axes: np.tensordot(x, y, axes=a), draw.array(first), draw.array(second))  # fmt: skip
    for spec, shapes in [*map(written, EINSUM), *map(random_spec, range(40))]:
        draw = Draw(f"einsum {spec}")
        rows.row(f"einsum {spec}", lambda np, *xs, s=spec: np.einsum(s, *xs), *map(draw.array, shapes))  # fmt: skip
    for (title, (source, shapes)), repeat in itertools.product(PRODUCTS.items(), range(2)):
        draw = Draw(f"{title} {repeat}")
        rows.row(f"{title} [{repeat}]", source, *map(draw.array, shapes))
    for (title, (source, letters)), repeat in itertools.product(LINALG.items(), range(2)):
        draw = Draw(f"{title} {repeat}")
        rows.row(f"{title} [{repeat}]", source, *(operand(draw, one) for one in letters))
    return rows
