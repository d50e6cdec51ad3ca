"""The derivations themselves: formulas and reasons, nothing else. The tests prove that each line equals the one before.

Every line is in the formula language. The sigmoid goes as the lecture goes; the shift is the lecture's solution to the problem that
softmax of [225, 617, 950] is e^950 over a sum.

    >>> SIGMOID.chains[0].lines[-1]
    Line(formula='(1 - σ(x)) * σ(x)', why='the first fraction is 1, and the others are σ(x)')
"""

from dataclasses import dataclass, field

from chalkgrad.explain.lesson import Both


@dataclass(frozen=True, slots=True)
class Line:
    """One line: an expression, and why it equals the line before (for the first line: where it comes from)."""

    formula: str
    why: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What is derived, in symbols, and the lines. `definitions` are the names that the lines use, in an order that works."""

    title: str
    what: Both
    lines: tuple[Line, ...]
    definitions: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """One derivation. `variables` tells what each input is; `example` gives them numbers, lists for vectors."""

    name: str
    title: str
    meaning: tuple[tuple[Both, str], ...]
    variables: tuple[tuple[str, str], ...]
    example: tuple[tuple[str, float | tuple[float, ...]], ...]
    chains: tuple[Chain, ...]
    remarks: tuple[str, ...] = ()
    softmax_of: tuple[float, ...] = field(default=())  # scores on which the steps are worked in numbers


ANY = "any number"
OWN = (("Z", "e^(s_i) + R"), ("p_i", "e^(s_i) / Z"))
OTHER = (("Z", "e^(s_i) + e^(s_j) + R"), ("p_i", "e^(s_i) / Z"), ("p_j", "e^(s_j) / Z"))
REST_OF_SUM = "the sum of the powers of all scores that are not written out"
LOGSUMEXP_LATEX = r"\operatorname{logsumexp}\left(s\right)"
BY_OWN = "By its own score"
BY_OTHER = "By another score"

SIGMOID = Topic(
    "sigmoid", "The slope of the sigmoid",
    meaning=((Both("σ(x)", r"\sigma\left(x\right)"), "1 / (1 + e^(-x))"),),
    variables=(("x", ANY),), example=(("x", 1.0),),
    chains=(Chain("Line by line", Both("dσ(x)/dx", r"\frac{d\sigma\left(x\right)}{dx}"), (
        Line("-1 / (1 + e^(-x))^2 * e^(-x) * (-1)", "chain rule: 1/u has slope −1/u², the exponential itself, and −x has −1"),
        Line("e^(-x) / (1 + e^(-x))^2", "minus times minus is plus"),
        Line("(1 + e^(-x) - 1) / (1 + e^(-x))^2", "adding and subtracting 1 in the numerator"),
        Line("(1 + e^(-x) - 1) / (1 + e^(-x)) * (1 / (1 + e^(-x)))", "splitting the square in the denominator"),
        Line("((1 + e^(-x)) / (1 + e^(-x)) - 1 / (1 + e^(-x))) * (1 / (1 + e^(-x)))", "splitting the fraction"),
        Line("(1 - σ(x)) * σ(x)", "the first fraction is 1, and the others are σ(x)"),
    )),),
    remarks=("Once σ(x) is known, so is its slope. It is largest at x = 0, where it is 1/4, and fades on both sides.",),
)  # fmt: skip

TANH = Topic(
    "tanh", "The slope of tanh",
    meaning=((Both("tanh(x)", r"\tanh\left(x\right)"), "(e^x - e^(-x)) / (e^x + e^(-x))"),),
    variables=(("x", ANY),), example=(("x", 1.0),),
    chains=(Chain("Line by line", Both("d tanh(x)/dx", r"\frac{d\tanh\left(x\right)}{dx}"), (
        Line("((e^x + e^(-x)) * (e^x + e^(-x)) - (e^x - e^(-x)) * (e^x - e^(-x))) / (e^x + e^(-x))^2",
             "quotient rule: eˣ − e⁻ˣ has slope eˣ + e⁻ˣ, and the other way round"),
        Line("(e^x + e^(-x))^2 / (e^x + e^(-x))^2 - (e^x - e^(-x))^2 / (e^x + e^(-x))^2", "splitting the fraction"),
        Line("1 - ((e^x - e^(-x)) / (e^x + e^(-x)))^2", "the first fraction is 1, the second the square of a quotient"),
        Line("1 - tanh(x)^2", "the quotient is tanh(x)"),
    )),),
    remarks=("As with the sigmoid, the slope comes from the value alone. It is 1 at x = 0 and fades on both sides.",),
)  # fmt: skip

SOFTPLUS = Topic(
    "softplus", "The slope of softplus",
    meaning=((Both("softplus(x)", r"\operatorname{softplus}\left(x\right)"), "log(1 + e^x)"),),
    variables=(("x", ANY),), example=(("x", 1.0),),
    chains=(Chain("Line by line", Both("d softplus(x)/dx", r"\frac{d\operatorname{softplus}\left(x\right)}{dx}"), (
        Line("1 / (1 + e^x) * e^x", "chain rule: log(u) has slope 1/u, and 1 + eˣ has eˣ"),
        Line("e^x / (1 + e^x)", "one fraction"),
        Line("e^x * e^(-x) / ((1 + e^x) * e^(-x))", "multiplying above and below by e⁻ˣ"),
        Line("1 / (e^(-x) + 1)", "eˣ · e⁻ˣ is 1"),
        Line("σ(x)", "that is the sigmoid"),
    )),),
    remarks=("Softplus is a smooth relu: its slope goes from 0 to 1 without a jump.",),
)  # fmt: skip

SOFTMAX = Topic(
    "softmax", "The slopes of softmax",
    meaning=((Both("p_i", "p_{i}"), "e^(s_i) / Z"),),
    variables=(("s_i", "the score of class i"), ("s_j", "the score of another class"), ("R", REST_OF_SUM)),
    example=(("s_i", 1.0), ("s_j", 2.0), ("R", 3.0)),
    chains=(
        Chain(BY_OWN, Both("∂p_i/∂s_i", r"\frac{\partial p_{i}}{\partial s_{i}}"), (
            Line("(e^(s_i) * Z - e^(s_i) * e^(s_i)) / Z^2", "quotient rule: the numerator is its own slope, and that of Z"),
            Line("e^(s_i) / Z * ((Z - e^(s_i)) / Z)", "the numerator holds the power twice: taking it out"),
            Line("e^(s_i) / Z * (Z / Z - e^(s_i) / Z)", "splitting the fraction"),
            Line("p_i * (1 - p_i)", "Z/Z is 1, and the other two are the share"),
        ), OWN, ("The score stands above and below: Z is the sum of the powers of all scores, its own among them.",)),
        Chain(BY_OTHER, Both("∂p_i/∂s_j", r"\frac{\partial p_{i}}{\partial s_{j}}"), (
            Line("(0 * Z - e^(s_i) * e^(s_j)) / Z^2", "quotient rule: the numerator has slope 0, and Z that of its own term"),
            Line("-(e^(s_i) * e^(s_j)) / Z^2", "zero times Z is nothing"),
            Line("-(e^(s_i) / Z) * (e^(s_j) / Z)", "splitting the fraction"),
            Line("-p_i * p_j", "these are the two shares"),
        ), OTHER, ("Here the score stands below only.",)),
    ),
    remarks=("A class gains by its own score what all others lose: p_i·(1 − p_i) is the sum of p_i·p_j over the others.",),
)  # fmt: skip

LOGSUMEXP = Topic(
    "logsumexp", "The slope of logsumexp",
    meaning=((Both("logsumexp(s)", LOGSUMEXP_LATEX), "log(Z)"),),
    variables=(("s_i", "one of the scores"), ("R", REST_OF_SUM)), example=(("s_i", 1.0), ("R", 3.0)),
    chains=(Chain("Line by line", Both("∂ logsumexp(s)/∂s_i", rf"\frac{{\partial {LOGSUMEXP_LATEX}}}{{\partial s_{{i}}}}"), (
        Line("1 / Z * e^(s_i)", "chain rule: log(Z) has slope 1/Z, and Z that of its own term"),
        Line("e^(s_i) / Z", "one fraction"),
        Line("p_i", "that is softmax"),
    ), OWN, ("Z is the sum of the powers of all scores.",)),),
    remarks=("Each score gets its share: the slopes are the probabilities of softmax, and add up to 1.",),
)  # fmt: skip

SHIFT = Topic(
    "shift", "Softmax without overflow: the shift by the maximum",
    meaning=((Both("p_i", "p_{i}"), "e^(f_i) / sum(e^f)"),),
    variables=(("f", "the vector of all scores, and a sum goes over them"), ("f_i", "one of them"), ("C", "any positive number")),
    example=(("f", (1.0, 2.0, -1.0)), ("f_i", 2.0), ("C", 0.5)),
    chains=(Chain("Line by line", Both("p_i", "p_{i}"), (
        Line("e^(f_i) / sum(e^f)", "what softmax means; a large score overflows here"),
        Line("C * e^(f_i) / (C * sum(e^f))", "multiplying above and below by the same positive C"),
        Line("C * e^(f_i) / sum(C * e^f)", "C goes into every term of the sum"),
        Line("e^log(C) * e^(f_i) / sum(e^log(C) * e^f)", "C is the exponential of its logarithm"),
        Line("e^(f_i + log(C)) / sum(e^(f + log(C)))", "a product of powers is the power of the sum"),
        Line("e^(f_i - max(f)) / sum(e^(f - max(f)))", "C is ours to choose: log(C) = −max(f)"),
    )),),
    remarks=(
        "The value is the same whichever C is chosen, for C cancels.",
        "With log C = −max(f) every exponent is 0 or less, so every power is between 0 and 1 and none overflows. "
        "The largest score has exponent 0 and power 1, so the sum is never 0.",
    ),
    softmax_of=(225.0, 617.0, 950.0),
)  # fmt: skip

TOPICS = {topic.name: topic for topic in (SIGMOID, TANH, SOFTPLUS, SOFTMAX, LOGSUMEXP, SHIFT)}
