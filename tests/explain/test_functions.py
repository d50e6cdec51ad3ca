"""A function of NumPy code is worked like a formula: in its own names, with its shapes, and every array short enough to read."""

import json
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import fromstring

import jsonschema
import numpy as np
import pytest

import chalkgrad
from chalkgrad import work
from chalkgrad.errors import ChalkgradError

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "work.schema.json").read_text(encoding="utf-8"))
CHANCE = np.random.default_rng(0)
IMAGES, CLASSES, LABELS = CHANCE.normal(size=(8, 3073)), CHANCE.normal(size=(3073, 10)) * 0.01, CHANCE.integers(0, 10, 8)
POINTS, MARKS = CHANCE.normal(size=(20, 3)), (CHANCE.random(20) > 0.5).astype(float)


def softmax_loss(W, X, y):
    S = X @ W
    S = S - np.max(S, axis=1, keepdims=True)
    E = np.exp(S)
    P = E / np.sum(E, axis=1, keepdims=True)
    L = -np.mean(np.log(P[np.arange(len(y)), y]))
    return L


def naive_softmax_loss(W, X, y):
    S = X @ W
    P = np.exp(S) / np.sum(np.exp(S), axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y]))


def svm_loss(W, X, y, reg):
    S = X @ W
    rows = np.arange(X.shape[0])
    margins = np.maximum(0, S - S[rows, y][:, None] + 1.0)
    margins[rows, y] = 0
    return margins.sum() / X.shape[0] + reg * np.sum(W * W)


def two_layers(params, X, y):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    s = h @ params["W2"] + params["b2"]
    logp = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    L = -np.mean(np.take_along_axis(logp, y[:, None], axis=1))
    return L


def logistic(w, b):
    z = POINTS @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(MARKS * np.log(p) + (1 - MARKS) * np.log(1 - p))


def mixture(logits, mu, log_s, x):
    w = np.exp(logits) / np.sum(np.exp(logits))
    d = (x[:, None] - mu) / np.exp(log_s)
    density = np.exp(-0.5 * d**2) / (np.exp(log_s) * np.sqrt(2 * np.pi))
    return -np.sum(np.log(density @ w))


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def recurrence(W, x, steps):
    h = x
    for _ in range(steps):
        h = np.tanh(W @ h)
    return np.sum(h**2) if h[0] > 0 else np.sum(h)


def moved_about(x):
    c = np.cumsum(x)
    A = np.reshape(x, (2, 3))
    B = np.concatenate([A, A[::-1]], axis=0)
    g = np.einsum("ij,kj->ik", B, A)
    return np.where(g > 1, g, 0.1 * g).sum() + c[-1] * np.std(x)


NET = {"W1": CHANCE.normal(size=(4, 6)), "b1": np.zeros(6), "W2": CHANCE.normal(size=(6, 3)), "b2": np.zeros(3)}
CALLS = {
    "softmax": (softmax_loss, (CLASSES, IMAGES, LABELS), 0),
    "naive softmax": (naive_softmax_loss, (CLASSES, IMAGES, LABELS), 0),
    "svm": (svm_loss, (CLASSES, IMAGES, LABELS, 0.1), (0, 3)),
    "network": (two_layers, (NET, CHANCE.normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])), 0),
    "logistic": (logistic, (np.array([0.1, 0.2, -0.3]), 0.5), (0, 1)),
    "mixture": (mixture, (np.zeros(2), np.array([-1.0, 1.0]), np.zeros(2), CHANCE.normal(size=30)), (0, 1, 2)),
    "rosenbrock": (rosenbrock, (np.array([1.2, 0.8, 1.1]),), 0),
    "recurrence": (recurrence, (np.array([[0.5, -0.3], [0.2, 0.1]]), np.array([1.0, 2.0]), 3), (0, 1)),
    "moved about": (moved_about, (np.arange(6.0) * 0.3,), 0),
}
each_call = pytest.mark.parametrize("f, args, argnums", CALLS.values(), ids=CALLS.keys())
each_level = pytest.mark.parametrize("level", ["gate", "block"])


def leaves(tree):
    if isinstance(tree, dict):
        return [leaf for name in sorted(tree) for leaf in leaves(tree[name])]
    return [leaf for part in tree for leaf in leaves(part)] if isinstance(tree, tuple) else [tree]


@each_call
@each_level
def test_value_and_gradients_are_those_of_value_and_grad(f, args, argnums, level):
    worked = work(f, *args, argnums=argnums, level=level)
    value, slopes = chalkgrad.value_and_grad(f, argnums)(*args)
    assert worked.value == pytest.approx(value, rel=1e-14)
    for mine, other in zip(worked.grad.values(), leaves(slopes), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-13)


@each_call
@each_level
def test_every_rendering_is_short_and_sound(f, args, argnums, level):
    worked = work(f, *args, argnums=argnums, level=level)
    text = worked.to_text()
    assert len(text.splitlines()) < 200
    assert max(map(len, text.splitlines())) <= 110
    assert len(worked.to_markdown()) < 60_000
    assert worked.to_html().startswith("<!DOCTYPE html>")
    assert "<math" in worked._repr_html_()
    fromstring(worked.to_svg())
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(worked.to_json()))


@each_call
def test_nothing_is_left_unwritten(f, args, argnums):
    text = work(f, *args, argnums=argnums).to_text()
    for trace_of_the_machine in ("gather(", "scatter(", "replace(", "transpose(", "ties=", "#", "= … "):
        assert trace_of_the_machine not in text


def test_the_lectures_loss_reads_as_the_lecture_writes_it():
    text = work(softmax_loss, CLASSES, IMAGES, LABELS, wrt="W").to_text()
    for line in (
        "L = −mean(log(P[[0, 1, 2, 3, 4, 5, 6, 7], y]))", "P = E / sum(E, axis=1, keepdims=true)", "S1 = X @ W",
        "∂L/∂W = Xᵀ @ ∂L/∂S1 ≈ [[", "3073×10, from",
        "v1 is stretched from (8×1) to (8×10), so its gradient is summed over the copies",
    ):  # fmt: skip
        assert line in " ".join(text.split()), line
    assert "∂L/∂X" not in text


def test_blocks_are_the_steps_that_the_function_names():
    worked = work(softmax_loss, CLASSES, IMAGES, LABELS, argnames="W", level="block")
    assert [wire.name for wire in worked.wires] == ["W", "X", "y", "S1", "S2", "E", "P", "L"]
    assert "∂L/∂S1 = ∂L/∂S2 · ∂S2/∂S1" in worked.to_text()


def test_what_is_no_float_is_given_and_not_differentiated():
    worked = work(softmax_loss, CLASSES, IMAGES, LABELS)
    assert list(worked.grad) == ["W", "X"]
    with pytest.raises(ChalkgradError, match="it holds whole numbers"):
        work(softmax_loss, CLASSES, IMAGES, LABELS, wrt="y")


def test_arrays_read_from_outside_are_inputs_by_their_names():
    worked = work(logistic, np.array([0.1, 0.2, -0.3]), 0.5)
    assert list(worked.grad) == ["w", "b"]
    assert {wire.name for wire in worked.wires if wire.gate == "input"} == {"w", "b", "POINTS", "MARKS"}
    with pytest.raises(ChalkgradError, match="read from outside"):
        work(logistic, np.array([0.1, 0.2, -0.3]), 0.5, wrt="POINTS")


class Pair(NamedTuple):
    a: float
    b: float


def test_entries_of_structures_are_named_as_python_reaches_them():
    assert list(work(lambda params: params["W"][0] * params["b"], {"W": [2.0], "b": 3.0}).grad) == ["params['W'][0]", "params['b']"]
    assert list(work(lambda pair: pair.a * pair.b, Pair(2.0, 3.0)).grad) == ["pair.a", "pair.b"]
    assert list(work(lambda *xs: xs[0] * xs[1], 2.0, 3.0).grad) == ["xs[0]", "xs[1]"]
    assert list(work(two_layers, *CALLS["network"][1], wrt="params").grad) == [f"params['{name}']" for name in sorted(NET)]


def test_several_values_of_one_variable_are_numbered():
    worked = work(recurrence, np.array([[0.5, -0.3], [0.2, 0.1]]), np.array([1.0, 2.0]), 3)
    assert [wire.name for wire in worked.wires if wire.gate == "tanh"] == ["h1", "h2", "h3"]


def test_names_are_told_apart():
    def crowded(x):
        x1 = x * 2
        x = x + x1
        x = x * x1
        return x

    names = [wire.name for wire in work(crowded, 1.5).wires]
    assert len(set(names)) == len(names)
    assert names[:2] == ["x", "x1"]
    assert names[-1] == "crowded"


def test_a_helpers_names_serve_where_the_function_has_none():
    def squared(t):
        half = t / 2
        return half * half

    def whole(x):
        first = squared(x)
        return first + squared(first)

    names = [wire.name for wire in work(whole, 3.0).wires]
    assert names == ["x", "half1", "first", "half2", "v1", "whole"]


def test_views_that_are_gone_do_not_stand_in_the_way():
    def careful(x):
        y = x * 2
        head = y[:1]
        total = np.sum(head)
        del head
        y[0] = total * 3
        return np.sum(y)

    point = np.array([1.0, 2.0])
    np.testing.assert_array_equal(work(careful, point).grad["x"], chalkgrad.grad(careful)(point))


def test_the_ways_taken_are_told_with_their_lines():
    def halved(x):
        while x > 1:
            x = x / 2
        return x if x < 0.1 else x * x

    first = halved.__code__.co_firstlineno
    said = [note.sentence for note in work(halved, 9.0).lesson.notes if note.kind == "branch"]
    assert said[0].startswith(f"Line {first + 1}: x > 1 was true 4 times, then false.")
    assert said[1].startswith(f"Line {first + 3}: x < 0.1 was false.")


def test_kinks_are_counted_and_located():
    def hinge(x):
        return np.sum(np.maximum(x, 0.0))

    (note,) = (note for note in work(hinge, np.array([0.0, 1.0, 0.0])).lesson.notes if note.kind == "kink")
    assert "in 2 of 3 entries" in note.sentence
    assert "line " in note.sentence
    assert "np.maximum(x, 0.0)" in note.sentence
    assert not [note for note in work(lambda x: x * np.sign(np.zeros(3))[0], 2.0).lesson.notes if note.kind == "kink"]


def test_numbers_that_are_not_finite_are_located():
    worked = work(naive_softmax_loss, CLASSES * 1e5, IMAGES, LABELS)
    stopped = worked.lesson.stopped
    line = naive_softmax_loss.__code__.co_firstlineno + 2
    assert not worked.finite
    assert "exponential overflows" in stopped.sentence
    assert f"line {line}: P = np.exp(S)" in stopped.sentence
    assert "its entry [" in stopped.sentence


def test_wires_know_their_lines():
    record = json.loads(work(rosenbrock, np.array([1.2, 0.8])).to_json())
    assert [wire["line"] for wire in record["wires"]][:2] == [None, rosenbrock.__code__.co_firstlineno + 1]


def test_the_record_condenses_large_wires_and_keeps_gradients_whole():
    record = json.loads(work(softmax_loss, CLASSES, IMAGES, LABELS, wrt="W").to_json())
    condensed = next(wire for wire in record["wires"] if wire["name"] == "X")["value"]
    assert condensed["shape"] == [8, 3073]
    assert condensed["first"] == IMAGES.ravel()[:5].tolist()
    assert np.shape(record["gradients"]["W"]) == (3073, 10)


def test_several_values_have_a_jacobian():
    worked = work(lambda x: np.tanh(x) * 2, np.array([0.1, 0.2]))
    np.testing.assert_allclose(worked.grad["x"], np.diag(2 / np.cosh([0.1, 0.2]) ** 2), rtol=1e-14)
    assert any(note.kind == "jacobian" and "np.sum" in note.sentence for note in worked.lesson.notes)


def test_a_long_loop_shows_value_and_gradients_only():
    def long(x):
        for _ in range(400):
            x = np.sin(x)
        return x

    text = work(long, 1.0).to_text()
    assert "Shortened" in text
    assert len(text.splitlines()) < 20


def test_single_precision_stays_single():
    worked = work(lambda x: np.sum(x * x), np.array([1.0, 2.0], dtype=np.float32))
    assert worked.grad["x"].dtype == np.float32


def returns_two(x):
    y = x * 2
    return x, y


@pytest.mark.parametrize(
    "call, said, line",
    [
        (lambda: work(rosenbrock), "missing a required argument", ""),
        (lambda: work(rosenbrock, 3), "no floats", ""),
        (lambda: work(returns_two, 3.0), "returned a tuple", "return x, y"),
        (lambda: work(lambda x: np.fft.fft(x), np.ones(3)), "np.fft.fft is not among", "np.fft.fft(x)"),
        (lambda: work(lambda x: float(x), 3.0), "cannot become a Python float", "float(x)"),
        (lambda: work(lambda x: 7.0, 3.0), "does not depend", ""),
        (lambda: work(lambda x: x > 2, 3.0), "which have no slope", "x > 2"),
        (lambda: work(softmax_loss, CLASSES.T, IMAGES, LABELS), "3073 ≠ 10", "S = X @ W"),
        (lambda: work(rosenbrock, np.ones(3), wrt="q"), "the function has no such name", ""),
        (lambda: work(rosenbrock, np.ones(3), argnums=1), "argnums=1", ""),
        (lambda: work(rosenbrock, np.ones(3), argnums=0, wrt="x"), "keep one", ""),
        (lambda: work(rosenbrock, np.ones(3), ties="one"), "option for a formula", ""),
        (lambda: work(lambda x: np.sin(x) * np.ones(2000), 1.0), "2000 values", ""),
        (lambda: chalkgrad.grad(lambda x: work(rosenbrock, x).value)(np.ones(3)), "while another one is traced", "work(rosenbrock"),
        (lambda: work("x", 3), "The values of a formula have names", ""),
        (lambda: work("x", x=3, argnums=0), "option for a function", ""),
    ],
)
def test_what_cannot_be_worked_gets_a_letter(call, said, line):
    with pytest.raises(ChalkgradError) as caught:
        call()
    assert said in str(caught.value)
    assert line in (caught.value.source or "")


def test_a_mistake_of_the_functions_own_is_its_own():
    def broken(x):
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work(broken, 1.0)
