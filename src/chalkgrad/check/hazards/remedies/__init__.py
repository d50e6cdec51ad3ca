"""What the doctor does where no stable form is known: remedies found by looking at the numbers themselves.

The rules of `transform.stabilise` hold for all numbers and are used everywhere. A remedy is for these numbers: it is drawn where
the forward pass is seen to go wrong, and kept only where the judge finds the results better for it.

- `patient`: what a remedy looks at, and how drafts are put into a graph
- `guards`: gates at the edge of their domain
- `zeros`: 0 times a logarithm, 0 over 0
- `infinities`: fractions inside of fractions, functions of what is infinite
- `holes`: 0/0 of what is made of the same number
- `polynomials`: differences written out, and by the conjugate
- `inverses`: a function and then its inverse
- `figures`: distances and angles
- `orders`: products in another order, and without what cancels
- `sums`: sums without what cancels, in another order, term by term
- `logarithms`: products, powers and their logarithms
- `growth`: (1 + c/n)^n, and its logarithm
- `ratios`: f(u)/k where k is a factor of u
- `series`: holes, and what cancels towards a point
"""

from collections.abc import Callable, Iterable

from chalkgrad.check.hazards.remedies.figures import angles, arcs, cosines, distances, rejections, tables
from chalkgrad.check.hazards.remedies.growth import growth, slow_growth
from chalkgrad.check.hazards.remedies.guards import guards
from chalkgrad.check.hazards.remedies.holes import flat_holes, holes
from chalkgrad.check.hazards.remedies.infinities import cleared, ends
from chalkgrad.check.hazards.remedies.inverses import inverses
from chalkgrad.check.hazards.remedies.logarithms import logarithms, near_one, products, unities
from chalkgrad.check.hazards.remedies.orders import cancelled, halves, orders
from chalkgrad.check.hazards.remedies.patient import Draft, Patient, Remedy, carried, settled, treated
from chalkgrad.check.hazards.remedies.polynomials import conjugates, expanded
from chalkgrad.check.hazards.remedies.ratios import ratios
from chalkgrad.check.hazards.remedies.series import series, wholes
from chalkgrad.check.hazards.remedies.sums import collected, paired, spread
from chalkgrad.check.hazards.remedies.zeros import masked, nothings, quotients, vanishing

Seeker = Callable[[Patient], Iterable[Draft]]

REMEDIES: tuple[Seeker, ...] = (
    inverses, nothings,
    distances, tables, angles, cosines, arcs, rejections,
    collected, paired, cancelled, expanded, conjugates, orders, halves, spread, growth, slow_growth, cleared,
    logarithms, near_one, products, unities, ratios, series, wholes, holes, flat_holes,
    ends, guards, vanishing, quotients, masked,
)  # fmt: skip
LAST: frozenset[Seeker] = frozenset({vanishing, quotients, masked})  # those that put 0 in place of what has no value
PREPARING: dict[Seeker, Seeker] = {ratios: series, unities: holes}  # what helps only together with another that comes after it

__all__ = ["LAST", "PREPARING", "REMEDIES", "Draft", "Patient", "Remedy", "Seeker", "carried", "settled", "treated"]
