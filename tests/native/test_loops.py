"""Kernels compute what NumPy computes, on every covered call, on random graphs, and in both precisions."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.native.loops.run import Runner
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.program import Program
from chalkgrad.reading.trace.session import Trace
from chalkgrad.transform.api.directional import vjp
from chalkgrad.transform.api.staged import entered, taken_apart
from chalkgrad.transform.reverse import reverse
from tests.functions.calls import CALLS as ALL
from tests.properties.programs import Builder, programs


def program_of(f, *args):
    """The trace of a function as a program, and its inputs."""
    inputs = [np.asarray(one)[()] for one in args]
    with Trace().underway() as trace, np.errstate(all="ignore"):
        nodes, _ = taken_apart(f(*entered(trace, inputs, inputs)))
        return Program(trace, nodes), inputs


def compiled(program, inputs):
    return Runner(program.graph, program.outputs, dict(zip(program.leaves, inputs, strict=True)))


def both(f, *args):
    """What NumPy and native code say."""
    program, inputs = program_of(f, *args)
    return program.run(inputs), compiled(program, inputs).run(inputs)


def assert_same(expected, got, ulps):
    assert len(expected) == len(got)
    for one, other in zip(expected, got, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert other.shape == one.shape
        assert other.dtype == one.dtype
        if one.dtype.kind != "f":
            np.testing.assert_array_equal(other, one)
            continue
        scale = np.max(np.abs(one), initial=1.0, where=np.isfinite(one))  # what cancels is as exact as what it is made of
        np.testing.assert_allclose(other, one, rtol=ulps * np.finfo(one.dtype).eps, atol=ulps * np.finfo(one.dtype).eps * scale)


def with_gradient(call):
    def f(x):
        value, pull = vjp(call.f, x)
        return value, pull(np.cos(np.arange(np.size(value.value))).reshape(value.shape).astype(value.dtype))

    return f


CALLS = [call for call in ALL if not call.name.startswith("array of entries")]  # those give no single array


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_covered_call(call):
    assert_same(*both(with_gradient(call), call.x), ulps=64)


@pytest.mark.parametrize("call", CALLS[::5], ids=lambda call: call.name)
def test_every_fifth_call_in_float32(call):
    assert_same(*both(with_gradient(call), np.asarray(call.x, dtype=np.float32)), ulps=512)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(most=12))
def test_random_graphs(program):
    build = Builder(program)
    graph, output = build.graph, build.wires[-1].node
    seed = graph.constant(np.ones(graph.shape(output)))
    leaves = graph.leaves()
    back = reverse(graph, output, leaves, seed)
    wanted = [output, *(node for leaf in leaves if (node := back.total(leaf)) is not None)]
    inputs = [np.asarray(build.given[leaf], dtype=np.float64)[()] for leaf in leaves]
    given = dict(zip(leaves, inputs, strict=True))
    values = evaluate(graph, given, dtype=None, xp=NUMBERS)
    assert_same([values[node] for node in wanted], Runner(graph, wanted, given).run(inputs), ulps=2**14)


def test_the_mean_of_one_whole_number_is_a_float():
    assert_same(*both(lambda x, i: np.mean(i, axis=1) * np.sum(x, axis=1), np.ones((70, 3)), np.arange(70).reshape(70, 1)), ulps=1)
