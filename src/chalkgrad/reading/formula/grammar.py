"""The grammar of formulas: what is recognised, and the rule of the `Builder` that builds it (the names after `->`).

Its tokens are those of `writing`. `make grammar` turns it into the automaton that `automaton` runs, after a change here.

>>> print(grammar().splitlines()[-2][:59])
?sum: sum PLUS product -> add | sum MINUS product -> subtra
"""

# From loosest to tightest: what is recognised, and the rule that builds it. A sign binds less tightly than a power, -x^2, and
# more tightly than a product; an exponent may have a sign of its own, and powers group from the right.
LEVELS = {
    "condition": ["sum COMPARE sum -> compare"],
    "sum": ["sum PLUS product -> add", "sum MINUS product -> subtract"],
    "product": [
        "product STAR signed -> multiply",
        "product TIMES signed -> times",
        "product SLASH signed -> divide",
        "product AT signed -> matmul",
    ],
    "signed": ["operand POW signed -> power", "MINUS signed -> negative", "PLUS signed -> positive"],
    "operand": [
        "NAME",
        "NUM",
        "LPAR condition RPAR -> group",
        "BAR_OPEN sum BAR_CLOSE -> absolute",
        "LIST_OPEN entries LIST_CLOSE -> vector",
        "FUNC LPAR arguments RPAR -> call",
        "FUNC POW signed LPAR arguments RPAR -> raised_call",
        "FRAC LPAR sum RPAR LPAR sum RPAR -> fraction",
        "ROOT LPAR sum RPAR LPAR sum RPAR -> root",
        "operand INDEX -> index",
        "operand TRANSPOSE -> transpose",
    ],
}


def grammar() -> str:
    """The grammar as Lark reads it.

    Each level repeats all tighter ones rather than lead to the next: a name becomes a sum in one step instead of five, which
    halves the time.
    """
    rules: list[str] = []
    alternatives: list[str] = []
    for level, own in reversed(LEVELS.items()):
        alternatives = own + alternatives
        rules.append(f"?{level}: {' | '.join(alternatives)}")
    return REST + "\n".join(rules)


REST = """
    start: definitions STOP
    definitions: definition              -> defined
               | definitions definition  -> defined
    definition: NAMED condition END      -> define

    entries: sum                         -> first
           | entries COMMA sum           -> more
    arguments: argument                  -> first
             | arguments COMMA argument  -> more
    ?argument: condition
             | WORD
             | KEYWORD sum               -> setting
             | KEYWORD WORD              -> setting
             | KEYWORD LPAR RPAR         -> empty_setting

    %declare NAMED END STOP COMPARE PLUS MINUS STAR TIMES SLASH AT POW NAME NUM LPAR RPAR BAR_OPEN BAR_CLOSE
    %declare LIST_OPEN LIST_CLOSE FUNC FRAC ROOT INDEX TRANSPOSE COMMA WORD KEYWORD
"""
