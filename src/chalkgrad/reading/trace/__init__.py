"""NumPy functions read as graph: the function runs once, on values that write down what happens to them.

NumPy hands every call on a foreign array to that array (`__array_ufunc__`, `__array_function__`), so `import numpy as np` stays as
it is and nothing has to be replaced. Each value carries its number along; an `if` therefore knows which way to go, and the way it
went is kept as a guard.

- `session`: one trace: its graph, the number on every wire, its guards, and which trace is under way
- `traced`: the value that a function meets in place of an array
- `lifting`: what becomes of plain numbers and arrays that meet a traced value
- `table`: which rule answers which NumPy function
- `ufuncs`, `indexing`, `functions`: those rules, by family
- `letters`: refusals that quote the user's own line
- `program`: a finished trace as something that can be run again
- `surroundings`: what a function reads beside its arguments, so that a program is not run again when that has changed
"""
