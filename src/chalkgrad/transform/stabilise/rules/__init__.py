"""The table of rules, by what they are about; see `declaring`. Importing this package fills it.

- `logarithms`: of exponentials and probabilities
- `quotients`: of exponentials
"""

from chalkgrad.transform.stabilise.rules import logarithms, quotients  # noqa: F401 (fill the table)
from chalkgrad.transform.stabilise.rules.declaring import RECOGNISERS, RULES, Found, Recogniser

__all__ = ["RECOGNISERS", "RULES", "Found", "Recogniser"]
