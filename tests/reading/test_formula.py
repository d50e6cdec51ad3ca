"""Plain and Unicode formulas mean what mathematics means by them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read

X, Y, Z, A, B = 1.5, -2.0, 0.5, 3.0, 4.0
SCALARS = {"x": X, "y": Y, "z": Z, "a": A, "b": B}
V, W, M = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])


def value(text, values=None, **options):
    formula = read(text, {} if values is None else values, **options)
    return evaluate(formula.graph, formula.given)[formula.output]


def needed(text):
    """The scalars that a formula uses; others would be superfluous."""
    return {name: SCALARS[name] for name in read(text).leaves}


def gates(formula):
    return [gate.name for gate in map(formula.graph.gate, formula.graph) if gate]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("x + y - z", X + Y - Z), ("x - y - z", X - Y - Z), ("x*y + z", X * Y + Z), ("x + y*z", X + Y * Z),
        ("a/b/x", A / B / X), ("a/b*x", A / B * X), ("a - (b - x)", A - (B - X)), ("a/(b/x)", A / (B / X)),
        ("-x^2", -(X**2)), ("(-x)^2", X**2), ("-2^2", -4), ("2^3^2", 512), ("(2^3)^2", 64), ("2^-x", 2**-X), ("x^-2", X**-2),
        ("a*-b", A * -B), ("a - -b", A + B), ("--x", X), ("+x", X), ("x^2^2", X**4), ("-x^-2", -(X**-2)), ("x**2", X**2),
        ("x**-1", 1 / X), ("1/x", 1 / X), ("2/3", 2 / 3), ("9^0.5", 3), ("x^.5", X**0.5), ("1e-3 x", X / 1000), ("2E2", 200),
        ("x²", X**2), ("x³ + 1", X**3 + 1), ("x⁻¹", 1 / X), ("x¹⁰", X**10), ("-x²", -(X**2)), ("2x²", 2 * X**2), ("a^x", A**X),
        ("x − y", X - Y), ("x – y", X - Y), ("x × y", X * Y), ("x · y", X * Y), ("x ⋅ y", X * Y), ("x ÷ y", X / Y),
        ("x ∗ y", X * Y),
        ("√a", A**0.5), ("√(a + 1)", 2), ("2√b", 4), ("√a√b", (A * B) ** 0.5), ("√|y|", 2**0.5), ("∛(b+b)", 2),
        ("π", math.pi), ("pi", math.pi), ("e", math.e), ("2π", 2 * math.pi), ("e^x", math.exp(X)), ("e^-x", math.exp(-X)),
        ("e^(x+y)", math.exp(X + Y)), ("e²", math.exp(2)), ("e*x", math.e * X), ("∞", math.inf), ("-inf", -math.inf),
    ],
)  # fmt: skip
def test_operators_bind_as_in_mathematics(text, expected):
    assert value(text, needed(text)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2x", 2 * X), ("2 x", 2 * X), ("2(x+y)", 2 * (X + Y)), ("(x+y)z", (X + Y) * Z), ("(a)(b)", A * B), ("x y", X * Y),
        ("2sqrt(b)", 4), ("x sin(y)", X * math.sin(Y)), ("x(y+z)", X * (Y + Z)), ("2x^2", 2 * X**2), ("x^2y", X**2 * Y),
        ("2x y^2 z", 2 * X * Y**2 * Z), ("(x+1)(x+2)", (X + 1) * (X + 2)), ("x(x+1)(x+2)", X * (X + 1) * (X + 2)),
        ("-2x", -2 * X), ("-x y", -X * Y), ("2x/b", 2 * X / B), ("a - 2x", A - 2 * X), ("2|y|", 4), ("|y|x", 2 * X),
        ("2[x+y]", 2 * (X + Y)), ("[x + y]*2", 2 * (X + Y)), ("z[x+y]", Z * (X + Y)), ("2{x+y}", 2 * (X + Y)),
        ("sin(x)cos(y)", math.sin(X) * math.cos(Y)), ("2pi*x", 2 * math.pi * X), ("πx", math.pi * X), ("2π x", 2 * math.pi * X),
    ],
)  # fmt: skip
def test_what_stands_side_by_side_is_a_product(text, expected):
    values = {name: SCALARS[name] for name in "xyzab" if name in text.replace("sqrt", "").replace("sin", "")}
    assert value(text, values) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "text, values, expected",
    [
        ("ab", {"a": 2, "b": 3}, 6), ("2ab", {"a": 2, "b": 3}, 12), ("AB^2", {"A": 2, "B": 3}, 18),
        ("w_0x_0", {"w0": 2, "x0": 3}, 6),
        ("w0x0 + w1x1", {"w0": 1, "x0": 2, "w1": 3, "x1": 4}, 14), ("xe^x", {"x": 1}, math.e),
        ("mx + b", {"m": 2, "x": 3, "b": 1}, 7),
        ("ab", {"ab": 5}, 5), ("αβ", {"alpha": 2, "β": 3}, 6), ("2πr", {"r": 1}, 2 * math.pi), ("ab(a+b)", {"a": 1, "b": 2}, 6),
    ],
)  # fmt: skip
def test_a_word_that_is_no_name_is_a_product_of_names(text, values, expected):
    assert value(text, values) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("text", ["w_0 + 1", "w_{0} + 1", "w0 + 1", "w₀ + 1", r"w_0 \cdot 1 + 1"])
@pytest.mark.parametrize("name", ["w_0", "w0", "w_{0}", "w₀"])
def test_a_subscript_is_the_same_however_it_is_written(text, name):
    formula = read(text, {name: 2.0})
    assert list(formula.leaves) == [name]
    assert value(text, {name: 2.0}) == 3


@pytest.mark.parametrize(
    "text, name",
    [("x'", "x'"), ("x''", "x''"), ("x′", "x'"), ("x_max", "x_max"), ("x_{max}", "x_max"), ("xᵢ", "x_i"), ("alpha", "α"),
     ("β_1", "β1"), ("w_{10}", "w10"), ("w_{1,2}", "w1_2"), ("é", "é"), ("e\u0301", "é"), ("重み", "重み"), ("x̂", "x̂"),
     ("𝑥", "x"), ("µ", "μ"), ("ϵ", "ε"), ("lambda_0", "λ0")],
)  # fmt: skip
def test_names_have_one_spelling(text, name):
    assert list(read(text).leaves) == [name]
    assert read(text, {name: 1.0}).leaves == {name: 0}


def test_constants_give_way_to_names():
    assert value("e^x", {"e": 2, "x": 3}) == 8
    assert value("pi*x", {"π": 3, "x": 1}) == 3
    assert value("e = 2; e + 1") == 3
    assert value("σ(x)", {"σ": 2, "x": 3}) == 6


@pytest.mark.parametrize(
    "text, expected",
    [
        ("sin x", math.sin(X)), ("sin 2x", math.sin(2 * X)), ("sin x + 1", math.sin(X) + 1), ("sin x y", math.sin(X * Y)),
        ("sin x cos y", math.sin(X) * math.cos(Y)), ("sin x / cos x", math.tan(X)), ("log sin a", math.log(math.sin(A))),
        ("sin^2 x + cos^2 x", 1), ("sin²(x)", math.sin(X) ** 2), ("sin^2(x)", math.sin(X) ** 2), ("sin(x)^2", math.sin(X) ** 2),
        ("2 log a", 2 * math.log(A)), ("sin x^2", math.sin(X**2)), ("log |y|", math.log(2)), ("exp(-x)^2", math.exp(-2 * X)),
        ("log(a, 2)", math.log2(A)), ("log2(8)", 3), ("log_2(8)", 3), ("log₁₀(100)", 2), ("log_b(a)", math.log(A, B)),
        ("ln a", math.log(A)),
        ("lg 1000", 3), ("asin(z) + arcsin(z)", 2 * math.asin(Z)), ("atan2(x, y)", math.atan2(X, Y)), ("abs(y)", 2),
        ("Sin(x)", math.sin(X)),
        ("max(x, y, z)", X), ("min(x, y, z)", Y), ("max(x)", X), ("clip(a, 0, 1)", 1), ("σ(x)", 1 / (1 + math.exp(-X))),
        ("where(x > 0, a, b)", A), ("where(x ≤ 0, a, b)", B), ("where((x != y), a, b)", A), ("where(x == x, a, b)", A),
        ("where(x >= 2, a, b)", B), ("where(logical_and(x > 0, logical_not(y > 0)), a, b)", A),
        ("where(isfinite(1/x), a, b)", A), ("hypot(a, b)", 5), ("∛(-b - b)", -2), ("sgn(y)", -1), ("max(-x, 2x)", 2 * X),
    ],
)  # fmt: skip
def test_functions_are_called_with_and_without_brackets(text, expected):
    assert value(text, needed(text)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("|y|", 2), ("|x||y|", X * 2), ("2|x|", 3), ("|x - |y||", 0.5), ("|x| + |y|", 3.5), ("|x|y|z|", X * Y * Z),
        ("|-x|^2", X**2),
        ("||x| - |y||", 0.5), ("(|x| + 1)|y|", 5), ("max(|x|, |y|)", 2), ("|x + y|/2", 0.25), ("-|y|", -2),
        ("|sin x|", math.sin(X)),
        ("2^|y|", 4),
    ],
)  # fmt: skip
def test_bars_open_and_close_by_what_stands_around(text, expected):
    assert value(text, needed(text)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "text, values, expected",
    [
        ("sum(v)", {"v": V}, 6), ("v + w", {"v": V, "w": W}, V + W), ("v * w", {"v": V, "w": W}, V * W),
        ("2v", {"v": V}, 2 * V),
        ("v @ w", {"v": V, "w": W}, V @ W), ("dot(v, w)", {"v": V, "w": W}, V @ W), ("matmul(M, M)", {"M": M}, M @ M),
        ("v^2", {"v": V}, V**2), ("e^v", {"v": V}, np.exp(V)), ("max(v)", {"v": V}, 3),
        ("max(v, 2)", {"v": V}, np.maximum(V, 2)),
        ("max(M, axis=0)", {"M": M}, [3, 4]), ("sum(M, 0)", {"M": M}, [4, 6]),
        ("sum(M, axis=1, keepdims=true)", {"M": M}, [[3], [7]]),
        ("mean(M, axis=[0, 1])", {"M": M}, 2.5), ("M^T", {"M": M}, M.T), ("M^{T}", {"M": M}, M.T), ("Mᵀ", {"M": M}, M.T),
        ("M.T", {"M": M}, M.T),
        ("transpose(M)", {"M": M}, M.T), ("w^T v", {"v": V, "w": W}, V @ W), ("M^T @ M", {"M": M}, M.T @ M),
        ("v[0]", {"v": V}, 1), ("v[-1]", {"v": V}, 3), ("v[1:3]", {"v": V}, [2, 3]), ("v[:2]", {"v": V}, [1, 2]),
        ("v[::2]", {"v": V}, [1, 3]),
        ("M[0, 1]", {"M": M}, 2), ("M[:, 0]", {"M": M}, [1, 3]), ("M[1]", {"M": M}, [3, 4]), ("M[1][0]", {"M": M}, 3),
        ("v[...]", {"v": V}, V),
        ("(v + w)[0]", {"v": V, "w": W}, 0), ("2v[1]", {"v": V}, 4), ("[x, y]", {"x": 1, "y": 2}, [1, 2]),
        ("[1, 2, 3]", {}, [1, 2, 3]),
        ("[[1, 2], [3, 4]] @ [1, 1]", {}, [3, 7]), ("[5,]", {}, [5]), ("[[x, 1], [2, 3]]", {"x": 0}, [[0, 1], [2, 3]]),
        ("[[1], [2]]", {}, [[1], [2]]),
        ("[[1, 2]]", {}, [[1, 2]]), ("[x]", {"x": 2}, 2), ("[-1, 2]", {}, [-1, 2]), ("[x -1, 2]", {"x": 3}, [2, 2]),
        ("reshape(v, 3, 1)", {"v": V}, [[1], [2], [3]]), ("reshape(v, [3, 1])", {"v": V}, [[1], [2], [3]]),
        ("[π, e][0]", {}, math.pi),
        ("softmax(v)", {"v": [0, 0]}, [0.5, 0.5]), ("hinge(v, true=0, margin=1)", {"v": [3.2, 5.1, -1.7]}, 2.9),
        ("hinge(v, 1)", {"v": [3.2, 5.1]}, 0),
        ("stack(v, w, axis=1)[0]", {"v": V, "w": W}, [1, -1]), ("[max(v), min(v)]", {"v": V}, [3, 1]),
    ],
)  # fmt: skip
def test_vectors_and_matrices_are_written_and_picked_apart(text, values, expected):
    assert np.allclose(value(text, values), expected, rtol=1e-14)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("f = (x + y)z", 6), ("(x + y)z", 6), ("f = V z; V = x + y", 6), ("V = x + y\nf = V*z", 6), ("f = V z, V = x + y", 6),
        ("f =\n(x +\ny) *\nz", 6), ("f = (x\n+ y)z", 6), ("f = x z\n  + y z", 6), ("V = x + y;\n\nV z\n", 6),
        ("f(x, y, z) = (x + y)z", 6),
        ("f(x, y, z) = (x + y)z; g = f(x, y, z) - 6", 0), ("g = t^2\nt = (x + y)z", 36), ("f := (x+y)z", 6),
        ("f = (x + y) z ;", 6),
        ("a = x + y; b = a*z; c = b + 0", 6),
    ],
)  # fmt: skip
def test_statements_may_stand_in_any_order_and_on_several_lines(text, expected):
    assert value(text, {"x": -2, "y": 5, "z": 2}) == expected


def test_the_lecture_defines_a_wire_and_spells_it_out_elsewhere():
    formula = read("f = AB, A = C + D, B = (X + Y)^2, V = X + Y, C = 3, D = −5, X = 2, Y = 4", {})
    graph, values = formula.graph, evaluate(formula.graph, formula.given)
    assert {name: values[node] for name, node in formula.defined.items()} == {"V": 6, "A": -2, "B": 36, "f": -72}
    assert graph.inputs(formula.defined["B"]) == (formula.defined["V"],)
    assert graph.names[formula.defined["V"]] == "V"
    assert gates(formula) == ["add", "add", "constant_power", "multiply"]
    assert list(formula.leaves) == ["C", "D", "X", "Y"]
    assert (formula.output_name, formula.output) == ("f", formula.defined["f"])


@pytest.mark.parametrize(
    "text, count",
    [
        ("V = x + y; f = (x + y)^2 + (x + y)", 3),  # add, power, add: both sums are V
        ("V = 2*x + 1; f = (2*x + 1)*(2*x)", 4),  # the whole of V is found again, a part of it is not
        ("V = where(x > 0, x, 1); f = where(x > 0, x, 1)*y", 3),
        ("W = (x + y)^2; V = x + y; f = (x + y)^2", 2),
        ("V = x + y; B = (x + y)^2; f = V*B", 4),  # V is used, so both are as written
        ("V = sum([x, y]); f = 3*sum([x, y])", 3),
    ],
)
def test_only_whole_unused_definitions_are_shared(text, count):
    assert len(gates(read(text))) == count


def test_a_literal_in_the_text_is_an_input():
    formula = read("f = sum(s)*C; C = -3; s = [225, 617, 950]; t = [[1, 2], [3, 4]]; g = f*t[0, 0]", {})
    assert list(formula.leaves) == ["s", "C", "t"]
    assert formula.given[formula.leaves["C"]] == -3
    assert isinstance(formula.given[formula.leaves["C"]], np.float64)
    assert formula.given[formula.leaves["t"]].shape == (2, 2)
    assert "C" not in formula.defined
    assert next(iter(read("s = [5]; s[0]", {}).given.values())).shape == (1,)


def test_without_values_inputs_are_numbers_to_come():
    formula = read("f = x*y + a(x + 1) + σ(t)*σ + a")
    assert list(formula.leaves) == ["x", "y", "a", "t", "σ"]
    assert formula.given == {}
    assert all(formula.graph.shape(node) == () for node in formula.leaves.values())


@pytest.mark.parametrize("text", ["gamma(x + 1)", "Γ(x + 1)", "Gamma(x + 1)", r"\Gamma(x + 1)", r"\operatorname{gamma}(x + 1)"])
def test_the_gamma_function_is_read_where_a_bracket_follows_it(text):
    assert float(value(text, {"x": 4.0})) == 24.0


def test_gamma_is_a_letter_where_it_is_a_number():
    assert float(value("gamma(x + 1) + γ", {"x": 2.0, "gamma": 3.0})) == 12.0
    assert set(read("gamma(x + 1) + gamma").leaves) == {"γ", "x"}
    assert list(read("gamma*x").leaves) == ["γ", "x"]


def test_the_shape_of_a_single_number_is_an_empty_list():
    formula = read("reshape(x, shape=[])", {"x": [2.0]})
    assert formula.graph.shape(formula.output) == ()


def test_the_output_is_what_nothing_else_uses():
    assert read("a = x + 1; b = a*2", {"x": 1}).output_name == "b"
    assert read("f = x; g = y", {"x": 1, "y": 2}).output_name == "f"
    assert read("t = x; t^2", {"x": 1}).output_name == "f"
    assert read("2*f", {"f": 1}).output_name == "g"
    assert read("a = x; b = 2a; c = 3a", {"x": 1}, output="b").output_name == "b"
    assert value("f = x", {"x": 7}) == 7
    assert value("f = 3") == 3
    assert value("7") == 7


def test_ties_are_set_for_max_and_min():
    graph = read("max(x, y) + max([x, y])", {"x": 1, "y": 1}, ties="split").graph
    assert [graph.settings(node)["ties"] for node in graph if "ties" in graph.settings(node)] == ["split", "split"]
    assert read("max(x, y, ties=first)", {"x": 1, "y": 1}).graph.settings(2)["ties"] == "first"


@pytest.mark.parametrize(
    "text, names",
    [("x^2", ["constant_power"]), ("x²", ["constant_power"]), ("x^{-1}", ["constant_power"]), ("x^n", ["power"]),
    ("2^x", ["power"]),
     ("x^(1/2)", ["divide", "power"]), ("-x", ["negative"]), ("-3", []), ("-(3)", ["negative"]),
     ("-2^2", ["constant_power", "negative"]),
     ("1/x", ["divide"]), ("e^x", ["exp"]), ("|x|", ["absolute"]), ("x - -3", ["subtract"]), ("--3", ["negative"]),
     ("x^π", ["constant_power"])],
)  # fmt: skip
def test_formulas_become_the_gates_that_they_look_like(text, names):
    assert gates(read(text)) == names


def test_spans_point_at_what_a_wire_was_read_from():
    formula = read("f = 2x_1 + (e^{y}) ; y = 3", {"x1": 1})
    shown = [formula.source[slice(*formula.span(node))] for node in formula.graph]
    assert shown == ["x_1", "y", "2", "2x_1", "e^{y}", "2x_1 + (e^{y})"]
    assert formula.span(99) is None


def test_a_formula_is_never_evaluated_by_python():
    for text in ("__import__('os')", "().__class__", "x.real", "lambda: 1", "exec(1)", "open(x)"):
        with pytest.raises(ChalkgradError):
            read(text, {"x": 1})


# Random expressions, written out in three ways and computed by Python beside it.

LEAF = st.sampled_from(["x", "y", "a", "2", "0.5"])
NODES = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner),
        st.tuples(st.just("^"), inner, st.sampled_from(["2", "3"])),
        st.tuples(st.sampled_from(["neg", "sin", "exp", "abs", "tanh"]), inner),
        st.tuples(st.just("max"), inner, inner),
    ),
    max_leaves=10,
)
PRODUCT, SIGN, POWER, ATOM = 2, 3, 4, 5


def bracket(part, level, brackets):
    text, mine = part
    return text if mine >= level else brackets[0] + text + brackets[1]


def plain(op, parts):
    if op in "+-":
        return f"{bracket(parts[0], 1, '()')} {op} {bracket(parts[1], PRODUCT, '()')}", 1
    if op in "*/":
        return f"{bracket(parts[0], PRODUCT, '()')}{op}{bracket(parts[1], SIGN, '()')}", PRODUCT
    if op == "^":
        return f"{bracket(parts[0], ATOM, '()')}^{parts[1][0]}", POWER
    if op == "neg":
        return f"-{bracket(parts[0], SIGN, '()')}", SIGN
    return f"{op}({', '.join(part[0] for part in parts)})", ATOM


def unicode_(op, parts):
    if op == "*":
        return f"{bracket(parts[0], PRODUCT, '()')} · {bracket(parts[1], SIGN, '()')}", PRODUCT
    if op == "^":
        return bracket(parts[0], ATOM, "()") + {"2": "²", "3": "³"}[parts[1][0]], POWER
    if op == "abs":
        return f"abs({parts[0][0]})" if "|" in parts[0][0] else f"|{parts[0][0]}|", ATOM
    text, level = plain(op, parts)
    return text.replace("-", "−").replace("/", "÷"), level


def latex(op, parts):
    round_ = (r"\left(", r"\right)")
    if op == "*":
        return rf"{bracket(parts[0], PRODUCT, round_)} \cdot {bracket(parts[1], SIGN, round_)}", PRODUCT
    if op == "/":
        return rf"\frac{{{parts[0][0]}}}{{{parts[1][0]}}}", PRODUCT
    if op == "exp":
        return rf"e^{{{parts[0][0]}}}", POWER
    if op == "abs":
        return rf"\left|{parts[0][0]}\right|", ATOM
    if op in "+-":
        return f"{bracket(parts[0], 1, round_)} {op} {bracket(parts[1], PRODUCT, round_)}", 1
    if op == "^":
        return f"{bracket(parts[0], ATOM, round_)}^{{{parts[1][0]}}}", POWER
    if op == "neg":
        return f"-{bracket(parts[0], SIGN, round_)}", SIGN
    return rf"\{op}\left({', '.join(part[0] for part in parts)}\right)", ATOM


def written(node, style):
    if isinstance(node, str):
        return node, ATOM
    op, *inner = node
    return style(op, [written(one, style) for one in inner])


def computed(node, values):
    if isinstance(node, str):
        return values.get(node) if node in values else np.float64(node)
    op, *inner = node
    parts = [computed(one, values) for one in inner]
    rules = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "neg": np.negative, "abs": np.abs,
             "sin": np.sin, "exp": np.exp, "tanh": np.tanh, "max": np.maximum}  # fmt: skip
    return rules[op](*parts)


@settings(max_examples=200, deadline=None)
@given(NODES, st.sampled_from([plain, unicode_, latex]))
def test_a_random_expression_has_the_value_that_python_computes(node, style):
    text, _ = written(node, style)
    values = {name: np.float64(SCALARS[name]) for name in "xya" if f"'{name}'" in str([node])}
    with np.errstate(all="ignore"):
        expected = computed(node, values)
    assert value(text, values) == pytest.approx(expected, rel=1e-12, nan_ok=True), text
