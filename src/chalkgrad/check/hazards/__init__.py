"""What goes wrong in a formula or function at these numbers, where it begins, and what cures it.

- `passes`: the forward and the backward pass as one graph, in which every wire of the backward pass knows its gate
- `targets`: what value and gradients ought to be, also on a kink and where the formula says 0·∞
- `judging`: which of them are wrong, by more than rounding and the condition of the inputs explain
- `tracing`: from a wrong result back to the first gate that went wrong
- `causes`: what kind of trouble that is, in one sentence
- `cures`: the stable form, and the proof that it cures this input
- `diagnosis`: all of it together
"""
