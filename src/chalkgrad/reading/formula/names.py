"""Letters as formulas use them, and the one spelling under which a name is known.

The same name is written in many ways: `w_0`, `w_{10}`, `w₀`, `alpha`, `\\alpha`, `α`. `normalised` brings them all to one:

    >>> [normalised(name) for name in ("w_0", "w_{10}", "w₀", r"\\alpha_0", "x_{max}", "x''", r"x_{\\text{max}}")]
    ['w0', 'w10', 'w0', 'α0', 'x_max', "x''", 'x_max']
"""

import re
import unicodedata
from functools import lru_cache

_NAMES = (
    "alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π rho ρ "
    "sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ "
    "Psi Ψ Omega Ω"
).split()
GREEK = dict(zip(_NAMES[::2], _NAMES[1::2], strict=True))
GREEK_VARIANTS = {"varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varkappa": "κ", "varpi": "ϖ", "varsigma": "ς"}
LATEX_LETTERS = GREEK | GREEK_VARIANTS | {"ell": "ℓ", "hbar": "ℏ"}

# One letter in two shapes: fonts and keyboards disagree which of them is the usual one.
_SAME_LETTER = str.maketrans("ϵϑϕϱϰµℎ", "εθφρκμh")

SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼᵦᵧᵨᵩᵪ"
_LOWERED = str.maketrans(SUBSCRIPTS, "0123456789aeoxhklmnpstiruvjβγρφχ")
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED = str.maketrans(SUPERSCRIPTS + "⁺⁻", "0123456789+-")

# For Python \w holds signs that are no letters in a formula: superscripts, fractions, Roman numerals, circled digits.
_NO_LETTERS = (
    "²³¹¼½¾ªº\u02b0-\u02ff\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u2070-\u209f\u2150-\u218f\u2460-\u24ff\u2776-\u2793\u2c7c\u2c7d"
    "\u3007\u3021-\u3029\u3192-\u3195\u3220-\u3229\u3280-\u3289\ua69c\ua69d\ua770\uab5c-\uab5f\U0001d7ce-\U0001d7ff"
)
MARKS = "\u0300-\u0337\u0339-\u036f\u20d0-\u20f0"  # without the slash that makes ≠ of =
LETTER = rf"(?:[A-Za-z]|(?![_\d{_NO_LETTERS}])\w)"
DIGIT = "[0-9]"
_WITHIN = rf"(?:[A-Za-z0-9{MARKS}{SUBSCRIPTS}]|(?![_{_NO_LETTERS}])\w|_(?=[A-Za-z0-9]|(?![_{_NO_LETTERS}])\w))"
PRIMES = r"['’′″‴]"
_WRAPPERS = r"(?:text|textrm|textit|mathrm|mathit|mathbf|mathsf|boldsymbol|operatorname|rm)"
# What may follow a name: subscripts in braces or as a command, and primes.
SUFFIX = (
    rf"(?:_(?:\{{[^{{}}\[\n]*(?:\{{[^{{}}\n]*\}}[^{{}}\n]*)?\}}|\\{_WRAPPERS}\s*\{{[^{{}}\n]*\}}|\\[A-Za-z]+|{DIGIT}+|{LETTER})"
    rf"|{PRIMES}|\^\s*(?:\\prime(?![A-Za-z])|\{{\s*(?:\\prime\s*)+\}}))"
)
NAME = rf"{LETTER}{_WITHIN}*{SUFFIX}*"
LONGEST_NAME = 100

_SINGLE = rf"{LETTER}[{MARKS}]*(?:{DIGIT}++|[{SUBSCRIPTS}]++|{SUFFIX})*+"
SINGLE_NAME = re.compile(_SINGLE)
_SUBSCRIPTED = rf"{LETTER}[{MARKS}]*(?:_?{DIGIT}+|[{SUBSCRIPTS}]+)"
# w0x0 or w_0x_0: a name never goes on with a letter after a numbered subscript.
SEVERAL_SUBSCRIPTED = re.compile(rf"(?:{_SUBSCRIPTED}){{2,}}")
WHOLE_NAME = re.compile(rf"(?:{NAME}|\\[A-Za-z]+{SUFFIX}*)")

_SLANTED = (("\U0001d434", "\U0001d467"), ("\U0001d6e2", "\U0001d71b"))
_PLAIN = re.compile(r"[A-Za-z]+")
_TAIL = re.compile(r"[0-9]*$")
_PRIMES = {"'": 1, "’": 1, "′": 1, "″": 2, "‴": 3}


def normalised(name: str) -> str:
    """The one spelling of a name: subscripted numbers directly after the letter, other subscripts after `_`, Greek as Greek."""
    return _normalised(name) if len(name) <= LONGEST_NAME else _normalised.__wrapped__(name)


@lru_cache(maxsize=65_536)
def _normalised(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return GREEK.get(name, name)
    text = unicodedata.normalize("NFC", _upright(name.translate(_SAME_LETTER)))
    primes = text.count("\\prime")
    text = re.sub(r"\^\s*\{?[\s]*(?:\\prime\s*)+\}?", "", text)
    primes += sum(_PRIMES.get(char, 0) for char in text)
    text = re.sub(PRIMES, "", text).replace(r"\_", "_")
    text = re.sub(rf"\\{_WRAPPERS}(?![A-Za-z])", "", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda command: LATEX_LETTERS.get(command[1], command[1]), text)
    text = re.sub(f"[{SUBSCRIPTS}]+", lambda run: "_" + run[0].translate(_LOWERED), text)
    first, *subscripts = [_greek(piece) for piece in re.split(r"[_,]", re.sub(r"[{}\s\\]", "", text)) if piece] or [""]
    result = first
    for subscript in subscripts:
        joined = subscript[0].isdigit() and not result[-1].isdigit()
        result += subscript if joined else "_" + subscript
    return result + "'" * primes


def _greek(piece: str) -> str:
    """alpha and alpha0 as α and α0."""
    digits = _TAIL.search(piece)
    stem = piece[: digits.start()] if digits else piece
    return GREEK.get(stem, stem) + piece[len(stem) :]


def _upright(text: str) -> str:
    """The slanted letters that are copied from printed formulas (𝑥) as ordinary ones; bold ones stay names of their own."""
    return "".join(
        unicodedata.normalize("NFKC", char) if any(first <= char <= last for first, last in _SLANTED) else char for char in text
    )
