"""A formula that cannot be read is refused by a letter: what is wrong, where, and what to do about it."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalkgrad.errors import ChalkgradError, FormulaError, GateError, GivenError, ShapeError
from chalkgrad.reading.formula import read, read_value

SCALARS = {"x": 1.5, "y": -2.0, "z": 0.5, "a": 3.0, "b": 4.0}
VECTORS = {"v": [1, 2, 3], "w": [4, 5, 6], "u": [1, 2], "M": [[1, 2], [3, 4]]}


def letter(text, values=None, **options):
    with pytest.raises(ChalkgradError) as caught:
        read(text, values, **options)
    return caught.value


def pointed_at(error):
    return error.source[slice(*error.span)]


# what is under the caret, what the letter says of the cause, and of the next step
LETTERS = [
    ("(x + y", "(", "left open", "Close it"), ("x + y)", ")", "closes nothing", "Open it"),
    ("(x + y]", "(", "left open", "own kind"),
    ("((x)", "(", "left open", "Close it"), ("f = [1, (2, 3]", "(", "left open", "own kind"),
    ("f = (x + y; g = 2", "(", "left open", "Close it"),
    (r"\frac{x}{y", "{", "left open", "Close it"), (r"\left(x + y", "(", "left open", "Close it"),
    ("max(x, y", "(", "left open", "Close it"),
    ("x +", "+", "missing", "operand"), ("x + y *", "*", "missing", "operand"), ("x ^", "^", "missing", "operand"),
    ("(x -)", "-", "missing", "operand"),
    ("max(x, y +)", "+", "missing", "operand"), ("-", "-", "missing", "operand"), ("f = x *; g = 2", "*", "missing", "operand"),
    ("* x", "*", "missing", "in front"), ("(/ x)", "/", "missing", "in front"), ("x * / y", "* /", "missing", "leave one"),
    ("x ^ * y", "^ *", "missing", "leave one"), ("x // y", "//", "missing", "one /"),
    ("x + * y", "+ *", "missing", "leave one"),
    ("()", "()", "nothing between", "operand"), ("sin()", "()", "nothing between", "operand"), ("||", "|", "open", "bar"),
    ("max(x, )", ",", "nothing after", "missing"), ("max(, x)", ",", "nothing before", "missing"),
    ("[1, , 2]", ",", "nothing before", "missing"),
    ("x!", "!", "no sign", "factorial"), ("x % y", "%", "no sign", "100"), ("x & y", "&", "no sign", "logical_and"),
    ("30°", "°", "no sign", "radians"),
    ("∑ x", "∑", "no sign", "sum(v)"), ("∂f", "∂", "no sign", "derivatives"), ("x → y", "→", "no sign", "gates"),
    ("½ x", "½", "no sign", "1/2"),
    ("x ? y", "?", "no sign", "where"), ('"x"', '"', "no sign", "names"), ("x_", "_", "no sign", "subscript"),
    ("1_000", "_", "no sign", "digits"),
    ("x.", ".", "no sign", "decimal point"), ("x\ud800", "\ud800", "no sign U+D800", "names"),
    ("‖v‖", "‖", "no sign", "sqrt(sum"),
    ("sigmod(x)", "sigmod", "gate called", "sigmoid"),
    ("log(sigmod(w*x + b))", "sigmod", "gate called", "Others beginning with s"),
    ("g(x)", "g", "gate called", "g*(…)"), ("xsin(x)", "xsin", "gate called", "x*sin(…)"),
    (r"\cot x", r"\cot", "gate called", "1/tan"),
    ("factorial(x)", "factorial", "gate called", "gamma"), (r"\foo x", r"\foo", "LaTeX command", "operatorname"),
    (r"\sigmoid(x)", r"\sigmoid", "LaTeX command", r"\operatorname{sigmoid}"), (r"\sqr{x}", r"\sqr", "LaTeX command", r"\sqrt"),
    (r"\sum_i x_i", r"\sum", "LaTeX command", "sum(v)"), (r"a \over b", r"\over", "LaTeX command", r"\frac"),
    (r"\frac{x}", "", "two operands", r"\frac{a}{b}"), (r"\frac", r"\frac", "two operands", r"\frac{a}{b}"),
    ("sin", "sin", "needs an input", "sin(x)"),
    ("sin + 1", "sin", "needs an input", "sin(x)"), ("2 cos", "cos", "needs an input", "cos(x)"),
    (r"\sin -x", r"\sin", "needs an input", "sin(x)"),
    (r"\begin{aligned} x", r"\begin{aligned}", "no \\end", "Close it"),
    (r"x \end{aligned}", r"\end{aligned}", "no \\begin", "Open it"),
    (r"\begin{cases} x \end{cases}", r"\begin{cases}", "block", "aligned"),
    (r"\text{if x}", r"\text{if x}", "not a name", "mathrm"),
    ("1/2x", "/2x", "two ways", "(1/2)*x or 1/(2*x)"), ("a/2b", "/2b", "two ways", "(a/2)*b or a/(2*b)"),
    ("a/b(x+y) + b", "/b(", "two ways", "(a/b)*(x+y)"),
    ("1/ab + a + b", "/ab", "two ways", "(1/a)*b or 1/(a*b)"), ("a*x/2b + 1", "/2b", "two ways", "(a*x/2)*b or a*x/(2*b)"),
    ("1 ÷ 2x", "÷ 2x", "two ways", "(1/2)*x"),
    ("1/sin(x)cos(x)", "/sin(x)cos", "two ways", "1/(sin(x)*cos(x))"), ("a/-2b", "/-2b", "two ways", "(a/-2)*b"),
    ("x/2|y|", "/2|", "two ways", "*"),
    ("||x||", "||x||", "two ways", "abs(x)"), ("√x^2", "x^", "two ways", "√(x)"), ("√2x", "2x", "two ways", "√(2*x)"),
    ("√xy + x + y", "√xy", "two ways", "brackets"),
    ("sin^-1(x)", "sin^", "two ways", "arcsin(x) or 1/sin(x)"), ("sin⁻¹ x", "sin⁻¹", "two ways", "arcsin"),
    (r"\tan^{-1} x", r"\tan^", "two ways", "arctan"),
    ("x²^3", "²^", "two ways", "(x^2)^3"), ("e^2x", "2x", "two ways", "e^(2*x)"), ("2 3", "2 3", "side by side", "2*3"),
    ("1.2.3", "1.2.3", "side by side", "sign"),
    ("x 2", "x 2", "behind a name", "x*2"), ("|x", "|", "left open", "bar"), ("(|x)|", "|", "left open", "bar"),
    (r"x\right|", "|", "closes nothing", "bar"),
    ("f = 3,5 * x", ",", "between digits", "point"), ("(1,5)", ",", "between digits", "point"),
    ("f = x, y", ",", "no definition", "brackets"),
    ("(x, y)", ",", "does not fit", "square"), ("x, = 3", ",", "no definition", "f = A*B"),
    ("f = x = 3", "=", "two signs =", "=="), ("x + y = z", "x + y", "left of =", "f = …"),
    ("2x = 4", "2x", "left of =", "f = …"), ("= 3", "=", "nothing on the left", "f = …"),
    ("f =", "=", "nothing on the right", "stands for"), ("f(x + 1) = x", "f(x + 1)", "left of =", "f = …"),
    ("f = x; f = y", "f", "defined twice", "f_2"),
    ("w_0 = 1; w0 = 2; w_0", "w0", "defined twice", "name of its own"), ("x; y", "y", "without a name", "Name one"),
    ("f = x; x + 1", "x + 1", "two outputs", "Leave one"),
    ("x = x + 1", "x", "by itself", "name of its own"),
    ("A = B; B = C; C = A", "A", "circle: A needs B needs C needs A", "value"),
    ("f = A; A = B; B = 2A", "A", "circle: A needs B needs A", "value"),
    ("g = x; h = y", "h", "Which of them is the result: g and h", "output="),
    ("x = 3; y = 4", "x", "no formula", "f = x*y"), ("f = x\n-y", "-", "begins with a minus", "semicolon"),
    ("f(x) = x^2; g = f(3)", "f", "not a gate", "f(x)"),
    ("x > 0", ">", "not a number", "where"), ("logical_and(x, y > 0)", "x", "takes conditions", "x > 0"),
    ("logical_not(x > 0) + 1", "logical_not", "not a number", "where"),
    ("transpose([[1, 2]], [1, 2])", "transpose", "settings", "axes"), ("(x > 0) + 1", ">", "not a number", "where"),
    ("where(0 < x < 1, x, y)", "<", "compares two", "logical_and"),
    ("where(x, 1, 2)", "x", "begins with a condition", "x > 0"), ("where(x = 0, 1, 2)", "x = 0", "no setting", "=="),
    ("(x = 0)", "x", "setting", "axis"),
    ("|x = 0|", "|x", "left of =", "=="), ("max(x > y, z)", ">", "not a number", "where"),
    ("sin(x, y)", "sin", "takes 1 input, not 2", "sin(a)"), ("sin(1,5)", "sin", "takes 1 input", "point"),
    ("atan2(x)", "atan2", "takes 2 inputs, not 1", "atan2(a, b)"),
    ("softmax(x, y)", "softmax", "takes 1 input", "softmax([a, b, c])"),
    ("where(x > 0, y)", "where", "takes 3 inputs", "where(a, b, c)"),
    ("max(x, y, ties=all)", "all", "cannot be the ties", "one, split, first"),
    ("[1, 2; 3, 4]", "[", "divided by commas", "[[1, 2], [3, 4]]"),
    ("x : y", ":", "does not fit", "s[1:3]"), ("1, ..., 3", ",", "no definition", "brackets"),
    ("x_{i+1}", "x_{i+1}", "more than letters", "plain subscripts"),
    ("1e400", "1e400", "too large", "inf"), ("a" * 101, "a" * 101, "longer than", "*"),
    ("x; y = 2; y", "y", "without a name", "Name"),
]  # fmt: skip


@pytest.mark.parametrize(
    "text, under, cause, step", LETTERS, ids=[row[0][:30].encode("ascii", "replace").decode() for row in LETTERS]
)
def test_a_letter_points_names_the_cause_and_the_next_step(text, under, cause, step):
    error = letter(text)
    assert pointed_at(error).strip() == under
    assert cause in error.what
    assert step in error.hint
    assert "^" in str(error)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", ";", "$$", " ; \n ;"])
def test_an_empty_formula_is_refused_with_an_example(text):
    assert "empty" in letter(text).what
    assert "f = (x + y) * z" in letter(text).hint


@pytest.mark.parametrize(
    "text, under, cause, step",
    [
        ("v · w", "·", "(3) and (3)", "a @ b"), ("v w", "v w", "two arrays", "a * b"), ("vw", "vw", "two arrays", "a @ b"),
        (r"v \cdot w", r"\cdot", "two arrays", "a @ b"),
        ("v + u", "+", "(3) and (2)", "Aligned"), ("M @ v", "@", "(2×2) and (3)", "last axis"),
        ("v[3]", "[3]", "entry 3", "0"), ("v[x]", "[x]", "whole numbers", "s[0]"),
        ("v[1.5]", "[1.5]", "whole numbers", "s[0]"), ("x[0]", "[0]", "single number", "*"),
        ("[x, v]", "[x, v]", "stacked", "alike"), ("x^T", "^T", "T has no value", "array"),
        ("sum(M, axis=2)", "sum", "no axis 2", "0"), ("sum(M, axs=0)", "axs=0", 'no setting "axs"', "axis"),
        ("sum(M, axis=x)", "x", "cannot be the axis", "whole number"),
        ("sum(M, axis=0, axis=1)", "axis=1", "set twice", "one axis"),
        ("sum(M, keepdims=3)", "3", "cannot be the keepdims", "true or false"),
        ("reshape(v, 2, 2)", "reshape", "3 entries", "sizes"), ("max(v, M)", "max", "(3) and (2×2)", "Aligned"),
        ("x @ v", "@", "single number", "*"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_pointed_at_with_its_shapes(text, under, cause, step):
    known = SCALARS | VECTORS
    error = letter(
        text, {name: known[name] for name in "xyvwuM" if name in text.replace("max", "").replace("axis", "").replace("sum", "")}
    )
    assert pointed_at(error) == under
    assert cause in error.what
    assert step in error.hint


def test_missing_values_are_listed_with_those_that_were_given():
    error = letter("f = w*x + b", {"w": 1})
    assert isinstance(error, GivenError)
    assert error.what == "x and b have no value."
    assert pointed_at(error) == "x"
    assert "Given: w." in error.hint
    assert "No values were given." in letter("x", {}).hint
    assert letter("+".join(f"x{i}" for i in range(20)), {}).what.endswith("x7 and 12 more have no value.")


@pytest.mark.parametrize(
    "text, values, hint",
    [("wx + 1", {"w": 1}, "w*x"), ("s_0 + s_1", {"s": [1, 2]}, "s[0]"),
    ("lenght + 1", {"length": 1}, "length"),
     ("loss + 1", {}, "l*o*s*s")],
)  # fmt: skip
def test_the_letter_about_a_missing_value_guesses_what_was_meant(text, values, hint):
    error = letter(text, values)
    assert hint in error.hint


def test_superfluous_values_are_named():
    error = letter("x + y", {"x": 1, "y": 2, "q": 3})
    assert "q" in error.what
    assert "x and y" in error.hint
    assert "Did you mean length?" in letter("length", {"length": 1, "lenght": 2}).hint
    assert "C" in letter("f = x; C = 3", {"x": 1}).what


def test_a_value_may_not_be_given_twice():
    assert pointed_at(letter("f = C*x; C = 3", {"x": 1, "C": 4})) == "C"
    assert "defined in the formula" in letter("f = C; C = 2x", {"x": 1, "C": 4}).what
    assert "one name" in letter("w0 + 1", {"w0": 1, "w_0": 2}).what


def test_a_word_with_two_readings_is_refused():
    error = letter("abc", {"a": 1, "bc": 2, "ab": 3, "c": 4})
    assert "two ways" in error.what
    assert "a*bc" in error.what
    assert "ab*c" in error.what


def test_mistakes_in_writing_come_before_missing_values():
    assert isinstance(letter("x * / y", {}), FormulaError)
    assert isinstance(letter("v + w", {"v": [1, 2], "q": 2}), GivenError)
    assert isinstance(letter("v + w", {"v": [1, 2], "w": [1, 2, 3]}), ShapeError)
    assert isinstance(letter("sigmod(x)", {}), GateError)


def test_unknown_options_are_refused():
    assert "first" in letter("x", {"x": 1}, ties="last").hint
    assert "Did you mean loss" in letter("loss = x; f = 2*loss", {"x": 1}, output="los").hint
    assert "text" in letter(3).what


PIECES = st.sampled_from(
    [row[0] for row in LETTERS] + ["f = (x + y)z", r"\frac{1}{1 + e^{-(w_0x_0 + w_2)}}", "A^T @ v[0:2]", "|x||y|", "sin^2 2x"]
    + ["where(x > 0, 1, [2, 3])", "V = X + Y; f = (X + Y)^2", r"\begin{bmatrix} 1 & x \\ 2 & 3 \end{bmatrix}", "sum(M, axis=0)"]
    + list("xyeσπ0123.+-−*/^()[]{}|,;=<>!_'²⁻₀√∛·ᵀ:&\\ \n")
)  # fmt: skip
VALUES = st.sampled_from([None, {}, {"x": 1.0, "y": 2.0}, {"x": [1.0, 2.0], "M": [[1.0, 2.0]]}])


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=6).map("".join), VALUES)
def test_any_text_is_read_or_refused_with_a_letter(text, values):
    letters = []
    for reading in (lambda: read(text, values), lambda: read_value(text)):
        try:
            reading()
        except ChalkgradError as error:
            letters.append(str(error))
    assert all(letters)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([row[0] for row in LETTERS]), st.data())
def test_a_formula_with_a_sign_lost_or_gained_is_read_or_refused(text, data):
    place = data.draw(st.integers(0, len(text)))
    text = text[:place] + data.draw(st.sampled_from(["", "(", ")", "^", "=", "\\", "{", "|", ",", "e", "[0]"])) + text[place + 1 :]
    with contextlib.suppress(ChalkgradError):
        read(text)
