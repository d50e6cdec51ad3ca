"""The Markdown holds every line of the lesson, and its LaTeX comes unharmed through a reader that knows only Markdown."""

import html
import re

import pytest
from markdown_it import MarkdownIt

import chalkgrad
from chalkgrad.explain.arranging import equations_of
from chalkgrad.explain.lesson import BackwardStep, Both, Equation, ForwardStep, Lesson, LocalStep, Note
from chalkgrad.explain.markdown import aligned, guarded, prose

NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
NAMED = "f = A*B; A = C + D; B = V^2; V = X + Y"
WORKS = {
    "sum times number": ("f = (x + y) * z", {"x": -2, "y": 5, "z": 2}, {}),
    "named wires": (NAMED, {"C": 3, "D": -5, "X": 2, "Y": 4}, {}),
    "blocks": (NAMED, {"C": 3, "D": -5, "X": 2, "Y": 4}, {"level": "block"}),
    "choice": ("f = [x + y + max(z, w)] * 2", {"w": -1, "x": 3, "y": -4, "z": 2}, {}),
    "tie": ("max(x, y) * x", {"x": 2, "y": 2}, {}),
    "folded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {}),
    "unfolded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {"unfold": "sigmoid"}),
    "vector output": ("softmax(s)", {"s": [225, 617, 950]}, {}),
    "settings": ("cross_entropy(s, true=0)", {"s": [3.2, 5.1, -1.7]}, {}),
    "matrix": ("sum(relu(W @ x + b))", {"W": [[1, -2], [3, 4]], "x": [1, 2], "b": [0.5, -20]}, {}),
    "many underscores": ("loss_1 * rate_max + loss_2 / rate_max", {"loss_1": 1, "loss_2": 2, "rate_max": 3}, {}),
    "a comparison": ("where(x > 0, x, 2 x)", {"x": -3}, {}),
    "no number": ("log(x) * y + x", {"x": -1, "y": 3}, {}),
    "overflow": ("log(1 + exp(x))", {"x": 800}, {}),
}
each_work = pytest.mark.parametrize("worked", WORKS.values(), ids=WORKS.keys(), indirect=True)

ATTACK = "<script>alert(1)</script> $ $$ `code` *bold* _low_ [link](javascript:alert(2)) | # { } \\ & ![i](x)"
HOSTILE = Both(ATTACK, rf"\text{{{ATTACK.replace('}', '').replace('{', '').replace(chr(92), '')}}}")
LINE = Equation(HOSTILE, (HOSTILE, HOSTILE), rounded=True, why=ATTACK)
HOSTILE_LESSON = Lesson(
    title=HOSTILE, statements=(HOSTILE,), given=(LINE,), forward=(ForwardStep(ATTACK, ATTACK, LINE, (LINE,), ATTACK),),
    local=(LocalStep(ATTACK, ATTACK, (LINE,), ATTACK), LocalStep(ATTACK, ATTACK, (), ATTACK)),
    backward=(BackwardStep(ATTACK, LINE),), answer=(LINE, LINE), notes=(Note("kink", ATTACK, ATTACK),),
    stopped=Note("not finite", ATTACK, ATTACK),
)  # fmt: skip


@pytest.fixture
def worked(request):
    text, values, options = request.param
    return chalkgrad.work(text, values, **options)


def read_as_markdown(document):
    """The document as HTML by a reader that knows tables, but nothing of LaTeX."""
    return MarkdownIt("commonmark").enable("table").render(document)


def formulas(text):
    return [re.sub(r"\s+", " ", one) for one in re.findall(r"\$\$.*?\$\$|\$[^$]+\$", text, flags=re.DOTALL)]


@each_work
def test_formulas_come_unharmed_through_a_reader_of_markdown(worked):
    document = worked.to_markdown()
    read = read_as_markdown(document)
    # Inside \text, and only there, an escaped underscore may come out as a plain one.
    assert formulas(html.unescape(read)) == [one.replace(r"\_", "_") for one in formulas(document)]
    assert not re.search(r"<(em|strong|code|a|br|li|hr)\b", re.sub(r"<strong>[\w ]+\.</strong>|<em>≈.*</em>", "", read))


@each_work
def test_every_equation_is_in_the_document(worked):
    document = worked.to_markdown()
    for equation in equations_of(worked.lesson):
        for both in (equation.left, *equation.sides):
            assert guarded(both.latex) in document


@each_work
def test_every_sentence_is_in_the_document(worked):
    document = worked.to_markdown()
    lesson = worked.lesson
    sentences = [note.sentence for note in (*lesson.notes, *([lesson.stopped] if lesson.stopped else []))]
    sentences += [step.remark for step in lesson.forward] + [step.why[1:] for step in lesson.local]
    for sentence in sentences:
        assert prose(sentence) in document


@each_work
def test_the_latex_is_balanced(worked):
    for formula in formulas(worked.to_markdown()):
        plain = re.sub(r"\\[{}]", "", formula)
        assert plain.count("{") == plain.count("}")
        assert len(re.findall(r"\\left(?![a-z])", formula)) == len(re.findall(r"\\right(?![a-z])", formula))
        assert re.findall(r"\\begin{(\w+)}", formula).sort() == re.findall(r"\\end{(\w+)}", formula).sort()


@each_work
def test_tables_are_tables(worked):
    read = read_as_markdown(worked.to_markdown())
    assert read.count("<table>") == 1
    assert read.count("<tr>") == 1 + len(worked.lesson.answer)
    assert read.count("<td") == 2 * len(worked.lesson.answer)


def test_the_sections_stand_in_the_order_of_the_lecture():
    document = chalkgrad.work(NAMED, C=3, D=-5, X=2, Y=4).to_markdown()
    assert re.findall(r"^#+ .*", document, flags=re.MULTILINE) == [
        "# Worked solution", "## Given", "## Forward pass", "## Local gradients", "## Backward pass", "## Answer",
    ]  # fmt: skip
    upstream, local = (rf"\frac{{\partial {one}}}{{\partial {by}}}" for one, by in ("fB", "BV"))
    assert rf"\frac{{\partial f}}{{\partial V}} &= {upstream} \cdot {local} = -2 \cdot 12 = -24" in document


def test_a_long_chain_gets_a_line_for_each_side():
    sides = tuple(Both(text, text) for text in ("a" * 50, "b" * 50, "c"))
    written = aligned([Equation(Both("x", "x"), sides, why="because"), Equation(Both("y", "y"), sides[2:])])
    rows = [row.strip().removesuffix(r" \cr") for row in written.splitlines()[2:-2]]
    assert rows == [f"x &= {'a' * 50}", f"&= {'b' * 50}", r"&= c \qquad \text{because}", "y &= c"]


@pytest.mark.parametrize("latex, expected", [
    (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}", r"\begin{bmatrix} 1 \cr 2 \end{bmatrix}"),
    (r"W \, x", r"W \thinspace  x"),
    (r"\left|x\right|", r"\left\vert x\right\vert "),
    (r"x < y", r"x \lt  y"),
    (r"\alpha'_{1}", r"\alpha'_ {1}"),
    (r"v_{1}", r"v_{1}"),
    (r"\operatorname{cross\_entropy}", r"\operatorname{cross-entropy}"),
    (r"w_{\mathit{max\_1}}", r"w_{\mathit{max,1}}"),
])  # fmt: skip
def test_latex_is_written_without_what_markdown_takes_for_its_own(latex, expected):
    assert guarded(latex) == expected


def test_hostile_text_stays_text():
    solution = chalkgrad.work("x * y", x=2, y=3)
    solution.lesson = HOSTILE_LESSON
    document = solution.to_markdown()
    read = read_as_markdown(document)
    assert not re.search(r"<(script|img|code|a)\b", read)
    assert "<script" not in document
    assert "```" not in document
    outside = re.sub(r"\$\$.*?\$\$|(?<!\\)\$[^$]+(?<!\\)\$", "", document, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)\$", outside), "a dollar sign of the text opens a formula"


@pytest.mark.parametrize(
    "text", ["*a*", "_a_ b_c", "`a`", "[a](b)", "<b>", "a | b", "$x$", "~~a~~", "\\", "&lt;", "# a", "a\n\n- b"]
)
def test_prose_is_read_as_it_was_said(text):
    read = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(f"x {prose(text)}")
    assert html.unescape(read) == f"<p>x {' '.join(text.split())}</p>\n"
