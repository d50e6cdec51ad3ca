"""From graph to writing: numbers, names, and expressions, in plain text and in LaTeX.

- `numbers`: a value as a person writes it, rounded to so many digits, long arrays summarised
- `names`: w0 as w₀ and w_{0}, alpha as α
- `expression`: a wire as a formula over other wires; the text parses back to the same graph
"""
