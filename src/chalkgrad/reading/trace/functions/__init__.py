"""Rules for NumPy's functions, by family; importing this package fills the table.

- `reducing`: sum, mean, var, std, max, norm and their like
- `shaping`: reshape, transpose, join, split, repeat, pad
- `choosing`: where, clip, round, sort, take
- `products`: dot, einsum, outer, kron
- `linalg`: solve, inv, det, cholesky, eigh
- `special`: functions of scipy.special
- `making`: new arrays like an old one, and questions about shape and kind
"""

from chalkgrad.reading.trace import indexing, ufuncs
from chalkgrad.reading.trace.functions import choosing, linalg, making, products, reducing, shaping, special
from chalkgrad.reading.trace.table import COVERED

__all__ = ["COVERED", "choosing", "indexing", "linalg", "making", "products", "reducing", "shaping", "special", "ufuncs"]
