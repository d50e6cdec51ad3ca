"""Several hundred generated calls: value and gradient are those of HIPS autograd, JAX and PyTorch, in both precisions.

Two results agree where they differ by no more than 1e-12 of the largest entry. All calls are short and well conditioned: in float64
they lie within a hundred units of round-off, so in float32 they are given 128 of its own.
"""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from chalkgrad import value_and_grad
from chalkgrad.check.truth import true_gradients
from chalkgrad.reading.trace.lifting import traced
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced
from tests.peers import arrays, composed, entrywise, gathering, products
from tests.peers.gaps import ABSENT, OTHERWISE, WRONG, is_asked, reason
from tests.peers.peers import HERE, PEERS, parts_of

if not HERE:
    pytest.skip("no peer is installed; make test-peers sets them up", allow_module_level=True)

TOLERANCE = {"float64": 1e-12, "float32": 128 * float(np.finfo(np.float32).eps)}
IN_DOUBLE = [call for family in (entrywise, gathering, arrays, products, composed) for call in family.calls()]
CALLS = IN_DOUBLE + [call.in_single() for call in IN_DOUBLE[::3] if not call.name.startswith("program")]
PAIRS = [pytest.param(peer, call, id=f"{peer} {call.name}") for peer in HERE for call in CALLS if is_asked(peer.package, call.name)]
MISSED = [pytest.param(peer, call, id=f"{peer} {call.name}") for peer in HERE for call in CALLS
          if reason(WRONG, peer.package, call.name)]  # fmt: skip


def plain(call: Any) -> tuple[list[Any], list[Any]]:
    """NumPy's own value, and random weights for it."""
    with np.errstate(all="ignore"):
        parts = parts_of(call.source(namespace(call.kind), *call.args))
    numbers = np.random.default_rng(len(call.name))
    return parts, [np.asarray(numbers.normal(size=np.shape(one)), np.asarray(one).dtype) for one in parts]


def namespace(kind: str) -> Any:
    return np if kind == "numpy" else import_module("scipy.special")


def weighed(call: Any, weights: list[Any], xs: Any) -> tuple[Any, list[Any]]:
    parts = parts_of(call.source(namespace(call.kind), *xs))
    return sum(np.sum(weight * part) for weight, part in zip(weights, parts, strict=True)), parts


def ours(call: Any, weights: list[Any]) -> tuple[list[Any], list[Any]]:
    everything = value_and_grad(lambda *xs: weighed(call, weights, xs), argnums=tuple(range(len(call.args))), has_aux=True)
    (_, parts), gradients = everything(*call.args)
    return list(parts), list(gradients)


def truth(call: Any, weights: list[Any]) -> list[Any]:
    with Trace().underway() as trace, np.errstate(all="ignore"):
        leaves = [trace.leaf(f"x{place}", one) for place, one in enumerate(call.args)]
        total = traced(weighed(call, weights, [Traced(trace, leaf) for leaf in leaves])[0])
    found = true_gradients(trace.graph, total.node, leaves, dict(zip(leaves, call.args, strict=True)))
    return [np.asarray(found[leaf], dtype=float) for leaf in leaves]


def apart(one: Any, other: Any) -> float:
    """The largest difference, as a share of the largest entry; nan and the infinities agree with themselves."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    assert one.shape == other.shape
    with np.errstate(invalid="ignore"):
        gaps = np.abs(one - other)
    differs = ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not differs.any():
        return 0.0
    return float(np.max(gaps[differs]) / np.max(np.abs(other[np.isfinite(other)]), initial=0.0))


@pytest.mark.parametrize("peer, call", PAIRS)
def test_value_and_gradient_are_those_of_the_peer(peer, call, record_property):
    expected, weights = plain(call)
    parts, gradients = ours(call, weights)
    assert [np.asarray(one).dtype for one in parts] == [np.asarray(one).dtype for one in expected]
    assert [np.asarray(one).dtype for one in gradients] == [one.dtype for one in call.args]
    their_parts, their_gradients = peer.answers(call.source, call.kind, call.args, weights)
    furthest = max(apart(one, other) for one, other in zip([*parts, *gradients], [*their_parts, *their_gradients], strict=True))
    assert furthest <= TOLERANCE[str(np.result_type(*call.args))]
    for key, value in (("peer", f"{peer.name} {np.result_type(*call.args)}"), ("apart", furthest), ("call", call.name)):
        record_property(key, value)


@pytest.mark.parametrize("peer, call", MISSED)
def test_where_a_peer_is_wrong_the_truth_is_ours(peer, call):
    _, weights = plain(call)
    tolerance = TOLERANCE[str(np.result_type(*call.args))]
    true, (_, gradients) = truth(call, weights), ours(call, weights)
    _, theirs = peer.answers(call.source, call.kind, call.args, weights)
    assert max(map(apart, gradients, true)) <= tolerance
    assert not all(apart(one, other) <= tolerance for one, other in zip(theirs, true, strict=True))


@pytest.mark.parametrize("peer", HERE, ids=repr)
def test_a_peer_is_asked_several_hundred_calls(peer):
    assert sum(is_asked(peer.package, call.name) for call in CALLS) >= 600


def test_no_two_calls_have_one_name_and_no_gap_is_left_over():
    names = [call.name for call in CALLS]
    assert len(set(names)) == len(names)
    for table in (ABSENT, OTHERWISE, WRONG):
        assert set(table) <= set(PEERS)
        for peer, patterns in table.items():
            idle = [one for one in patterns if not any(reason({peer: {one: ""}}, peer, name) is not None for name in names)]
            assert not idle, f"no call is called {', '.join(idle)}"
