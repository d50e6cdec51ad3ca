"""Array graphs as kernels: loops over rows that compute everything a row needs while it is in cache.

`alignment` says how the wires of a gate lie in the rows, `plan` cuts a graph into kernels and NumPy's own steps, `stages` puts the
work within a row in order, `kernel` writes one kernel in instructions, `run` executes a plan.
`sweeps` has products of a tall matrix go over its rows together with the kernel between them; `gaps` brings rows with gaps between
their entries into cache.
"""
