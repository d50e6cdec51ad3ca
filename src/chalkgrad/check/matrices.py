"""Linear algebra in multi-precision, matrix by matrix: what `Truth` uses for the gates of that family."""

from collections.abc import Callable
from typing import Any

import numpy as np


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

    def cholesky_factor(self, x: Any) -> Any:
        return self._each(self._mp.cholesky, x)

    def symmetric_eigenvalues(self, x: Any) -> Any:
        return self._each(lambda one: self._mp.eigsy(one)[0], x)[..., 0]

    def symmetric_eigenvectors(self, x: Any) -> Any:
        """With the signs that NumPy chooses, for either is right."""
        found = self._each(lambda one: self._mp.eigsy(one)[1], x)
        chosen = np.linalg.eigh(np.asarray(x, dtype=float))[1]
        signs = np.sign(np.sum(np.asarray(found, dtype=float) * chosen, axis=-2, keepdims=True)).astype(int)
        return found * signs

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
