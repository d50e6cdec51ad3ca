"""What a paper says by the heads of its functions: with f(x, y) = … the name f_x is a derivative, and (1, 2) a point.

>>> sorted(partials_in(["f(x, y) = x^2 y", "f_x = 2xy", "v_x = 3"]))
['f_x']
"""

import re
from collections.abc import Collection
from dataclasses import replace

from chalkgrad.handwork.claims.paper import Line
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import NAME, normalised

_HEAD = re.compile(rf"(?<![\w\\])(?P<name>(?>{NAME}))\s*\((?P<inputs>\s*[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*\s*)\)\s*:?=")
_DEFINED = re.compile(r"(?<![\w\\])(?P<name>[^\W\d_])\s*:?=(?P<said>[^=;,]+)")
_LOWERED = re.compile(r"(?<![\w\\])(?P<of>[^\W\d_])_(?:\{\s*(?P<braced>[A-Za-z]{1,2})\s*\}|(?P<bare>[A-Za-z]{1,2}))(?!\w)")
_NUMBER = r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:\s*/\s*\d+)?"
_POINT = re.compile(
    r"\b(?P<lead>at|point|in)\s+(?:the\s+)?(?:point\s+)?\w?\s*"
    rf"[(\[]\s*(?P<numbers>{_NUMBER}(?:\s*,\s*{_NUMBER})+)\s*[)\]]", re.IGNORECASE
)  # fmt: skip


def partials_in(texts: Collection[str]) -> set[str]:
    """The names such as f_x and f_xy where f is a function of x: its partial derivatives."""
    inputs: dict[str, set[str]] = {}
    for text in texts:
        for found in _HEAD.finditer(text):
            inputs.setdefault(normalised(found["name"]), set()).update(one.strip() for one in found["inputs"].split(","))
        for found in _DEFINED.finditer(text):
            words = re.findall(r"[A-Za-z]+", re.sub(r"_\{?\w+\}?", "", found["said"]))
            letters = {letter for word in words if not function(word, called=True) for letter in word}
            inputs.setdefault(found["name"], set()).update(letters - set("ijkn"))
    found_names = (found for text in texts for found in _LOWERED.finditer(text))
    return {
        f"{found['of']}_{by}"
        for found in found_names
        if set(by := found["braced"] or found["bare"]) <= inputs.get(found["of"], set()) and found["of"] not in by
    }


def with_points(lines: list[Line]) -> list[Line]:
    """The lines, with `at (1, 2)` as `at [x, y] = [1, 2]` where a function of x and y stands above or below."""
    heads = [[one.strip() for one in found["inputs"].split(",")] for line in lines for found in _HEAD.finditer(line.text)]

    def told(found: re.Match[str]) -> str:
        count = found["numbers"].count(",") + 1
        inputs = next((one for one in heads if len(one) == count), None)
        return f"{found['lead']} [{', '.join(inputs)}] = [{found['numbers']}];" if inputs else found[0]

    return [replace(line, text=_POINT.sub(told, line.text)) for line in lines] if heads else lines
