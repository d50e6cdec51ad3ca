"""Spellings of numbers and vectors that people use and the reader of formulas does not: brought to its own, sign by sign.

>>> plain("x = (1, 2), y = [1 2 3]"), plain("u = 1,000"), plain("u = 1,125", comma=True)
('x = [1, 2], y = [1,2,3]', 'u = 1000 ', 'u = 1.125')
"""

import re

_NUMBER = r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-−+]?\d+)?"
_ENTRY = rf"(?:{_NUMBER}(?:\s*/\s*\d+)?|[-−+]?[A-Za-z]\w{{0,3}})"
_TUPLE = re.compile(
    rf"(?<![\w)\]}}])\((\s*{_NUMBER}(?:\s*/\s*\d+)?(?:\s*,\s*{_ENTRY})+\s*,?\s*)\)(?=\s*(?:[,;=≈.)]|\^|$|and\b|so\b))"
)
_SPACED = re.compile(rf"\[\s*{_NUMBER}(?:[ ]+{_NUMBER})+\s*\]")
_COLUMN = re.compile(rf"\[\s*{_NUMBER}(?:\s*;\s*{_NUMBER})+\s*\]")
_SURE_DECIMAL = re.compile(r"(?<![\d.,])(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))(?![\d.]|,\d)")
_DECIMAL = re.compile(r"(?<![\d.,])\d+,\d+(?![\d.]|,\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_COLON_VALUE = rf"[^\W\d_](?:_?\d+|[₀-₉]+)?\s*:\s*{_NUMBER}"
_COLON_VALUES = re.compile(rf"\s*(?:[A-Za-z ]+:\s+)?(?P<values>{_COLON_VALUE}(?:\s*[,;]\s*{_COLON_VALUE})*\s*[.,;]?\s*)")
_NAME = r"[^\W\d_](?:_?\d+|[₀-₉]+)?"
_SEVERAL = re.compile(
    rf"(?P<lead>\s*(?:[A-Za-z]+:?\s+)?)(?P<names>{_NAME}(?:\s*,\s*{_NAME})+)\s*=\s*(?P<numbers>{_NUMBER}(?:\s*,\s*{_NUMBER})+)(?P<rest>\s*\.?\s*)"
)
_GAPS = re.compile(rf"\s*(?:[A-Za-z ]+:\s+)?{_NAME}\s*=\s*{_NUMBER}(?:[ ]+{_NAME}\s*=\s*{_NUMBER})+\s*\.?\s*")
_NUMPY_ROWS = re.compile(r"\[\s*\[.*?\]\s*\]")


def with_several(text: str) -> str:
    """x, y = 2, 3 as [x, y] = [2, 3]."""
    found = _SEVERAL.fullmatch(text)
    if found is None or found["names"].count(",") != found["numbers"].count(","):
        return text
    return f"{found['lead']}[{found['names']}] = [{found['numbers']}]{found['rest']}"


def with_values(text: str) -> str:
    """x: 2, y: 3 as x = 2, y = 3."""
    if _GAPS.fullmatch(text):
        text = re.sub(rf"(?<=[\d.])[ ](?=[ ]*{_NAME}\s*=)", ",", text)
    found = _COLON_VALUES.fullmatch(text)
    return text[: found.start("values")] + found["values"].replace(":", "=") if found else text


def uses_decimal_comma(text: str) -> bool:
    """Whether a number such as 0,5 stands in the line, which no other habit writes."""
    return "[" not in text and "(" not in text and _SURE_DECIMAL.search(text) is not None


def plain(text: str, *, comma: bool = False) -> str:
    """`text` with tuples and rows as lists, and numbers with a decimal point; as long as it was. `comma`: decimals have one."""
    if "," in text:
        if "[" not in text and "(" not in text:
            if comma:
                text = _DECIMAL.sub(lambda found: found[0].replace(",", "."), text)
            text = _THOUSANDS.sub(lambda found: found[0].replace(",", "").ljust(len(found[0])), text)
        text = _TUPLE.sub(lambda found: f"[{found[1]}]", text)
    if "[" in text:
        text = _SPACED.sub(lambda found: _with_commas(found[0]), text)
        text = _COLUMN.sub(lambda found: found[0].replace(";", ","), text)
        text = _NUMPY_ROWS.sub(lambda found: re.sub(r"\](\s)\s*\[", lambda gap: "]," + gap[0][2:], found[0]), text)
    return text


def _with_commas(row: str) -> str:
    """[1 2 3] as [1,2,3]; what stands in the gaps stays as wide."""
    return re.sub(r"(?<=[\d.])[ ](?=[ ]*[-−+.\d])", ",", row)
