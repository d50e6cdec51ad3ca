"""The automaton of the grammar of formulas, worked out by Lark.

$ python tests/reading/automata.py      # or make grammar: writes it to where the reader of formulas takes it from
"""

import json
from collections.abc import Iterable
from typing import Any

from lark import Lark
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from chalkgrad.reading.formula.automaton import HOME
from chalkgrad.reading.formula.grammar import grammar


class _NoLexer(Lexer):
    """Lark asks for a lexer; the tokens of formulas are there already."""

    __future_interface__ = 2

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        raise NotImplementedError


def text() -> str:
    """What is to stand in the file: the first state, a line for each rule, a line for each state.

    The order does not depend on how Lark goes about it: states come as they are reached from the first one.
    """
    lark = Lark(grammar(), parser="lalr", lexer=_NoLexer, keep_all_tokens=True, maybe_placeholders=False)
    table = lark.parser.parser._parse_table
    for state in table.states.values():
        state.pop("$END", None)  # with STOP, all is built
    number = {table.start_states["start"]: 0}
    order = list(number)
    for state in order:
        for _, (kind, to) in sorted(table.states[state].items()):
            if kind is Shift and to not in number:
                number[to] = len(order)
                order.append(to)
    found = {_rule(rule) for state in order for kind, rule in table.states[state].values() if kind is not Shift}
    rules = sorted(found, key=str)
    place = {rule: -1 - at for at, rule in enumerate(rules)}
    states = [
        {symbol: number[to] if kind is Shift else place[_rule(to)] for symbol, (kind, to) in sorted(table.states[state].items())}
        for state in order
    ]
    return f'{{"start": 0,\n"rules": {_lines(rules)},\n"states": {_lines(states)}}}\n'


def _rule(rule: Any) -> tuple[str, int, str | None]:
    return rule.origin.name, len(rule.expansion), rule.alias or (None if rule.options.expand1 else rule.origin.name)


def _lines(held: Iterable[Any]) -> str:
    return "[\n" + ",\n".join(map(json.dumps, held)) + "\n]"


if __name__ == "__main__":
    HOME.write_text(text(), encoding="utf-8")
