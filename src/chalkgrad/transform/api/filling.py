"""Results written into arrays that the caller has: what `step.into(out, …)` does.

>>> from chalkgrad import value_and_grad
>>> slopes = np.empty(2)
>>> value, same = value_and_grad(lambda x: np.sum(x**2)).into((None, slopes), np.array([3.0, -4.0]))
>>> value, slopes, same is slopes
(25.0, array([ 6., -8.]), True)
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, ShapeError
from chalkgrad.graph.shapes import show
from chalkgrad.transform.api.pytrees import Structure, flatten, paths, unflatten

Offered = Mapping[int, Any]  # arrays for results, by their places


def offered(structure: Structure, leaves: Sequence[Any], wanted: Structure, plain: Sequence[Any], wire: object) -> Offered:
    """The arrays for results that are computed, counted among these; none where `filled` is going to refuse them."""
    given = [leaf for leaf in leaves if leaf is not None]
    writeable = all(isinstance(leaf, np.ndarray) and leaf.flags.writeable for leaf in given)
    if structure != wanted or not writeable or any(np.shares_memory(*pair) for pair in combinations(given, 2)):
        return {}
    computed = [leaf for leaf, one in zip(leaves, plain, strict=True) if one is wire]
    return {place: leaf for place, leaf in enumerate(computed) if isinstance(leaf, np.ndarray)}


def offered_for(out: Any, result: Any) -> Offered:
    """The arrays of `out` for a result of which every leaf is computed; here its leaves are None."""
    leaves, structure = flatten(out)
    plain, wanted = flatten(result)
    return offered(structure, leaves, wanted, plain, None)


def filled(out: Any, result: Any) -> Any:
    """The result, with the arrays of `out` in place of its own where there are some. Raises before it writes to any."""
    arrays, structure = flatten(out)
    results, wanted = flatten(result)
    if structure != wanted:
        raise GivenError(
            "The arrays to write to are not built like the result.",
            hint=f"The result is built like this, * being a leaf: {_form(wanted)}. Give None where nothing is to be written.",
        )
    places = [f"result{path}" for path in paths(structure)]
    for array, one, place in zip(arrays, results, places, strict=True):
        if array is not None:
            _must_take(array, one, place)
    held = [(array, place) for array, place in zip(arrays, places, strict=True) if array is not None]
    for (one, here), (other, there) in combinations(held, 2):
        if np.shares_memory(one, other):
            raise GivenError(f"The arrays for {here} and {there} share memory.", hint="Give each result memory of its own.")
    for array, one in zip(arrays, results, strict=True):
        if array is not None and array is not one:
            np.copyto(array, one)
    return unflatten(structure, [one if array is None else array for array, one in zip(arrays, results, strict=True)])


def _must_take(array: Any, result: Any, place: str) -> None:
    if not isinstance(array, np.ndarray) or not isinstance(result, np.ndarray | np.generic | float):
        raise GivenError(f"For {place}, {_kind(array)} was given to write {_kind(result)} to.",
                         hint="Give an array of the result's shape and dtype, or None.")  # fmt: skip
    dtype = np.result_type(result)
    if array.shape != np.shape(result) or array.dtype != dtype:
        raise ShapeError(
            f"For {place}, an array of the shape {show(array.shape)} and the dtype {array.dtype} was given; the result has"
            f" {show(np.shape(result))} and {dtype}.",
            hint=f"np.empty({np.shape(result)}, np.{dtype}) has room for it.",
        )
    if not array.flags.writeable:
        raise GivenError(f"The array for {place} is read-only.", hint="Give one that may be written to, or None.")


def _kind(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _form(structure: Structure) -> str:
    return str(structure).removeprefix("PyTreeSpec(").split(", NoneIsLeaf")[0]
