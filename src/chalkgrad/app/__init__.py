"""What people call: `session` from Python and notebooks, `cli` from the command line."""
