"""0·log 0 is 0: entropies, relative entropies and likelihoods with classes that are ruled out, against multi-precision."""

import mpmath
import numpy as np
import pytest
from scipy.special import logsumexp

from chalkgrad import grad, value_and_grad, vmap

SCORES = np.array([1.0, -np.inf, 2.5, 0.0])
ALLOWED = [0, 2, 3]
LABELS, TRUE = np.array([0.0, 0.0, 1.0, 0.0]), 2
SOFT = np.array([0.25, 0.0, 0.5, 0.25])
OTHER = np.array([0.2, 0.1, 0.4, 0.3])


def shares(z):
    return np.exp(z) / np.sum(np.exp(z))


def logs(z):
    return z - np.log(np.sum(np.exp(z)))


ENTROPY = {
    "from shares": lambda z: -np.sum(shares(z) * np.log(shares(z))),
    "from logs": lambda z: -np.sum(shares(z) * logs(z)),
    "exponentials of logs": lambda z: -np.sum(np.exp(logs(z)) * logs(z)),
    "dot": lambda z: -shares(z) @ logs(z),
    "einsum": lambda z: -np.einsum("i,i->", shares(z), np.log(shares(z))),
    "bits": lambda z: -np.sum(shares(z) * np.log2(shares(z))) * np.log(2.0),
    "with a rest": lambda z: 1 - np.sum(shares(z) * (np.log(shares(z)) + 1)),
}
RELATIVE = {
    "logs apart": lambda z: np.sum(shares(z) * (np.log(shares(z)) - np.log(OTHER))),
    "quotient": lambda z: np.sum(shares(z) * np.log(shares(z) / OTHER)),
    "against more scores": lambda z: (
        np.sum(shares(z) * (logs(z) - logs(np.where(z > -np.inf, np.log(OTHER), -np.inf)))) - np.log(0.9)
    ),
}
CROSS = {
    "marks and shares": lambda z: -np.sum(LABELS * np.log(shares(z))),
    "marks and logs": lambda z: -np.sum(LABELS * logs(z)),
    "marks in a dot": lambda z: -LABELS @ logs(z),
    "logsumexp less marked scores": lambda z: np.log(np.sum(np.exp(z))) - np.sum(LABELS * z),
    "logsumexp less a dot": lambda z: np.log(np.sum(np.exp(z))) - z @ LABELS,
    "over one score": lambda z: np.log(np.sum(np.exp(z - z[TRUE]))),
}
SOFT_CROSS = {
    "from shares": lambda z: -np.sum(SOFT * np.log(shares(z))),
    "from logs": lambda z: -np.sum(SOFT * logs(z)),
    "relative": lambda z: np.sum(SOFT * (np.log(SOFT) - logs(z))) + 1.5 * np.log(2.0),
}


def truth(meaning):
    """Value and slopes over the allowed classes in multi-precision, with slope 0 by the others."""
    with mpmath.workdps(40):
        point = [mpmath.mpf(float(SCORES[one])) for one in ALLOWED]

        def f(*z):
            total = sum(map(mpmath.exp, z))
            return meaning([mpmath.exp(one) / total for one in z])

        slopes = np.zeros(len(SCORES))
        for place, one in enumerate(ALLOWED):
            order = tuple(int(place == other) for other in range(len(ALLOWED)))
            slopes[one] = float(mpmath.diff(f, tuple(point), order))
        return float(f(*point)), slopes


def weighted(weights, of):
    return lambda p: sum(mpmath.mpf(float(w)) * mpmath.log(of(one, w)) for one, w in zip(p, weights, strict=True) if w)


MEANINGS = [
    (ENTROPY, lambda p: -sum(one * mpmath.log(one) for one in p)),
    (RELATIVE, lambda p: sum(one * mpmath.log(one / mpmath.mpf(float(OTHER[k]))) for one, k in zip(p, ALLOWED, strict=True))),
    (CROSS, lambda p: -weighted(LABELS[ALLOWED], lambda one, w: one)(p)),
    (SOFT_CROSS, lambda p: -weighted(SOFT[ALLOWED], lambda one, w: one)(p)),
]
CASES = {f"{name} {number}": (f, meaning) for number, (forms, meaning) in enumerate(MEANINGS) for name, f in forms.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_class_that_is_ruled_out_counts_for_nothing(case):
    f, meaning = CASES[case]
    value, slopes = value_and_grad(f)(SCORES)
    want, wanted = truth(meaning)
    assert value == pytest.approx(want, rel=1e-14)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-13, atol=1e-16)
    assert slopes[1] == 0.0
    np.testing.assert_allclose(vmap(grad(f))(np.stack([SCORES, SCORES[::-1]]))[0], wanted, rtol=1e-13, atol=1e-16)


P = np.array([0.4, 0.6, 0.0])


@pytest.mark.parametrize("f", [
    lambda p: np.sum(p * (np.log(p) - np.log(OTHER[:3]))),
    lambda p: p @ (np.log(p) - np.log(OTHER[:3])),
    lambda p: np.sum(p * np.log(p)) - np.sum(p * np.log(OTHER[:3])),
])  # fmt: skip
def test_relative_entropies_with_zeros_have_values_and_one_sided_slopes(f):
    value, slopes = value_and_grad(f)(P)
    with mpmath.workdps(40):
        logs = [mpmath.log(mpmath.mpf(float(p)) / mpmath.mpf(float(q))) for p, q in zip(P[:2], OTHER[:2], strict=True)]
        assert value == pytest.approx(float(sum(mpmath.mpf(float(p)) * log for p, log in zip(P[:2], logs, strict=True))), rel=1e-15)
        np.testing.assert_allclose(slopes, [*(float(log + 1) for log in logs), -np.inf], rtol=1e-14)


BOTH = np.array([0.3, 0.7, 0.0])
QUOTIENTS = {
    "quotient": lambda p, q: np.sum(p * np.log(p / q)),
    "turned": lambda p, q: -np.sum(p * np.log(q / p)),
    "in bits": lambda p, q: np.sum(p * np.log2(p / q)) * np.log(2.0),
    "dot": lambda p, q: p @ np.log(p / q),
    "einsum": lambda p, q: np.einsum("i,i->", p, np.log(p / q)),
    "scaled": lambda p, q: 0.5 * np.sum(p * np.log(2 * p / q)) + 0.5 * np.sum(p * np.log(p / (2 * q))),
    "three factors": lambda p, q: np.sum(p * np.log(p / (q * np.array([1.0, 1.0, 0.0])))),
    "with a rest": lambda p, q: np.sum(p * (np.log(p / q) + 1) - p),
    "where": lambda p, q: np.sum(np.where(p > 0, p * np.log(p / q), 0)),
}
CONSTANT = {
    "quotient": lambda p: np.sum(p * np.log(p / BOTH)),
    "logs apart": lambda p: np.sum(p * (np.log(p) - np.log(BOTH))),
}


def relative(p, q):
    with mpmath.workdps(40):
        p, q = ([mpmath.mpf(float(one)) for one in row] for row in (p, q))
        logs = [mpmath.log(one / other) if one else mpmath.mpf(0) for one, other in zip(p, q, strict=True)]
        value = float(sum(one * log for one, log in zip(p, logs, strict=True)))
        slopes = [float(log + 1) if one else 0.0 for one, log in zip(p, logs, strict=True)]
        return value, slopes, [float(-one / other) if one else 0.0 for one, other in zip(p, q, strict=True)]


@pytest.mark.parametrize("form", QUOTIENTS)
def test_a_class_that_neither_distribution_has_counts_for_nothing(form):
    value, slopes = value_and_grad(QUOTIENTS[form], argnums=(0, 1))(P, BOTH)
    want, *wanted = relative(P, BOTH)
    assert value == pytest.approx(want, rel=1e-14)
    for got, right in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(got, right, rtol=1e-14, atol=0)


@pytest.mark.parametrize("form", CONSTANT)
def test_nor_does_it_where_one_of_them_is_constant(form):
    value, slopes = value_and_grad(CONSTANT[form])(P)
    assert value == pytest.approx(relative(P, BOTH)[0], rel=1e-14)
    np.testing.assert_allclose(slopes, relative(P, BOTH)[1], rtol=1e-14, atol=0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


VANISHING = {
    "σ·log σ": (lambda z: sigmoid(z) * np.log(sigmoid(z)), (-np.inf, np.inf, -1000.0)),
    "entropy": (lambda z: sigmoid(z) * np.log(sigmoid(z)) + (1 - sigmoid(z)) * np.log(1 - sigmoid(z)), (-np.inf, np.inf, 1000.0)),
    "σ·softplus": (lambda z: sigmoid(-z) * np.log(1 + np.exp(z)), (-np.inf, np.inf)),
    "x·e^x": (lambda x: np.exp(x) * x, (-np.inf, -1000.0)),
    "x·e^−x": (lambda x: 2 * x / np.exp(x), (np.inf, 1000.0)),
    "(x + 1)·e^x": (lambda x: (3 - x) * np.exp(2 * x), (-np.inf, -1000.0)),
}


@pytest.mark.parametrize("form, x", [(form, x) for form, (_, points) in VANISHING.items() for x in points])
def test_what_vanishes_faster_than_the_rest_grows_is_0_with_slope_0(form, x):
    assert value_and_grad(VANISHING[form][0])(x) == (0.0, 0.0)


def test_entropies_of_probabilities_given_in_logarithms_leave_out_what_is_ruled_out():
    logs, others = np.array([-0.5, -1.0, -np.inf]), np.array([-0.2, -3.0, -np.inf])
    for entropy in (lambda z: -np.sum(np.exp(z) * z), lambda z: -np.exp(z) @ z):
        value, slopes = value_and_grad(entropy)(logs)
        assert value == pytest.approx(0.5 * np.exp(-0.5) + np.exp(-1.0), rel=1e-15)
        np.testing.assert_allclose(slopes, [-0.5 * np.exp(-0.5), 0.0, 0.0], rtol=1e-15)
    value, slopes = value_and_grad(lambda x, y: np.sum(np.exp(x) * (x - y)), argnums=(0, 1))(logs, others)
    assert value == pytest.approx(-0.3 * np.exp(-0.5) + 2 * np.exp(-1.0), rel=1e-15)
    np.testing.assert_allclose(
        slopes, [[0.7 * np.exp(-0.5), 3 * np.exp(-1.0), 0.0], [-np.exp(-0.5), -np.exp(-1.0), 0.0]], rtol=1e-14
    )


SURE = np.array([[0.0, 50.0, -3.0, 0.5], [700.0, 1.0, 0.0, 2.0]])
PLACES = np.array([1, 0])
MARKS = np.eye(4)[PLACES]
SURELY = {
    "marks": lambda z: np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.sum(MARKS * z, axis=1)),
    "marks, axes kept": lambda z: np.sum(
        np.log(np.sum(np.exp(z), axis=-1, keepdims=True)) - np.sum(z * MARKS, axis=1, keepdims=True)
    ),
    "shifted by the largest": lambda z: np.sum(
        np.log(np.sum(np.exp(z - z.max(axis=1, keepdims=True)), axis=1)) + z.max(axis=1) - np.sum(MARKS * z, axis=1)
    ),
    "over the true score": lambda z: np.sum(np.log(np.sum(np.exp(z - z[np.arange(2), PLACES][:, None]), axis=1))),
    "in a logarithm of shares": lambda z: -np.sum(np.log(1 / np.sum(np.exp(z - z[np.arange(2), PLACES][:, None]), axis=1))),
    "einsum": lambda z: np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.einsum("ij,ij->i", MARKS, z)),
    "where": lambda z: np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.sum(np.where(MARKS > 0, z, 0), axis=1)),
    "SciPy's": lambda z: np.sum(logsumexp(z, axis=1) - z[np.arange(2), PLACES]),
    "SciPy's, axes kept": lambda z: np.sum(logsumexp(z, 1, keepdims=True) - np.take_along_axis(z, PLACES[:, None], axis=1)),
    "SciPy's, row by row": lambda z: sum(logsumexp(row) - row[place] for row, place in zip(z, PLACES, strict=True)),
    "sums apart": lambda z: np.sum(logsumexp(z, axis=1)) - np.sum(MARKS * z),
    "means apart": lambda z: 2 * (np.mean(logsumexp(z, axis=1)) - np.mean(z[np.arange(2), PLACES])),
}
LABELLED = {
    "sum": lambda z, y: np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.sum(y * z, axis=1)),
    "beside another part": lambda z, y: np.sum(np.log(np.sum(np.exp(z), axis=1)) + 0 * z[:, 0] - np.sum(y * z, axis=1)),
    "SciPy's": lambda z, y: np.sum(logsumexp(z, axis=1, keepdims=True) - np.sum(y * z, axis=1, keepdims=True)),
    "einsum": lambda z, y: np.sum(logsumexp(z, axis=1) - np.einsum("ij,ij->i", y, z)),
    "dots": lambda z, y: sum(logsumexp(row) - row @ marks for row, marks in zip(z, y, strict=True)),
    "sums apart": lambda z, y: np.sum(logsumexp(z, axis=1)) - np.sum(y * z),
    "means": lambda z, y: 2 * np.mean(logsumexp(z, axis=1)) - np.einsum("ij,ij->", z, y),
    "where": lambda z, y: np.sum(logsumexp(z, axis=1) - np.sum(np.where(y > 0, z, 0), axis=1)),
}


@pytest.mark.parametrize("form", SURELY)
def test_a_class_that_is_nearly_sure_keeps_its_small_slope(form):
    value, slopes = value_and_grad(SURELY[form])(SURE)
    with mpmath.workdps(400):
        rows = [[mpmath.exp(mpmath.mpf(float(one))) for one in row] for row in SURE]
        shares = [[one / sum(row) for one in row] for row in rows]
        want = -sum(mpmath.log(row[place]) for row, place in zip(shares, PLACES, strict=True))
        wanted = [[float(p - int(k == place)) for k, p in enumerate(row)] for row, place in zip(shares, PLACES, strict=True)]
    assert value == pytest.approx(float(want), rel=1e-14)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-13, atol=0)


@pytest.mark.parametrize("form", LABELLED)
def test_labels_that_are_given_as_an_argument_keep_it_too(form):
    value, slopes = value_and_grad(LABELLED[form])(SURE, MARKS)
    want, wanted = value_and_grad(SURELY["marks"])(SURE)
    assert value == pytest.approx(want, rel=1e-14)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-13, atol=0)


def test_the_slopes_of_weights_that_are_no_shares_are_those_that_were_written():
    weights = np.array([3.0, -1.0, 0.0, 0.5])
    f = LABELLED["dots"]
    for by in (0, 1):
        got = grad(f, argnums=by)(SURE, np.stack([weights, weights]))
        np.testing.assert_allclose(got, grad(f, argnums=by, stabilise=False)(SURE, np.stack([weights, weights])), rtol=1e-15)
    np.testing.assert_array_equal(grad(f, argnums=1)(SURE, MARKS), -SURE)
