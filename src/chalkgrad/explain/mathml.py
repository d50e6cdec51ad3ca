"""LaTeX as MathML that every browser sets well and that no text can break out of.

latex2mathml does the reading; it aims at browsers of another day, and it leaves text unescaped. So words (names of functions, names
of several letters, remarks) never pass through it, its tree is tidied to what MathML Core defines (a minus sign that is a
sign, function names that are names, brackets that stretch around their matrix), and the tree is written out by an XML writer.

    >>> mathml("-x")
    '<mo form="prefix">−</mo><mi>x</mi>'
    >>> mathml(r"\\mathit{loss}")
    '<mi class="word">loss</mi>'
"""

import html
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

from chalkgrad.notation.names import WORD, unescape_latex

KEPT = 8192  # pieces of LaTeX whose MathML is remembered; a lesson repeats its names and derivatives all the time
LONG = 48  # characters of LaTeX that stay on one line; a longer sum may be broken before + and −
MARK = "\ue000"  # stands before the number of a word while latex2mathml reads what is around it
UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BY_DEFAULT = ("stretchy", "fence", "form", "movablelimits", "mathvariant", "display", "xmlns")
PRIMES = re.compile("'+")
SIGNS, OPENING, CLOSING, DOTS = ("−", "+"), ("(", "["), (")", "]"), ("·", "⊙")
TALL = ("mfrac", "mtable", "msqrt", "munderover")  # what brackets grow around
LETTERS = ("∂", "∞", "⊤", "…")  # set as letters, without an operator's room around them


@lru_cache(KEPT)
def mathml(latex: str) -> str:
    """The MathML of a formula, without the <math> around it."""
    return _written(_read(latex))


@lru_cache(KEPT)
def pieces(latex: str, *, factors: bool = False) -> tuple[str, ...]:
    """The MathML in pieces between which a line may be broken: a long sum before each + and −, anything else in one.

    With `factors`, in products of two the first factor has the class "gradient", the second "local".
    """
    nodes = _read(latex)
    runs = _runs(nodes, lambda node: node.tag == "mo" and node.text in SIGNS and node.get("form") != "prefix")
    if len(latex) <= LONG or len(runs) < 2:
        runs = [nodes]
    for run in runs[1:]:
        run[0].set("form", "infix")
    return tuple(_written(_coloured(run) if factors else run) for run in runs)


def sign(character: str, *, flush: bool = False) -> str:
    """A relation that stands first in its piece, with the room that it has between two formulas; if `flush`, on the right only."""
    room = ' lspace="0em"' if flush else ""
    return f'<mo form="infix"{room}>{html.escape(character)}</mo>'


def printable(text: str) -> str:
    """Text without the characters that no XML may hold."""
    return UNPRINTABLE.sub("\ufffd", text)


def _read(latex: str) -> list[Element]:
    words: list[tuple[str, str]] = []

    def set_aside(match: re.Match[str]) -> str:
        words.append((match[1], unescape_latex(match[2])))
        return rf"\text{{{MARK}{len(words) - 1}}}"

    plain = WORD.sub(set_aside, printable(latex).replace(MARK, ""))
    raised = PRIMES.sub(lambda match: "^{" + r"\prime " * len(match[0]) + "}", plain)
    try:
        row = convert_to_element(raised)[0]
    except Exception:  # it raises whatever it stumbles over, from IndexError to errors of its own without a common base
        return [_made("mtext", printable(latex))]
    return _tidied(row, words)


def _tidied(parent: Element, words: list[tuple[str, str]]) -> list[Element]:
    """The children of an element as MathML Core has them."""
    nodes: list[Element] = []
    for node in parent:
        children = _tidied(node, words)
        for attribute in BY_DEFAULT:
            node.attrib.pop(attribute, None)
        node[:] = children
        _fit_brackets(node)
        node.text = html.unescape(node.text) if node.text else None
        if node.tag == "mrow" and len(children) == 1 and not node.attrib:
            nodes.append(children[0])
        else:
            nodes += _word(node, words) if (node.text or "").startswith(MARK) else _leaf(node, nodes)
    return _grouped(nodes) if parent.tag in ("mrow", "mtd") else nodes


def _word(node: Element, words: list[tuple[str, str]]) -> list[Element]:
    kind, text = words[int((node.text or "")[len(MARK) :])]
    if kind == "operatorname":
        return [_function(text)]
    if kind == "mathit":
        return [_made("mi", text, **{"class": "word"})]
    shown = text.replace("-", "−") if kind == "mathrm" else text
    return [_made("mtext", re.sub(r"^ | $", "\u00a0", shown))]


def _function(name: str) -> Element:
    upright = {"mathvariant": "normal"} if len(name) == 1 else {}
    return _made("mi", name, **upright, **{"class": "function"})


def _leaf(node: Element, before: list[Element]) -> list[Element]:
    text = node.text or ""
    if node.tag == "mo" and not text:
        return []  # the bracket that \left. does not show
    if node.tag == "mo" and (text in LETTERS or (len(text) == 1 and text.isalpha())):
        node.tag = "mi"
    if node.tag in ("mo", "mi") and len(text) > 1 and text.isalpha():
        return [_function(text)]
    if node.tag == "mo" and text in SIGNS and _is_prefix(before):
        node.set("form", "prefix")
    if node.tag == "mtext" and text == "\u00a0" and before and before[-1].text == ",":
        return []  # a comma brings its own room
    return [node]


def _is_prefix(before: list[Element]) -> bool:
    if not before:
        return True
    last = before[-1]
    return last.tag == "mo" and (last.text or "") not in CLOSING


def _fit_brackets(row: Element) -> None:
    """Brackets around something flat stay as they are: not every font has a good larger size for them."""
    if row.tag == "mrow" and len(row) and row[0].tag == "mo" and not any(node.tag in TALL for node in row.iter()):
        for end in (row[0], row[-1]):
            if end.text in (*OPENING, *CLOSING, "|"):
                end.set("stretchy", "false")


def _grouped(nodes: list[Element]) -> list[Element]:
    """[ table ] as a row of its own, so that the brackets stretch to the table alone; room after a function that has no bracket."""
    result: list[Element] = []
    for node in nodes:
        if result and result[-1].get("class") == "function" and node.tag != "mrow":
            result.append(Element("mspace", width="0.167em"))
        result.append(node)
        if node.text in CLOSING and len(result) >= 3 and result[-2].tag == "mtable" and result[-3].text in OPENING:
            row = Element("mrow")
            row[:] = result[-3:]
            result[-3:] = [row]
    return result


def _coloured(nodes: list[Element]) -> list[Element]:
    """upstream · local, each in a row with its class; in every term of a sum."""
    result: list[Element] = []
    for term in _runs(nodes, _separates):
        if _separates(term[0]):
            result.append(term.pop(0))
        dots = [place for place in range(1, len(term) - 1) if term[place].text in DOTS and not _is_power_of_ten(term[place + 1])]
        if len(dots) == 1:
            middle = dots[0]
            term = [_row("gradient", term[:middle]), term[middle], _row("local", term[middle + 1 :])]
        result += term
    return result


def _separates(node: Element) -> bool:
    return node.tag == "mo" and node.text in (*OPENING, *CLOSING, "+")


def _is_power_of_ten(node: Element) -> bool:
    return node.tag == "msup" and node[0].text == "10"


def _runs(nodes: Iterable[Element], starts: Callable[[Element], bool]) -> list[list[Element]]:
    """The nodes in runs; one begins at each node that `starts`."""
    runs: list[list[Element]] = [[]]
    for node in nodes:
        if runs[-1] and starts(node):
            runs.append([])
        runs[-1].append(node)
    return runs


def _row(kind: str, nodes: list[Element]) -> Element:
    row = Element("mrow", {"class": kind})
    row[:] = nodes
    return row


def _made(tag: str, text: str, **attributes: str) -> Element:
    node = Element(tag, attributes)
    node.text = text
    return node


def _written(nodes: list[Element]) -> str:
    return "".join(tostring(node, encoding="unicode") for node in nodes)
