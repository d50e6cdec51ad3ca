"""How wide a word is, and how to shorten one that is too wide, without measuring any font.

A picture must be laid out before anybody knows which font will draw it. So widths are estimated by classes of
characters, each as wide as the widest common sans-serif draws it (DejaVu Sans and Verdana; Arial and Helvetica are narrower).
A label may therefore get some air, and never runs into its neighbour.

    >>> clean("two\\nlines\\x00")
    'two lines'
    >>> fit("a very long name indeed", size=13, limit=90)
    'a very lon…'
"""

import unicodedata

# In ems, rounded up. What is listed nowhere counts as DEFAULT_WIDTH.
_WIDTHS = {
    **dict.fromkeys("ijlI.,:;'", 0.40),
    **dict.fromkeys(' ()[]-/\\!frt"', 0.46),
    **dict.fromkeys("0123456789abcdeghknopqsuvxyz*?_$|`", 0.65),
    **dict.fromkeys("ABCDEFGHJKLPRSTUVXYZ", 0.78),
    **dict.fromkeys("w+−×=<>~^#&±÷·≈≤≥NOQ", 0.86),
}
DEFAULT_WIDTH = 1.08
MOST_CHARACTERS = 200  # combining marks take no width, so width alone would not bound a label


def width(text: str, size: float) -> float:
    """The room `text` may need at font size `size`."""
    return size * sum(map(_ems, text))


def clean(text: str) -> str:
    """`text` on one line, without characters that no XML file may hold or that would reverse its neighbours."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def fit(text: str, size: float, limit: float) -> str:
    """`text` made clean, and cut with an ellipsis if it would be wider than `limit`."""
    text = clean(text[: 4 * MOST_CHARACTERS])
    if len(text) <= MOST_CHARACTERS and width(text, size) <= limit:
        return text
    room = limit - width("…", size)
    kept = 0
    for char in text[:MOST_CHARACTERS]:
        room -= size * _ems(char)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def _ems(char: str) -> float:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if unicodedata.combining(char):
        return 0.0
    return DEFAULT_WIDTH
