"""`watch`: a training loop runs until a number is not finite; then the diagnosis, and the inputs in a file that repeats it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chalkgrad
from chalkgrad import ChalkgradError, grad, jit, value_and_grad, watch
from chalkgrad.app.watching import NotFiniteError

TRAINING = """
import numpy as np
import chalkgrad

def loss(params, x, y):
    apart = x @ params["w"] - y
    return np.mean(apart**2)

if __name__ == "__main__":
    x, y = np.array([[1.0], [2.0]]), np.array([1.0, 1.0])
    params = {"w": np.zeros(1)}
    step = chalkgrad.value_and_grad(loss)
    with chalkgrad.watch():
        for _ in range(1000):
            params = {"w": params["w"] - 10 * step(params, x, y)[1]["w"]}
"""


def surprise(x):
    return -np.log(np.sum(x * x))


def test_nothing_happens_while_numbers_are_finite(tmp_path):
    slope = grad(surprise)
    with watch(tmp_path):
        assert slope(np.array([1.0, 1.0])).tolist() == [-1.0, -1.0]
    assert not list(tmp_path.iterdir())


def test_the_first_result_that_is_not_finite_stops_the_loop(tmp_path):
    slope = value_and_grad(surprise)
    with pytest.raises(NotFiniteError) as caught, watch(tmp_path):
        list(map(slope, (np.full(2, 1.0), np.full(2, 0.5), np.zeros(2), np.full(2, 2.0))))
    letter = caught.value
    assert "at call 3" in letter.what
    assert letter.diagnosis.findings[0].gate == "log"
    assert "return -np.log(np.sum(x * x))" in str(letter)
    assert str(letter.file) in letter.hint


def test_the_inputs_come_back_from_the_file(tmp_path):
    def f(params, flags, *, rate):
        return rate * np.log(params["w"][0]) * len(flags)

    params = {"w": [np.float64(0.0), np.ones((2, 2), dtype=np.float32)], "n": 3, "name": None}
    with pytest.raises(NotFiniteError) as caught, watch(tmp_path):
        grad(f)({"w": [np.float64(0.0)]}, (True, "a"), rate=0.5)
    args, settings = chalkgrad.load_inputs(caught.value.file)
    assert args == ({"w": [0.0]}, (True, "a"))
    assert settings == {"rate": 0.5}
    from chalkgrad.app.saved import save

    file, _ = save(tmp_path, "f", f, (params, float("nan")), {})
    (back, number), _ = chalkgrad.load_inputs(file)
    assert np.isnan(number)
    assert back["w"][1].dtype == np.float32
    assert (back["n"], back["name"]) == (3, None)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other.npz").write_bytes(b"nothing")
    with pytest.raises(ChalkgradError, match="holds no inputs"):
        chalkgrad.load_inputs(tmp_path / "other.npz")


def test_a_folder_that_is_not_there_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(ChalkgradError, match="no folder"), watch(tmp_path / "missing"):
        pass


def test_jit_is_watched_too_and_an_array_with_large_entries_is_no_alarm(tmp_path):
    double = jit(lambda x: x * 2.0)
    with watch(tmp_path):
        assert double(np.full(3, 1e300))[0] == 2e300  # whose square overflows
    with pytest.raises(NotFiniteError), watch(tmp_path):
        double(np.full(3, 1e308))


def test_what_a_function_returns_beside_its_value_is_left_out(tmp_path):
    def f(x):
        return np.log(x), {"seen": x}

    with pytest.raises(NotFiniteError) as caught, watch(tmp_path):
        value_and_grad(f, has_aux=True)(0.0)
    assert caught.value.diagnosis.findings[0].gate == "log"


def test_the_watch_ends_with_its_block(tmp_path):
    slope = value_and_grad(surprise)
    with watch(tmp_path):
        pass
    assert slope(np.zeros(2))[0] == np.inf


def test_the_script_beside_the_file_repeats_the_diagnosis(tmp_path):
    (tmp_path / "training.py").write_text(TRAINING, encoding="utf-8")
    environment = os.environ | {"PYTHONUTF8": "1"}

    def python(script):
        return subprocess.run(
            [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
        )

    done = python("training.py")
    assert "is not finite, at call" in done.stderr
    (script,) = tmp_path.glob("chalkgrad-loss-*.py")
    again = python(str(script))
    assert again.returncode == 0, again.stderr
    assert "loss = " in again.stdout
    assert "is sick at these numbers" in again.stdout
    assert "return np.mean(apart**2)" in again.stdout
    assert Path(script).with_suffix(".npz").exists()
