"""Huge graphs of single numbers: gates of one kind side by side, run by one loop, forward and back.

Beyond some hundreds of gates straight-line code takes too long to compile. A tape is data instead: `kinds` tells which gates are
alike, `order` puts them into runs of one kind that do not need one another, `kernels` makes the loop over a run from the gate's
own rules, once per kind of gate, and `tape` goes over the runs. `writing` is how functions with loops are written.
"""
