"""Logarithms beside powers near 1: every arrangement is recognised, and value and gradients are those of the truth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise import stabilised

DEEP = Truth(200)
WRITTEN = [
    "log(x) - x + 1",
    "x - 1 - log(x)",
    "3 + y - 3*x + 3*log(x)",
    "1/x - 1 + log(x)",
    "0.5*(x^2 - 1) - log(x)",
    "log(x) + 1/(2*x^2) - 1/2",
    "log(x) + (1 + y^2)/(2*x^2) - 1/2",
    "0.5*(x^2 + y^2 - 1 - log(x^2))",
    "-0.5*(1 + log(x^2) - y^2 - x^2)",
    "-0.5*(1 + 2*log(x) - y^2 - x*x)",
]


@pytest.mark.parametrize("text", WRITTEN)
@given(
    x=st.one_of(
        st.floats(0.3, 3.0), st.floats(1e-12, 1e-2).map(lambda gap: 1 + gap), st.floats(1e-12, 1e-2).map(lambda gap: 1 - gap)
    )
)
@settings(max_examples=40, deadline=None)
def test_what_cancels_near_one_is_known_with_its_gradient(text, x):
    problem = read(text, {"x": x, "y": 0.0} if "y" in text else {"x": x})
    found = stabilised(problem.graph, [problem.output])
    assert {one.rule.name for one in found.rewrites} & {"log x − x + 1", "log beside a power"}
    leaf = problem.leaves["x"]
    true = results(problem.graph, problem.output, leaf, problem.given, DEEP)
    given_ = {found.moved[one]: value for one, value in problem.given.items() if found.moved[one] >= 0}
    got = results(found.graph, found.outputs[0], found.moved[leaf], given_)
    for one, other in zip(got, true, strict=True):
        # The other parts of the sum are rounded too where they do not cancel.
        assert abs(one - other) <= 4e-15 * abs(other) + (1e-15 if "3 + y" in text else 0.0)


def results(graph, output, leaf, values, xp=None):
    wanted = [output, reverse(graph, output, [leaf]).total(leaf)]
    found = evaluate(graph, values) if xp is None else evaluate(graph, values, xp=xp)
    return [float(found[node]) for node in wanted]
