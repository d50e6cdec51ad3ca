"""From the text of a paper to claims: what is defined, what is given, and what is said to be equal to what.

- `paper`, `tables`, `sides`: lines without bullets, dollars and dress; rows as sentences; spellings of numbers
- `functions`: what the heads of functions say of names such as f_x, and of points
- `marks`: derivatives, values at a point, percentages and degrees, which no formula has, as letters
- `prose`: words and formulas told apart
- `statements`, `problems`: chains of equalities, gathered into problems
"""

from chalkgrad.handwork.claims.marks import EVERY, Mark, half_unit
from chalkgrad.handwork.claims.problems import Problem, exercises, problems
from chalkgrad.handwork.claims.statements import Side, Statement, names_in, read_paper

__all__ = ["EVERY", "Mark", "Problem", "Side", "Statement", "exercises", "half_unit", "names_in", "problems", "read_paper"]
