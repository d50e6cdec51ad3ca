"""From the text of a formula to its graph: plain text, Unicode and LaTeX, of one statement or several.

- `scanning`, `tokens`, `latex`, `names`: what the signs are, and how names are spelled
- `brackets`, `statements`, `order`: which bracket closes which, where statements end, which of them comes first
- `words`, `vocabulary`, `functions`: what a word is: a name, a product of names, a gate
- `writing`, `doubts`, `indices`: what people leave out, put in; and what could be read in two ways, refused
- `grammar`, `automaton`, `build`, `calls`, `twins`, `letters`: the parser, and the graph that it builds
- `values`, `typed`: what values inputs may have
- `formula`: all of it together, `read`
"""

from chalkgrad.reading.formula.formula import Formula, inputs_of, read
from chalkgrad.reading.formula.typed import read_value

__all__ = ["Formula", "inputs_of", "read", "read_value"]
