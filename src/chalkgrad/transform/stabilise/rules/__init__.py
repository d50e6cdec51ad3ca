"""The table of rules, by what they are about; see `declaring`. Importing this package fills it.

- `logarithms`, `of_logarithms`: of exponentials and probabilities; the logarithm of a wire, and where one is taken
- `sizes`: logarithms of functions of whose sign nothing is known
- `factors`: of products factor by factor, and of running ones
- `mixtures`: of weighted powers, part by part
- `quotients`: of exponentials
- `shares`: of exponentials in their sum: softmax
- `differences`, `odds`: of numbers close to each other, of 1 and a share
- `roots`: of squares
- `powers`: of 1 + x, and of e
- `products`: products with logarithms
- `scores`: of scores beside their logsumexp
- `rests`: 1 − softmax, and its logarithm
- `shifts`: of logarithms beside what stands in them
- `arcs`: sines of a share of an angle over that of the whole
- `binomials`: of log Γ at three places
- `complements`: 1 less what is close to 1 at another place than 0
- `places`, `apart`: of one function at two close places
- `fractions`: sums of fractions, and their roots
- `two_places`: the same, of two places of which nothing is known
- `factored`: of such forms with a factor
- `conjugates`: with a root that nearly cancels; quadratics
- `spreads`: variances from sums of squares
- `squares`: differences of squares, squares of differences
- `tails`: of the error function far out
- `gaps`: of functions less the beginning of their series
- `near_one`: of logarithms near 1
- `growth`: products and quotients with e^x − 1
- `means`: differences of functions over the gap between their places
- `ratios`: functions over their argument
- `inverses`: functions and their inverses, and inverses near the end of their domain
- `deviances`: of counts from their means, and of two coins
- `layouts`: sums and products that are written as matrix products
- `vanishing`: products that are 0 where a factor is infinite
- `choices`: choices that need not be made
- `contractions`: sums that are written as matrix products, and the like
"""

from chalkgrad.transform.stabilise.rules import (  # noqa: F401 (fill the table, in this order)
    arcs,
    binomials,
    choices,
    complements,
    conjugates,
    deviances,
    differences,
    factored,
    factors,
    fractions,
    gaps,
    growth,
    inverses,
    layouts,
    logarithms,
    means,
    mixtures,
    near_one,
    of_logarithms,
    places,
    powers,
    products,
    quotients,
    ratios,
    rests,
    roots,
    scores,
    shares,
    shifts,
    sizes,
    spreads,
    squares,
    tails,
    two_places,
    vanishing,
)
from chalkgrad.transform.stabilise.rules.declaring import RECOGNISERS, RULES, Found, Recogniser

__all__ = ["RECOGNISERS", "RULES", "Found", "Recogniser"]
