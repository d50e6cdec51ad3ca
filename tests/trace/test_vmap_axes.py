"""Where vmap finds the rows in its arguments, and where it puts them in its results."""

import numpy as np
import pytest

from chalkgrad import ChalkgradError, grad, vmap

M = np.arange(12.0).reshape(3, 4)
C = np.array([1.0, 5.0])


def f(row, c):
    return {"a": (row * 2, np.outer(row, row)), "b": c * 2, "s": np.sum(row)}


def by_row(out_axes):
    return vmap(f, (0, None), out_axes)(M, C)


def test_a_tree_of_axes_for_a_tree_of_results():
    out = by_row({"a": (1, -1), "b": None, "s": 0})
    np.testing.assert_array_equal(out["a"][0], (M * 2).T)
    np.testing.assert_array_equal(out["a"][1], np.einsum("ni,nj->ijn", M, M))
    np.testing.assert_array_equal(out["b"], C * 2)
    np.testing.assert_array_equal(out["s"], M.sum(axis=1))


def test_one_entry_stands_for_a_branch():
    out = by_row({"a": -1, "b": 0, "s": 0})
    np.testing.assert_array_equal(out["a"][0], (M * 2).T)
    assert out["a"][1].shape == (4, 4, 3)
    np.testing.assert_array_equal(out["b"], np.stack([C * 2] * 3))
    pair = vmap(lambda x, y: (x, y), in_axes=[0, 1], out_axes=(0, 1))(M, M.T)
    np.testing.assert_array_equal(pair[0], M)
    np.testing.assert_array_equal(pair[1], M.T)


def test_an_upper_part_of_a_tree_of_arguments():
    dot = vmap(lambda d: d["p"]["u"][0] @ d["q"], in_axes=({"p": 0, "q": None},))
    np.testing.assert_array_equal(dot({"p": {"u": [M]}, "q": np.ones(4)}), M.sum(axis=1))


def test_gradients_through_results_with_axes_of_their_own():
    slope = grad(lambda m: np.sum(vmap(np.exp, out_axes=1)(m) * np.arange(12.0).reshape(4, 3)))(M / 9)
    np.testing.assert_allclose(slope, np.exp(M / 9) * np.arange(12.0).reshape(4, 3).T, rtol=1e-15)


@pytest.mark.parametrize("axes, said", [
    ({"a": 1, "c": 0}, "is not built like the result"), ((0, 1), "is not built like the result"),
    ({"a": (0, 0, 0), "b": 0, "s": 0}, "is not built like the result"), ("x", "whole numbers and None; here is 'x'"),
    (True, "here is True"), (1.0, "here is 1.0"), ({"a": 0, "b": 0, "s": None}, "differs from row to row"),
    (None, "differs from row to row"), ({"a": (0, 5), "b": 0, "s": 0}, "out_axes=5 names no axis"), (1, "names no axis"),
])  # fmt: skip
def test_out_axes_that_do_not_fit(axes, said):
    with pytest.raises(ChalkgradError) as letter:
        by_row(axes)
    assert said in str(letter.value)


@pytest.mark.parametrize("axes, said", [
    (({"p": 0},), "not built like its argument"), ((True,), "here is True"), ((0, 0), "2 entries for 1 arguments"),
    (("x",), "here is 'x'"), ({"p": 0, "q": 0}, "a tuple with an entry for each argument"), (2.5, "a tuple with an entry"),
    (None, "nothing to map over"),
])  # fmt: skip
def test_in_axes_that_do_not_fit(axes, said):
    with pytest.raises(ChalkgradError) as letter:
        vmap(lambda d: d["p"], axes)({"p": M, "q": C})
    assert said in str(letter.value)
