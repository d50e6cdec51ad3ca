"""The built-in gates, one family a file; importing this package registers them all.

- `arithmetic`: + − × ÷, powers
- `elementary`: exp, log, roots, trigonometry and their relatives
- `choice`: max, min, abs, relu, where, comparisons; the kinks live here
- `sums`: sum, mean, max and min over axes
- `arrays`: reshape, transpose, indexing, joining
- `linear`: matrix products
- `composite`: sigmoid, softplus, softmax and other gates that mean a formula of smaller ones
- `losses`: cross-entropy and hinge
- `functions`: further logarithms, powers and inverse hyperbolic functions
- `rounding`, `logic`: steps and conditions, which are flat or have no slope
- `cumulative`: products and running totals
- `picking`: entries picked by whole numbers that are values themselves
- `einsum`: sums of products over named axes
- `linalg`: inverse, solve, determinants
- `decompositions`: Cholesky, QR, symmetric eigenvalues, singular values
- `special`: error functions, the normal distribution, log Γ and its derivatives
- `differences`: of one function at two numbers
- `close`: differences of numbers that are close: x − sin x and its like
- `ratios`: quotients by the argument that are 0/0 at 0: (e^x − 1)/x and its like
- `divergences`: deviances and relative entropies, which are close to 0 where two numbers are close
- `safe`: forms that neither cancel nor overflow: log1mexp, xlogy, norm and their relatives
- `likelihoods`: logarithms of weighted scores, of mixtures of two, of products
- `marks`: alias, stop and after, which compute nothing and say something

    >>> sorted(GATES)[:3]
    ['absolute', 'add', 'after']
"""

from chalkgrad.gates import (
    arithmetic,
    arrays,
    choice,
    close,
    composite,
    cumulative,
    decompositions,
    differences,
    divergences,
    einsum,
    elementary,
    functions,
    likelihoods,
    linalg,
    linear,
    logic,
    losses,
    marks,
    picking,
    ratios,
    rounding,
    safe,
    special,
    sums,
)
from chalkgrad.graph.gate import GATES

__all__ = [
    "GATES",
    "arithmetic",
    "arrays",
    "choice",
    "close",
    "composite",
    "cumulative",
    "decompositions",
    "differences",
    "divergences",
    "einsum",
    "elementary",
    "functions",
    "likelihoods",
    "linalg",
    "linear",
    "logic",
    "losses",
    "marks",
    "picking",
    "ratios",
    "rounding",
    "safe",
    "special",
    "sums",
]
