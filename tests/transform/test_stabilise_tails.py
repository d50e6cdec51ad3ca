"""The error function far out: each arrangement finds erfc, erfcx or log Φ, and value and gradients are those of the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad import grad, stabilise
from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise import stabilised

DEEP = Truth(600)
ARRANGEMENTS = {
    "erfc(x)": ["1-erf(x)", "-erf(x)+1"],
    "erfc(-x)": ["1+erf(x)", "erf(x)+1", "2-erfc(x)"],
    "erf(x)": ["1-erfc(x)"],
    "0.5 * erfc(-(x / sqrt(2)))": ["0.5+0.5*erf(x/sqrt(2))"],
    "log_ndtr(x)": [
        "log(0.5*(1+erf(x/sqrt(2))))",
        "log((1+erf(x/sqrt(2)))/2)",
        "log(0.5+erf(x/sqrt(2))/2)",
        "log(1-erfc(x/sqrt(2))/2)",
    ],
    "log_ndtr(-x)": ["log(0.5*erfc(x/sqrt(2)))", "log(1-0.5*(1+erf(x/sqrt(2))))", "log(erfc(x/sqrt(2))/2)"],
}
LOGARITHMS = ["log(erfc(x))", "log(1-erf(x))", "log1p(-erf(x))", "log1p(erf(-x))", "log(2-erfc(-x))"]
SCALED = [
    "exp(x^2)*erfc(x)",
    "erfc(x)/exp(-x*x)",
    "exp((x-m)^2)*erfc(x-m)",
    "exp(-x^2/2)/erfc(x/sqrt(2))",
    "exp(2*m*x+m^2)*erfc(x+m)",
    "exp(0.5/s^2-x/s)*erfc((1/s-x)/sqrt(2))/(2*s)",
    "1/(2*m)*exp(s^2/(2*m^2)-x/m)*erfc((s/m-x/s)/sqrt(2))",
    "m/2*exp(m/2*(2*s+m*s^2-2*x))*erfc((s+m*s^2-x)/(sqrt(2)*s))",
]


@pytest.mark.parametrize("stable, written", [(stable, one) for stable, ways in ARRANGEMENTS.items() for one in ways])
def test_each_arrangement_is_recognised(stable, written):
    assert stabilise(written).formula == stable


@pytest.mark.parametrize("text", LOGARITHMS)
def test_the_logarithm_of_erfc_is_recognised(text):
    problem = read(text, {"x": 1.0})
    assert "log of erfc" in [one.rule.name for one in stabilised(problem.graph, [problem.output]).rewrites]


@pytest.mark.parametrize("text", SCALED)
@given(x=st.floats(-3.0, 40.0), m=st.floats(0.05, 5.0), s=st.floats(0.05, 5.0))
@settings(max_examples=25, deadline=None)
def test_a_power_of_e_beside_erfc_keeps_value_and_gradients(text, x, m, s):
    problem = read(text, {name: value for name, value in {"x": x, "m": m, "s": s}.items() if name in text.replace("sqrt", "")})
    found = stabilised(problem.graph, [problem.output])
    assert "e^(x²)·erfc" in [one.rule.name for one in found.rewrites]
    leaves = list(problem.given)
    true = results(problem.graph, problem.output, leaves, problem.given, DEEP)
    moved = [found.moved[one] for one in leaves]
    got = results(found.graph, found.outputs[0], moved, dict(zip(moved, problem.given.values(), strict=True)))
    largest = max(abs(one) for one in true)
    for one, other in zip(got, true, strict=True):
        if 1e-280 < largest < 1e280:
            # An exponent of a thousand is known to a thousand roundings, and what flows together at one input may cancel.
            assert abs(one - other) <= 1e-11 * max(abs(other), 1e-3 * largest)


def results(graph, output, leaves, values, xp=None):
    back = reverse(graph, output, leaves)
    wanted = [output, *(back.total(leaf) for leaf in leaves)]
    found = evaluate(graph, values) if xp is None else evaluate(graph, values, xp=xp)
    return [float(found[node]) for node in wanted]


def test_the_gradient_of_a_function_far_out_is_right():
    special = pytest.importorskip("scipy.special")
    slope = grad(lambda x: np.log(0.5 * (1 + special.erf(x / np.sqrt(2)))))(-40.0)
    assert slope == pytest.approx(40.02496884720726, rel=1e-13)
