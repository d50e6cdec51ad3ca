"""Huge graphs of single numbers: gates of one kind side by side, run by one loop, forward and back.

Beyond some thousands of gates straight-line code takes too long to compile. A tape is data instead: `order` puts the gates into runs,
each of gates of one kind that do not need one another; `kernels` makes the loop over such a run from the gate's own rules, once per
kind of gate; `tape` goes over the runs. `writing` is how functions with loops are written.
"""
