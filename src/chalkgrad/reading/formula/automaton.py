"""Running the automaton of the grammar: an LALR(1) parser with a stack of its own, so nesting costs no recursion.

While it parses it calls the rules of a `Builder`, which build the graph; no syntax tree is made. `automaton.json` holds what Lark
makes of the grammar (`make grammar` writes it, and a test compares it): working it out anew in each process would take longer than
everything else that a formula needs. Of its states, each gives for a token the next state, or -1 - r: what was read is rule r.

Source: Aho, Lam, Sethi, Ullman, "Compilers", section 4.6 (the loop) and 4.7 (LALR tables).

>>> start, rules, states = automaton()
>>> rules[0], len(states) == 1 + max(target for state in states for target in state.values())
(('argument', 1, None), True)
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from chalkgrad.reading.formula.build import Builder
from chalkgrad.reading.formula.letters import unexpected
from chalkgrad.reading.formula.writing import Token

HOME = Path(__file__).with_suffix(".json")

Rule = tuple[str, int, str | None]  # what it makes, of how many parts, and the Builder's method; None hands its one part on


@lru_cache
def automaton() -> tuple[int, list[Rule], list[dict[str, int]]]:
    """The first state, the rules, and the states."""
    found = json.loads(HOME.read_text(encoding="utf-8"))
    return found["start"], [tuple(rule) for rule in found["rules"]], found["states"]


def parse(builder: Builder, tokens: Iterator[Token], source: str) -> None:
    """Build what the tokens say. Raises FormulaError at the first that does not fit."""
    start, rules, states = automaton()
    makers = [(made, size, getattr(builder, name) if name else None) for made, size, name in rules]
    stack: list[int] = [start]
    values: list[Any] = []
    before: Token | None = None
    for token in _stopped(tokens, len(source)):
        kind = token.type
        while True:
            state = states[stack[-1]]
            action = state.get(kind)
            if action is None:
                raise unexpected(source, before, token, {one for one in state if one.isupper()})
            if action >= 0:
                break
            made, size, make = makers[-1 - action]
            if make is None:
                stack[-1] = states[stack[-2]][made]
                continue
            parts = values[-size:]
            del values[-size:], stack[-size:]
            values.append(make(parts))
            stack.append(states[stack[-1]][made])
        stack.append(action)
        values.append(token)
        before = token


def _stopped(tokens: Iterator[Token], end: int) -> Iterator[Token]:
    yield from tokens
    yield Token(None, end, end, "STOP")
