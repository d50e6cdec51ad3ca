"""Formulas on the command line that begin with a minus.

Click reads -y*log(p) as the options -y, -*, -l and -o, and writes the answer into a file "g(p)". Here what holds a sign of
arithmetic behind its minus is a formula, and a space keeps it from being an option.

    >>> is_formula("-y*log(p)"), is_formula("-x^2"), is_formula("-o"), is_formula("-o/home/page.html"), is_formula("--wrt")
    (True, True, False, False, False)
"""

import re

ARITHMETIC = re.compile(r"-(?!-).*[*+^(;\[]|-\w+ *[-/] *\w")
FILE = re.compile(r"-[of][./~]")  # an option with its file behind it


def is_formula(word: str) -> bool:
    """Whether a word that begins with a minus is a formula and no option."""
    return ARITHMETIC.match(word) is not None and FILE.match(word) is None
