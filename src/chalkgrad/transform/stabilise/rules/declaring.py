"""How rules are registered: the table of what they say, and who recognises them at which gate.

A recogniser looks at a gate of one kind, through views, and answers with the rule that applies and the stable wire, or with None.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from chalkgrad.graph.gate import CODES, GATES
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.views import Views

Found = tuple[Rule, Wire]
Recognise = Callable[[Views, int], Found | None]


class Recogniser(NamedTuple):
    """Who looks at a gate, where one of these gates is among its parts (`Views.parts`); at every gate where there are none."""

    recognise: Recognise
    among: frozenset[str]


RULES: list[Rule] = []
RECOGNISERS: dict[int, list[Recogniser]] = {}  # by the code of the gate that completes the form


def rule(name: str, **said: object) -> Rule:
    """Declare a rule: it stands in the table from then on."""
    declared = Rule(name=name, **said)  # type: ignore[arg-type]
    RULES.append(declared)
    return declared


def completes(*gates: str, among: Collection[str] = ()) -> Callable[[Recognise], Recognise]:
    """Registers a recogniser at the gates that complete its form. Those registered first are asked first.

    With `among`, it is asked only where one of these gates is a part of the sum or product; sums and products are in every graph.
    """

    def register(recognise: Recognise) -> Recognise:
        for name in gates:
            RECOGNISERS.setdefault(CODES[GATES[name]], []).append(Recogniser(recognise, frozenset(among)))
        return recognise

    return register
