"""The command line: answers on standard output, letters on standard error, exit codes 0, 1 and 2."""

import json
import subprocess
import sys

import pytest


def run(*words, stdin=None, env=None):
    command = [sys.executable, "-m", "chalkgrad", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False, env=env)


def answered(*words, **more):
    done = run(*words, **more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def refused(*words, **more):
    done = run(*words, **more)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 24, "a letter fits on one screen"
    return done.stderr


def test_work_answers_in_the_terminal():
    out = answered("work", "f = A*B; A = C + D; B = V^2; V = X + Y", "C=3", "D=-5", "X=2", "Y=4")
    assert "∂f/∂V = ∂f/∂B · ∂B/∂V = −2 · 12 = −24" in out
    assert "\x1b" not in out, "no colour in a pipe"


def test_a_formula_that_begins_with_a_minus_is_no_option():
    assert "−9" in answered("work", "-x^2", "x=3")
    assert "−6" in answered("work", "-h*o", "h=2", "o=3")
    assert "−0.5" in answered("work", "-h/o", "h=2", "o=4")


@pytest.mark.parametrize("form, begins", [("json", "{"), ("markdown", "#"), ("html", "<!doctype html>"), ("svg", "<svg")])
def test_every_format(form, begins):
    assert answered("work", "f = x*y", "x=2", "y=3", "--format", form).lower().startswith(begins)


@pytest.mark.parametrize("name, begins", [("a.json", "{"), ("a.md", "#"), ("a.html", "<!"), ("a.svg", "<svg"), ("a.txt", "f = ")])
def test_the_ending_of_the_file_chooses_the_format(tmp_path, name, begins):
    done = run("work", "f = x*y", "x=2", "y=3", "-o", str(tmp_path / name))
    assert done.returncode == 0
    assert done.stdout == ""
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_formula_may_come_from_a_file_and_the_values_from_json(tmp_path):
    (tmp_path / "f.txt").write_text("t = V + R\nf = t^2\n", encoding="utf-8")
    (tmp_path / "v.json").write_text('{"V": 1, "R": 2}', encoding="utf-8")
    out = answered("work", "-f", str(tmp_path / "f.txt"), "--values", str(tmp_path / "v.json"), "--format", "json")
    assert json.loads(out)["gradients"] == {"V": 6.0, "R": 6.0}
    assert json.loads(answered("work", "-f", "-", "x=2", "--format", "json", stdin="x^3"))["value"] == 8.0


def test_exit_code_1_says_that_something_is_not_finite():
    done = run("work", "log(x)", "x=0", "--format", "json")
    assert done.returncode == 1
    record = json.loads(done.stdout)
    assert record["value"] == "-inf"
    assert record["gradients"] == {"x": "inf"}


@pytest.mark.parametrize(
    "words, said",
    [
        (["work"], "There is no formula"),
        (["work", "log(sigmod(x))", "x=1"], "Did you mean sigmoid"),
        (["work", "x*y", "x=1"], "y"),
        (["work", "x", "x=1", "q=2"], "q"),
        (["work", "x", "x=one"], "one"),
        (["work", "x", "x"], "NAME=VALUE"),
        (["work", "x", "x=1", "x=2"], "given twice"),
        (["work", "(x", "x=1"], "^"),
        (["work", ""], "empty"),
        (["work", "x", "x=1", "--format", "word"], "word"),
        (["work", "x", "x=1", "--digits", "99"], "digits"),
        (["work", "x", "x=1", "-o", "/no/such/folder/a.txt"], "cannot write"),
        (["work", "-f", "/no/such/file"], "cannot read"),
        (["work", "x", "--values", "/no/such/file"], "cannot read"),
        (["derive", "sigmod"], "sigmoid"),
        (["losses", "[1, 2]", "--true", "5"], "5"),
        (["losses", "[1, oops]", "--true", "0"], "oops"),
        (["compare", "[1, 2]", "[1, 2, 3]", "--true", "0"], "3"),
        (["wrok"], "wrok"),
    ],
)
def test_what_cannot_be_answered_gets_a_letter(words, said):
    assert said in refused(*words)


def test_a_binary_file_gets_a_letter(tmp_path):
    (tmp_path / "f.bin").write_bytes(bytes(range(256)))
    assert "UTF-8" in refused("work", "-f", str(tmp_path / "f.bin"))


@pytest.mark.parametrize("command", ["work", "derive", "losses", "compare", "gates"])
def test_help_has_examples(command):
    assert f"chalkgrad {command}" in answered(command, "--help")


def test_losses_and_compare_and_derive_and_gates_answer():
    assert "2.9" in answered("losses", "[3.2, 5.1, -1.7]", "--true", "0")
    assert "0.55" in answered("compare", "[10, -2, 3]", "[10, 9, 9]", "--true", "0")
    assert "e^(−x)" in answered("derive", "sigmoid") or "exp(−x)" in answered("derive", "sigmoid")
    assert "sigmoid" in answered("gates")
    assert json.loads(answered("gates", "--format", "json"))["schema"] == "chalkgrad.gates/1"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_for_each_shell(shell):
    assert "_CHALKGRAD_COMPLETE" in answered("completion", shell)


def test_a_reader_that_leaves_early_is_no_error():
    command = f'("{sys.executable}" -m chalkgrad gates; echo "code $?" >&2) | head -1'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "code 0\n"


def test_the_cache_is_told_and_cleared(tmp_path):
    here = {"CHALKGRAD_CACHE_DIR": str(tmp_path)}
    (tmp_path / "one.o").write_bytes(b"machine code")
    (tmp_path / "mine.txt").write_text("not of the cache")
    assert "1 files" in run("cache", env=here).stdout
    assert "Deleted 1 of 1" in run("cache", "--clear", env=here).stdout
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
    assert "No machine code is kept" in run("cache", env={"CHALKGRAD_CACHE_DIR": ""}).stdout
