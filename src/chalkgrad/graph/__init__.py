"""The computational graph: gates as declarations, wires as numbers, and what every reading of it shares.

- `gate`: what a gate is, and the registry of all of them
- `look`: how a gate is written in text and LaTeX
- `graph`: the graph itself, columns of plain data in an order that already works
- `wire`: handles with operators, so that rules can be written as formulas that build graph
- `shapes`: how shapes follow from shapes
- `spaces`: the primitive functions as NumPy computes them
- `evaluate`: numbers for every wire
"""
