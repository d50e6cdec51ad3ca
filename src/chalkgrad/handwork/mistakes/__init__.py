"""The catalogue of mistakes, and the search for those that yield a wrong number.

A mistake is a wrong derivation: the same walk with one rule altered (`walk`). `chain`, `gates` and `vectors` hold the rules that
are altered going back, `values` those going forward, `digits` the slips of the pen; `search` asks which of them yields the number.
"""

from chalkgrad.handwork.mistakes import chain, digits, gates, values, vectors
from chalkgrad.handwork.mistakes.question import Diagnosis, Mistake, Question, Written
from chalkgrad.handwork.mistakes.search import diagnose

__all__ = ["CATALOGUE", "Diagnosis", "Mistake", "Question", "Written", "diagnose"]

_FAMILIES = (chain, gates, vectors, values, digits)
CATALOGUE: tuple[Mistake, ...] = tuple(
    dict.fromkeys(one for family in _FAMILIES for one in vars(family).values() if isinstance(one, Mistake))
)
