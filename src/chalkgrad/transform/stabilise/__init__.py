"""Stable forms: textbook formulas recognised in a graph, in any arrangement, and replaced by gates that are safe.

- `model`: what a rule says (`Rule`), and what a rewriting leaves behind (`Rewrite`, `Stabilised`)
- `numbering`, `views`: how a wire looks whatever its arrangement: as a linear form, a product, a sum of products
- `rules`: the table, by families; a recogniser for each
- `engine`: the walk
- `formulas`: a formula in stable forms
"""

from chalkgrad.transform.stabilise.engine import Stabiliser, stabilised
from chalkgrad.transform.stabilise.model import Rewrite, Rule, Stabilised
from chalkgrad.transform.stabilise.rules import RULES

__all__ = ["RULES", "Rewrite", "Rule", "Stabilised", "Stabiliser", "stabilised"]
