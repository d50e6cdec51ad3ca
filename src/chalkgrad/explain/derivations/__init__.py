"""Derivations: where the slope of a gate comes from, line by line.

- `data`: the lines and their reasons
- `derivation`: their graphs, their LaTeX, and the renderings

    >>> [line.text for line in derive("softplus").lines][-2:]
    ['1 / (e^(−x) + 1)', 'σ(x)']
"""

from chalkgrad.errors import GateError, nearest, quote
from chalkgrad.explain.derivations.data import TOPICS
from chalkgrad.explain.derivations.derivation import Derivation
from chalkgrad.gates import GATES

__all__ = ["TOPICS", "Derivation", "derive"]


def derive(name: str) -> Derivation:
    """The derivation of a gate's slope, or of the shift by the maximum ("shift"). Raises GateError for a name it does not have."""
    if not isinstance(name, str):
        raise GateError(f"A derivation is named by a text, not an object of type {type(name).__name__}.", hint=_all())
    wanted = name.strip().casefold()
    topic = TOPICS.get(wanted) or next((TOPICS[one] for one in TOPICS if one in GATES and wanted in GATES[one].reads), None)
    if topic is not None:
        return Derivation(topic)
    if wanted in GATES:
        raise GateError(f"I have no derivation of {wanted}: {GATES[wanted].lesson}.", hint=_all())
    near = nearest(wanted, TOPICS)
    hint = f"Did you mean {near[0]}? {_all()}" if near else _all()
    raise GateError(f"I have no derivation called {quote(name)}.", hint=hint)


def _all() -> str:
    return f"There are derivations of {', '.join(TOPICS)}."
