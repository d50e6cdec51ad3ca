"""Numbers and wires as the doctor's sentences name them.

>>> import mpmath
>>> precise(mpmath.exp(1000)), precise(mpmath.mpf(0.1)), precise(mpmath.mpf("-inf"))
('1.97007·10⁴³⁴', '0.1', '−∞')
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.notation.expression import named, write
from chalkgrad.notation.numbers import DIGITS, MINUS, SUPERSCRIPTS, show

LONGEST = 60


def precise(value: Any, digits: int = DIGITS) -> str:
    """A true number as `show` writes floats, also where it is beyond them."""
    number = rounded(value)
    if number is not None:
        return show(number, digits)
    mantissa, exponent = scientific(value, digits)
    mantissa = mantissa.replace("-", MINUS)
    tens = f"10{exponent.translate(SUPERSCRIPTS)}"
    return tens if mantissa == "1" else f"{mantissa}·{tens}"


def scientific(value: Any, digits: int) -> tuple[str, str]:
    """Mantissa and power of ten of a true number, in as many digits.

    >>> import mpmath
    >>> scientific(mpmath.exp(1000), 6)
    ('1.97007', '434')
    """
    mp = value.context
    with mp.workdps(digits + 10):
        short = +value  # Python refuses to write whole numbers of thousands of digits
    mantissa, _, exponent = str(mp.nstr(short, digits, min_fixed=0, max_fixed=0)).partition("e")
    return mantissa.removesuffix(".0"), exponent.removeprefix("+")


def rounded(value: Any) -> float | None:
    """The float nearest to a true number; None where that would be 0 or infinite and the number is not."""
    number = float(value)
    beyond = (np.isinf(number) and abs(value) != value.context.inf) or (number == 0 and value != 0)
    return None if beyond else number


class Writer:
    """Writes wires of the forward pass by their names."""

    def __init__(self, graph: Graph, names: Mapping[int, str]) -> None:
        self.graph, self.names = graph, names

    def name(self, node: int) -> str:
        """A wire by its name, a constant by its number."""
        return self.names[node] if node in self.names else write(self.graph, node, longest=LONGEST)

    def formula(self, node: int) -> str:
        """The gate over the names of its inputs."""
        parts = {wire: named(name) for wire, name in self.names.items()}
        return write(self.graph, node, parts, opened=True, longest=LONGEST).replace("-", MINUS)

    def equation(self, node: int) -> str:
        """name = formula; an input by its name alone."""
        if self.graph.gate(node) is None:
            return self.name(node)
        written, name = self.formula(node), self.name(node)
        return written if written == name else f"{name} = {written}"
