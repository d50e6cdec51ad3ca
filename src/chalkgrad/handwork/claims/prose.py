"""Words and formulas told apart: which parts of a line are the sides of equalities, and which are only said.

A word belongs to a formula if it is a name that the paper uses, a gate with something to work on, or bound to a sign. Everything
else is prose, and ends the formula beside it. Brackets that hold prose are remarks.

    >>> chains = divide("so df (by hand) V = x + y = 6 because x = 2", {"V", "x", "y"})
    >>> [[text.strip() for text in one.texts] for one in chains]
    [['V', 'x + y', '6'], ['x', '2']]
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chalkgrad.handwork.claims.marks import FIRST_LETTER, MOST_MARKS
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import LATEX_LETTERS, NAME, SINGLE_NAME, normalised
from chalkgrad.reading.formula.vocabulary import CONSTANTS

_CONNECTING = frozenset(
    "a an the so and then therefore hence thus because since bcz bc cause as we get gets have has had here this that these those "
    "with at for by of to from in on or if when where given let now also it its i is are be was were will would which who using "
    "use used apply applying via plug plugging substitute substituting into insert first second third next finally last step rule "
    "chain product quotient power note recall remember see find found know known compute computing computed calculate calculating "
    "evaluate evaluating evaluated means ie eg respectively both but not only just simply exactly same again my our their your "
    "his her there thing value values point points input inputs answer answers result results solution solutions sol ans check "
    "correct ok okay done good right wrong yes no zero one two three while after before about approximately roughly approx "
    "rounded round decimal decimals degree radians rad units unit total forward backward pass gate gates node nodes edge wire "
    "path paths flows flow through along all each every other side line lines left hand equation eq formula formulas function "
    "functions definition defined define consider suppose assume assuming say example exercise problem question task part hint "
    "remark final wrt respect upstream's dont doesn't do does did can cannot could should must may might than".split()
)  # fmt: skip
_LABELS = frozenset(
    "upstream local incoming downstream outer inner gradient gradients derivative derivatives slope partial grad outside inside"
    " derivs deriv partials jacobian".split()
)
LEADING = frozenset("at with where for given let when if suppose assume consider inputs values input now take set use".split())
_NO_NAMES = _CONNECTING | _LABELS
_ENDING = frozenset("so and because since as but hence therefore thus which where if when bcz then with at by for".split())
_SPOKEN = frozenset("multiplied divided added subtracted squared cubed mod per minus plus times over".split())
_SIGNS_SAID = {"times": "*", "plus": "+", "minus": "-"}
_EQUAL = frozenset("is equals becomes equal gives yields".split())
_FILLING = frozenset("equal to also just simply then thus exactly now the about approximately roughly therefore".split())

_TOKEN = re.compile(
    rf"""
      (?P<SPACE>\s+)
    | (?P<MATRIX>\\begin\{{[a-zA-Z]*(?:matrix|array)\}}.*?\\end\{{[a-zA-Z]*(?:matrix|array)\}})
    | (?P<NUM>(?:[0-9]+(?:\.[0-9]+|\.(?![\s.]|$))?|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)
    | (?P<BREAK>;|(?<!\w)(?:i\.\s?e\.|e\.\s?g\.)|⇒|→|⟹|⟶|=>|[-−]>|<=|>=|!=|≠|<|>|≤|≥|∴|∵|:(?!=)|\.{{2,}}|…|[?!"“”„]|\s—\s)
    | (?P<REL>:=|==?|≈|≃|≡|≅|≐|~=?|∼|≔|≙)
    | (?P<WORD>\\(?:mathrm|mathbf|operatorname|text|mathit)\s*\{{\w+\}}|(?>{NAME})|\\[A-Za-z]+(?:_\{{[^{{}}]*\}}|_\w)?)
    | (?P<OPEN>[(\[{{]|\\[{{]|\\left\s*[(\[|.])
    | (?P<CLOSE>[)\]}}]|\\[}}]|\\right\s*[)\]|.])
    | (?P<COMMA>,)
    | (?P<OP>[-+*/^−–×·⋅∙∗÷∕@√²³¹⁰-⁹⁺⁻ᵀ|∑_&']|\\.)
    | (?P<SAID>⁽[^⁾]*⁾)
    | (?P<OTHER>.)
    """,
    re.VERBOSE,
)
_INVERSES = frozenset(("sec", "csc", "cosec", "cot"))
_SIGN_COMMANDS = frozenset("cdot times div ast odot frac dfrac tfrac sqrt left right top big Big bigg Bigg , ; ! sum".split())
_LETTERS = range(FIRST_LETTER, FIRST_LETTER + MOST_MARKS)


@dataclass(frozen=True, slots=True)
class Chain:
    """Sides of equalities, from one line: where each stands in it, and the sign before each. The first side may be missing.

    `open` says that the chain begins with its sign, and goes on from what stood before; `spoken` that its first side was said in
    words; `lead` is the word before it.
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    signs: tuple[str, ...]
    open: bool
    spoken: bool
    lead: str


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int
    stop: int


def divide(text: str, known: Collection[str]) -> list[Chain]:
    """The chains of equalities in a line whose marks have their letters. `known` are the names that the paper uses."""
    tokens = _without_remarks(_tokens(text, known))
    _bracket_tuples(tokens)
    _hear_signs(tokens)
    chains: list[Chain] = []
    segment: list[_Token] = []
    depth = 0
    lead = ""
    for token in tokens:
        depth += (token.kind == "OPEN") - (token.kind == "CLOSE")
        ends = token.kind == "BREAK" or (token.kind == "COMMA" and depth <= 0)
        if not ends:
            segment.append(token)
            continue
        chains += _chains(text, segment, lead)
        lead = _last_word(segment) or (lead if token.kind == "COMMA" else "")
        segment, depth = [], 0
    return [*chains, *_chains(text, segment, lead)]


def vocabulary(texts: Sequence[str]) -> set[str]:
    """The names that a paper uses: what stands directly before a sign of equality, and letters."""
    names: set[str] = set()
    for text in texts:
        for listed in _LISTED.finditer(text):
            names.update(normalised(one.strip()) for one in listed["names"].split(","))
        for found in _NAMED.finditer(text):
            word = normalised(found["name"])
            if word in CONSTANTS and not _is_own(text, found):
                continue
            if found["call"] and function(found["name"].lstrip("\\"), called=True):
                continue  # exp(x) = 2.7 says something of a gate
            if (len(word) == 1 or word.casefold() not in _NO_NAMES) and not _is_letter(word):
                names.add(word)
    whole = "\n".join(texts)
    return {
        name for name in names if not (len(name) > 1 and function(name, called=True) and re.search(rf"(?<!\w){name}[(_]", whole))
    }


def _is_own(text: str, found: re.Match[str]) -> bool:
    """Whether a line such as e = a*b takes the letter of a constant for a name of its own."""
    before = text[: found.start()].rstrip()
    said = text[found.end("name") :].lstrip(" :=")
    return not before.endswith(tuple("+-−*/^·×=≈(_{")) and not said.startswith(f"{CONSTANTS[normalised(found['name'])]:.3f}"[:4])


_LISTED = re.compile(rf"[\[(](?P<names>\s*(?>{NAME})(?:\s*,\s*(?>{NAME}))+\s*)[\])]\s*=")
_NAMED = re.compile(
    rf"(?<![\w\\./])(?P<name>(?>{NAME})|\\[A-Za-z]+(?:_\w|_\{{\w+\}})?)\s*(?P<call>\([A-Za-z_, 0-9]*\))?\s*(?=:=|=(?![=>]))"
)


def _is_letter(word: str) -> bool:
    """Whether the word is the letter of a mark."""
    return len(word) == 1 and ord(word) in _LETTERS


def _tokens(text: str, known: Collection[str]) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(text):
        kind, word = found.lastgroup or "OTHER", found[0]
        if kind == "SPACE":
            continue
        if kind == "WORD":
            kind = _kind(word, known)
        elif kind == "MATRIX":
            kind = "NUM"
        elif kind == "OTHER":
            kind = "BREAK" if word == "." else "PROSE"
        tokens.append(_Token(kind, word, found.start(), found.end()))
    depth = 0
    for place, token in enumerate(tokens):
        _settle(tokens, place, token)
        depth += (token.kind == "OPEN") - (token.kind == "CLOSE")
        if depth > 0 and token.text in (";", "≠", "!="):
            token.kind = "COMMA" if token.text == ";" else "OP"  # the rows of a matrix; a sum over j ≠ 0
    return tokens


def _kind(word: str, known: Collection[str]) -> str:
    """NAME for what is a name, FUNC for a gate, LABEL and PROSE for what is only said, UNKNOWN."""
    key = normalised(word)
    if _is_letter(word) or key in known:
        return "NAME"
    if word[0] == "\\":
        command = word[1:].partition("_")[0]
        if command in _SIGN_COMMANDS:
            return "OP"
        return "NAME" if command in LATEX_LETTERS else "FUNC" if function(command, called=True) else "NAME"
    if word.casefold() in _LABELS:
        return "LABEL"
    if word.casefold() in _EQUAL:
        return "EQUAL"
    if len(word) == 1 and word in "aAI":
        return "NAME" if word == "A" else "UNKNOWN"
    if re.fullmatch(r"sum_(?:\w|\{[^{}]*\})", word):
        return "NAME"
    if len(word) > 1 and word.casefold() in _CONNECTING:
        return "PROSE"
    if key in CONSTANTS or (len(key) == 1 and key.isalpha()):
        return "NAME"
    if function(word, called=True) or word in _INVERSES:
        return "FUNC"
    pieces = SINGLE_NAME.findall(word)
    if "".join(pieces) == word and all(normalised(one) in known or one in ("e", "π") for one in pieces):
        return "NAME"
    if SINGLE_NAME.fullmatch(word):
        return "NAME"
    return "UNKNOWN"


def _settle(tokens: list[_Token], place: int, token: _Token) -> None:
    """What a word is by its neighbours."""
    before = tokens[place - 1].kind if place else "BREAK"
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    follows = after.kind if after else "BREAK"
    touching = after is not None and after.kind == "OPEN" and after.start == token.stop
    if token.kind == "UNKNOWN":
        bound = follows in ("OP", "REL") or touching or before == "OP"
        alone = before == "REL" and follows in ("BREAK", "COMMA", "CLOSE", "REL")
        token.kind = "NAME" if bound or alone else "PROSE"
    elif token.kind == "FUNC":
        fits = (
            touching
            or follows in ("NAME", "NUM", "FUNC", "OPEN")
            or (after is not None and after.text in ("^", "_", "²", "\\left"))
        )
        token.kind = "NAME" if fits else "PROSE"
    elif token.kind == "LABEL":
        token.kind = "SAID" if "OP" in (before, follows) or (before == "SAID") else "PROSE"
    elif token.kind == "PROSE" and token.text.casefold() in _SPOKEN:
        token.kind = "SAID"


def _bracket_tuples(tokens: list[_Token]) -> None:
    """(2x, 2y) as [2x, 2y]: a list, where no function stands before it."""
    opened: list[tuple[int, bool]] = []
    for place, token in enumerate(tokens):
        if token.kind == "OPEN":
            sized = place > 0 and tokens[place - 1].text == r"\left"
            before = tokens[place - 1 - sized] if place > sized else None
            called = before is not None and before.kind in ("NAME", "CLOSE") and (sized or before.stop == token.start)
            opened.append((place, token.text == "(" and not called))
        elif token.kind == "COMMA" and opened and opened[-1][1]:
            tokens[opened[-1][0]].text = "["
        elif token.kind == "CLOSE" and opened and tokens[opened.pop()[0]].text == "[" and token.text == ")":
            token.text = "]"


def _without_remarks(tokens: list[_Token]) -> list[_Token]:
    """The tokens without brackets that hold prose."""
    opened: list[int] = []
    remarks: list[tuple[int, int]] = []
    for place, token in enumerate(tokens):
        if token.kind == "OPEN":
            opened.append(place)
        elif token.kind == "CLOSE" and opened:
            first = opened.pop()
            inside = tokens[first + 1 : place]
            if any(one.kind in ("PROSE", "EQUAL", "REL", "BREAK") for one in inside) or not inside:
                remarks.append((first, place))
    if not remarks:
        return tokens
    inside_remark = bytearray(len(tokens))
    for first, last in remarks:
        called = first > 0 and tokens[first - 1].kind == "NAME" and tokens[first - 1].stop == tokens[first].start
        if first > 0 and tokens[first - 1].text in ("_", "^"):
            for one in tokens[first + 1 : last]:  # ∑_{i=1}^{n}
                one.kind = "OP" if one.kind in ("REL", "BREAK", "EQUAL") else one.kind
            continue
        if called and not any(one.kind in ("PROSE", "EQUAL") for one in tokens[first + 1 : last]):
            for one in tokens[first + 1 : last]:  # sum(A, axis=0), where(x > 0, a, b)
                one.kind = "OP" if one.kind in ("REL", "BREAK") else one.kind
            continue
        inside_remark[first : last + 1] = b"\1" * (last + 1 - first)
    return [token for place, token in enumerate(tokens) if not inside_remark[place]]


def _hear_signs(tokens: list[_Token]) -> None:
    """`is`, `equals`, `times` and the like as signs, where a formula stands on both sides of them."""
    equated = False  # "the slope of f at x = 2 is 4" does not say that 2 is 4
    for place, token in enumerate(tokens):
        before = tokens[place - 1].kind if place else "BREAK"
        equated = (equated or token.kind == "REL") and token.kind not in ("BREAK", "COMMA")
        if token.text.casefold() in _SIGNS_SAID and token.kind in ("PROSE", "SAID", "NAME", "UNKNOWN"):
            follows = tokens[place + 1].kind if place + 1 < len(tokens) else "BREAK"
            if before in ("NAME", "NUM", "CLOSE") and follows in ("NAME", "NUM", "OPEN", "OP"):
                token.kind, token.text = "OP", _SIGNS_SAID[token.text.casefold()]
        elif token.kind == "EQUAL":
            token.kind = "PROSE"
            if equated or before not in ("NAME", "NUM", "CLOSE"):
                continue
            start = place + 1
            about = False
            while start < len(tokens) and tokens[start].text.casefold() in _FILLING:
                about = about or tokens[start].text.casefold() in ("about", "approximately", "roughly")
                start += 1
            if _is_formula(tokens, start):
                token.kind, token.text = "REL", "≈" if about else "="
                for one in tokens[place + 1 : start]:
                    one.kind = "NOTHING"


def _is_formula(tokens: list[_Token], start: int) -> bool:
    """Whether a formula begins at `start` and reaches to the end of the sentence."""
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token.kind in ("BREAK", "COMMA", "REL") or token.text.casefold() in _ENDING:
            return place > start
        if token.kind not in ("NAME", "NUM", "OP", "OPEN", "CLOSE"):
            return False
    return start < len(tokens)


def _last_word(segment: list[_Token]) -> str:
    return segment[-1].text.casefold() if segment and segment[-1].kind == "PROSE" else ""


def _chains(text: str, segment: list[_Token], lead: str) -> list[Chain]:
    """The chains of one part of a sentence: what stands between prose, with a sign of equality or without."""
    found: list[Chain] = []
    sides: list[list[_Token]] = [[]]
    signs: list[str] = []
    spoken = False
    tokens = [one for one in segment if one.kind != "NOTHING"]

    def close() -> None:
        nonlocal sides, signs, spoken
        if signs or sides[0]:
            found.append(_chain(text, sides, signs, spoken, lead))
        sides, signs, spoken = [[]], [], False

    for token in tokens:
        if token.kind == "REL":
            sides.append([])
            signs.append("≈" if token.text in "≈≃≅≐~=∼" and token.text != "=" and token.text != "==" else "=")
        elif token.kind == "PROSE":
            if token.text.casefold() in _SPOKEN:
                sides[-1].append(token)
                continue
            if sides[-1] or signs:
                keep = not signs and bool(sides[-1])
                close()
                spoken = keep
            else:
                spoken = True
            lead = token.text.casefold()
        else:
            sides[-1].append(token)
            if not signs and token.kind != "SAID" and len(sides[0]) == 1:
                spoken = False
    close()
    return _joined(found)


def _chain(text: str, sides: list[list[_Token]], signs: list[str], spoken: bool, lead: str) -> Chain:
    texts, spans, kept = [], [], []
    for place, side in enumerate(sides):
        while side and side[-1].kind == "OP" and side[-1].text in "-−–":
            side.pop()
        if any(one.kind in ("SAID", "PROSE") for one in side):
            side = []
            spoken = spoken or place == 0
        if not side:
            if place == 0:
                texts.append("")
                spans.append((0, 0))
            continue
        start, stop = side[0].start, side[-1].stop
        texts.append(_between(text, side, start, stop))
        spans.append((start, stop))
        if place:
            kept.append(signs[place - 1])
    return Chain(tuple(texts), tuple(spans), tuple(kept), not texts[0] and not spoken, spoken and not texts[0], lead)


def _between(text: str, side: list[_Token], start: int, stop: int) -> str:
    """The side's own text: words that were heard as signs are signs, remarks are spaces."""
    out = [" "] * (stop - start)
    for token in side:
        out[token.start - start : token.stop - start] = token.text.ljust(token.stop - token.start)
    return "".join(out)


def _joined(chains: list[Chain]) -> list[Chain]:
    """ "df/dx at this point = 2": what is said between a formula and its sign does not part them."""
    result: list[Chain] = []
    for chain in chains:
        last = result[-1] if result else None
        if last and not last.signs and last.texts[0] and not chain.texts[0] and chain.signs:
            result[-1] = Chain(
                (*last.texts, *chain.texts[1:]), (*last.spans, *chain.spans[1:]), chain.signs, False, False, last.lead
            )
        else:
            result.append(chain)
    return result
