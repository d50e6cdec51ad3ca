"""What a check answers: to programs, on the command line, for a class, and for what is no working at all."""

import csv
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad import ChalkgradError, check
from chalkgrad.app.papers import check_file, decoded
from chalkgrad.explain.checked import ClassChecked
from tests.handwork.papers import RIGHT, WRONG

ROOT = Path(__file__).parents[2]
SLIP = "f = x*y + x, x = 2, y = -3\ndf/dy = x = 2\ndf/dx = y = -3\n"


def run(*words, given=b"", cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "chalkgrad", "check", *words], input=given, capture_output=True, cwd=cwd, check=False
    )


def test_the_record_for_programs_has_what_it_promises():
    record = json.loads(check(SLIP).to_json())
    assert record["first_wrong_line"] == 3
    assert [claim["verdict"] for claim in record["claims"]] == ["right"] * 4 + ["wrong"]
    last = record["claims"][-1]
    assert (last["line"], last["text"], last["truth"]) == (3, "df/dx = y = -3", -2.0)
    assert "fan-out-path-forgotten" in {one["mistake"] for one in last["diagnoses"]}
    assert all(one["sentence"] and one["rule"] for one in last["diagnoses"])


def test_a_hint_tells_line_and_kind_but_not_the_answer():
    found = check("f = x*y, x = 2, y = 731\ndf/dx = y + 2 = 733", hint=True)
    (reason,) = {one.sentence for one in check(found.claims[0].text + "\ndf/dx = y + 2 = 733").claims[-1].diagnoses} or {"731"}
    for told in (found.to_text(), found.to_markdown(), found.to_html(), found.to_json(), found.rendered("csv")):
        assert "Line 2" in told or "2,wrong" in told
        assert "it is 731" not in told
        assert reason not in told.replace("y = 731", "")


@pytest.mark.parametrize("form, piece", [("text", "Line 3 of the working"), ("markdown", "# Line 3"), ("html", "<!DOCTYPE html>")])
def test_every_rendering_names_the_line(form, piece):
    assert piece in check(SLIP).rendered(form)


def test_it_shows_itself_in_a_notebook():
    assert "Line 3 of the working" in check(SLIP)._repr_html_()


def test_check_is_a_function_whatever_else_was_imported():
    import chalkgrad.check.truth

    assert chalkgrad.check is check


def test_what_is_no_text_is_refused():
    with pytest.raises(ChalkgradError, match="A working is a text"):
        check(3)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "nothing to see here", "#" * 50, "= = =", "|||", "$$$", "\\begin{bmatrix}", "f(f) = f"]
)
def test_a_paper_without_claims_says_so(text):
    found = check(text)
    assert found.first_wrong_line is None
    assert found.verdict == "unreadable"
    assert str(found)


def test_an_undefined_name_is_reported_and_the_rest_is_judged():
    found = check("f = x*y, x = 2, y = 3\ndf/dq = 3\ndf/dx = 3\ndf/dy = 5")
    assert [claim.verdict for claim in found.claims[3:]] == ["unreadable", "right", "wrong"]
    assert "^" in str(found.claims[3].letter)
    assert '"q" is not defined' in str(found.claims[3].letter)


def test_numbers_without_values_are_not_judged():
    (_, claim) = check("f = x*y\ndf/dx = 3").claims
    assert claim.verdict == "unreadable"
    assert "which has no value" in str(claim.letter)


def test_a_formula_that_overflows_is_judged_in_more_digits():
    found = check("f = e^a/(e^a + e^b), a = 1000, b = 1000\nf = 0.5\ndf/da = 0.25\ndf/db = 0.25")
    assert found.first_wrong_line == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_any_encoding_is_read(tmp_path, encoding):
    text = "f = x·y, x = 2, y = 3\r\ndf/dx = 3\r\n" + ("" if encoding == "latin-1" else "∂f/∂y = 2\r\n")
    (tmp_path / "paper.txt").write_bytes(text.encode(encoding))
    found = check_file(str(tmp_path / "paper.txt"), hint=False)
    assert found.verdict == "right"
    assert len(found.claims) == (4 if encoding == "latin-1" else 5)


@pytest.mark.parametrize("raw", [bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff\xfeabc"])
def test_binary_files_are_no_text(raw):
    with pytest.raises(ChalkgradError, match="It is no text"):
        decoded(raw)


def test_exit_codes(tmp_path):
    (tmp_path / "right.md").write_text("f = x*y, x = 2, y = 3\ndf/dx = 3\n")
    (tmp_path / "wrong.md").write_text(SLIP)
    (tmp_path / "strange.md").write_text("f = x*y, x = 2, y = 3\ndf/dq = 3\n")
    codes = [run(name, cwd=tmp_path).returncode for name in ("right.md", "wrong.md", "strange.md", "missing.md")]
    assert codes == [0, 1, 2, 2]
    piped = run("-", given=SLIP.encode("utf-16"))
    assert piped.returncode == 1
    assert "Line 3 of the working" in piped.stdout.decode()


def test_a_class_gets_a_summary(tmp_path):
    for number, working in enumerate([*WRONG[:4], *RIGHT[:2]]):
        (tmp_path / f"{number}.md").write_text(working.text, encoding="utf-8")
    (tmp_path / "6.md").write_bytes(b"\0\1\2")
    names = [f"{number}.md" for number in range(7)]
    shown = run(*names, cwd=tmp_path)
    assert shown.returncode == 1
    assert b"2 of 7" in shown.stdout
    assert b"added-instead-of-multiplied" in shown.stdout
    record = json.loads(run(*names, "--format", "json", cwd=tmp_path).stdout)
    assert [one["first_wrong_line"] for one in record["papers"]] == [*(one.first_wrong_line for one in WRONG[:4]), None, None, None]
    assert sum(record["mistakes"].values()) >= 4
    rows = list(csv.DictReader(io.StringIO(run(*names, "--format", "csv", cwd=tmp_path).stdout.decode())))
    assert {row["paper"] for row in rows} == set(names)
    assert {row["verdict"] for row in rows} >= {"right", "wrong", "unreadable"}


def test_csv_holds_no_cell_that_a_spreadsheet_would_compute():
    rows = csv.reader(io.StringIO(ClassChecked([check("f = x, x = 2\n= 2+3\n-1 = 5", name="=cmd")]).rendered("csv")))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@" and cell]


def test_the_lecture_s_slips_are_found_and_named():
    found = check((ROOT / "examples" / "lecture.md").read_text(encoding="utf-8"))
    wrong = [(claim.about, claim.side, claim.kind) for claim in found.claims if claim.verdict == "wrong"]
    names = {mistake.name for claim in found.claims for one in claim.diagnoses for mistake in one.mistakes}
    assert [one[:2] for one in wrong] == [
        ("δf/δx", "δf/δV + δV/δx"),
        ("δf/δy", "δf/δV + δV/δy"),
        ("df/dV", "df/dB · df/dV"),
        ("df/dD", "-36"),
        ("df/dw", r"2w [\max(z, w)]"),
        ("df/dz", r"2z [\max(z, w)]"),
    ]
    assert {"added-instead-of-multiplied", "wrong-link-in-chain", "sign-turned", "max-value-for-slope"} <= names
    assert "unreadable" not in {claim.verdict for claim in found.claims}


BROKEN = [*"=()[]{}$\\^_/d∂'|\n°∇\0ꀀ%", "1e999", "9" * 300, "**", "e^{800}", "log(0)", "0/0", " is ", "| ", "|---|", "\\frac{",
          "\\begin{bmatrix}", "f'(x)", "sum_j ", "_i"]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*RIGHT, *WRONG]), st.integers(0, 2**32))
def test_whatever_is_done_to_a_paper_the_answer_is_clear(working, seed):
    source, text = random.Random(seed), working.text
    for _ in range(source.randint(1, 6)):
        place = source.randrange(len(text) + 1)
        text = text[:place] + source.choice(BROKEN) + text[place + source.choice((0, 0, 3)) :]
    found = check(text)
    assert found.verdict in ("right", "wrong", "unreadable")
    assert str(found)
    assert json.loads(found.to_json())["first_wrong_line"] == found.first_wrong_line


def test_long_papers_take_seconds():
    lines = [f"df/dV = df/dB * dB/dV = -2 * 12 = -{24 if place % 7 else 26}" for place in range(3000)]
    found = check("f = A*B, A = C + D, B = V^2, V = X + Y\nC = 3, D = -5, X = 2, Y = 4\n" + "\n".join(lines))
    assert found.judged.counts["wrong"] == 429


def test_a_line_beyond_all_bounds_is_refused():
    with pytest.raises(ChalkgradError, match="characters; at most"):
        check("f = x\n" + "x = " * 50_000)
