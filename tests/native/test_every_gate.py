"""Every declared gate at its own sample points: straight-line code and kernels compute what the interpreter computes."""

import numpy as np
import pytest

from chalkgrad.errors import ChalkgradError
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.native.llvm import F64, ir, new_module
from chalkgrad.native.loops.run import Runner
from chalkgrad.native.number import Body, NotNativeError, Number
from chalkgrad.native.small import Small
from chalkgrad.reading.trace.session import NUMBERS
from chalkgrad.transform.reverse import reverse
from tests.gates.table import rows
from tests.native.test_loops import assert_same

ROWS = 70  # more than a kernel works on side by side, and no multiple of it
# Gates that straight-line code leaves to NumPy, and why.
WITHOUT = {
    **dict.fromkeys("argmax argmin argsort as_whole gather scatter replace".split(), "places, which are whole numbers"),
    **dict.fromkeys("bitwise_and bitwise_or bitwise_xor invert left_shift right_shift".split(), "bits of whole numbers"),
    **dict.fromkeys("erfcx log_ndtr polygamma gamma gammaln polygamma_gap betaln signbit".split(), "no instructions"),
    **dict.fromkeys("cholesky cofactors det det_sign eigenvalues eigenvectors inv logabsdet qr solve".split(), "decompositions"),
    **dict.fromkeys("singular_values singular_vectors".split(), "decompositions"),
}  # fmt: skip


def drawn(gate, sample, rows):
    """The gate over leaves, its gradient, and numbers for the leaves; over `rows` rows, whose numbers are not the same."""
    graph, wires, inputs = Graph(), [], []
    deepest = max((np.ndim(one) for one in sample.inputs), default=0)
    for place, one in enumerate(sample.inputs):
        condition, array = np.asarray(one).dtype == bool, np.asarray(one, float)
        if rows:
            array = array.reshape((1,) * (1 + deepest - array.ndim) + array.shape)
            spread = 1 + np.arange(rows).reshape((rows,) + (1,) * deepest) / 1024
            array = np.repeat(array, rows, axis=0) * (1.0 if condition else spread)
        leaf = graph.leaf(f"x{place}", array.shape)
        inputs.append(array[()])
        wires.append(graph.add(GATES["greater"], leaf, graph.constant(0.5)) if condition else leaf)
    out = graph.add(gate, *wires, **sample.params)
    wanted, leaves = [out], graph.leaves()
    try:
        back = reverse(graph, out, leaves, graph.constant(np.ones(graph.shape(out))))
        wanted += [node for leaf in leaves if (node := back.total(leaf)) is not None]
    except ChalkgradError:  # a gate without a slope
        pass
    return graph, wanted, dict(zip(leaves, inputs, strict=True))


def compared(kind, graph, wanted, given, ulps=64):
    with np.errstate(all="ignore"):
        values = evaluate(graph, given, dtype=None, xp=NUMBERS)
    assert_same([values[node] for node in wanted], kind(graph, wanted, given).run(list(given.values())), ulps)


@rows()
def test_straight_line_code_of_every_gate(gate, sample):
    made = drawn(gate, sample, None)
    if gate.name in WITHOUT and sample.params.get("index") != (slice(0, 2),):
        with pytest.raises(NotNativeError):
            Small(*made)
    else:
        compared(Small, *made)


@rows()
def test_a_plan_of_every_gate(gate, sample):
    compared(Runner, *drawn(gate, sample, None))


@rows(lambda gate: gate.elementwise)
def test_a_kernel_over_rows_of_every_gate_that_works_entry_by_entry(gate, sample):
    compared(Runner, *drawn(gate, sample, ROWS))


def test_a_rule_that_asks_numpy_whether_numbers_are_equal_is_refused():
    function = ir.Function(new_module("example"), ir.FunctionType(F64, [F64]), "f")
    x = Number(Body(ir.IRBuilder(function.append_basic_block()), F64), function.args[0])
    for compare in (np.equal, np.not_equal, np.greater):
        with pytest.raises(NotNativeError):
            compare(np.array([x], dtype=object), 0.0)


def special(dtype):
    """Zeros, subnormals, the borders of the format and of exp, infinities and nan."""
    form = np.finfo(dtype)
    found = [0.0, 0.5, 1.0, 1 + form.eps, 1.5, 2.5, np.pi, 88.5, 710.0, form.smallest_subnormal, form.tiny, form.eps / 4, form.max]
    return np.array([*found, np.inf, np.nan, *(-one for one in found), -np.inf], dtype)


# Rests are below the last digit of the number that they belong to, and steps of softmax are only for such.
OF_RESTS = {"exp_with_rest", "product_with_rest", "quotient_with_rest"}
LEFT_OUT = OF_RESTS | {"where", "discriminant_root"}
ENTRYWISE = [gate for gate in GATES.values() if gate.elementwise and gate.name not in LEFT_OUT]
BY_SIGN_OF_ZERO = {"maximum", "minimum", "clip"}  # of equal zeros NumPy takes the one that comes first, and machine code the larger
ULPS_AT_SPECIAL = 8  # of the larger input or result: logaddexp and log_mix pass through 0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("width", [0, 7], ids=["one at a time", "side by side"])
def test_special_numbers_in_loops_are_numpys(dtype, width):
    points = special(dtype)
    grid = [one.ravel() for one in np.meshgrid(points, points, points[::3])]
    columns = [np.resize(one, (len(one) // width, width)) if width else one for one in grid]
    graph = Graph()
    leaves = [graph.leaf(name, columns[0].shape) for name in "xyz"]
    wanted = [graph.add(gate, *leaves[: len(gate.samples[0].inputs)], **gate.samples[0].params) for gate in ENTRYWISE]
    given = dict(zip(leaves, columns, strict=True))
    with np.errstate(all="ignore"):
        values = evaluate(graph, given, dtype=None, xp=NUMBERS)
    for gate, node, got in zip(ENTRYWISE, wanted, Runner(graph, wanted, given).run(columns), strict=True):
        right = np.asarray(values[node])
        if right.dtype.kind != "f":
            np.testing.assert_array_equal(got, right, gate.name)
            continue
        inputs = np.max([np.nan_to_num(abs(one)) for one in columns[: len(gate.samples[0].inputs)]], axis=0)
        with np.errstate(all="ignore"):
            scale = np.maximum(np.spacing(abs(right)), np.where(inputs < 4, np.spacing(inputs.astype(right.dtype)), 0))
            near = (got == right) | (abs(got - right) <= ULPS_AT_SPECIAL * scale) | (np.isnan(got) & np.isnan(right))
        signs = (np.signbit(got) == np.signbit(right)) | (right != 0) | (got != 0) | (gate.name in BY_SIGN_OF_ZERO)
        assert (near & signs).all(), (gate.name, [one[~(near & signs)][:3] for one in (*columns, right, got)])
