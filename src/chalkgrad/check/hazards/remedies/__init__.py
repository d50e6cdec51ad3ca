"""What the doctor does where no stable form is known: remedies found by looking at the numbers themselves.

The rules of `transform.stabilise` hold for all numbers and are used everywhere. A remedy is for these numbers: it is drawn where
the forward pass is seen to go wrong, and kept only where the judge finds the results better for it.

- `patient`: what a remedy looks at, and how drafts are put into a graph
- `guards`: gates at the edge of their domain
- `zeros`: 0 times a logarithm, 0 over 0
- `complements`: 1 ± erf
- `figures`: distances and angles
- `orders`: products in another order, and without what cancels
- `logarithms`: products, powers and their logarithms
- `growth`: (1 + c/n)^n
- `series`: holes, and what cancels towards a point
"""

from collections.abc import Callable, Iterable

from chalkgrad.check.hazards.remedies.complements import complements
from chalkgrad.check.hazards.remedies.figures import angles, arcs, distances
from chalkgrad.check.hazards.remedies.growth import growth
from chalkgrad.check.hazards.remedies.guards import guards
from chalkgrad.check.hazards.remedies.logarithms import logarithms, products
from chalkgrad.check.hazards.remedies.orders import cancelled, halves, orders
from chalkgrad.check.hazards.remedies.patient import Draft, Patient, Remedy, carried, settled, treated
from chalkgrad.check.hazards.remedies.series import series
from chalkgrad.check.hazards.remedies.zeros import nothings, quotients, vanishing

REMEDIES: tuple[Callable[[Patient], Iterable[Draft]], ...] = (
    complements, nothings, distances, angles, arcs, cancelled, orders, halves, growth, logarithms, products, series, guards,
    vanishing, quotients,
)  # fmt: skip

__all__ = ["REMEDIES", "Draft", "Patient", "Remedy", "carried", "settled", "treated"]
