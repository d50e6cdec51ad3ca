"""LaTeX becomes MathML that browsers set as it was meant, and text stays text."""

import re
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest

from chalkgrad.explain.mathml import mathml, pieces
from chalkgrad.gates import GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.notation.expression import write
from chalkgrad.notation.names import escape_latex, latex_name, unescape_latex

CORE = set(
    "mi mn mo mtext mspace mrow mfrac msqrt mroot msub msup msubsup mover munder munderover mtable mtr mtd mstyle mpadded".split()
)
HOSTILE = [
    "</math><script>alert(1)</script>",
    "&lt;script&gt;",
    "a\\b",
    "{",
    "}}",
    "$x$",
    "%",
    "_^~#&",
    "\x00\x1b",
    "\ue0007",
    "\ud800",
    "",
]


def parsed(latex):
    return fromstring(f"<math>{mathml(latex)}</math>")


def outline(latex):
    return " ".join(f"{node.tag}:{node.text}" if node.text else node.tag for node in parsed(latex).iter())


@pytest.mark.parametrize(
    "latex, expected",
    [
        ("a - -b", "math mi:a mo:− mo:− mi:b"),
        (r"\frac{\partial f}{\partial V}", "math mfrac mrow mi:∂ mi:f mrow mi:∂ mi:V"),
        (r"\left.\frac{a}{b}\right|_{x}", "math msub mrow mfrac mi:a mi:b mo:| mi:x"),
        (r"x_{10}", "math msub mi:x mn:10"),
        (r"x_{0}'", "math msubsup mi:x mn:0 mi:′"),
        (r"\mathit{loss}_{2}", "math msub mi:loss mn:2"),
        (r"\operatorname{log\_softmax}\left(s\right)", "math mi:log_softmax mrow mo:( mi:s mo:)"),
        (r"\max\left(z, w\right)", "math mi:max mrow mo:( mi:z mo:, mi:w mo:)"),
        (r"2 \cdot 3 \odot x \approx \infty", "math mn:2 mo:· mn:3 mo:⊙ mi:x mo:≈ mi:∞"),
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
         "math mrow mo:[ mtable mtr mtd mn:1 mtd mn:2 mtr mtd mn:3 mtd mn:4 mo:]"),
        (r"\left[225,\ 617\right]", "math mrow mo:[ mn:225 mo:, mn:617 mo:]"),
        (r"\text{not } x", "math mtext:not\xa0 mi:x"),
    ],
)  # fmt: skip
def test_what_is_written_is_what_was_meant(latex, expected):
    assert outline(latex) == expected


@pytest.mark.parametrize("latex, forms", [
    ("-x", ["prefix"]), ("a - b", [None]), (r"a \cdot \left(-b\right)", ["prefix"]), ("3 = -2 - 1", ["prefix", None]),
    (r"\left[-1,\ -2\right]", ["prefix", "prefix"]), (r"\left(a\right) - b", [None]), (r"e^{-x}", ["prefix"]),
])  # fmt: skip
def test_a_minus_that_is_a_sign_is_told_from_one_that_subtracts(latex, forms):
    assert [node.get("form") for node in parsed(latex).iter("mo") if node.text == "−"] == forms


def test_brackets_grow_around_what_is_tall_only():
    assert {node.get("stretchy") for node in parsed(r"\left(x_{1} + 2\right)").iter("mo") if node.text in "()"} == {"false"}
    assert {node.get("stretchy") for node in parsed(r"\left(\frac{1}{x}\right)").iter("mo") if node.text in "()"} == {None}


def test_a_long_sum_may_be_broken_before_its_signs():
    terms = [rf"\frac{{\partial f}}{{\partial v_{{{place}}}}}" for place in range(4)]
    assert len(pieces(" + ".join(terms))) == 4
    assert len(pieces("a + b")) == 1
    assert "".join(pieces(" - ".join(terms))).count("infix") == 3


def test_factors_are_coloured_as_upstream_and_local():
    (row,) = pieces(r"-2 \cdot 1.5 \cdot 10^{-9}", factors=True)
    upstream, dot, local = fromstring(f"<math>{row}</math>")
    assert (upstream.get("class"), dot.text, local.get("class")) == ("gradient", "·", "local")
    assert "".join(local.itertext()) == "1.5·10−9"
    (row,) = pieces(r"(-2 \cdot 3) + 4 \cdot 5", factors=True)
    assert row.count('class="gradient"') == row.count('class="local"') == 2


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("command", ["text", "mathit", "operatorname", "mathrm"])
def test_words_stay_words(text, command):
    written = parsed(rf"\{command}{{{escape_latex(text)}}}")
    said = re.sub("[\x00\x1b\ud800]", "\ufffd", text).replace("\ue000", "")
    assert "".join(written.itertext()) == (said.replace("-", "−") if command == "mathrm" else said)
    assert {node.tag for node in written.iter()} <= {"math", "mtext", "mi"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_of_any_letters_stays_a_name(text):
    assert unescape_latex(escape_latex(text)) == text
    assert {node.tag for node in parsed(latex_name(text)).iter()} <= {"math", "mtext"}


@pytest.mark.parametrize(
    "latex", ["{", "}", r"\frac{1}", r"\left(", "^", "_", "x__y", r"\begin{bmatrix} 1", r"\unheard{of}", "&", "%"]
)
def test_what_is_no_latex_is_shown_as_it_stands(latex):
    assert fromstring(f"<math>{''.join(pieces(latex))}</math>") is not None


@pytest.mark.parametrize("gate, sample", [pytest.param(gate, one, id=f"{gate.name}{place}") for gate in GATES.values()
                                          for place, one in enumerate(gate.samples)])  # fmt: skip
def test_every_gate_is_written_in_mathml_core(gate, sample):
    graph = Graph()
    leaves = [graph.leaf(f"x_{place}", np.shape(one)) for place, one in enumerate(sample.inputs)]
    node = graph.add(gate, *leaves, **sample.params)
    written = parsed(write(graph, node, style="latex"))
    assert {element.tag for element in written.iter()} - {"math"} <= CORE
    assert "\\" not in "".join(written.itertext())
