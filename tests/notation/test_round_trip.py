"""What notation writes, the reader reads back: the same graph, gate by gate."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.notation.expression import write
from chalkgrad.reading.formula import read

VALUES = {"x": 1.5, "y": -2.0, "w0": 0.5, "v": [1.0, 2.0, 3.0], "A": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}
SCALARS = st.sampled_from(["x", "y", "w0", "2", "0.1", "1e-7", "12345678", "-3", "pi"])
UNARY = st.sampled_from(
    "exp log sqrt sin cos tan asin acos atan sinh cosh tanh log1p expm1 erf "
    "sigmoid softplus log_sigmoid abs sign relu square reciprocal".split()
)


def _grow(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "0.5", "-2.5"])).map(lambda t: f"({t[0]})^{t[1]}"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(UNARY, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]}, {t[3]})"),
        st.tuples(st.sampled_from(["hypot", "atan2", "logaddexp"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(inner, st.sampled_from([">", "<", ">=", "<=", "==", "!="]), inner, inner).map(
            lambda t: f"where(({t[0]}) {t[1]} ({t[2]}), {t[3]}, x)"
        ),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]}, {t[1]}][0]"),
    )


FORMULAS = st.recursive(SCALARS, _grow, max_leaves=12)


def same(text):
    """The graph of the text, and that of what is written from it."""
    first = read(text, values_of(text))
    written = write(first.graph, first.output)
    second = read(written, values_of(written))
    return written, described(first), described(second)


def values_of(text):
    """The values of the names that a text uses; others would be superfluous."""
    names = set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", text))
    return {name: value for name, value in VALUES.items() if name in names}


def described(formula):
    """The output's graph as nested data, shared wires told by number."""
    graph, order, described_nodes = formula.graph, {}, []
    stack = [formula.output]
    while stack:
        node = stack[-1]
        if node in order:
            stack.pop()
            continue
        missing = [one for one in graph.inputs(node) if one not in order]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        order[node] = len(order)
        gate = graph.gate(node)
        what = gate.name if gate else graph.names[node] if graph.is_leaf(node) else repr(graph.constants[node])
        described_nodes.append((what, tuple(order[one] for one in graph.inputs(node)), str(dict(graph.settings(node)))))
    return described_nodes


@settings(max_examples=300, deadline=None)
@given(FORMULAS)
def test_written_formulas_read_back_as_the_same_graph(text):
    written, first, second = same(text)
    # A DAG may be written out as a tree; so compare what each wire is rather than how often it is shared.
    assert unfolded(first) == unfolded(second), written


def unfolded(nodes):
    parts = []
    for what, inputs, settings_ in nodes:
        parts.append((what, tuple(parts[one] for one in inputs), settings_))
    return parts[-1]


@pytest.mark.parametrize(
    "text",
    [
        "v @ v", "A @ v", "sum(v)", "sum(A, axis=0)", "mean(A, axis=1, keepdims=true)",
        "max(v)", "min(A, axis=-1)", "transpose(A)",
        "reshape(A, [3, 2])", "A[0, 1:3]", "A[:, -1]", "v[0]", "v[::2]", "softmax(v)", "softmax(A, axis=1)", "log_softmax(v)",
        "logsumexp(v)",
        "cross_entropy(v, true=1)", "hinge(v, true=2)", "hinge(v, true=2, margin=0.5)",
        "crammer_singer(v, true=0)", "one_vs_all(v, true=0)",
        "concatenate(v, v)", "stack(v, v, axis=1)", "[x, y, w0]", "[1, 2, 3] * v", "[[1, 2, 3], [4, 5, 6]] @ v", "clip(v, -1, 2)",
        "-2^2", "-(2)", "x - -3", "2^3^2", "(2^3)^2", "x/y/w0", "x/(y/w0)", "x - (y - w0)", "-(-x)", "x",
    ],
)  # fmt: skip
def test_array_gates_and_precedence_read_back(text):
    written, first, second = same(text)
    assert unfolded(first) == unfolded(second), written
