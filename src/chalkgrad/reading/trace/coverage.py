"""The page docs/numpy.md: which functions can be traced, written from the table of rules itself.

$ python -m chalkgrad.reading.trace.coverage > docs/numpy.md
"""

import sys
from collections import defaultdict
from typing import Any

import numpy as np

from chalkgrad.graph.gate import BY_NUMPY
from chalkgrad.reading.trace.functions import COVERED
from chalkgrad.reading.trace.functions.special import RULES
from chalkgrad.reading.trace.table import REFUSED, name_of
from chalkgrad.reading.trace.traced import METHODS

INTRODUCTION = """\
# What of NumPy can be differentiated

`grad`, `jit`, `vmap` and the others run a function once on traced values, which answer NumPy's own dispatch: `import numpy as np`
stays as it is. This page is written from the table of rules (`python -m chalkgrad.reading.trace.coverage`); a function that is not
here is refused with a letter that names the nearest one.

A function in **bold** is a gate of its own; the others are composed of gates. Functions without a slope (comparisons, argmax,
rounding) are traced too: they choose and count, and no gradient flows through them. Ufuncs of two inputs have `.outer` as well.
"""

FAMILIES = {
    "ufuncs": "Element by element",
    "reducing": "Many entries to few",
    "shaping": "Laying entries out",
    "choosing": "Choosing, rounding, ordering",
    "products": "Products",
    "linalg": "Linear algebra",
    "making": "New arrays, and questions about arrays",
}

ENDING = """\
## scipy.special

{special}

## Indexing and operators

All of Python's operators, and indexing by whole numbers, slices, `...`, `None`, arrays of whole numbers and masks. `y[...] = x` and
`y += x` work on traced arrays that share their entries with no other; an ordinary array cannot take a traced value in.

## Methods

{methods}

## What leaves a guard

`if`, `while`, `and`, `int(x)`, `range(int(x))`, masks and `np.nonzero` look at values. The answer is kept as a guard, and where it
changes the function is traced anew. `float(x)` and the functions of `math` are refused.
"""


def page() -> str:
    groups: dict[str, list[str]] = defaultdict(list)
    for function in COVERED:
        if not isinstance(function, str) and not (isinstance(function, tuple) and function[1] == "outer"):
            groups[_family(function)].append(_shown(function))
    parts = [INTRODUCTION]
    for family, title in FAMILIES.items():
        names = sorted(dict.fromkeys(groups.pop(family)), key=str.casefold)
        parts.append(f"## {title}\n\n{', '.join(names)}\n")
    methods = sorted({*METHODS, "reshape", "transpose", "astype", "clip", "T", "mT", "flat"})
    parts.append(
        ENDING.format(special=", ".join(f"`{name}`" for name in sorted(RULES)), methods=", ".join(f"`{name}`" for name in methods))
    )
    lines = [f"- `{name_of(function)}`: {why}" for function, why in REFUSED.items()]
    parts.append("## Refused, with a reason\n\n" + "\n".join(sorted(lines)) + "\n")
    return "\n".join(parts)


def _family(function: Any) -> str:
    if isinstance(function, np.ufunc | tuple):
        return "ufuncs"
    return COVERED[function].__module__.rpartition(".")[2]


def _shown(function: Any) -> str:
    name = f"`{name_of(function)}`"
    return f"**{name}**" if function in BY_NUMPY else name


if __name__ == "__main__":
    sys.stdout.write(page())
