"""What cannot be traced is refused with the user's own line, what happened, and what to write instead."""

import math

import numpy as np
import pytest

from chalkgrad.errors import ChalkgradError
from chalkgrad.transform.api.directional import jvp
from chalkgrad.transform.api.gradient import grad
from chalkgrad.transform.api.mapping import jit, vmap

X = np.array([1.0, 2.0, 3.0])


def writes(x):
    y = np.zeros(3)
    y[0] = x[0]
    return np.sum(y)


def writes_whole(x):
    y = np.zeros(3)
    y[:] = x
    return np.sum(y)


def adds_in_place(x):
    y = np.zeros(3)
    y += x
    return np.sum(y)


def changes_its_argument(x):
    x += 1.0
    return np.sum(x)


def changes_a_view(x):
    y = x * 2
    top = y[1:]
    y[0] = 5.0
    return np.sum(y) + np.sum(top)


def loses_its_argument(x, y):
    return np.sum(np.ones(3) * y)


def forgets_to_return(x):
    np.sum(x)


LETTERS = [
    ("integers", lambda: grad(np.sum)(np.arange(3)), "whole numbers", "grad(np.sum)"),
    ("one integer", lambda: grad(lambda x: x * x)(3), "whole numbers", "3.0 for 3"),
    ("no scalar", lambda: grad(lambda x: x * 2)(X), "returned the shape (3)", "np.sum"),
    ("side effect", lambda: grad(writes)(X), "cannot be written into an ordinary array", "y[0] = x[0]"),
    ("side effect on all", lambda: grad(writes_whole)(X), "cannot be written into an ordinary array", "y[:] = x"),
    ("in place", lambda: grad(adds_in_place)(X), "cannot be written into an ordinary array", "y += x"),
    ("argument in place", lambda: grad(changes_its_argument)(X), "its own argument", "x += 1.0"),
    ("view in place", lambda: grad(changes_a_view)(X), "shares its entries", "y[0] = 5.0"),
    ("float", lambda: grad(lambda x: float(x) * x)(1.0), "Python float", "float(x)"),
    ("math", lambda: grad(lambda x: math.sin(x) + 1)(1.0), "Python float", "math.sin(x)"),
    ("no dependence", lambda: grad(loses_its_argument)(X, 2.0), "does not depend on x", ""),
    ("nothing returned", lambda: grad(forgets_to_return)(X), "returned nothing", "return"),
    ("shapes", lambda: grad(lambda x: np.sum(x + np.ones(4)))(X), "do not fit together", "x + np.ones(4)"),
    ("matrix shapes", lambda: grad(lambda x: np.sum(x @ np.ones((4, 2))))(X), "does not exist: 3 ≠ 4", "x @ np.ones((4, 2))"),
    ("objects", lambda: grad(np.sum)(np.array([1.0, None])), "objects", "astype(float)"),
    ("masked", lambda: grad(np.sum)(np.ma.array(X, mask=[True, False, False])), "Masked arrays", "np.where"),
    ("masked inside", lambda: grad(lambda x: np.sum(x * np.ma.array(X)))(X), "Masked arrays", "np.ma.array(X)"),
    ("complex", lambda: grad(np.sum)(X * 1j), "Complex", ""),
    ("complex inside", lambda: grad(lambda x: np.sum(x * 1j))(X), "omplex", "x * 1j"),
    ("texts", lambda: grad(lambda x: x + "a")(1.0), "type str", 'x + "a"'),
    ("mixed array", lambda: grad(lambda x: np.sum(np.exp(np.array([x, 0.0]))))(1.0), "np.stack", "np.exp(np.array([x, 0.0]))"),
    ("uncovered", lambda: grad(lambda x: np.sum(np.fft.fft(x)))(X), "np.fft.fft is not among", "np.fft.fft(x)"),
    ("uncovered with a neighbour", lambda: grad(lambda x: np.sum(np.nanmedian(x)))(X), "np.nanmedian is not among", "np.median"),
    ("item", lambda: grad(lambda x: x.item() * 2)(1.0), "Python float", "x.item()"),
    ("unknown attribute", lambda: grad(lambda x: x.toarray())(1.0), "no attribute", "toarray"),
    ("where=", lambda: grad(lambda x: np.sum(np.exp(x, where=x > 1)))(X), "without where=", "np.where"),
    ("rows that part", lambda: vmap(lambda x: x if x > 1.5 else -x)(X), "different ways", "np.where"),
    ("rows that differ in number", lambda: vmap(np.add)(X, np.ones(4)), "same number of rows", "in_axes"),
    ("argnums", lambda: grad(np.sum, argnums=3)(X), "argnums=3", "Arguments count from 0"),
    ("argnames", lambda: grad(lambda width: width, argnames="widht")(1.0), 'without an argument "widht"', "width"),
    ("tangent", lambda: jvp(np.sum, (X,), (np.ones(2),)), "shape (2)", "(3)"),
    ("too large to take apart", lambda: jit(lambda x: np.asarray(x) * 2)(np.ones(20_000)), "entry by entry", "np.asarray(x)"),
]  # fmt: skip


@pytest.mark.parametrize("call, what, quoted", [pytest.param(*row[1:], id=row[0]) for row in LETTERS])
def test_the_letter_says_what_and_where(call, what, quoted):
    with pytest.raises(ChalkgradError) as caught:
        call()
    letter = str(caught.value)
    assert what in letter
    assert quoted in letter
    assert len(letter.splitlines()) < 12


def test_a_traced_value_that_escapes_is_found():
    kept = []

    def leaking(x):
        kept.append(x * 2)
        return x * x

    grad(leaking)(3.0)
    with pytest.raises(ChalkgradError, match="outlived its trace"):
        kept[0] + 1
    with pytest.raises(ChalkgradError, match="outlived its trace"):
        grad(lambda x: x * kept[0])(1.0)
    assert "traced" in repr(kept[0])


def test_the_caret_stands_under_the_call():
    with pytest.raises(ChalkgradError) as caught:
        grad(lambda x: 2.0 + math.sin(x))(1.0)
    lines = str(caught.value).splitlines()
    marked = next(number for number, line in enumerate(lines) if set(line.strip()) == {"^"})
    start, stop = lines[marked].index("^"), lines[marked].rindex("^") + 1
    assert lines[marked - 1][start:stop] == "math.sin(x)"


@pytest.mark.parametrize("factor", [np.linalg.cholesky, np.linalg.eigvalsh], ids=["cholesky", "eigvalsh"])
def test_a_matrix_that_should_be_symmetric_and_is_not_is_refused(factor):
    with pytest.raises(ChalkgradError, match="is for symmetric matrices"):
        grad(lambda a: np.sum(factor(a)))(np.array([[4.0, 1.0], [2.0, 3.0]]))
