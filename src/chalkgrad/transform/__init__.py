"""Graph to graph: reverse mode, forward mode, unfolding of composite gates."""
