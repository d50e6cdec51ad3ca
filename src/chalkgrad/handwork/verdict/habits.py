"""What the reader of formulas refuses because it has two readings, settled as people mean it by hand.

`1/2 sqrt(x)` is half a root for one and one over two roots for another; `u·v` of two vectors is a number or a vector. A paper has
one habit for its definitions, and a claim is right if it is so in any reading.

>>> left, below = (settled("1/2 sqrt(x) + 1/3 y", Habit(below=below)) for below in (False, True))
>>> left, below
('1/2* sqrt(x) + 1/3* y', '1/(2 sqrt(x)) + 1/(3 y)')
>>> settled("||u||^2", Habit()), called("2 f(x) + f(3 + u)", {"f": (("x",), "x^2")}, {"f"})
('sum((u)^2)', '2 f    + ((3 + u)^2)')
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from chalkgrad.reading.formula.build import Products
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import NAME, normalised

_ATOM = re.compile(
    rf"\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<word>(?!\\(?:cdot|times|div|ast|left|right|[bB]ig)(?![a-z]))(?:\\?(?>{NAME})|\\[A-Za-z]+))|(?P<root>√)|(?P<open>[(\[{{]))"
)
_POWER = re.compile(r"\s*\^\s*[-−]?|[²³¹⁰⁴-⁹]+")
_NORM = re.compile(r"(?:\|\||‖)(?P<inner>[^|‖]+)(?:\|\||‖)(?:_\{?(?P<order>[12])\}?)?\s*(?P<squared>\^\s*\{?\s*2\s*\}?|²)?")
_CALL = re.compile(rf"(?<![\w\\])(?P<name>(?>{NAME}))\(")
_INVERSE = re.compile(r"(?<![A-Za-z])\\?(?P<name>sec|cosec|csc|cot)(?![A-Za-z])\s*(?P<power>\^\s*(?:\d|\{\d\})|[²³])?")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MOST_CALLS = 40  # definitions that are put in for calls, in one text


@dataclass(frozen=True, slots=True)
class Habit:
    """How a paper writes: the number of the first entry, what a product of two vectors is, what belongs below a stroke."""

    first: int = 0
    products: Products = "dots"
    below: bool = False


USUAL = Habit()


def settled(text: str, habit: Habit) -> str:
    """`text` with its doubts settled."""
    if "||" in text or "‖" in text:
        text = _NORM.sub(_norm, text)
    text = _inverses(text)
    if "/" in text:
        text = _quotients(text, below=habit.below)
    return text


def calls_in(text: str, bodies: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The calls of the paper's own functions, each with its inputs."""
    for found in _CALL.finditer(text):
        if (name := normalised(found["name"])) in bodies:
            yield name, tuple(one.strip() for one in text[found.end() : _group(text, found.end() - 1) - 1].split(","))


def called(
    text: str,
    bodies: Mapping[str, tuple[tuple[str, ...], str]],
    kept: Collection[str],
    inner: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """`text` with calls of the paper's own functions: f(x) as f where f is among the `kept`, else what f says of its input.

    `inner` holds what the inputs of functions are elsewhere in the paper, such as u = g(t) for f(u).
    """
    for _ in range(_MOST_CALLS):
        found = next((one for one in _CALL.finditer(text) if normalised(one["name"]) in bodies), None)
        if found is None:
            return text
        name = normalised(found["name"])
        parameters, body = bodies[name]
        stop = _group(text, found.end() - 1)
        inputs = [one.strip() for one in text[found.end() : stop - 1].split(",")]
        if len(inputs) != len(parameters):
            return text
        usual = [*((inner or {}).get(name, {}).values())]
        if name in kept and ([normalised(one) for one in inputs] == list(parameters) or inputs == usual):
            text = text[: found.end() - 1] + " " * (stop - found.end() + 1) + text[stop:]
            continue
        put = dict(zip(parameters, inputs, strict=True))
        text = f"{text[: found.start()]}({_with_inputs(body, put)}){text[stop:]}"
    return text


def _with_inputs(body: str, put: Mapping[str, str]) -> str:
    return re.sub(rf"\\?(?>{NAME})", lambda word: f"({put[key]})" if (key := normalised(word[0])) in put else word[0], body)


def _norm(found: re.Match[str]) -> str:
    inner = found["inner"].strip()
    if found["order"] == "1":
        return f"sum(abs({inner})){found['squared'] or ''}"
    return f"sum(({inner})^2)" if found["squared"] else f"sqrt(sum(({inner})^2))"


def _inverses(text: str) -> str:
    """sec, csc and cot by cos, sin and tan."""
    while (found := _INVERSE.search(text)) is not None:
        stop = _atom(text, found.end())
        below = {"s": "cos", "c": "sin", "t": "tan"}[found["name"].replace("co", "")[0]]
        text = f"{text[: found.start()]}(1/{below}{found['power'] or ''}{text[found.end() : stop]}){text[stop:]}"
    return text


def _quotients(text: str, *, below: bool) -> str:
    """A product without a sign below a stroke: all of it below, or the first factor alone."""
    place = 0
    while (place := text.find("/", place) + 1) > 0:
        ends = [place]
        while (end := _atom(text, ends[-1])) > ends[-1]:
            ends.append(end)
        if len(ends) > 2:
            if below:
                start = place + len(text[place:]) - len(text[place:].lstrip())
                text = f"{text[:start]}({text[start : ends[-1]]}){text[ends[-1] :]}"
            else:
                text = f"{text[: ends[1]]}*{text[ends[1] :]}"
    return text


def _atom(text: str, start: int) -> int:
    """Where the factor that begins at `start` ends; `start` where none does."""
    found = _ATOM.match(text, start)
    if found is None:
        return start
    stop = found.end()
    if found["open"]:
        stop = _group(text, stop - 1)
    elif found["root"]:
        stop = _atom(text, stop)
    elif found["word"]:
        gate = function(found["word"].lstrip("\\"), called=True) is not None
        if text[stop : stop + 1] in ("(", "{") and (gate or found["word"].startswith("\\")):
            stop = _group(text, stop)
            while text[stop : stop + 1] == "{":
                stop = _group(text, stop)
        elif gate and found["word"].lstrip("\\") not in ("e", "σ"):
            stop = _atom(text, stop)
    power = _POWER.match(text, stop)
    if power is None:
        return stop
    return _atom(text, power.end()) if "^" in power[0] else power.end()


def _group(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`."""
    depth, opens, closes = 0, text[start], _CLOSING[text[start]]
    for place in range(start, len(text)):
        depth += (text[place] == opens) - (text[place] == closes)
        if depth == 0:
            return place + 1
    return len(text)
