"""The words of a text looked up: for each the pieces it is made of, for each statement the definitions it needs.

Which words are names depends on all definitions and values, so this comes after the text has been divided and before it is parsed.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalkgrad.errors import ChalkgradError, Span
from chalkgrad.reading.formula.brackets import Layout
from chalkgrad.reading.formula.names import normalised
from chalkgrad.reading.formula.statements import Statement
from chalkgrad.reading.formula.tokens import Tokens
from chalkgrad.reading.formula.vocabulary import Pieces, Vocabulary

_WORDS_OF_SETTINGS = frozenset(["true", "false", "none", "True", "False", "None"])


@dataclass(slots=True)
class Words:
    """What the words of a text are. `codes` says for each token which of the `readings` it has."""

    codes: "array[int]"
    readings: list[Pieces] = field(default_factory=list)
    inputs: dict[str, Span] = field(default_factory=dict)  # names that are no definitions, and where each stands first


def look_up(tokens: Tokens, layout: Layout, statements: list[Statement], spelled: Mapping[str, str] | None) -> Words:
    """Read every word; `spelled` holds the names that were given values, or is None where values come later."""
    words = Words(array("i", [-1]) * len(tokens))
    definitions = {one.name for one in statements if one.name and one.literal is None}
    heads = {one.name for one in statements if one.parameters is not None}
    vocabulary = _vocabulary(tokens, statements, spelled)
    kinds = tokens.kinds
    cache: dict[object, int] = {}
    for statement in statements:
        if statement.literal is not None:
            words.inputs.setdefault(statement.name, tokens.span(statement.target))
            continue
        for parameter in statement.parameters or ():
            if spelled is None or parameter in spelled:
                words.inputs.setdefault(parameter, tokens.span(statement.target))
        needs: dict[str, None] = {}
        for index in range(statement.first, statement.last):
            kind = kinds[index]
            if kind != "NAME" and kind != "WORD":
                continue
            text = tokens.spelling(index)
            following = kinds[index + 1] if index + 1 < statement.last else "END"
            key = (text, kind, following == "LPAR", following == "POW")
            code = cache.get(key, -1)
            before = kinds[index - 1] if index else ""
            if before in ("POW", "LBRACE", "NOTHING", "COMMA", "LPAR") and _special(tokens, vocabulary, statement, index, text):
                if kinds[index] != "RUN":
                    continue
                code = len(words.readings)
                words.readings.append(vocabulary.after_top(text) or ())
            elif code < 0:
                try:
                    pieces = vocabulary.read(text, whole=kind == "WORD", called=key[2], powered=key[3])
                except ChalkgradError as error:
                    raise error.located(tokens.source, tokens.span(index)) from None
                code = cache[key] = len(words.readings)
                words.readings.append(pieces)
            pieces = words.readings[code]
            words.codes[index] = code
            simple = len(pieces) == 1 and pieces[0].kind == "NAME" and pieces[0].key not in heads
            kinds[index] = "NAME" if simple else "RUN"
            for piece in pieces:
                name = piece.key
                if piece.function is not None:
                    if not isinstance(piece.function.base, str):
                        continue
                    name = normalised(piece.function.base)
                elif piece.kind != "NAME":
                    continue
                if name in definitions:
                    needs[name] = None
                elif name not in words.inputs:
                    start = tokens.starts[index]
                    alone = len(pieces) == 1
                    words.inputs[name] = tokens.span(index) if alone else (start + piece.start, start + piece.stop)
        statement.needs = tuple(needs)
    return words


def _vocabulary(tokens: Tokens, statements: list[Statement], spelled: Mapping[str, str] | None) -> Vocabulary:
    names = {one.name for one in statements if one.name}
    parameters = {name for one in statements for name in one.parameters or ()}
    if spelled is not None:
        return Vocabulary(names | set(spelled), strict=True, latex=tokens.latex)
    plain = set()
    for index, kind in enumerate(tokens.kinds):
        if (kind == "NAME" or kind == "WORD") and tokens.kinds[index + 1 : index + 2] != ["LPAR"]:
            plain.add(tokens.spelling(index))
    return Vocabulary(names | parameters, strict=False, latex=tokens.latex, plain=set(map(normalised, plain)))


def _special(tokens: Tokens, vocabulary: Vocabulary, statement: Statement, index: int, text: str) -> bool:
    """Words that are something else by their place: the T of a transposition, and true, false and none as settings."""
    kinds = tokens.kinds
    before = kinds[index - 1]
    after = kinds[index + 1] if index + 1 < statement.last else "END"
    if before == "POW" or (before == "LBRACE" and after == "RBRACE" and kinds[index - 2] == "POW"):
        pieces = vocabulary.after_top(text)
        if pieces is None:
            return False
        kinds[index] = "TOP" if len(pieces) == 1 else "RUN"
        return True
    if after not in ("COMMA", "RPAR", "RBRACE") or normalised(text) in vocabulary.names:
        return False
    place = index - 1
    while place > statement.first and kinds[place] == "NOTHING":
        place -= 1
    if kinds[place] == "KEYWORD" or (kinds[place] in ("COMMA", "LPAR") and text in _WORDS_OF_SETTINGS):
        kinds[index] = "SETTING"
        return True
    return False
