"""Nested dicts, lists, tuples, namedtuples and dataclasses as a list of leaves and a structure. The doorway to optree.

>>> leaves, structure = flatten({"w": [1.0, 2.0], "b": 3.0})
>>> leaves, unflatten(structure, [10 * leaf for leaf in leaves])
([3.0, 1.0, 2.0], {'w': [10.0, 20.0], 'b': 30.0})
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import optree

Structure = Any  # optree's PyTreeSpec; two are equal where the trees are built alike
SPACE = "chalkgrad"

_registered: set[type] = set()
_leaves: set[type] = set()  # classes known to be no dataclasses, so that arguments seen often are read quickly


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves in order, and the structure that holds them. None is a leaf."""
    while True:
        leaves, structure = optree.tree_flatten(tree, none_is_leaf=True, namespace=SPACE)
        if _leaves.issuperset(map(type, leaves)):
            return leaves, structure
        for kind in set(map(type, leaves)) - _leaves - _registered:
            if dataclasses.is_dataclass(kind):
                _register(kind)
            else:
                _leaves.add(kind)


@cache
def structure_of(count: int) -> Structure:
    """The structure of (args, {}) for so many arguments that are leaves themselves."""
    return flatten(((0.0,) * count, {}))[1]


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    return optree.tree_unflatten(structure, leaves)


def built(structure: Structure) -> Callable[[Sequence[Any]], Any]:
    """What puts leaves into the structure; a tuple of leaves, one by itself, or one before a tuple takes a third of the time."""
    count = structure.num_leaves
    if structure == flatten(0.0)[1]:
        return _first
    if structure == flatten((0.0, (0.0,) * (count - 1)))[1]:
        return _first_and_rest
    return tuple if structure == flatten((0.0,) * count)[1] else partial(optree.tree_unflatten, structure)


def _first(leaves: Sequence[Any]) -> Any:
    return leaves[0]


def _first_and_rest(leaves: Sequence[Any]) -> Any:
    return leaves[0], tuple(leaves[1:])


def spread(prefix: Any, tree: Any) -> list[Any] | None:
    """For each leaf of the tree the leaf of the prefix that stands for it: 0 for a whole dict, {"w": 0, "b": None} for its parts.

    None where the prefix is not built like the upper part of the tree.
    """
    given, structure = flatten(prefix)
    try:
        parts = structure.flatten_up_to(tree)
    except ValueError:
        return None
    return [one for one, part in zip(given, parts, strict=True) for _ in flatten(part)[0]]


def paths(structure: Structure) -> list[str]:
    """How each leaf is reached, as Python writes it: ['w'][0]."""
    return ["".join(f"[{step!r}]" for step in path) for path in structure.paths()]


def _register(kind: type) -> None:
    """Dataclasses hold their fields as children; the copy is made without running __init__ again."""
    names = tuple(one.name for one in dataclasses.fields(kind))

    def take(instance: Any) -> tuple[tuple[Any, ...], None, tuple[str, ...]]:
        return tuple(getattr(instance, name) for name in names), None, names

    def make(_: Any, children: Iterable[Any]) -> Any:
        instance: Any = object.__new__(kind)
        for name, child in zip(names, children, strict=True):
            object.__setattr__(instance, name, child)
        return instance

    optree.register_pytree_node(kind, take, make, namespace=SPACE)
    _registered.add(kind)
