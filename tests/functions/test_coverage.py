"""docs/numpy.md says what the table of rules says, and every gate that names a NumPy function is answered by it."""

from pathlib import Path

from chalkgrad.graph.gate import BY_NUMPY
from chalkgrad.reading.trace.coverage import page
from chalkgrad.reading.trace.table import COVERED, name_of

PAGE = Path(__file__).parents[2] / "docs" / "numpy.md"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m chalkgrad.reading.trace.coverage > docs/numpy.md"


def test_every_gate_s_numpy_functions_have_a_rule():
    assert [name_of(one) for one in BY_NUMPY if one not in COVERED] == []
