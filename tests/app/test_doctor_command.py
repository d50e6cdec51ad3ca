"""`chalkgrad doctor`: its forms, its exit codes, and the stable formula alone."""

import json

from tests.app.test_cli import answered, refused, run


def test_a_healthy_formula_ends_with_0():
    assert "is healthy" in answered("doctor", "softplus(x)", "x=1000")


def test_a_sick_formula_ends_with_1():
    done = run("doctor", "log(1 + exp(x))", "x=1000")
    assert done.returncode == 1
    assert "Overflow: exp, at v1, in the forward pass" in done.stdout
    assert done.stderr == ""


def test_what_cannot_be_read_ends_with_2():
    assert "left open" in refused("doctor", "log(1 + exp(x)", "x=1000")
    assert "There is no formula" in refused("doctor")


def test_json_is_for_programs():
    record = json.loads(run("doctor", "log(1 + exp(x))", "x=1000", "--format", "json").stdout)
    assert record["healthy"] is False
    assert record["findings"][0]["kind"] == "overflow"
    assert record["truth"]["value"] == 1000
    assert record["stable"] == "softplus(x)"


def test_fix_prints_the_stable_formula_alone():
    assert answered("doctor", "log(1 + exp(x))", "x=1000", "--fix") == "softplus(x)\n"
    assert answered("doctor", "x*y", "x=1", "y=2", "--fix") == "x*y\n"
    assert "no stable form" in refused("doctor", "log(x)", "x=-1", "--fix")


def test_single_precision_is_examined_as_such():
    assert run("doctor", "log(1 + exp(x))", "x=100").returncode == 0
    assert run("doctor", "log(1 + exp(x))", "x=100", "--float32").returncode == 1


def test_the_page_goes_to_a_file(tmp_path):
    done = run("doctor", "sqrt(x^2)", "x=0", "-o", str(tmp_path / "page.html"))
    assert done.returncode == 1
    assert "0·∞" in (tmp_path / "page.html").read_text(encoding="utf-8")
