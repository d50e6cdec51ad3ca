"""From what people write to graph.

- `formula`: formulas as text and LaTeX
- `trace`: functions of NumPy code
"""
