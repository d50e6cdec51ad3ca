"""Somebody's hand-worked solution: read as claims, each judged, and each wrong one traced to the slip that yields its number.

- `claims`: from plain text, Markdown or LaTeX to equalities between formulas in wires, values and derivatives
- `mistakes`: the catalogue of wrong rules, and the search for the one that yields the number on the paper
- `verdict`: right, wrong, follows from an earlier wrong line, or unreadable
"""
