"""Checks of a graph against something independent of it: the truth to many digits, measured slopes, kinks and hazards."""
