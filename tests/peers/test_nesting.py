"""Transforms nested in written and in random ways agree with JAX, and so does the layout of their results."""

import warnings
from typing import Any

import numpy as np
import optree
import pytest

from tests.peers import nests
from tests.peers.peers import PEERS

if not PEERS["jax"].is_installed():
    pytest.skip("JAX is not installed; make test-peers sets it up", allow_module_level=True)

RANDOM = 60
# Each derivative multiplies the steps, so that nests are given a thousand units of round-off; a float32 has few digits to lose.
TOLERANCE = {"f8": 1e-12, "f4": 1000 * float(np.finfo(np.float32).eps)}


def check(build: Any, args: tuple[Any, ...], record_property: Any, name: str) -> None:
    ours = build(nests.chalkgrads())
    found, theirs = ours(*args), asked(build, args)
    leaves, structure = optree.tree_flatten(found, none_is_leaf=True)
    expected, built = optree.tree_flatten(theirs, none_is_leaf=True)
    assert structure == built
    furthest = max(apart(one, other) for one, other in zip(leaves, expected, strict=True))
    again = optree.tree_leaves(ours(*args), none_is_leaf=True)
    assert all(apart(one, other) == 0.0 for one, other in zip(again, leaves, strict=True))
    for key, value in (("peer", "JAX nested"), ("apart", furthest), ("call", name)):
        record_property(key, value)


def asked(build: Any, args: tuple[Any, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = PEERS["jax"].library
        return build(nests.those_of_jax(library))(*optree.tree_map(library.numpy.asarray, args))


def apart(one: Any, other: Any) -> float:
    one, other = np.asarray(one), np.asarray(other)
    assert one.shape == other.shape
    assert one.dtype == other.dtype
    difference = float(np.max(np.abs(one - other), initial=0.0) / (np.max(np.abs(other), initial=0.0) or 1.0))
    assert difference <= TOLERANCE[one.dtype.str[1:]]
    return difference


@pytest.mark.parametrize("name", nests.WRITTEN)
def test_a_written_nest_agrees(name, record_property):
    build, args = nests.WRITTEN[name]
    check(build, args, record_property, name)


@pytest.mark.parametrize("number", range(RANDOM))
def test_a_random_nest_agrees(number, record_property):
    name, build = nests.composed(number)
    check(build, (nests.X,), record_property, name)
