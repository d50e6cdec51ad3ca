"""What floating point loses, wire by wire, and what would be right.

- `truths`: the value of every wire to as many digits as make it sure, within a budget of numbers and seconds
- `losses`: the bits that a float has lost against its truth, and which gate lost them
- `limits`: what value and gradient tend to where the formula itself says 0·∞ or stands on a kink
- `condition`: how far a result moves when its inputs move by a rounding, which no way of computing can undercut
"""
