"""The table of rules, by what they are about; see `declaring`. Importing this package fills it.

- `logarithms`: of exponentials and probabilities
- `quotients`: of exponentials
- `differences`: of numbers close to each other
- `roots`: of squares
- `powers`: of 1 + x; products with logarithms
- `places`: of one function at two close places
- `conjugates`: with a root that nearly cancels; quadratics
- `squares`: differences of squares, squares of differences
- `gaps`: of functions less the beginning of their series
"""

from chalkgrad.transform.stabilise.rules import (  # noqa: F401 (fill the table, in this order)
    conjugates,
    differences,
    gaps,
    logarithms,
    places,
    powers,
    quotients,
    roots,
    squares,
)
from chalkgrad.transform.stabilise.rules.declaring import RECOGNISERS, RULES, Found, Recogniser

__all__ = ["RECOGNISERS", "RULES", "Found", "Recogniser"]
