"""Forms that cancel, in several arrangements: each is recognised, and its value and all its gradients are those of the truth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise import stabilised

DEEP = Truth(300)
NEAR_ONE = st.one_of(
    st.floats(0.3, 3.0), st.floats(1e-12, 1e-2).map(lambda gap: 1 + gap), st.floats(1e-12, 1e-2).map(lambda gap: 1 - gap)
)
NOTHING, SHAPE = st.just(0.0), st.floats(0.5, 8.0)
SMALL, LARGE = st.floats(-12.0, -0.01).map(lambda power: 10**power), st.floats(0.01, 300.0)

CASES = [
    ("log x − x + 1", ["log(x) - x + 1", "x - 1 - log(x)", "2 - 2*x + 2*log(x)"], {"x": NEAR_ONE}),
    ("log beside a power", ["1/x - 1 + log(x)", "0.5*(x^2 - 1) - log(x)", "log(x) + 1/(2*x^2) - 1/2"], {"x": NEAR_ONE}),
    (
        "log beside a power",
        ["log(x) + (1 + y^2)/(2*x^2) - 1/2", "0.5*(x^2 + y^2 - 1 - log(x^2))", "-0.5*(1 + 2*log(x) - y^2 - x*x)"],
        {"x": NEAR_ONE, "y": NOTHING},
    ),
    (
        "reciprocal of a root less a number",
        ["m*(1/sqrt(1 - (v/3)^2) - 1)", "m/sqrt(1 - v^2/9) - m", "m*((1 - v*v/9)^-0.5 - 1)"],
        {"m": SHAPE, "v": st.floats(1e-9, 2.0)},
    ),
    ("log-tanh", ["log(tanh(x))", "log(abs(tanh(x)))", "-log(1/tanh(x))", "log(tanh(x)^2)/2"], {"x": LARGE}),
    ("power less 1", ["1 - (1 - x^a)^b", "-((1 - x^a)^b - 1)"], {"x": SMALL, "a": SHAPE, "b": SHAPE}),
    ("log1mexp", ["1 - exp(b*log(1 - x^a))"], {"x": SMALL, "a": SHAPE, "b": SHAPE}),
    (
        "1 − share of growth",
        ["1 - (1 - exp(-x))/(1 - exp(-b))", "1 - expm1(-x)/expm1(-b)", "(exp(-x) - 1)/(1 - exp(-b)) + 1"],
        {"x": LARGE, "b": LARGE},
    ),
]


@pytest.mark.parametrize("rule, text, ranges", [(rule, text, ranges) for rule, texts, ranges in CASES for text in texts])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_cancels_is_known_with_its_gradients(rule, text, ranges, data):
    problem = read(text, {name: data.draw(numbers, name) for name, numbers in ranges.items()})
    found = stabilised(problem.graph, [problem.output])
    assert rule in [one.rule.name for one in found.rewrites]
    true = results(problem.graph, problem.output, problem.given, DEEP)
    got = results(found.graph, found.outputs[0], {found.moved[one]: value for one, value in problem.given.items()})
    for one, other in zip(got, true, strict=True):
        # A power is as good as the exponent that its logarithm makes of it, and gradients are products of several; that of a
        # share of growth flows together from two sides, which cancel to the hundredth that is the least x.
        assert abs(one - other) <= 1e-13 * abs(other) + 1e-300


def results(graph, output, values, xp=None):
    back = reverse(graph, output, list(values))
    wanted = [output, *(back.total(leaf) for leaf in values)]
    found = evaluate(graph, values) if xp is None else evaluate(graph, values, xp=xp)
    return [float(found[node]) for node in wanted]
