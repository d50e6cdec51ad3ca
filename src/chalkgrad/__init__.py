"""Chalkgrad: the autodiff engine that shows its work."""
