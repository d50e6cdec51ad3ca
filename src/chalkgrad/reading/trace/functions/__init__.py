"""Rules for NumPy's functions, by family; importing this package fills the table.

- `reducing`: sum, mean, var, std, max and their like
- `missing`: the same without the entries that are nan
- `shaping`: reshape, transpose, join, split, repeat, pad
- `choosing`: where, clip, round, sort, take
- `products`: dot, einsum, outer, kron
- `linalg`: solve, inv, det, cholesky, qr, eigh, svd, norm
- `special`: functions of scipy.special
- `standard`: functions that came to NumPy with the array API standard
- `making`: new arrays like an old one, and questions about shape and kind
"""

from chalkgrad.reading.trace import indexing, ufuncs
from chalkgrad.reading.trace.functions import choosing, linalg, making, missing, products, reducing, shaping, special, standard
from chalkgrad.reading.trace.table import COVERED

__all__ = [
    "COVERED",
    "choosing",
    "indexing",
    "linalg",
    "making",
    "missing",
    "products",
    "reducing",
    "shaping",
    "special",
    "standard",
    "ufuncs",
]
