"""Papers from files, in whatever encoding they come, checked one by one.

>>> decoded("∂f/∂x = 2".encode("utf-16")), decoded("x² = 4".encode("latin-1"))
('∂f/∂x = 2', 'x² = 4')
"""

import codecs

from chalkgrad.app.arguments import STDIN, raw_contents
from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.checked import Checked, check
from chalkgrad.handwork.verdict import Judged

# The mark of UTF-16 begins that of UTF-32.
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_FEW = 0.3  # the share of zero bytes from which text without a mark is UTF-16
_NO_TEXT = "It is no text."


def check_file(path: str, *, hint: bool) -> Checked:
    """The paper in a file, or from standard input for "-". What cannot be read as text is an answer too, with `trouble`."""
    name = "standard input" if path == STDIN else path
    try:
        return check(decoded(raw_contents(path, "working")), hint=hint, name=name)
    except ChalkgradError as trouble:
        return Checked(Judged(()), hint=hint, name=name, trouble=trouble)


def decoded(raw: bytes) -> str:
    """Bytes as text: by their byte order mark, else as UTF-8, UTF-16 without a mark, or Windows-1252. Raises ChalkgradError."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _as(raw, encoding)
    if b"\0" in raw:
        zeros = [raw[place::2].count(0) / max(1, len(raw) // 2) for place in (0, 1)]
        if max(zeros) > _FEW > min(zeros):
            return _as(raw, "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le")
        raise _no_text()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    strange = sum(char < " " and char not in "\t\n\r\v\f\x1a" for char in text)
    if strange > len(text) // 100:
        raise _no_text()
    return text


def _as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise _no_text() from None


def _no_text() -> ChalkgradError:
    return ChalkgradError(_NO_TEXT, hint="A working is a text file: plain text or Markdown. Save it as UTF-8.")
