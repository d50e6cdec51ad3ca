"""Linear algebra in multi-precision, matrix by matrix: what `Truth` uses for the gates of that family."""

from collections.abc import Callable
from typing import Any

import numpy as np

SMALL = 4  # rows up to which minors are taken; of more, they would be too many


class Matrices:
    """Functions of stacks of matrices in the numbers of the mpmath context `mp`."""

    def __init__(self, mp: Any) -> None:
        self._mp = mp

    def inverse(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.inverse(one) if self._mp.det(one) else one * self._mp.nan, x)

    def solved(self, a: Any, b: Any) -> Any:
        return np.matmul(self.inverse(a), b)

    def determinant(self, x: Any) -> Any:
        return self._each(self._mp.det, x)

    def log_determinant(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.log(abs(self._mp.det(one))) if self._mp.det(one) else self._mp.ninf, x)

    def determinant_sign(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.sign(self._mp.det(one)), x)

    def cholesky_factor(self, x: Any) -> Any:
        return self._each(self._cholesky_of, x)

    def _cholesky_of(self, matrix: Any) -> Any:
        """The factor; nan where the matrix is not positive definite and has none."""
        try:
            return self._mp.cholesky(matrix)
        except ValueError:
            return matrix * self._mp.nan

    def symmetric_eigenvalues(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.eigsy(one)[0], x)[..., 0]

    def symmetric_eigenvectors(self, x: Any) -> Any:
        return _with_signs_of(np.linalg.eigh(_floats(x))[1], self._each(lambda one: self._mp.eigsy(one)[1], x))

    def cofactors(self, x: Any) -> Any:
        return self._each(self._cofactors_of, x)

    def _cofactors_of(self, matrix: Any) -> Any:
        """By the inverse where there is one; else by minors, which need none."""
        determinant = self._mp.det(matrix)
        if determinant and matrix.rows > SMALL:
            return determinant * self._mp.inverse(matrix).T
        entries = np.array(matrix.tolist(), dtype=object)
        result = matrix.copy()
        for row, column in np.ndindex(entries.shape):
            minor = np.delete(np.delete(entries, row, 0), column, 1)
            result[row, column] = (-1) ** (row + column) * (self._mp.det(self._mp.matrix(minor.tolist())) if minor.size else 1)
        return result

    def singular_values(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.svd_r(one, compute_uv=False), x)[..., 0]

    def singular_vectors(self, x: Any, side: str) -> Any:
        left, _, right = np.linalg.svd(_floats(x), full_matrices=False)
        if side == "left":
            return _with_signs_of(left, self._each(lambda one: self._mp.svd_r(one)[0], x))
        return _with_signs_of(np.swapaxes(right, -1, -2), self._each(lambda one: self._mp.svd_r(one)[2].T, x))

    def qr_factor(self, x: Any, part: str) -> Any:
        chosen = np.linalg.qr(_floats(x))[part == "r"]
        found = self._each(lambda one: self._mp.qr(one, mode="skinny")[part == "r"], x)
        if part == "q":
            return _with_signs_of(chosen, found)
        return np.swapaxes(_with_signs_of(np.swapaxes(chosen, -1, -2), np.swapaxes(found, -1, -2)), -1, -2)

    def _each(self, rule: Callable[[Any], Any], x: Any) -> Any:
        array = np.asarray(x, dtype=object)
        stack = array.shape[:-2]
        found = [self._array(rule(self._mp.matrix(one.tolist()))) for one in array.reshape(-1, *array.shape[-2:])]
        inner = found[0].shape if found else array.shape[-2:]
        result = np.empty((len(found), *inner), dtype=object)
        for place, one in enumerate(found):
            result[place] = one[()]
        return result.reshape((*stack, *inner))[()]

    def _array(self, value: Any) -> Any:
        if not isinstance(value, self._mp.matrix):
            single = np.empty((), dtype=object)
            single[()] = value
            return single
        return np.array(value.tolist(), dtype=object)


def _floats(x: Any) -> Any:
    return np.asarray(x, dtype=float)


def _with_signs_of(chosen: Any, found: Any) -> Any:
    """The columns found, with the signs that NumPy chooses, for either is right."""
    return found * np.sign(np.sum(_floats(found) * chosen, axis=-2, keepdims=True)).astype(int)
