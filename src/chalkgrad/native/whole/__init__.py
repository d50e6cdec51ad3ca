"""From Python to machine code over arrays in one call: arguments, memory for results, the work, and the results put together."""
