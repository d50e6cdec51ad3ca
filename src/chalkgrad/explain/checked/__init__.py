"""Checked handwork: one paper, or those of a class.

- `answers`: `check`, what it returns, and the summary of many
- `handouts`: both as sections of sentences and tables
- `record`: both as JSON and CSV
"""

from chalkgrad.explain.checked.answers import Checked, ClassChecked, check

__all__ = ["Checked", "ClassChecked", "check"]
