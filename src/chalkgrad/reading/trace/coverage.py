"""The page docs/numpy.md: which functions can be traced, written from the table of rules itself.

$ python -m chalkgrad.reading.trace.coverage > docs/numpy.md
"""

import sys
from collections import defaultdict
from typing import Any

import numpy as np

from chalkgrad.graph.gate import BY_NUMPY
from chalkgrad.reading.trace.array_api.standard import UNTRACED, VERSION, chapters, share
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
    "missing": "Where numbers are missing (nan)",
    "shaping": "Laying entries out",
    "choosing": "Choosing, rounding, ordering",
    "products": "Products",
    "linalg": "Linear algebra",
    "standard": "What came with the array API standard",
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

STANDARD = """\
## The Python array API standard

`x.__array_namespace__()` of a traced value is `chalkgrad.array_api`, version {version} of the standard, so that code
written for it is traced as it stands. The same module works on NumPy arrays outside of a trace
(`from chalkgrad import array_api as xp`). Of the {count} names of the standard and its extensions, {traced} can be traced
({percent} %).

| chapter | traced |
| --- | --- |
{chapters}

Not traced:

{untraced}

SciPy's functions for the standard (`scipy.special.logsumexp`, `softmax` and `log_softmax`, many of `scipy.stats`,
`scipy.integrate` and others) trace as far as they are written in Python over such names; what they compute in compiled
code is refused. SciPy's switch `SCIPY_ARRAY_API` may be on or off.
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
    parts.append(_standard())
    lines = [f"- `{name_of(function)}`: {why}" for function, why in REFUSED.items()]
    parts.append("## Refused, with a reason\n\n" + "\n".join(sorted(lines)) + "\n")
    return "\n".join(parts)


def _standard() -> str:
    count, able = share()
    groups = {chapter: (len(names), sum(name not in UNTRACED for name in names)) for chapter, names in chapters().items()}
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, why in UNTRACED.items():
        reasons[why].append(f"`{name}`")
    return STANDARD.format(
        version=VERSION, count=count, traced=able, percent=round(100 * able / count),
        chapters="\n".join(f"| {chapter} | {some} of {whole} |" for chapter, (whole, some) in groups.items()),
        untraced="\n".join(f"- {', '.join(names)}: {why}" for why, names in reasons.items()),
    )  # fmt: skip


def _family(function: Any) -> str:
    if isinstance(function, np.ufunc | tuple):
        return "ufuncs"
    return COVERED[function].__module__.rpartition(".")[2]


def _shown(function: Any) -> str:
    name = f"`{name_of(function)}`"
    return f"**{name}**" if function in BY_NUMPY else name


if __name__ == "__main__":
    sys.stdout.write(page())
